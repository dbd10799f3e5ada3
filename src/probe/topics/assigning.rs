//! What `assign` accepts and how its rows look. Only groups without members get the policy, never all devices or users.

use serde_json::{Value, json};

use crate::graph::{ApiVersion, Request};
use crate::probe::access::{ABSENT, Access, Halt, OwnPolicy, POLICIES, Reply, with_property};
use crate::probe::question::{Question, Topic, assumed, choice};

const ACCEPTED: &[(&str, &str)] = &[("400", "refuse"), ("200", "accept")];

const QUESTIONS: [Question; 34] = [
    assumed("assignNothing", "assign of an empty list", "200, 0 rows"),
    choice("assignLeftOut", "assign without the member assignments", "400", "assignmentsLeftOut", ACCEPTED),
    assumed("assignAbstractTarget", "assign with the abstract type of target", "400"),
    assumed("assignUnknownTarget", "assign with an unknown type of target", "400"),
    assumed("assignNullTarget", "assign with a null target", "400"),
    assumed("assignUnknownMember", "assign with an unknown member in the target", "400"),
    assumed("assignEmptyGroup", "assign with an empty groupId", "400"),
    assumed("assignGroupName", "assign with a name as groupId", "400"),
    assumed("assignCollectionGuid", "assign with a GUID as collectionId", "400"),
    choice("assignUnknownGroup", "assign to a group that does not exist", "400", "unknownGroup", ACCEPTED),
    choice(
        "assignPolicySetRow",
        "assign with a row whose source is policySets",
        "200, 0 rows",
        "policySetRowSent",
        &[("200, 0 rows", "ignore"), ("400", "refuse"), ("200, 1 row", "makeDirect")],
    ),
    assumed("assignGroup", "assign to a group", "200, 1 row"),
    assumed("rowId", "the id of the row", "policy_group"),
    assumed("rowSource", "source and intent of the row", "direct, apply"),
    assumed("rowSourceId", "sourceId of the row", "the policy"),
    assumed("rowFilter", "filter of a row without one", "null, none"),
    assumed("rowType", "@odata.type of the target", "#microsoft.graph.groupAssignmentTarget"),
    assumed("rowsAfterAssign", "GET of the assignments after the assign", "200, 1 row"),
    assumed("rowById", "GET of the row by its id", "200"),
    assumed("rowPatch", "PATCH of the row", "400"),
    assumed("assignGroupUpperCase", "groupId in upper case, as read back", "lower case"),
    assumed("assignTypeWithoutHash", "assign with @odata.type without #", "200, 1 row"),
    assumed("assignRowType", "assign with @odata.type of the row", "200, 1 row"),
    assumed("assignRowId", "the id that a row gets if it is sent with a different id", "policy_group"),
    choice(
        "assignTwice",
        "assign with the same group twice",
        "400",
        "repeatedTarget",
        &[("400", "refuse"), ("200, 1 row", "dropLater")],
    ),
    choice(
        "assignLegacy",
        "assign with deviceConfigurationGroupAssignments",
        "400",
        "legacyGroupAssignments",
        ACCEPTED,
    ),
    choice(
        "assignByCast",
        "assign at an address with a type cast",
        "200",
        "typeCastInAddress",
        &[("200", "accept"), ("400", "refuse")],
    ),
    assumed("assignQualified", "assign as microsoft.graph.assign", "200, 1 row"),
    assumed("assignExclusion", "assign to a group as an exclusion", "200, 1 row"),
    assumed("assignV1", "assign in v1.0", "200, 1 row"),
    choice(
        "assignTouches",
        "version and lastModifiedDateTime of the policy after an assign",
        "unchanged",
        "assignTouchesPolicy",
        &[("unchanged", "false"), ("changed", "true")],
    ),
    assumed("addRow", "POST of an assignment", "201"),
    choice(
        "addRowAgain",
        "POST of an assignment that exists",
        "400",
        "addedTargetExists",
        &[("400", "refuse"), ("201", "accept")],
    ),
    assumed("deleteRow", "DELETE of an assignment", "204"),
];

/// The topic.
pub const TOPIC: Topic = Topic { name: "Assigning", questions: &QUESTIONS };

/// The questions that need no group.
const WITHOUT_GROUP: usize = 10;

