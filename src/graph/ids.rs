//! Ids of Graph's objects. The same GUID appears in upper and lower case, so the comparison of ids ignores case. Each
//! kind of object has its own id type, so that ids of different kinds cannot be mixed up.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(String);

        impl $name {
            /// Converts an id to lower case.
            pub fn new(id: &str) -> Self {
                Self(id.to_ascii_lowercase())
            }

            /// The id in lower case.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether both texts are the same id. Ignores case.
            pub fn is_same(first: &str, second: &str) -> bool {
                first.eq_ignore_ascii_case(second)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id_type! {
    /// The id of a policy.
    PolicyId
}

id_type! {
    /// The id of an Entra group.
    GroupId
}

id_type! {
    /// The id of an assignment filter.
    FilterId
}

/// Converts an id of any kind to lower case. Copies the id only if it has upper-case letters.
pub fn to_lower_case(id: &str) -> Cow<'_, str> {
    if id.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(id.to_ascii_lowercase())
    } else {
        Cow::Borrowed(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_equal_if_they_differ_only_in_case() {
        assert_eq!(GroupId::new("A1B2"), GroupId::new("a1b2"));
        assert_ne!(GroupId::new("A1B2"), GroupId::new("A1B3"));
        assert_eq!(PolicyId::new("A1B2").to_string(), "a1b2");
        assert!(FilterId::is_same("A1B2", "a1b2"));
    }

    #[test]
    fn only_an_id_with_upper_case_letters_is_copied() {
        assert!(matches!(to_lower_case("a1b2"), Cow::Borrowed("a1b2")));
        assert!(matches!(to_lower_case("A1b2"), Cow::Owned(id) if id == "a1b2"));
    }
}
