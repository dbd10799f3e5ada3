//! The text that `check` prints. Sends nothing.

use std::fmt::Write;
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::auth::claims::Claims;
use crate::auth::{self, Explanation};
use crate::provider::Prepared;
use crate::resources::report::{self, GraphOperation};
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::transport::text::escape;

use super::advice::how_to_grant;
use super::findings::{Findings, Outcome};
use super::permissions::{Grant, Permissions, Purpose, REQUIREMENTS, Requirement};

const READ_ONE_POLICY: GraphOperation<'_> = GraphOperation {
    object: "Microsoft Graph",
    action: "reading one policy's id",
    permission: "DeviceManagementConfiguration.Read.All",
    outcome: "",
};

const INDENT: &str = "  ";
/// Claims are ids and names, which are shorter.
const MAX_CLAIM_CHARACTERS: usize = 200;
/// A token may have thousands of permissions that are not required.
const MAX_OTHERS: usize = 20;

/// Inputs that are missing, invalid or in conflict.
pub(super) fn invalid_inputs(diagnostics: &Diagnostics) -> String {
    let mut text =
        String::from("Not signed in: the environment variables do not configure a sign-in method.\n");
    for diagnostic in diagnostics {
        let _ = write!(text, "\n{}\n{}", diagnostic.summary, indent(&diagnostic.detail));
    }
    text
}

/// The method, and the failure with its advice.
pub(super) fn not_signed_in(prepared: &Prepared, error: &auth::Error) -> String {
    let explanation = Explanation::from_error(error);
    format!("{}\n{}\n{}", method(prepared), explanation.summary, indent(&explanation.to_string()))
}

/// A file of the inputs could not be read in time.
pub(super) fn inputs_timed_out(limit: Duration) -> String {
    format!(
        "Not signed in: the files that the environment names could not be read within {} seconds.\n",
        limit.as_secs()
    )
}

/// The sign-in got no answer in time.
pub(super) fn sign_in_timed_out(prepared: &Prepared, limit: Duration) -> String {
    format!(
        "{}\nNot signed in: no token was received within {} seconds. Check the network and the proxy variables.\n",
        method(prepared),
        limit.as_secs()
    )
}

/// A bug of the provider.
pub(super) fn panicked(panic: &dyn std::fmt::Display) -> Diagnostics {
    Diagnostic::error(
        "The provider has a bug",
        format!("Reading the inputs failed: {panic}. Please report it."),
    )
    .into()
}

/// The identity, its permissions, and the answer of Graph.
pub(super) fn findings(findings: &Findings<'_>, limit: Duration) -> String {
    let Findings { prepared, claims, .. } = findings;
    let identity =
        claims.as_ref().map_or_else(|| line("Token", "opaque; it has no readable claims"), identity);
    format!(
        "{}{identity}\n{}\n{}\n{}",
        method(prepared),
        permission_list(findings),
        graph_read(findings, limit),
        conclusion(findings)
    )
}

fn method(prepared: &Prepared) -> String {
    let selected = &prepared.selected_method;
    let mut text = line("Method", &format!("{}: {}", selected.name, selected.reason));
    for (input, origin) in &selected.inputs {
        text.push_str(&line("", &format!("{input} from {origin}")));
    }
    text.push_str(&line("Authority", &prepared.authority.to_string()));
    text.push_str(&line("Graph", &prepared.graph.endpoint().to_string()));
    text
}

fn identity(claims: &Claims) -> String {
    let application = claims.appid.as_ref().or(claims.azp.as_ref());
    let named = |id: &String| match &claims.app_displayname {
        Some(name) => format!("{id} ({name})"),
        None => id.clone(),
    };
    let rows = [
        ("Tenant", claims.tid.clone()),
        ("Application", application.map(named)),
        ("User", claims.upn.clone()),
        ("Audience", claims.aud.clone()),
        ("Expires", claims.exp.and_then(expiry)),
    ];
    rows.into_iter()
        .filter_map(|(name, value)| Some(line(name, &escape(&value?, MAX_CLAIM_CHARACTERS))))
        .collect()
}

fn expiry(seconds: i64) -> Option<String> {
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    let minutes = (time - OffsetDateTime::now_utc()).whole_minutes();
    let when = if minutes < 0 { "it has expired".to_owned() } else { format!("in {minutes} minutes") };
    Some(format!("{} ({when})", time.format(&Rfc3339).ok()?))
}

fn permission_list(findings: &Findings<'_>) -> String {
    let kind = match findings.permissions {
        Permissions::Application(_) => "application permissions (roles)",
        Permissions::Delegated(_) => "delegated permissions (scopes)",
        Permissions::Unknown => "not known; the token is opaque",
    };
    let lines: String =
        REQUIREMENTS.iter().map(|requirement| requirement_line(requirement, findings)).collect();
    format!("Permissions: {kind}\n{lines}{}", others(&findings.permissions))
}

