//! The provider block completed from the environment: which value counts, and where it came from. Configuration beats
//! environment. Judges no value.

use crate::auth::arguments::{AUTHORITY_HOST, ENVIRONMENT};
use crate::auth::{Input, Inputs, Origin, Setting};
use crate::terraform::schema::Schema;
use crate::terraform::value::Value;
use crate::transport::Secret;

use super::schema::{GRAPH_ENDPOINT, PREFLIGHT};

/// Looks up an environment variable. Passed in, so that tests need not change the process's own.
pub type Environment = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Arguments for which an empty text is a mistake. For all others it counts as left out, as with azuread: modules pass
/// `""` for what they have no value for.
const NEVER_EMPTY: [&str; 4] = [ENVIRONMENT, AUTHORITY_HOST, GRAPH_ENDPOINT, PREFLIGHT];

/// Block, environment, and the schema that says which variables stand in for which argument.
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
        Some(given(text, Origin::Argument(argument)))
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
        variables.filter_map(|name| self.variable(name)).map(Setting::Given).collect()
    }

    fn variable(&self, name: &'static str) -> Option<Input> {
        // An empty variable counts as none: pipelines set variables that they have no value for.
        let text = (self.environment)(name).filter(|text| !text.trim().is_empty())?;
        Some(Input { text: Secret::new(text), origin: Origin::Variable(name) })
    }
}

fn given(text: String, origin: Origin) -> Setting {
    Setting::Given(Input { text: Secret::new(text), origin })
}
