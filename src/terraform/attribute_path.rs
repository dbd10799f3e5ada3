//! Paths to attributes: building, printing and comparing them.

use std::fmt;

/// Where something is, seen from the root of one configuration block.
///
/// The plugin protocol has no step for an element of a set: such a path ends at the set, and the text beside it
/// names the element (tfplugin6, AttributePath).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct AttributePath {
    steps: Vec<Step>,
}

/// One step of an [`AttributePath`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into an attribute or a block by its name.
    Attribute(String),
    /// Into a map by key.
    Key(String),
    /// Into a list by position, counted from zero.
    Index(i64),
}

impl AttributePath {
    /// The path of an attribute or block at the root.
    pub fn root(name: impl Into<String>) -> Self {
        Self { steps: vec![Step::Attribute(name.into())] }
    }

    /// This path, continued into an attribute.
    #[must_use]
    pub fn attribute(&self, name: impl Into<String>) -> Self {
        self.then(Step::Attribute(name.into()))
    }

    /// This path, continued into a map element.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.then(Step::Key(key.into()))
    }

    /// This path, continued into a list element.
    #[must_use]
    pub fn index(&self, index: i64) -> Self {
        self.then(Step::Index(index))
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    fn then(&self, step: Step) -> Self {
        let mut steps = self.steps.clone();
        steps.push(step);
        Self { steps }
    }
}

/// As a user would write it: `timeouts.create`, `tags["a"]`, `rules[0].name`.
impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.steps.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => write!(f, "{name}")?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_written_in_configuration() {
        let path = AttributePath::root("rules").index(0).attribute("tags").key("a b");
        assert_eq!(path.to_string(), r#"rules[0].tags["a b"]"#);
    }
}
