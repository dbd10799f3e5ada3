//! The token of a link to the next page.

/// The random order of a listing, and the start of its next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SkipToken {
    /// Decides the order.
    pub seed: u64,
    /// The place of the last row on the previous page.
    pub after: u64,
}

impl SkipToken {
    /// Reads the token of a link.
    pub fn parse(text: &str) -> Option<Self> {
        let (seed, after) = text.split_once('-')?;
        Some(Self { seed: u64::from_str_radix(seed, 16).ok()?, after: u64::from_str_radix(after, 16).ok()? })
    }

    /// The token as a link carries it.
    pub fn text(self) -> String {
        format!("{:016x}-{:016x}", self.seed, self.after)
    }
}
