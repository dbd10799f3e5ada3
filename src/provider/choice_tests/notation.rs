//! Rows in short: `client_secret=s ARM_TENANT_ID=T` gives an argument of the block and a variable.
//!
//! ```text
//! T T2 C C2     tenants and GUIDs              _        an empty text
//! @text         a file that holds the text     @!       a file that does not exist
//! ?             not known yet                  true     a truth value where the schema wants one
//! ```

use std::collections::BTreeMap;
use std::fs;

use tempfile::TempDir;

use super::super::configuration::prepare;
use super::super::not_chosen::Incomplete;
use super::super::schema;
use super::super::settings::{Environment, Settings};
use crate::auth::Origin;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::schema::Schema;
use crate::terraform::ty::Type;
use crate::terraform::value::Value;

pub(super) const TENANT: &str = "11111111-2222-3333-4444-555555555555";
pub(super) const OTHER_TENANT: &str = "contoso.onmicrosoft.com";
pub(super) const CLIENT: &str = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
pub(super) const OTHER_CLIENT: &str = "00000000-0000-0000-0000-000000000001";

/// A block and an environment.
pub(super) struct Given {
    schema: Schema,
    block: Value,
    environment: Environment,
    folder: TempDir,
}

impl Given {
    pub(super) fn read(row: &str) -> Self {
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
        super::super::configuration::check(&self.block, &self.schema)
    }

    /// A text with the words of the notation in place of what they stand for.
    pub(super) fn shorten(&self, text: &str) -> String {
        let folder = format!("{:?}", self.folder.path());
        let words = [(TENANT, "T"), (OTHER_TENANT, "T2"), (CLIENT, "C"), (OTHER_CLIENT, "C2")];
        let text = text.replace(folder.trim_matches('"'), "@");
        words.iter().fold(text, |text, (long, short)| text.replace(long, short))
    }
}

/// `client secret: client_secret ARM_TENANT_ID`, `wrong: client_id is not a GUID`, `waits: …`.
pub(super) fn outcome(given: &Given) -> String {
    match prepare(&given.settings(), "1.11.4") {
        Ok(prepared) => {
            let inputs = prepared.attempt.inputs.iter().map(|(name, origin)| match origin {
                Origin::Argument(argument) => {
                    assert_eq!(argument, name);
                    *name
                }
                Origin::Variable(variable) => *variable,
            });
            let words: Vec<&str> = inputs.collect();
            format!("{}: {}", prepared.attempt.method, words.join(" ")).trim_end().to_owned()
        }
        Err(Incomplete::Wrong(diagnostics)) => format!("wrong: {}", all(&diagnostics)),
        Err(Incomplete::Waits(diagnostic)) => format!("waits: {}", diagnostic.summary),
    }
}

fn all(diagnostics: &Diagnostics) -> String {
    diagnostics.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The summary, with the place: an argument, a variable, or the methods that were begun.
fn one(diagnostic: &Diagnostic) -> String {
    let detail = diagnostic.detail.as_str();
    let place = match (&diagnostic.path, detail.rsplit_once("the environment variable ")) {
        (Some(path), _) => format!(" at {path}"),
        (None, _) if detail.contains("\n- ") => format!(": {}", halves(detail)),
        (None, Some((_, variable))) => format!(" at {}", variable.trim_end_matches('.')),
        (None, None) => String::new(),
    };
    format!("{}{place}", diagnostic.summary)
}

/// `client secret lacks tenant_id`.
fn halves(detail: &str) -> String {
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
