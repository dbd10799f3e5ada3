//! Assignments with a filter. Uses filters that the tenant has; they only narrow groups that have no members.

use serde_json::{Value, json};

use crate::graph::{ApiVersion, Request};
use crate::probe::access::{ABSENT, Access, Halt, OwnPolicy, with_property};
use crate::probe::question::{Question, Topic, assumed, choice};

use super::assigning::{assign, group_row, row};

const FILTER_ID: &str = "deviceAndAppManagementAssignmentFilterId";
const FILTER_TYPE: &str = "deviceAndAppManagementAssignmentFilterType";
const ACCEPTED: &[(&str, &str)] = &[("400", "refuse"), ("200", "accept")];

const QUESTIONS: [Question; 8] = [
    choice("filterUnknown", "a filter that does not exist", "400", "unknownFilter", ACCEPTED),
    assumed("filterNotGuid", "a filter id that is not a GUID", "400"),
    assumed("filterZero", "the all-zero id with type none, as read back", "null, none"),
    assumed("filterInclude", "a filter of Windows with type include, as read back", "the filter, include"),
    assumed("filterExclude", "the same with type exclude, as read back", "the filter, exclude"),
    assumed("filterTypeNone", "the same with type none, as read back", "400"),
    choice("filterOnExclusion", "a filter on an excluded group", "400", "filterOnExclusion", ACCEPTED),
    choice(
        "filterOfOtherPlatform",
        "a filter of another platform",
        "400",
        "filterForOtherPlatform",
        ACCEPTED,
    ),
];

/// The topic.
pub const TOPIC: Topic = Topic { name: "Assignment filters", questions: &QUESTIONS };

/// Asks the questions of this file, and leaves the policy without assignments.
pub async fn ask(access: &mut Access, policy: &OwnPolicy) -> Result<(), Halt> {
    let Some(group) = access.groups.first().cloned() else {
        for question in &QUESTIONS {
            access.skip(question.id, "it needs a group without members, see --group");
        }
        return Ok(());
    };
    let (windows, other) = filters_of_tenant(access).await?;
    for (id, filter, kind) in
        [("filterUnknown", ABSENT, "include"), ("filterNotGuid", "terraform-provider-defender", "include")]
    {
        let seen = assign(access, policy, json!([filtered(group_row(&group), filter, kind)])).await?;
        access.observe(id, seen.status.to_string());
    }
    let zero = "00000000-0000-0000-0000-000000000000";
    observe_read_back(access, policy, "filterZero", filtered(group_row(&group), zero, "none"), zero).await?;
    with_windows_filter(access, policy, &group, windows.as_deref()).await?;
    match other {
        None => access.skip("filterOfOtherPlatform", "the tenant has no filter of another platform"),
        Some(filter) => {
            let seen =
                assign(access, policy, json!([filtered(group_row(&group), &filter, "include")])).await?;
            access.observe("filterOfOtherPlatform", seen.status.to_string());
        }
    }
    assign(access, policy, json!([])).await?;
    Ok(())
}

async fn with_windows_filter(
    access: &mut Access,
    policy: &OwnPolicy,
    group: &str,
    filter: Option<&str>,
) -> Result<(), Halt> {
    let Some(filter) = filter else {
        for id in ["filterInclude", "filterExclude", "filterTypeNone", "filterOnExclusion"] {
            access.skip(id, "the tenant has no filter of Windows 10 and later");
        }
        return Ok(());
    };
    for (id, kind) in [("filterInclude", "include"), ("filterExclude", "exclude"), ("filterTypeNone", "none")]
    {
        observe_read_back(access, policy, id, filtered(group_row(group), filter, kind), filter).await?;
    }
    let exclusion = row("exclusionGroupAssignmentTarget", "groupId", group);
    let seen = assign(access, policy, json!([filtered(exclusion, filter, "include")])).await?;
    access.observe("filterOnExclusion", seen.status.to_string());
    Ok(())
}

async fn observe_read_back(
    access: &mut Access,
    policy: &OwnPolicy,
    id: &'static str,
    row: Value,
    filter: &str,
) -> Result<(), Halt> {
    let seen = assign(access, policy, json!([row])).await?;
    if !seen.is_success() {
        access.observe(id, seen.status.to_string());
        return Ok(());
    }
    let target = seen.rows().first().and_then(|row| row.get("target")).cloned().unwrap_or_default();
    let read_back = match target.get(FILTER_ID).and_then(Value::as_str) {
        Some(read_back) if read_back.eq_ignore_ascii_case(filter) => "the filter",
        Some(_) => "another",
        None => "null",
    };
    let kind = target.get(FILTER_TYPE).and_then(Value::as_str).unwrap_or("null");
    access.observe(id, format!("{read_back}, {kind}"));
    Ok(())
}

fn filtered(row: Value, filter: &str, kind: &str) -> Value {
    let row = with_property(row, "/target", FILTER_ID, json!(filter));
    with_property(row, "/target", FILTER_TYPE, json!(kind))
}

/// A filter of Windows 10 and later, and one of another platform.
async fn filters_of_tenant(access: &Access) -> Result<(Option<String>, Option<String>), Halt> {
    let request = Request::get(ApiVersion::Beta, &["deviceManagement", "assignmentFilters"])
        .query("$select", "id,platform,assignmentFilterManagementType");
    let seen = access.send(request).await?;
    let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
    let of_devices =
        |row: &&Value| text(row, "assignmentFilterManagementType").is_none_or(|kind| kind == "devices");
    let is_windows = |row: &Value| text(row, "platform").as_deref() == Some("windows10AndLater");
    let rows: Vec<&Value> = seen.rows().iter().filter(of_devices).collect();
    let windows = rows.iter().find(|row| is_windows(row)).and_then(|row| text(row, "id"));
    let other = rows.iter().find(|row| !is_windows(row)).and_then(|row| text(row, "id"));
    Ok((windows, other))
}