/// Asks the questions of this file.
pub async fn ask(access: &mut Access, policy: &OwnPolicy) -> Result<(), Halt> {
    refused_targets(access, policy).await?;
    let Some(group) = access.groups.first().cloned() else {
        for question in QUESTIONS.iter().skip(WITHOUT_GROUP) {
            access.skip(question.id, "it needs a group without members, see --group");
        }
        return Ok(());
    };
    one_group(access, policy, &group).await?;
    forms_of_rows(access, policy, &group).await?;
    forms_of_addresses(access, policy, &group).await?;
    touched(access, policy, &group).await?;
    single_rows(access, policy, &group).await
}

/// A row for a target of this type, with one more member.
pub(super) fn row(type_name: &str, member: &str, value: &str) -> Value {
    json!({"target": {"@odata.type": format!("#microsoft.graph.{type_name}"), member: value}})
}

/// A row for a group.
pub(super) fn group_row(group: &str) -> Value {
    row("groupAssignmentTarget", "groupId", group)
}

/// `assign` with these rows.
pub(super) async fn assign(access: &Access, policy: &OwnPolicy, rows: Value) -> Result<Reply, Halt> {
    access.post(&policy.below("assign"), json!({"assignments": rows})).await
}

async fn refused_targets(access: &mut Access, policy: &OwnPolicy) -> Result<(), Halt> {
    let seen = assign(access, policy, json!([])).await?;
    access.observe("assignNothing", seen.counted());
    let seen = access.post(&policy.below("assign"), json!({})).await?;
    access.observe("assignLeftOut", seen.status.to_string());
    for (id, rows) in [
        ("assignAbstractTarget", json!([row("deviceAndAppManagementAssignmentTarget", "groupId", ABSENT)])),
        ("assignUnknownTarget", json!([row("terraformProbeAssignmentTarget", "groupId", ABSENT)])),
        ("assignNullTarget", json!([{"target": null}])),
        ("assignUnknownMember", json!([row("groupAssignmentTarget", "terraformProbe", ABSENT)])),
        ("assignEmptyGroup", json!([group_row("")])),
        ("assignGroupName", json!([group_row("terraform-provider-defender")])),
        (
            "assignCollectionGuid",
            json!([row("configurationManagerCollectionAssignmentTarget", "collectionId", ABSENT)]),
        ),
        ("assignUnknownGroup", json!([group_row(ABSENT)])),
    ] {
        let seen = assign(access, policy, rows).await?;
        access.observe(id, seen.status.to_string());
    }
    // One of these may have been accepted: empty the policy again.
    assign(access, policy, json!([])).await?;
    Ok(())
}

