//! The text that `check` prints. Finds nothing out itself.

use std::fmt::Write;
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::auth::claims::Claims;
use crate::auth::{self, Explanation};
use crate::provider::Prepared;
use crate::resources::report::{self, Doing};
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::transport::text::escape;

use super::advice::how_to_grant;
use super::permissions::{Met, NEEDS, Need, Permissions, Scope};
use super::{Findings, Outcome};

const READING: Doing<'_> = Doing {
    object: "Microsoft Graph",
    action: "reading one policy's id",
    permission: "DeviceManagementConfiguration.Read.All",
    outcome: "",
};

const INDENT: &str = "  ";
/// A claim is an id or a name.
const LONGEST_CLAIM: usize = 200;
/// A person looks at a few permissions that are not needed, not at thousands.
const MOST_OTHERS: usize = 20;

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

/// The inputs name files that the system does not deliver.
pub(super) fn slow_inputs(limit: Duration) -> String {
    format!(
        "Not signed in: the files that the environment names could not be read within {} seconds.\n",
        limit.as_secs()
    )
}

/// The sign-in was neither refused nor answered.
pub(super) fn slow_sign_in(prepared: &Prepared, limit: Duration) -> String {
    format!(
        "{}\nNot signed in: no token came within {} seconds. Check the network and the proxy variables.\n",
        method(prepared),
        limit.as_secs()
    )
}

/// Our bug.
pub(super) fn panicked(panic: &dyn std::fmt::Display) -> Diagnostics {
    Diagnostic::error(
        "The provider has a bug",
        format!("Reading the inputs failed: {panic}. Please report it."),
    )
    .into()
}

/// Who signed in, what they may do, and whether Graph let them.
pub(super) fn findings(findings: &Findings<'_>, limit: Duration) -> String {
    let Findings { prepared, claims, .. } = findings;
    let identity =
        claims.as_ref().map_or_else(|| line("Token", "opaque; it tells nothing of itself"), identity);
    format!(
        "{}{identity}\n{}\n{}\n{}",
        method(prepared),
        permission_list(findings),
        graph_read(findings, limit),
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
    rows.into_iter().filter_map(|(name, value)| Some(line(name, &escape(&value?, LONGEST_CLAIM)))).collect()
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
        Permissions::NotTold => "not told by the token",
    };
    let needs: String = NEEDS.iter().map(|need| need_line(need, findings)).collect();
    format!("Permissions: {kind}\n{needs}{}", others(&findings.permissions))
}

fn need_line(need: &Need, findings: &Findings<'_>) -> String {
    let found = match findings.permissions.meet(need) {
        Met::By(permission) => format!("granted by {permission}"),
        Met::Missing if need.is_required(findings.scope) => {
            format!("MISSING; grant {}", need.any_of.first().unwrap_or(&""))
        }
        Met::Missing => "not granted".to_owned(),
        Met::NotTold => "not known".to_owned(),
    };
    let weight = if need.is_required(findings.scope) { "required" } else { "optional" };
    format!("{INDENT}{weight}  {}\n{INDENT}          {found}\n", need.purpose)
}

/// What is granted beyond the needs: least privilege is worth a look.
fn others(permissions: &Permissions) -> String {
    let (Permissions::Application(granted) | Permissions::Delegated(granted)) = permissions else {
        return String::new();
    };
    let known =
        |name: &str| NEEDS.iter().any(|need| need.any_of.iter().any(|any| any.eq_ignore_ascii_case(name)));
    let rest: Vec<&String> = granted.iter().filter(|name| !known(name)).collect();
    if rest.is_empty() {
        return String::new();
    }
    let shown: Vec<String> = rest.iter().take(MOST_OTHERS).map(|name| escape(name, LONGEST_CLAIM)).collect();
    let more = rest.len().saturating_sub(MOST_OTHERS);
    let more = if more == 0 { String::new() } else { format!(" and {more} others") };
    format!("{INDENT}not needed  {}{more}\n", shown.join(", "))
}

fn graph_read(findings: &Findings<'_>, limit: Duration) -> String {
    match &findings.read {
        Some(Ok(answer)) => format!("Graph answered: {}.\n", answer.call),
        // How to grant a permission depends on the method, and is said at the end.
        Some(Err(error)) if error.is_forbidden() => {
            let call = error.call().map(|call| format!("{INDENT}{call}\n")).unwrap_or_default();
            format!("Graph refused permission: {error}.\n{call}")
        }
        Some(Err(error)) => {
            let problem = report::graph_error(READING, error);
            format!("{}\n{}", problem.summary, indented(&problem.detail))
        }
        None => format!(
            "Microsoft Graph gave no answer before the {} seconds of this check were over.\n",
            limit.as_secs()
        ),
    }
}

fn conclusion(findings: &Findings<'_>) -> String {
    match findings.outcome() {
        Outcome::Good => good(findings).to_owned(),
        Outcome::NotSignedIn => {
            "Not good: the token was handed out, but Microsoft Graph gave no answer with it.\n".to_owned()
        }
        Outcome::PermissionMissing => missing(findings),
    }
}

/// An opaque token says nothing, so what is not seen is not called good.
fn good(findings: &Findings<'_>) -> &'static str {
    match (&findings.permissions, findings.scope) {
        (Permissions::NotTold, Scope::Applies) => {
            "Signed in, and Graph let this identity read, which is what terraform plan needs. Whether it may write is not \
             known: the token does not say what it may do, and this check writes nothing.\n"
        }
        (Permissions::NotTold, Scope::Plans) => {
            "Good: signed in, and Graph let this identity read, which is what terraform plan needs.\n"
        }
        (_, Scope::Applies) => "Good: signed in, and everything required is granted.\n",
        (_, Scope::Plans) => "Good: signed in, and everything that terraform plan needs is granted.\n",
    }
}

fn missing(findings: &Findings<'_>) -> String {
    let Findings { permissions, scope, .. } = findings;
    let names: Vec<&str> =
        permissions.missing(*scope).filter_map(|need| need.any_of.first().copied()).collect();
    let wanted = match names.as_slice() {
        [] => "the permission that Graph names above, a role in Intune or an Intune licence".to_owned(),
        names => names.join(", "),
    };
    let rest = match (&findings.read, scope) {
        (Some(Ok(_)), Scope::Applies) => {
            " terraform plan works with this identity, terraform apply does not; for an identity that only plans, run \
             \"check --plan\"."
        }
        _ => "",
    };
    let how = how_to_grant(findings.prepared.attempt.method, permissions);
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
