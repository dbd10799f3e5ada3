//! The provider block, completed from the environment. Configuration takes precedence. Checks no value.

use crate::auth::arguments::{AUTHORITY_HOST, ENVIRONMENT};
use crate::auth::{Input, InputOrigin, Inputs, Setting};
use crate::terraform::schema::Schema;
use crate::terraform::value::Value;
use crate::transport::Secret;

use super::schema::{GRAPH_ENDPOINT, PREFLIGHT};

/// Reads an environment variable. Passed in, so that tests need not change the environment of the process.
pub type Environment = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Arguments for which an empty text is an error. For all others it counts as unset, as in azuread: modules pass `""`
/// if they have no value.
const NEVER_EMPTY: [&str; 4] = [ENVIRONMENT, AUTHORITY_HOST, GRAPH_ENDPOINT, PREFLIGHT];

/// Block, environment, and the schema that assigns variables to arguments.
pub(super) struct Settings<'a> {
    pub config: &'a Value,
    pub environment: &'a Environment,
    pub schema: &'a Schema,
}

impl Settings<'_> {
    fn in_block(&self, argument: &'static str) -> Option<Setting> {
        let text = match self.config.attribute(argument)? {
            value if value.is_unknown() => return Some(Setting::Unknown),
            Value::Bool(value) => value.to_string(),
            Value::String(text) if text.trim().is_empty() && !NEVER_EMPTY.contains(&argument) => return None,
            Value::String(text) => text.clone(),
            _ => return None,
        };
        let origin = InputOrigin::Argument(argument);
        Some(Setting::Set(Input { text: Secret::new(text), origin }))
    }

    fn variables(&self, argument: &str) -> &'static [&'static str] {
        let attribute = self.schema.block.attributes.iter().find(|attribute| attribute.name == argument);
        attribute.map_or(&[], |attribute| attribute.variables)
    }
}

impl Inputs for Settings<'_> {
    fn candidates(&self, argument: &'static str) -> Vec<Setting> {
        if let Some(setting) = self.in_block(argument) {
            return vec![setting];
        }
        let variables = self.variables(argument).iter();
        variables.filter_map(|name| self.variable(name)).map(Setting::Set).collect()
    }

    fn variable(&self, name: &'static str) -> Option<Input> {
        // An empty variable counts as unset: pipelines set variables for which they have no value.
        let text = (self.environment)(name).filter(|text| !text.trim().is_empty())?;
        Some(Input { text: Secret::new(text), origin: InputOrigin::Variable(name) })
    }
}