async fn one_group(access: &mut Access, policy: &OwnPolicy, group: &str) -> Result<(), Halt> {
    let from_policy_set = with_property(group_row(group), "", "source", json!("policySets"));
    let seen = assign(access, policy, json!([from_policy_set])).await?;
    access.observe("assignPolicySetRow", seen.counted());
    let seen = assign(access, policy, json!([group_row(group)])).await?;
    access.observe("assignGroup", seen.counted());
    let first = seen.rows().first().cloned().unwrap_or_default();
    let text = |pointer: &str| match first.pointer(pointer) {
        None => "missing".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    access.observe("rowId", described_id(&text("/id"), policy.id(), group));
    access.observe("rowSource", format!("{}, {}", text("/source"), text("/intent")));
    let source_id = text("/sourceId");
    access.observe("rowSourceId", if source_id == policy.id() { "the policy".to_owned() } else { source_id });
    let filter = "/target/deviceAndAppManagementAssignmentFilter";
    access.observe(
        "rowFilter",
        format!("{}, {}", text(&format!("{filter}Id")), text(&format!("{filter}Type"))),
    );
    access.observe("rowType", text("/target/@odata.type"));
    let seen = access.get(&policy.below("assignments")).await?;
    access.observe("rowsAfterAssign", seen.counted());
    let id = text("/id");
    let seen = access.get(&[POLICIES[0], POLICIES[1], policy.id(), "assignments", &id]).await?;
    access.observe("rowById", seen.status.to_string());
    let change = Request::patch(
        ApiVersion::Beta,
        &[POLICIES[0], POLICIES[1], policy.id(), "assignments", &id],
        group_row(group),
    );
    let seen = access.send(change).await?;
    access.observe("rowPatch", seen.status.to_string());
    Ok(())
}

async fn forms_of_rows(access: &mut Access, policy: &OwnPolicy, group: &str) -> Result<(), Halt> {
    let upper = group.to_ascii_uppercase();
    let seen = assign(access, policy, json!([group_row(&upper)])).await?;
    let read_back = seen.rows().first().and_then(|row| row.pointer("/target/groupId")?.as_str());
    let observed = match read_back {
        Some(id) if id == group.to_ascii_lowercase() => "lower case".to_owned(),
        Some(id) if id == upper => "as sent".to_owned(),
        _ => seen.brief(),
    };
    access.observe("assignGroupUpperCase", observed);

    let bare = json!("microsoft.graph.groupAssignmentTarget");
    let without_hash = with_property(group_row(group), "/target", "@odata.type", bare);
    let seen = assign(access, policy, json!([without_hash])).await?;
    access.observe("assignTypeWithoutHash", seen.counted());
    let type_name = json!("#microsoft.graph.deviceConfigurationAssignment");
    let typed = with_property(group_row(group), "", "@odata.type", type_name);
    let seen = assign(access, policy, json!([typed])).await?;
    access.observe("assignRowType", seen.counted());
    let with_id = with_property(group_row(group), "", "id", json!(ABSENT));
    let seen = assign(access, policy, json!([with_id])).await?;
    let id = seen.rows().first().and_then(|row| row.get("id")?.as_str()).unwrap_or_default();
    access.observe("assignRowId", described_id(id, policy.id(), group));
    let seen = assign(access, policy, json!([group_row(group), group_row(group)])).await?;
    access.observe("assignTwice", seen.counted());
    let exclusion = row("exclusionGroupAssignmentTarget", "groupId", group);
    let seen = assign(access, policy, json!([exclusion])).await?;
    access.observe("assignExclusion", seen.counted());
    Ok(())
}

async fn forms_of_addresses(access: &mut Access, policy: &OwnPolicy, group: &str) -> Result<(), Halt> {
    let body = json!({"assignments": [group_row(group)]});
    let rows = json!([{"targetGroupId": group, "excludeGroup": false}]);
    let legacy = with_property(body.clone(), "", "deviceConfigurationGroupAssignments", rows);
    let seen = access.post(&policy.below("assign"), legacy).await?;
    access.observe("assignLegacy", seen.status.to_string());
    let cast = "microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration";
    let seen = access.post(&[POLICIES[0], POLICIES[1], policy.id(), cast, "assign"], body.clone()).await?;
    access.observe("assignByCast", seen.status.to_string());
    let seen = access.post(&policy.below("microsoft.graph.assign"), body.clone()).await?;
    access.observe("assignQualified", seen.counted());
    let path = policy.below("assign");
    let seen = access.send(Request::post(ApiVersion::V1, &path, body)).await?;
    access.observe("assignV1", seen.counted());
    Ok(())
}

async fn touched(access: &mut Access, policy: &OwnPolicy, group: &str) -> Result<(), Halt> {
    let stamp =
        |seen: &Reply| (seen.body.get("version").cloned(), seen.body.get("lastModifiedDateTime").cloned());
    assign(access, policy, json!([])).await?;
    let before = access.get(&policy.path()).await?;
    assign(access, policy, json!([group_row(group)])).await?;
    let after = access.get(&policy.path()).await?;
    access.observe("assignTouches", if stamp(&before) == stamp(&after) { "unchanged" } else { "changed" });
    Ok(())
}

async fn single_rows(access: &mut Access, policy: &OwnPolicy, group: &str) -> Result<(), Halt> {
    assign(access, policy, json!([])).await?;
    let rows = policy.below("assignments");
    let seen = access.post(&rows, group_row(group)).await?;
    access.observe("addRow", seen.status.to_string());
    let id = seen.text("id").map(str::to_owned);
    let seen = access.post(&rows, group_row(group)).await?;
    access.observe("addRowAgain", seen.status.to_string());
    match id {
        None => access.skip("deleteRow", "no assignment was added"),
        Some(id) => {
            let path = [POLICIES[0], POLICIES[1], policy.id(), "assignments", id.as_str()];
            let seen = access.send(Request::delete(ApiVersion::Beta, &path)).await?;
            access.observe("deleteRow", seen.status.to_string());
        }
    }
    Ok(())
}

fn described_id(id: &str, policy: &str, group: &str) -> String {
    if id.eq_ignore_ascii_case(&format!("{policy}_{group}")) {
        return "policy_group".to_owned();
    }
    id.replace(policy, "policy").replace(group, "group")
}
