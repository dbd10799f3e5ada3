//! Sets of values. What makes two values equal, and their order, is not decided here.

use super::Value;

/// The elements of a set, without duplicates, in the order of [`Value`].
///
/// That is the order in which go-cty writes sets of bools, numbers and strings; for other elements it leaves the order
/// open. Equality does not depend on the order in which elements came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct SetValue(Vec<Value>);

impl SetValue {
    /// A set of these, each kept once. Unknown elements are never equal to each other, so all of them stay.
    pub fn new(elements: impl IntoIterator<Item = Value>) -> Self {
        let mut elements: Vec<Value> = elements.into_iter().collect();
        elements.sort();
        elements.dedup_by(|one, two| one == two && one.is_wholly_known());
        Self(elements)
    }

    /// The elements, in a fixed order.
    pub fn iter(&self) -> std::slice::Iter<'_, Value> {
        self.0.iter()
    }

    /// How many elements.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it has an element that looks like this one. Of an unknown that says nothing about its final value.
    pub fn contains(&self, element: &Value) -> bool {
        self.0.binary_search(element).is_ok()
    }
}

impl<'a> IntoIterator for &'a SetValue {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for SetValue {
    type Item = Value;
    type IntoIter = std::vec::IntoIter<Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> SetValue {
        SetValue::new(texts.iter().map(|text| Value::string(*text)))
    }

    #[test]
    fn equality_ignores_the_order_of_arrival() {
        assert_eq!(texts(&["b", "a", "b"]), texts(&["a", "b"]));
        assert_ne!(texts(&["a"]), texts(&["a", "b"]));
        assert_eq!(texts(&["b", "a", "b"]).len(), 2);
    }

    #[test]
    fn unknown_elements_stay_apart_even_inside_objects() {
        let element = || Value::object([("id", Value::unknown()), ("n", Value::string("a"))]);
        assert_eq!(SetValue::new([element(), element()]).len(), 2);
        assert_eq!(SetValue::new([Value::unknown(), Value::Null, Value::unknown(), Value::Null]).len(), 3);
    }

    #[test]
    fn thousands_of_objects_are_told_apart() {
        let object = |n: i64| Value::object([("id", Value::string(format!("{n:08}"))), ("n", Value::Null)]);
        let set = SetValue::new((0..20_000).rev().chain(0..20_000).map(object));
        assert_eq!(set.len(), 20_000);
        assert!(set.contains(&object(19_999)));
        assert!(!set.contains(&object(20_000)));
    }

    #[test]
    fn iteration_is_in_canonical_order() {
        let set = SetValue::new([
            Value::Null,
            Value::unknown(),
            Value::string("b"),
            Value::string(""),
            Value::string("aa"),
            Value::string("C"),
        ]);
        let known: Vec<_> = set.iter().filter_map(Value::as_str).collect();
        assert_eq!(known, ["", "C", "aa", "b"]);
        assert!(set.iter().nth(4).is_some_and(Value::is_unknown));
        assert!(set.iter().nth(5).is_some_and(Value::is_null));
    }
}
