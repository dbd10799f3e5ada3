//! Draws the results as two charts with logarithmic axes: time and requests of a plan by number of policies.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// Of one chart, in pixels. The lines' labels are at the right.
const WIDTH: f64 = 470.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 292.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 306.0;
/// Labels at the lines keep this distance from each other.
const LABEL_HEIGHT: f64 = 17.0;

/// Colors for a light and for a dark page.
const STYLE: &str = "\
    .panel { fill: #ffffff } text { fill: #1f2328 } .axis { stroke: #8c959f } .grid { stroke: #e4e8ec }\n\
    .ours { color: #0969da } .offline { color: #8250df } .floor { color: #6e7781 } .one-each { color: #bc4c00 }\n\
    @media (prefers-color-scheme: dark) {\n\
    .panel { fill: #0d1117 } text { fill: #e6edf3 } .axis { stroke: #6e7681 } .grid { stroke: #262c36 }\n\
    .ours { color: #58a6ff } .offline { color: #bc8cff } .floor { color: #9198a1 } .one-each { color: #f0883e }\n\
    }\n\
    polyline { fill: none; stroke: currentColor; stroke-width: 2 } circle { fill: currentColor }\n\
    .dashed { stroke-dasharray: 6 4 }\n";

/// A plan of unchanged policies, the same plan without a refresh, and a plan of `terraform_data`.
#[derive(Clone, Copy)]
pub struct Point {
    pub policies: usize,
    pub seconds: f64,
    pub offline_seconds: f64,
    pub floor_seconds: f64,
    pub requests: usize,
}

struct Line {
    name: &'static str,
    /// Classes of the style sheet.
    class: &'static str,
    points: Vec<(f64, f64)>,
}

struct Chart<'a> {
    title: &'static str,
    lines: &'a [Line],
    /// Where the vertical axis begins and ends: powers of ten.
    bounds: (f64, f64),
}

/// Writes the charts as SVG. Replaces an existing file.
pub fn draw(file: &Path, points: &[Point]) -> io::Result<()> {
    let line = |name, class, value: fn(&Point) -> f64| Line {
        name,
        class,
        points: points.iter().map(|point| (as_number(point.policies), value(point))).collect(),
    };
    let times = [
        line("defender_atp_assignment", "ours", |point| point.seconds),
        line("with -refresh=false", "offline", |point| point.offline_seconds),
        line("terraform_data", "floor", |point| point.floor_seconds),
    ];
    let requests = [
        line("one request a policy", "one-each dashed", |point| as_number(point.policies)),
        line("defender_atp_assignment", "ours", |point| as_number(point.requests)),
    ];
    let time =
        Chart { title: "Seconds of a plan that changes nothing", lines: &times, bounds: bounds(&times) };
    let request = Chart { title: "HTTP requests of that plan", lines: &requests, bounds: bounds(&requests) };
    let width = 2.0 * WIDTH;
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {HEIGHT}\" width=\"{width}\" \
         height=\"{HEIGHT}\" font-family=\"sans-serif\" font-size=\"12.5\">\n<style>\n{STYLE}</style>\n\
         <rect class=\"panel\" width=\"{width}\" height=\"{HEIGHT}\" rx=\"8\"/>\n{}\
         <g transform=\"translate({WIDTH} 0)\">\n{}</g>\n</svg>\n",
        time.svg(),
        request.svg()
    );
    std::fs::write(file, svg)
}

impl Chart<'_> {
    fn svg(&self) -> String {
        let mut svg = format!("<text x=\"{LEFT}\" y=\"26\" font-size=\"15\">{}</text>\n", self.title);
        svg.push_str(&self.axes());
        svg.push_str(&self.curves());
        svg.push_str(&self.labels());
        svg
    }

    fn axes(&self) -> String {
        let mut svg = String::new();
        for value in powers_of_ten(self.bounds) {
            let y = self.y(value);
            let _ = writeln!(
                svg,
                "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{RIGHT}\" y2=\"{y:.1}\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>",
                LEFT - 8.0,
                y + 4.0
            );
        }
        for (policies, _) in self.lines.iter().take(1).flat_map(|line| &line.points) {
            let (x, y) = (self.x(*policies), BOTTOM + 20.0);
            let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{policies}</text>");
        }
        let (middle, y) = (f64::midpoint(LEFT, RIGHT), BOTTOM + 42.0);
        let _ = writeln!(
            svg,
            "<text x=\"{middle}\" y=\"{y}\" text-anchor=\"middle\">policies</text>\n\
             <path class=\"axis\" fill=\"none\" d=\"M{LEFT} {TOP} V{BOTTOM} H{RIGHT}\"/>"
        );
        svg
    }

    fn curves(&self) -> String {
        let mut svg = String::new();
        for Line { class, points, .. } in self.lines {
            let places: Vec<(f64, f64)> = points.iter().map(|(x, y)| (self.x(*x), self.y(*y))).collect();
            let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            let _ = writeln!(svg, "<polyline class=\"{class}\" points=\"{}\"/>", path.join(" "));
            for (x, y) in places.iter().filter(|_| !class.contains("dashed")) {
                let _ = writeln!(svg, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>");
            }
        }
        svg
    }

    /// Each beside the end of its line, from top to bottom.
    fn labels(&self) -> String {
        let end = |line: &Line| line.points.last().map_or(BOTTOM, |(_, value)| self.y(*value));
        let mut lines: Vec<&Line> = self.lines.iter().collect();
        lines.sort_by(|one, other| end(one).total_cmp(&end(other)));
        let (mut svg, mut free) = (String::new(), TOP);
        for line in lines {
            let y = end(line).max(free);
            free = y + LABEL_HEIGHT;
            let color = line.class.split(' ').next().unwrap_or_default();
            let _ = writeln!(
                svg,
                "<circle class=\"{color}\" cx=\"{:.1}\" cy=\"{y:.1}\" r=\"3\"/><text x=\"{:.1}\" y=\"{:.1}\" \
                 font-size=\"11\">{}</text>",
                RIGHT + 10.0,
                RIGHT + 17.0,
                y + 4.0,
                line.name
            );
        }
        svg
    }

    /// Of a number of policies. The axis begins at one.
    fn x(&self, policies: f64) -> f64 {
        let points = self.lines.iter().flat_map(|line| &line.points);
        let most = points.map(|(x, _)| *x).fold(10.0, f64::max);
        LEFT + (RIGHT - LEFT) * policies.log10() / most.log10()
    }

    fn y(&self, value: f64) -> f64 {
        let (least, most) = self.bounds;
        let share = (value.max(least) / least).log10() / (most / least).log10();
        BOTTOM - (BOTTOM - TOP) * share
    }
}

/// The powers of ten around all values.
fn bounds(lines: &[Line]) -> (f64, f64) {
    let values = || lines.iter().flat_map(|line| &line.points).map(|(_, value)| *value);
    let (least, most) = (values().fold(f64::MAX, f64::min), values().fold(0.0, f64::max));
    (10_f64.powf(least.log10().floor()), 10_f64.powf(most.log10().ceil()))
}

fn powers_of_ten((least, most): (f64, f64)) -> impl Iterator<Item = f64> {
    std::iter::successors(Some(least), |value| Some(value * 10.0))
        .take_while(move |value| *value < most * 1.01)
}

#[allow(clippy::cast_precision_loss, reason = "numbers of policies and requests are small")]
fn as_number(count: usize) -> f64 {
    count as f64
}
