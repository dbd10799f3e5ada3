//! Validates combinations of attributes, offline. The plan checks for a missing package instead, because a
//! configuration that Terraform generates for an import has no package and must be valid.

use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::value::Value;

use super::names::{
    APPLICABILITY_RULES, BLOB, BLOB_VERSION, FILENAME, MAX_OS_VERSION, MIN_OS_VERSION, OS_VERSION, PACKAGE,
};

/// Checks a configuration. Unknown values are skipped.
pub(super) fn check(config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let is_set = |name: &str| config.attribute(name).is_some_and(|value| !value.is_null());
    if config.attribute(PACKAGE).and_then(Value::as_str) == Some("auto_from_connector") {
        for name in [BLOB, BLOB_VERSION, FILENAME].into_iter().filter(|name| is_set(name)) {
            diagnostics.push(contradicts_connector(name));
        }
    } else if is_set(BLOB) && !is_set(BLOB_VERSION) {
        diagnostics.push(
            Diagnostic::error(
                format!("{BLOB_VERSION} is missing"),
                format!(
                    "{BLOB} is not stored, so the provider cannot detect a changed package. Set {BLOB_VERSION} to any \
                     number as well, and change the number to send the package again."
                ),
            )
            .at(AttributePath::root(BLOB_VERSION)),
        );
    }
    diagnostics.extend(version_rule_without_bounds(config));
    diagnostics
}

fn contradicts_connector(name: &str) -> Diagnostic {
    Diagnostic::error(
        format!("{name} conflicts with package"),
        "With package = \"auto_from_connector\", Intune takes the package from the connector and refuses another one. Remove \
         the attribute, or set package to \"onboarding\" or \"offboarding\".",
    )
    .at(AttributePath::root(name))
}

fn version_rule_without_bounds(config: &Value) -> Option<Diagnostic> {
    let rule = config.attribute(APPLICABILITY_RULES)?.attribute(OS_VERSION).filter(|rule| !rule.is_null())?;
    let bounds = [MIN_OS_VERSION, MAX_OS_VERSION].map(|name| rule.attribute(name).unwrap_or(&Value::Null));
    bounds.into_iter().all(Value::is_null).then(|| {
        Diagnostic::error(
            format!("{OS_VERSION} has no bound"),
            format!("Set {MIN_OS_VERSION}, {MAX_OS_VERSION} or both, or leave the rule out."),
        )
        .at(AttributePath::root(APPLICABILITY_RULES).attribute(OS_VERSION))
    })
}
