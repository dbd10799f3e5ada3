//! Statistics of many runs, printed as a table.

/// One number per run.
#[derive(Default)]
pub struct Series(Vec<f64>);

/// The unit of a row.
#[derive(Clone, Copy)]
pub enum Unit {
    Milliseconds,
    Kib,
    Bytes,
}

impl Series {
    pub fn push(&mut self, number: f64) {
        self.0.push(number);
    }

    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// The smallest number that at least this share of the runs does not exceed.
    fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let rank = (sorted.len() as f64 * share).ceil() as usize;
        sorted[rank.saturating_sub(1)]
    }
}

pub fn header() {
    println!(
        "| {:37} | {:>12} | {:>12} | {:>12} | {:>7} | {:14} |",
        "", "min", "median", "p90", "floors", "limit"
    );
    println!("| {:-<37} | {:->11}: | {:->11}: | {:->11}: | {:->6}: | {:-<14} |", "", "", "", "", "", "");
}

/// Prints one row. The ratio column is the median divided by `floor`, or empty.
pub fn row(name: &str, series: &Series, unit: Unit, floor: Option<f64>, limit: &str) {
    let [min, median, p90] = [0.0, 0.5, 0.9].map(|share| unit.print(series.quantile(share)));
    let floors = floor.map(|floor| format!("{:.1}", series.median() / floor)).unwrap_or_default();
    println!("| {name:37} | {min:>12} | {median:>12} | {p90:>12} | {floors:>7} | {limit:14} |");
}

impl Unit {
    fn print(self, number: f64) -> String {
        match self {
            Self::Milliseconds => format!("{number:.2} ms"),
            Self::Kib => format!("{number:.0} KiB"),
            Self::Bytes => format!("{number:.0} bytes"),
        }
    }
}
