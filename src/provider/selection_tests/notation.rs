//! The notation of the rows: `client_secret=s ARM_TENANT_ID=T` is an argument of the block and a variable.
//!
//! ```text
//! T T2 C C2     tenants and GUIDs              _        an empty text
//! @text         a file that contains the text  @!       a file that does not exist
//! ?             an unknown value               true     a boolean where the schema has one
//! ```

use std::collections::BTreeMap;
use std::fs;

use tempfile::TempDir;

use super::super::configuration::prepare;
use super::super::schema;
use super::super::selection_diagnostics::ConfigurationError;
use super::super::settings::{Environment, Settings};
use crate::auth::InputOrigin;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::schema::Schema;
use crate::terraform::ty::Type;
use crate::terraform::value::Value;

pub(super) const TENANT: &str = "11111111-2222-3333-4444-555555555555";
pub(super) const OTHER_TENANT: &str = "contoso.onmicrosoft.com";
pub(super) const CLIENT: &str = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
pub(super) const OTHER_CLIENT: &str = "00000000-0000-0000-0000-000000000001";

/// A block and an environment.
pub(super) struct Scenario {
    schema: Schema,
    block: Value,
    environment: Environment,
    folder: TempDir,
}

impl Scenario {
    pub(super) fn parse(row: &str) -> Self {
        let (schema, folder) = (schema::provider(), TempDir::new().unwrap());
        let (mut block, mut variables) = (BTreeMap::new(), BTreeMap::new());
        for (number, part) in row.split_whitespace().enumerate() {
            let (name, word) = part.split_once('=').unwrap();
            let text = text(word, &folder, number);
            if let Some(attribute) = schema.block.attributes.iter().find(|attribute| attribute.name == name) {
                block.insert(name.to_owned(), value(&text, &attribute.ty()));
            } else {
                assert!(name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'), "{name}");
                variables.insert(name.to_owned(), text);
            }
        }
        let environment: Environment = Box::new(move |name| variables.get(name).cloned());
        Self { schema, block: Value::Object(block), environment, folder }
    }

    pub(super) fn settings(&self) -> Settings<'_> {
        Settings { config: &self.block, environment: &self.environment, schema: &self.schema }
    }

    pub(super) fn check(&self) -> Diagnostics {
        super::super::configuration::check(&self.block, &self.environment, &self.schema)
    }

    /// The text in the notation of the rows.
    pub(super) fn shorten(&self, text: &str) -> String {
        let folder = format!("{:?}", self.folder.path());
        let words = [(TENANT, "T"), (OTHER_TENANT, "T2"), (CLIENT, "C"), (OTHER_CLIENT, "C2")];
        // Windows separates with a backslash, which is doubled in debug output.
        let text = text.replace(folder.trim_matches('"'), "@").replace("@\\\\", "@/");
        words.iter().fold(text, |text, (long, short)| text.replace(long, short))
    }
}

/// `client secret: client_secret ARM_TENANT_ID`, `invalid: client_id is not a GUID`, `deferred: …`.
pub(super) fn outcome(scenario: &Scenario) -> String {
    match prepare(&scenario.settings(), "1.11.4") {
        Ok(prepared) => {
            let inputs = prepared.selected_method.inputs.iter().map(|(name, origin)| match origin {
                InputOrigin::Argument(argument) => {
                    assert_eq!(argument, name);
                    *name
                }
                InputOrigin::Variable(variable) => *variable,
            });
            let words: Vec<&str> = inputs.collect();
            format!("{}: {}", prepared.selected_method.name, words.join(" ")).trim_end().to_owned()
        }
        Err(ConfigurationError::Invalid(diagnostics)) => format!("invalid: {}", all(&diagnostics)),
        Err(ConfigurationError::Deferred(diagnostic)) => format!("deferred: {}", diagnostic.summary),
    }
}

fn all(diagnostics: &Diagnostics) -> String {
    diagnostics.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The summary, with the argument, the variable or the incomplete methods.
fn one(diagnostic: &Diagnostic) -> String {
    let detail = diagnostic.detail.as_str();
    let place = match (&diagnostic.path, detail.rsplit_once("the environment variable ")) {
        (Some(path), _) => format!(" at {path}"),
        (None, _) if detail.contains("\n- ") => format!(": {}", incomplete_methods(detail)),
        (None, Some((_, variable))) => format!(" at {}", variable.trim_end_matches('.')),
        (None, None) => String::new(),
    };
    format!("{}{place}", diagnostic.summary)
}

/// `client secret lacks tenant_id`.
fn incomplete_methods(detail: &str) -> String {
    let lines = detail.lines().filter_map(|line| line.strip_prefix("- ")?.split_once(". Given: "));
    let words = lines.map(|(line, _)| line.split(" (").next().unwrap().replace(": missing ", " lacks "));
    words.collect::<Vec<_>>().join(", ")
}

fn text(word: &str, folder: &TempDir, number: usize) -> String {
    let path = folder.path().join(number.to_string());
    match word {
        "T" => TENANT.to_owned(),
        "T2" => OTHER_TENANT.to_owned(),
        "C" => CLIENT.to_owned(),
        "C2" => OTHER_CLIENT.to_owned(),
        "_" => String::new(),
        "@!" => path.to_str().unwrap().to_owned(),
        word => match word.strip_prefix('@') {
            Some(inner) => {
                fs::write(&path, format!("{}\n", self::text(inner, folder, number))).unwrap();
                path.to_str().unwrap().to_owned()
            }
            None => word.to_owned(),
        },
    }
}

fn value(text: &str, ty: &Type) -> Value {
    match (text, ty) {
        ("?", _) => Value::unknown(),
        ("true", Type::Bool) => Value::Bool(true),
        ("false", Type::Bool) => Value::Bool(false),
        (text, Type::String) => Value::string(text),
        (text, ty) => panic!("{text:?} is no {ty:?}"),
    }
}
