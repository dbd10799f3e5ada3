//! Checks a plan: whether the package is configured, whether it has expired, whether the connector is enabled, and
//! whether other policies have the same name. The checks do not change the plan.

use crate::graph::PolicyId;
use crate::resources::session::{Preflight, Session};
use crate::resources::timeouts::{Operation, Timeouts};
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, list, quote};
use crate::terraform::plan::Plan;
use crate::terraform::resource::{PlanCheck, PlanStage, ResourceCall};
use crate::terraform::value::Value;

use super::context::{AttemptedStep, Context, READ_PERMISSION, request_failed};
use super::names::{BLOB, BLOB_VERSION, DISPLAY_NAME, FILENAME, ID, PACKAGE};
use super::package_expiry::{Expiry, expiry, parse_last_day};

const CONNECTOR_PERMISSION: &str = "DeviceManagementServiceConfig.Read.All";

/// Checks the plan of a create or update.
pub(super) async fn check(call: &mut ResourceCall<'_, Session>, check: PlanCheck<'_>) -> Diagnostics {
    let plan = check.plan;
    let mut diagnostics: Diagnostics = missing_blob(plan).into_iter().collect();
    // Terraform repeats the plan during apply. The result must not change because a day has passed.
    if check.stage != PlanStage::DuringApply {
        diagnostics.extend(expired_package(call.session, plan));
    }
    if call.session.options.preflight == Preflight::Off || check.stage == PlanStage::DuringApply {
        return diagnostics;
    }
    let context = Context::new(call, Operation::Read, &Timeouts::from_state(&plan.planned));
    let lookups = context.within_deadline("the plan", async {
        let (connector, name) = tokio::join!(check_connector(&context, plan), check_name(&context, plan));
        Ok((connector, name))
    });
    match lookups.await {
        Ok((connector, name)) => {
            diagnostics.extend(connector);
            diagnostics.extend(name);
        }
        Err(errors) => diagnostics.extend(errors),
    }
    diagnostics
}

/// Whether the plan changes the package: sends one, or switches to the package from the connector.
fn changes_package(plan: &Plan) -> bool {
    plan.changes(PACKAGE) || plan.changes(BLOB_VERSION)
}

fn package(plan: &Plan) -> Option<&str> {
    plan.planned(PACKAGE).as_str()
}

/// Reports that the plan has to send a package, but the configuration contains none.
fn missing_blob(plan: &Plan) -> Option<Diagnostic> {
    let package = package(plan).filter(|package| *package != "auto_from_connector")?;
    let has_blob = plan.config.attribute(BLOB).is_some_and(|blob| !blob.is_null());
    (changes_package(plan) && !has_blob).then(|| {
        Diagnostic::error(
            format!("{BLOB} is missing"),
            format!(
                "The plan sends the package for package = {package:?}, but {BLOB} is not set, and the provider never \
                 stores a package.\nNext: set {BLOB} to the content of the package, for example \
                 file(\"WindowsDefenderATP.onboarding\"), and {BLOB_VERSION} to any number. The Defender portal \
                 offers the package for download."
            ),
        )
        .at(AttributePath::root(BLOB))
    })
}

/// Reports an offboarding package that has expired or expires soon.
fn expired_package(session: &Session, plan: &Plan) -> Option<Diagnostic> {
    if package(plan) != Some("offboarding") || !(changes_package(plan) || plan.changes(FILENAME)) {
        return None;
    }
    let filename = plan.planned(FILENAME).as_str()?;
    let today = session.graph.clock().date().date();
    let (day, diagnostic) = match expiry(parse_last_day(filename)?, today)? {
        Expiry::Expired(day) => (day, Diagnostic::error("The offboarding package has expired", "")),
        Expiry::Soon(day) => (day, Diagnostic::warning("The offboarding package expires soon", "")),
    };
    let detail = format!(
        "{} is valid until {day}. Devices reject an expired package, and offboarding packages are valid for seven \
         days.\nNext: download a new package from the Defender portal, and change {BLOB}, {BLOB_VERSION} and {FILENAME}.",
        quote(filename)
    );
    Some(Diagnostic { detail, ..diagnostic }.at(AttributePath::root(FILENAME)))
}

