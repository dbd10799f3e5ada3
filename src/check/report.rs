//! The text that `check` prints. Finds nothing out itself.

use std::fmt::Write;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::auth::claims::Claims;
use crate::auth::{self, Explanation};
use crate::provider::Prepared;
use crate::resources::report::{self, Doing};
use crate::terraform::diagnostic::Diagnostics;

use super::permissions::{Met, NEEDS, Need, Permissions};
use super::{Findings, Outcome};

const READING: Doing<'_> = Doing {
    object: "Microsoft Graph",
    action: "reading one policy's id",
    permission: "DeviceManagementConfiguration.Read.All",
    outcome: "",
};

const INDENT: &str = "  ";

/// Inputs that are missing, wrong or contradict each other.
pub(super) fn problems(problems: &Diagnostics) -> String {
    let mut text =
        String::from("Not signed in: the inputs of the environment do not make a way to sign in.\n");
    for problem in problems {
        let _ = write!(text, "\n{}\n{}", problem.summary, indented(&problem.detail));
    }
    text
}

/// What was tried, and the failure with its advice.
pub(super) fn not_signed_in(prepared: &Prepared, error: &auth::Error) -> String {
    let explanation = Explanation::of(error);
    format!("{}\n{}\n{}", method(prepared), explanation.summary, indented(&explanation.to_string()))
}

/// Who signed in, what they may do, and whether Graph let them.
pub(super) fn findings(findings: &Findings<'_>) -> String {
    let Findings { prepared, claims, permissions, .. } = findings;
    let identity =
        claims.as_ref().map_or_else(|| line("Token", "opaque; it tells nothing of itself"), identity);
    format!(
        "{}{identity}\n{}\n{}\n{}",
        method(prepared),
        permission_list(permissions),
        graph_read(findings),
        conclusion(findings)
    )
}

fn method(prepared: &Prepared) -> String {
    let attempt = &prepared.attempt;
    let mut text = line("Method", &format!("{}: {}", attempt.method, attempt.why));
    for (input, origin) in &attempt.inputs {
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
        ("Person", claims.upn.clone()),
        ("Audience", claims.aud.clone()),
        ("Expires", claims.exp.and_then(expiry)),
    ];
    rows.into_iter().filter_map(|(name, value)| Some(line(name, &value?))).collect()
}

fn expiry(seconds: i64) -> Option<String> {
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    let minutes = (time - OffsetDateTime::now_utc()).whole_minutes();
    let when = if minutes < 0 { "it has expired".to_owned() } else { format!("in {minutes} minutes") };
    Some(format!("{} ({when})", time.format(&Rfc3339).ok()?))
}

fn permission_list(permissions: &Permissions) -> String {
    let kind = match permissions {
        Permissions::Application(_) => "application permissions (roles)",
        Permissions::Delegated(_) => "delegated permissions (scopes)",
        Permissions::NotTold => "not told by the token",
    };
    let needs: String = NEEDS.iter().map(|need| need_line(need, permissions)).collect();
    format!("Permissions: {kind}\n{needs}{}", others(permissions))
}

fn need_line(need: &Need, permissions: &Permissions) -> String {
    let found = match permissions.meet(need) {
        Met::By(permission) => format!("granted by {permission}"),
        Met::Missing => format!("MISSING; grant {}", need.any_of.first().unwrap_or(&"")),
        Met::NotTold => "not known".to_owned(),
    };
    let weight = if need.required { "required" } else { "optional" };
    format!("{INDENT}{weight}  {}\n{INDENT}          {found}\n", need.purpose)
}

/// What is granted beyond the needs: least privilege is worth a look.
fn others(permissions: &Permissions) -> String {
    let (Permissions::Application(granted) | Permissions::Delegated(granted)) = permissions else {
        return String::new();
    };
    let known =
        |name: &str| NEEDS.iter().any(|need| need.any_of.iter().any(|any| any.eq_ignore_ascii_case(name)));
    let rest: Vec<&str> = granted.iter().map(String::as_str).filter(|name| !known(name)).collect();
    if rest.is_empty() { String::new() } else { format!("{INDENT}not needed  {}\n", rest.join(", ")) }
}

fn graph_read(findings: &Findings<'_>) -> String {
    match &findings.read {
        Ok(answer) => format!("Graph answered: {}.\n", answer.call),
        Err(error) => {
            let problem = report::graph_error(READING, error);
            format!("{}\n{}", problem.summary, indented(&problem.detail))
        }
    }
}

fn conclusion(findings: &Findings<'_>) -> String {
    match findings.outcome() {
        Outcome::Good => "Good: signed in, and everything required is granted.\n".to_owned(),
        Outcome::NotSignedIn => {
            "Not good: the token was handed out, but Microsoft Graph gave no answer with it.\n".to_owned()
        }
        Outcome::PermissionMissing => missing(findings),
    }
}

fn missing(findings: &Findings<'_>) -> String {
    let names: Vec<&str> =
        findings.permissions.missing().filter_map(|need| need.any_of.first().copied()).collect();
    let reads = findings.read.is_ok();
    let wanted = match names.as_slice() {
        [] => "the permission that Graph names above, a role in Intune or an Intune licence".to_owned(),
        names => names.join(", "),
    };
    let rest = if reads { " terraform plan works with this identity, terraform apply does not." } else { "" };
    let how = match findings.permissions {
        Permissions::Delegated(_) => {
            "A person's token holds only what was consented to the program that signed in; the Azure CLI lacks Intune's."
        }
        _ => {
            "Grant it to the application as an application permission, with admin consent, then get a new token."
        }
    };
    format!("Not good: signed in, but {wanted} is missing.{rest}\n{how}\n")
}

fn line(name: &str, value: &str) -> String {
    format!("{name:<12} {value}\n")
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{INDENT}{line}\n") })
        .collect()
}
