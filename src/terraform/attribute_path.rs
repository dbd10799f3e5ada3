//! Paths to attributes: how they are built, printed and compared.

use std::fmt;

/// The location of a value, from the root of a configuration block.
///
/// The plugin protocol has no step for an element of a set. Such a path ends at the set, and the diagnostic's text
/// names the element (tfplugin6, AttributePath).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct AttributePath {
    steps: Vec<PathStep>,
}

/// One step of an [`AttributePath`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathStep {
    /// Into an attribute or block, by name.
    Attribute(String),
    /// Into a map, by key.
    Key(String),
    /// Into a list, by position, counted from zero.
    Index(i64),
}

impl AttributePath {
    /// The path to an attribute or block at the root.
    pub fn root(name: impl Into<String>) -> Self {
        Self { steps: vec![PathStep::Attribute(name.into())] }
    }

    /// This path, extended by an attribute.
    #[must_use]
    pub fn attribute(&self, name: impl Into<String>) -> Self {
        self.join(PathStep::Attribute(name.into()))
    }

    /// This path, extended by a map key.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.join(PathStep::Key(key.into()))
    }

    /// This path, extended by a list position.
    #[must_use]
    pub fn index(&self, index: i64) -> Self {
        self.join(PathStep::Index(index))
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[PathStep] {
        &self.steps
    }

    fn join(&self, step: PathStep) -> Self {
        let mut steps = self.steps.clone();
        steps.push(step);
        Self { steps }
    }
}

/// The path as a user would write it: `timeouts.create`, `tags["a"]`, `rules[0].name`.
impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.steps.iter().enumerate() {
            match step {
                PathStep::Attribute(name) if position == 0 => write!(f, "{name}")?,
                PathStep::Attribute(name) => write!(f, ".{name}")?,
                PathStep::Key(key) => write!(f, "[{key:?}]")?,
                PathStep::Index(index) => write!(f, "[{index}]")?,
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
