//! Decimal numbers of any length, kept as they came.

/// A number. (Completed with the codec.)
#[derive(Debug, Clone, PartialEq)]
pub enum Number {
    /// A whole number in 64 bits.
    Int(i64),
}
