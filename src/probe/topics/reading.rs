//! Requests that need no policy: keys that do not exist, query options, look-ups of the directory.

use serde_json::{Value, json};

use crate::graph::{ApiVersion, Request};
use crate::probe::access::{ABSENT, Access, Halt, POLICIES, Reply};
use crate::probe::question::{Question, Topic, assumed, choice, open};

const QUESTIONS: [Question; 24] = [
    assumed("unknownPolicy", "GET of a policy that does not exist", "404 ResourceNotFound"),
    assumed("unknownPolicyV1", "the same in v1.0", "404 ResourceNotFound"),
    assumed("unknownPolicyAssignments", "GET of its assignments", "404 ResourceNotFound"),
    assumed("unknownPolicyAssign", "assign to it", "404 ResourceNotFound"),
    assumed("unknownPolicyPatch", "PATCH of it", "404 ResourceNotFound"),
    assumed("unknownPolicyDelete", "DELETE of it", "404 ResourceNotFound"),
    choice(
        "policyKey",
        "GET of a policy whose key is not a GUID",
        "404",
        "nonGuidKey",
        &[("404", "notFound"), ("400", "refuse")],
    ),
    assumed("unknownFilter", "GET of an assignment filter that does not exist", "404 ResourceNotFound"),
    assumed("unknownGroup", "GET of a group that does not exist", "404 Request_ResourceNotFound"),
    assumed("groupKey", "GET of a group whose key is not a GUID", "400"),
    choice(
        "unknownGroupLookUp",
        "getByIds with a group that does not exist",
        "400",
        "groupLookUp",
        &[("400", "refuse"), ("left out", "leaveOut")],
    ),
    choice(
        "filterByType",
        "list of policies with $filter=isof(…)",
        "400",
        "typeFilter",
        &[("400", "refuse"), ("200", "accept")],
    ),
    assumed("filterByPrefix", "list of policies with $filter=startswith(displayName,…)", "400"),
    assumed("filterByPart", "list of policies with $filter=contains(displayName,…)", "400"),
    assumed("orderBy", "list of policies with $orderby=displayName", "200"),
    assumed("count", "list of policies with $count=true", "200 with @odata.count"),
    assumed("search", "list of policies with $search", "400"),
    assumed("skip", "list of policies with $skip=1", "400"),
    assumed("filtersV1", "assignment filters in v1.0", "400"),
    assumed("unknownSegment", "GET deviceManagement/noSuchCollection", "400 BadRequest"),
    assumed("defaultScopeTag", "the name of scope tag 0", "Default"),
    choice(
        "onboardingSummary",
        "form of the summary of onboarding states",
        "in value",
        "onboardingSummary",
        &[("in value", "inValue"), ("entity", "entity")],
    ),
    open("connectorIds", "ids of mobileThreatDefenseConnectors"),
    open("auditTexts", "activity types of the last audit events"),
];

/// The topic.
pub const TOPIC: Topic = Topic { name: "Reading", questions: &QUESTIONS };

/// Asks the questions of this file.
pub async fn ask(access: &mut Access) -> Result<(), Halt> {
    unknown_policy(access).await?;
    directory(access).await?;
    query_options(access).await?;
    others(access).await
}

async fn unknown_policy(access: &mut Access) -> Result<(), Halt> {
    let policy = [POLICIES[0], POLICIES[1], ABSENT];
    let seen = access.get(&policy).await?;
    access.observe("unknownPolicy", seen.brief());
    let seen = access.send(Request::get(ApiVersion::V1, &policy)).await?;
    access.observe("unknownPolicyV1", seen.brief());
    let seen = access.get(&[POLICIES[0], POLICIES[1], ABSENT, "assignments"]).await?;
    access.observe("unknownPolicyAssignments", seen.brief());
    let seen = access.post(&[POLICIES[0], POLICIES[1], ABSENT, "assign"], json!({"assignments": []})).await?;
    access.observe("unknownPolicyAssign", seen.brief());
    let body = access.policy_body();
    let seen = access.send(Request::patch(ApiVersion::Beta, &policy, body)).await?;
    access.observe("unknownPolicyPatch", seen.brief());
    let seen = access.send(Request::delete(ApiVersion::Beta, &policy)).await?;
    access.observe("unknownPolicyDelete", seen.brief());
    let seen = access.get(&[POLICIES[0], POLICIES[1], "not-a-guid"]).await?;
    access.observe("policyKey", seen.status.to_string());
    Ok(())
}

