//! What a create may contain, and what the new policy looks like. Creates the policy that all later questions use.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::graph::{ApiVersion, Request};
use crate::probe::access::{Access, Halt, OwnPolicy, POLICIES, with_property};
use crate::probe::question::{Question, Topic, assumed, choice};

const QUESTIONS: [Question; 22] = [
    assumed("createWithoutType", "POST of a policy without @odata.type", "400"),
    assumed("createOfBaseType", "POST with the abstract base type", "400"),
    assumed("createWithoutName", "POST without displayName", "400"),
    choice(
        "createWithUnknownMember",
        "POST with a member that the type does not have",
        "400 BadRequest",
        "modelErrorCode",
        &[("400 BadRequest", "badRequest"), ("400 ModelValidationFailure", "modelValidationFailure")],
    ),
    assumed("createWithScopeTagSupport", "POST with supportsScopeTags: true", "400"),
    assumed("createWithTwoBlobs", "POST with a blob and AutoPopulateOnboardingBlob", "400"),
    choice(
        "createWithAssignments",
        "POST with assignments: []",
        "400",
        "deepInsert",
        &[("400", "refuse"), ("201", "accept")],
    ),
    assumed("create", "POST of a policy with a name", "201"),
    assumed("createdId", "the id, if the request has one", "made by the service"),
    assumed("createdVersion", "version of a new policy", "1"),
    assumed("createdTimes", "createdDateTime and lastModifiedDateTime of a new policy", "equal"),
    assumed("createdScopeTags", "roleScopeTagIds of a new policy", "[\"0\"]"),
    assumed("createdScopeTagSupport", "supportsScopeTags of a new policy", "true"),
    assumed("createdTwice", "POST of a second policy with the same name", "201"),
    assumed("readAfterCreate", "GET after the create", "at once"),
    assumed("listedAfterCreate", "list with $filter=displayName eq '…' after the create", "at once"),
    assumed("keyInParentheses", "GET deviceConfigurations('id')", "200"),
    assumed("keyInUpperCase", "GET with the id in upper case", "200"),
    assumed("selectStar", "GET with $select=*", "200"),
    assumed("selectedMembers", "members of GET with $select=displayName", "@odata.type, displayName"),
    assumed("expanded", "GET with $expand=assignments", "[]"),
    assumed("v1Members", "beta-only members that v1.0 shows all the same", "none"),
];

/// The topic.
pub const TOPIC: Topic = Topic { name: "Creating", questions: &QUESTIONS };

/// How long the probe waits until a new policy is visible.
const VISIBLE_LIMIT: Duration = Duration::from_mins(2);

/// The pause between two reads.
const PAUSE: Duration = Duration::from_secs(2);

/// Asks the questions of this file. Returns the id of the policy.
pub async fn ask(access: &mut Access) -> Result<OwnPolicy, Halt> {
    refused_bodies(access).await?;
    let policy = create(access).await?;
    let name = access.name.clone();
    let (seen, second) = access.create(access.policy_body()).await?;
    access.observe("createdTwice", seen.status.to_string());
    if let Some(second) = second {
        access.delete(&second).await?;
    }
    let read = Request::get(ApiVersion::Beta, &policy.path());
    observe_delay(access, "readAfterCreate", &read, false).await?;
    let list = Request::get(ApiVersion::Beta, &POLICIES).query("$filter", format!("displayName eq '{name}'"));
    observe_delay(access, "listedAfterCreate", &list, true).await?;
    forms_of_reading(access, &policy).await?;
    Ok(policy)
}