/// Reports a value of `package` that does not fit the state of the connector.
async fn check_connector(context: &Context<'_>, plan: &Plan) -> Option<Diagnostic> {
    let package = package(plan).filter(|_| changes_package(plan))?;
    let is_enabled = match context.client.list_threat_defense_connectors().await {
        Ok(connectors) => {
            connectors.iter().any(crate::graph::types::ThreatDefenseConnector::is_enabled_defender)
        }
        Err(error) if error.is_forbidden() => return connector_not_checked(context),
        Err(error) => {
            let step = AttemptedStep {
                object: "the connector to Defender for Endpoint",
                action: "reading its state for the plan",
                permission: CONNECTOR_PERMISSION,
                outcome: "",
            };
            return request_failed(step, &error).into_iter().next();
        }
    };
    match (package, is_enabled) {
        ("auto_from_connector", false) => Some(
            Diagnostic::error(
                "The connector to Defender for Endpoint is not enabled",
                "package = \"auto_from_connector\" takes the onboarding package from the connector between Intune and Defender \
                 for Endpoint, which is not enabled in this tenant. Devices would not be onboarded.\nNext: enable the \
                 connection in the Defender portal (Settings, Endpoints, Advanced features), or set package = \"onboarding\" \
                 with package_blob_wo.",
            )
            .at(AttributePath::root(PACKAGE)),
        ),
        ("onboarding", true) => Some(
            Diagnostic::error(
                "Intune takes the package from the connector",
                "The connector between Intune and Defender for Endpoint is enabled, so Intune refuses a policy that \
                 contains an onboarding package.\nNext: set package = \"auto_from_connector\", and remove \
                 package_blob_wo, package_blob_wo_version and package_filename.",
            )
            .at(AttributePath::root(PACKAGE)),
        ),
        _ => None,
    }
}

/// Warns, once per session, that the permission to check the connector is missing.
fn connector_not_checked(context: &Context<'_>) -> Option<Diagnostic> {
    let summary = "The connector to Defender for Endpoint could not be checked";
    context.session.reported.record(summary, summary).is_none().then(|| {
        Diagnostic::warning(
            summary,
            format!("The plan continues without this check.\nNext: grant {CONNECTOR_PERMISSION} to enable the check."),
        )
    })
}

/// Warns about other policies with the same name. Names are not unique, but a second policy is usually a mistake.
async fn check_name(context: &Context<'_>, plan: &Plan) -> Option<Diagnostic> {
    let name = plan.planned(DISPLAY_NAME).as_str().filter(|_| plan.changes(DISPLAY_NAME))?;
    let own_id = plan.prior.attribute(ID).and_then(Value::as_str).map(PolicyId::new);
    let policies = match context.client.find_atp_configurations(name).await {
        Ok(policies) => policies,
        Err(error) => {
            let object = format!("policies named {}", quote(name));
            let step = AttemptedStep {
                object: &object,
                action: "listing them for the plan",
                permission: READ_PERMISSION,
                outcome: "",
            };
            return request_failed(step, &error).into_iter().next();
        }
    };
    let other_ids: Vec<String> = policies
        .into_iter()
        .map(|policy| policy.id.to_ascii_lowercase())
        .filter(|id| own_id.as_ref().is_none_or(|own_id| own_id.as_str() != id))
        .collect();
    (!other_ids.is_empty()).then(|| {
        Diagnostic::warning(
            format!("A policy named {} already exists", quote(name)),
            format!(
                "Intune has these onboarding policies with the same name:\n{}Names are not unique, so the plan \
                 continues.\nNext: if the resource is meant to manage one of these policies, import that policy \
                 instead. Otherwise, consider another name.",
                list(other_ids)
            ),
        )
        .at(AttributePath::root(DISPLAY_NAME))
    })
}