async fn directory(access: &mut Access) -> Result<(), Halt> {
    let seen = access.get(&["deviceManagement", "assignmentFilters", ABSENT]).await?;
    access.observe("unknownFilter", seen.brief());
    let seen = access.send(Request::get(ApiVersion::V1, &["groups", ABSENT])).await?;
    access.observe("unknownGroup", seen.brief());
    let seen = access.send(Request::get(ApiVersion::V1, &["groups", "not-a-guid"])).await?;
    access.observe("groupKey", seen.status.to_string());
    let body = json!({"ids": [ABSENT], "types": ["group"]});
    let request = Request::post_to_read(ApiVersion::V1, &["directoryObjects", "getByIds"], body);
    let seen = access.send(request).await?;
    let left_out = seen.is_success() && seen.rows().is_empty();
    access.observe(
        "unknownGroupLookUp",
        if left_out { "left out".to_owned() } else { seen.status.to_string() },
    );
    Ok(())
}

async fn query_options(access: &mut Access) -> Result<(), Halt> {
    let type_name = "microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration";
    for (id, name, value) in [
        ("filterByType", "$filter", format!("isof('{type_name}')")),
        ("filterByPrefix", "$filter", "startswith(displayName,'terraform')".to_owned()),
        ("filterByPart", "$filter", "contains(displayName,'terraform')".to_owned()),
        ("orderBy", "$orderby", "displayName".to_owned()),
        ("search", "$search", "\"terraform\"".to_owned()),
        ("skip", "$skip", "1".to_owned()),
    ] {
        let seen = list(access, name, &value).await?;
        access.observe(id, seen.status.to_string());
    }
    let seen = list(access, "$count", "true").await?;
    let counted = seen.body.get("@odata.count").is_some();
    let observed =
        if counted { format!("{} with @odata.count", seen.status) } else { seen.status.to_string() };
    access.observe("count", observed);
    Ok(())
}

/// Only ids, since a tenant may have thousands of policies.
async fn list(access: &Access, option: &'static str, value: &str) -> Result<Reply, Halt> {
    let request = Request::get(ApiVersion::Beta, &POLICIES).query("$select", "id").query("$top", "5");
    access.send(request.query(option, value)).await
}

async fn others(access: &mut Access) -> Result<(), Halt> {
    let seen = access.send(Request::get(ApiVersion::V1, &["deviceManagement", "assignmentFilters"])).await?;
    access.observe("filtersV1", seen.status.to_string());
    let seen = access.get(&["deviceManagement", "noSuchCollection"]).await?;
    access.observe("unknownSegment", seen.brief());
    let seen = access.get(&["deviceManagement", "roleScopeTags", "0"]).await?;
    if seen.status == 403 {
        access.skip("defaultScopeTag", "DeviceManagementRBAC.Read.All is missing");
    } else {
        let name = seen.text("displayName").map_or_else(|| seen.brief(), str::to_owned);
        access.observe("defaultScopeTag", name);
    }
    let seen = access.get(&["deviceManagement", "advancedThreatProtectionOnboardingStateSummary"]).await?;
    let form = match seen.body.get("value") {
        _ if !seen.is_success() => seen.brief(),
        Some(Value::Object(_)) => "in value".to_owned(),
        _ => "entity".to_owned(),
    };
    access.observe("onboardingSummary", form);
    let seen = access.get(&["deviceManagement", "mobileThreatDefenseConnectors"]).await?;
    access.observe("connectorIds", distinct_values(&seen, "id"));
    let request = Request::get(ApiVersion::Beta, &["deviceManagement", "auditEvents"]).query("$top", "20");
    let seen = access.send(request).await?;
    access.observe("auditTexts", distinct_values(&seen, "activityType"));
    Ok(())
}

/// The distinct values of a member, or the refusal.
fn distinct_values(seen: &Reply, member: &str) -> String {
    if !seen.is_success() {
        return seen.brief();
    }
    let mut values: Vec<&str> =
        seen.rows().iter().filter_map(|row| row.get(member).and_then(Value::as_str)).collect();
    values.sort_unstable();
    values.dedup();
    if values.is_empty() { "none".to_owned() } else { values.join(", ") }
}