fn requirement_line(requirement: &Requirement, findings: &Findings<'_>) -> String {
    let is_required = requirement.is_required(findings.purpose);
    let grant = match findings.permissions.check(requirement) {
        Grant::Granted(permission) => format!("granted by {permission}"),
        Grant::Missing if is_required => {
            format!("MISSING; grant {}", requirement.any_of.first().unwrap_or(&""))
        }
        Grant::Missing => "not granted".to_owned(),
        Grant::Unknown => "not known".to_owned(),
    };
    let necessity = if is_required { "required" } else { "optional" };
    format!("{INDENT}{necessity}  {}\n{INDENT}          {grant}\n", requirement.usage)
}

/// The granted permissions that are not required, with a view to least privilege.
fn others(permissions: &Permissions) -> String {
    let (Permissions::Application(granted) | Permissions::Delegated(granted)) = permissions else {
        return String::new();
    };
    let used: Vec<&str> = REQUIREMENTS.iter().flat_map(|requirement| requirement.any_of).copied().collect();
    let is_used = |name: &str| used.iter().any(|any| any.eq_ignore_ascii_case(name));
    let rest: Vec<&String> = granted.iter().filter(|name| !is_used(name)).collect();
    if rest.is_empty() {
        return String::new();
    }
    let shown: Vec<String> =
        rest.iter().take(MAX_OTHERS).map(|name| escape(name, MAX_CLAIM_CHARACTERS)).collect();
    let more = rest.len().saturating_sub(MAX_OTHERS);
    let more = if more == 0 { String::new() } else { format!(" and {more} others") };
    format!("{INDENT}not needed  {}{more}\n", shown.join(", "))
}

fn graph_read(findings: &Findings<'_>, limit: Duration) -> String {
    match &findings.read {
        Some(Ok(answer)) => format!("Graph answered: {}.\n", answer.call),
        // The conclusion explains how to grant the permission, which depends on the method.
        Some(Err(error)) if error.is_forbidden() => {
            let call = error.call().map(|call| format!("{INDENT}{call}\n")).unwrap_or_default();
            format!("Graph denied access: {error}.\n{call}")
        }
        Some(Err(error)) => {
            let diagnostic = report::graph_error(READ_ONE_POLICY, error);
            format!("{}\n{}", diagnostic.summary, indent(&diagnostic.detail))
        }
        None => {
            format!("Microsoft Graph did not answer within the {} seconds of this check.\n", limit.as_secs())
        }
    }
}

fn conclusion(findings: &Findings<'_>) -> String {
    match findings.outcome() {
        Outcome::Success => success(findings).to_owned(),
        Outcome::NotSignedIn => "Failed: signed in, but Microsoft Graph could not be read.\n".to_owned(),
        Outcome::PermissionMissing => missing(findings),
    }
}

/// The permissions of an opaque token are not known, so the text does not call them granted.
fn success(findings: &Findings<'_>) -> &'static str {
    match (&findings.permissions, findings.purpose) {
        (Permissions::Unknown, Purpose::PlanAndApply) => {
            "Signed in, and this identity may read, which is enough for terraform plan. Whether it may write is not known: \
             the token is opaque, and this check writes nothing.\n"
        }
        (Permissions::Unknown, Purpose::PlanOnly) => {
            "Good: signed in, and this identity may read, which is enough for terraform plan.\n"
        }
        (_, Purpose::PlanAndApply) => "Good: signed in, and every required permission is granted.\n",
        (_, Purpose::PlanOnly) => {
            "Good: signed in, and every permission that terraform plan requires is granted.\n"
        }
    }
}

fn missing(findings: &Findings<'_>) -> String {
    let Findings { permissions, purpose, .. } = findings;
    let names: Vec<&str> =
        permissions.missing(*purpose).filter_map(|missing| missing.any_of.first().copied()).collect();
    let missing = match names.as_slice() {
        [] => "the permission that Graph names above, an Intune role or an Intune license".to_owned(),
        names => names.join(", "),
    };
    let rest = match (&findings.read, purpose) {
        (Some(Ok(_)), Purpose::PlanAndApply) => {
            " terraform plan works with this identity, but terraform apply does not. For an identity that only plans, run \
             \"check --plan\"."
        }
        _ => "",
    };
    let how = how_to_grant(findings.prepared.selected_method.name, permissions);
    format!("Failed: signed in, but {missing} is missing.{rest}\n{how}\n")
}

fn line(name: &str, value: &str) -> String {
    format!("{name:<12} {value}\n")
}

fn indent(text: &str) -> String {
    text.lines()
        .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{INDENT}{line}\n") })
        .collect()
}
