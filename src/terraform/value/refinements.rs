//! Refinements: what is already known about an unknown value. Whether the final value complies is not checked here.

use crate::terraform::number::Number;

/// The known range of an unknown value, or nothing.
///
/// Providers may ignore refinements. Boxed, because they are rare.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Refinements(pub Option<Box<ValueRange>>);

/// The range that the final value will be in. Absent fields mean no restriction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ValueRange {
    /// `Some(false)`: certainly not null.
    pub null: Option<bool>,
    /// The string begins with this prefix.
    pub string_prefix: Option<String>,
    /// Lower bound of the number, and whether it is inclusive.
    pub number_min: Option<(Number, bool)>,
    /// Upper bound of the number, and whether it is inclusive.
    pub number_max: Option<(Number, bool)>,
    /// Minimum number of elements.
    pub length_min: Option<u64>,
    /// Maximum number of elements.
    pub length_max: Option<u64>,
}