async fn refused_bodies(access: &mut Access) -> Result<(), Halt> {
    let body = access.policy_body();
    let with = |name: &str, value: Value| with_property(body.clone(), "", name, value);
    let without = |name: &str| {
        let mut changed = body.clone();
        changed.as_object_mut().map(|members| members.remove(name));
        changed
    };
    let auto = with("advancedThreatProtectionAutoPopulateOnboardingBlob", json!(true));
    let two_blobs = with_property(auto, "", "advancedThreatProtectionOnboardingBlob", json!("probe"));
    for (id, body) in [
        ("createWithoutType", without("@odata.type")),
        ("createOfBaseType", with("@odata.type", json!("#microsoft.graph.deviceConfiguration"))),
        ("createWithoutName", without("displayName")),
        ("createWithUnknownMember", with("terraformProbe", json!(true))),
        ("createWithScopeTagSupport", with("supportsScopeTags", json!(true))),
        ("createWithTwoBlobs", two_blobs),
        ("createWithAssignments", with("assignments", json!([]))),
    ] {
        let (seen, accepted) = access.create(body).await?;
        let observed = if id == "createWithUnknownMember" { seen.brief() } else { seen.status.to_string() };
        access.observe(id, observed);
        if let Some(accepted) = accepted {
            access.delete(&accepted).await?;
        }
    }
    Ok(())
}

async fn create(access: &mut Access) -> Result<OwnPolicy, Halt> {
    let sent_id = "00000000-0000-0000-0000-000000000000";
    let body = with_property(access.policy_body(), "", "id", json!(sent_id));
    let (seen, policy) = access.create(body).await?;
    access.observe("create", seen.brief());
    let Some(policy) = policy else {
        return Err(Halt::Impossible(format!(
            "The policy of the probe could not be created: {} {}",
            seen.brief(),
            seen.message
        )));
    };
    access.observe("createdId", if policy.id() == sent_id { "the request's" } else { "made by the service" });
    let member = |name: &str| seen.body.get(name).map_or_else(|| "missing".to_owned(), Value::to_string);
    access.observe("createdVersion", member("version"));
    let equal = seen.text("createdDateTime") == seen.text("lastModifiedDateTime");
    access.observe("createdTimes", if equal { "equal" } else { "different" });
    access.observe("createdScopeTags", member("roleScopeTagIds"));
    access.observe("createdScopeTagSupport", member("supportsScopeTags"));
    Ok(policy)
}

/// Observes how long it takes until a read shows the policy.
async fn observe_delay(
    access: &mut Access,
    id: &'static str,
    read: &Request,
    listed: bool,
) -> Result<(), Halt> {
    let start = Instant::now();
    let mut first = true;
    loop {
        let seen = access.send(read.clone()).await?;
        let visible = seen.is_success() && (!listed || !seen.rows().is_empty());
        let seconds = start.elapsed().as_secs();
        if visible || start.elapsed() > VISIBLE_LIMIT {
            let observed = match (visible, first) {
                (true, true) => "at once".to_owned(),
                (true, false) => format!("after {seconds} seconds"),
                (false, _) => format!("not within {seconds} seconds: {}", seen.brief()),
            };
            access.observe(id, observed);
            return Ok(());
        }
        first = false;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn forms_of_reading(access: &mut Access, policy: &OwnPolicy) -> Result<(), Halt> {
    let segments = policy.path();
    let seen = access.get(&[POLICIES[0], &format!("deviceConfigurations('{}')", policy.id())]).await?;
    access.observe("keyInParentheses", seen.status.to_string());
    let seen = access.get(&[POLICIES[0], POLICIES[1], &policy.id().to_ascii_uppercase()]).await?;
    access.observe("keyInUpperCase", seen.status.to_string());
    let get = |option, value| Request::get(ApiVersion::Beta, &segments).query(option, value);
    let seen = access.send(get("$select", "*")).await?;
    access.observe("selectStar", seen.status.to_string());
    let seen = access.send(get("$select", "displayName")).await?;
    access.observe("selectedMembers", members(&seen.body, |name| name != "@odata.context"));
    let seen = access.send(get("$expand", "assignments")).await?;
    let rows = seen.body.get("assignments").map_or_else(|| seen.brief(), Value::to_string);
    access.observe("expanded", rows);
    let seen = access.send(Request::get(ApiVersion::V1, &segments)).await?;
    let only_beta = |name: &str| {
        name.contains("ScopeTag") || name.contains("Applicability") || name.starts_with("advanced")
    };
    access.observe("v1Members", members(&seen.body, only_beta));
    Ok(())
}

/// The names of members, sorted.
fn members(body: &Value, wanted: impl Fn(&str) -> bool) -> String {
    let mut names: Vec<&str> = body
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .filter(|name| wanted(name))
        .collect();
    names.sort_unstable();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
