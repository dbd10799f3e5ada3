//! `defender_group`: an Entra group by its id or its name, and how many members it has.

use async_trait::async_trait;

use crate::graph;
use crate::graph::groups::MemberType;
use crate::graph::types::Group;
use crate::resources::session::Session;
use crate::terraform::data_source::{DataSource, DataSourceCall};
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::schema::{Attribute, Presence, Schema};
use crate::terraform::ty::Type;
use crate::terraform::value::Value;

use super::attributes::{computed, computed_number, computed_text, schema};
use super::id_or_name::{ID, LookupKey, LookupTexts, is_same_name};
use super::read_context::{GROUP_PERMISSION, ReadContext, Subject};
use super::values::{boolean, complete, configured, number, text};

const DISPLAY_NAME: &str = "display_name";
const COUNT_MEMBERS: &str = "count_members";
const DEVICE_COUNT: &str = "device_count";
const USER_COUNT: &str = "user_count";

const TEXTS: LookupTexts = LookupTexts {
    object: "group",
    objects: "groups",
    name_attribute: DISPLAY_NAME,
    place: "The directory",
    id_source: "The Microsoft Entra admin center shows it as \"Object ID\" on the group's Overview page. To look up \
                the group by its name, set display_name instead.",
};

/// The data source.
#[derive(Debug)]
pub struct GroupDataSource;

/// How many members a group has. `None` if the permission is missing or the members were not counted.
#[derive(Debug, Clone, Copy, Default)]
struct MemberCounts {
    devices: Option<i64>,
    users: Option<i64>,
}

#[async_trait]
impl DataSource for GroupDataSource {
    type Session = Session;

    fn type_name(&self) -> &'static str {
        "defender_group"
    }

    fn schema(&self) -> Schema {
        let [id, name] = TEXTS.attributes(
            "Object id (GUID) of the group. Set either `id` or `display_name`.",
            "Name of the group (case-insensitive). Set either `id` or `display_name`.",
        );
        let mut attributes = vec![id, name];
        attributes.extend([
            Attribute::new(
                COUNT_MEMBERS,
                Type::Bool,
                Presence::Optional,
                "Whether to count the members, which takes two more requests for each group. Default: `true`.",
            ),
            computed("security_enabled", Type::Bool, "Whether the group is a security group."),
            computed_text("membership_rule", "The rule of a dynamic group; null for a group with assigned members."),
            computed_number(
                DEVICE_COUNT,
                "How many devices of the directory are members, directly or through other groups. Null if the permission \
                 is missing or `count_members` is `false`.",
            ),
            computed_number(
                USER_COUNT,
                "How many users are members, directly or through other groups. Null if the permission is missing or \
                 `count_members` is `false`.",
            ),
        ]);
        schema(
            "Finds an Entra group by its name or its id. The look-up fails if no group or more than one has that \
             name, so that a group never disappears from an assignment unnoticed.\n\nIf you already use the azuread \
             provider, prefer its data source `azuread_group`, which returns more attributes.\n\nLeast permission: \
             `GroupMember.Read.All`. Some tenants also require `Device.Read.All` and `User.Read.All` to count devices \
             and users.",
            attributes,
        )
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        TEXTS.validate(config)
    }

    async fn read(
        &self,
        call: &mut DataSourceCall<'_, Session>,
        config: &Value,
    ) -> Result<Value, Diagnostics> {
        let key = TEXTS.lookup_key(config);
        let must_count = config.attribute(COUNT_MEMBERS).and_then(Value::as_bool) != Some(false);
        let context = ReadContext::new(call, config);
        let object = TEXTS.describe(&key);
        let subject = Subject { object: &object, permission: GROUP_PERMISSION };
        let reading = Box::pin(look_up(&context, subject, &key, must_count));
        let (group, results) = context.within_deadline(subject, reading).await?;
        let counts = collect_counts(&context, results, &mut call.warnings)
            .map_err(|error| context.request_failed(subject, &error))?;
        Ok(complete(
            config,
            [
                (ID, Value::string(configured(config, ID).unwrap_or(&group.id))),
                (DISPLAY_NAME, text(configured(config, DISPLAY_NAME).or(group.display_name.as_deref()))),
                ("security_enabled", boolean(group.security_enabled)),
                ("membership_rule", text(group.membership_rule.as_deref())),
                (DEVICE_COUNT, number(counts.devices)),
                (USER_COUNT, number(counts.users)),
            ],
        ))
    }
}

/// The results of counting devices and users; `None` if they were not counted.
type CountResults = [(MemberType, Option<Result<u64, graph::Error>>); 2];

/// Finds the group and counts its members.
async fn look_up(
    context: &ReadContext<'_>,
    subject: Subject<'_>,
    key: &LookupKey,
    must_count: bool,
) -> Result<(Group, CountResults), Diagnostics> {
    if let LookupKey::Id(id) = key {
        // The counts need only the id, so they can share a batch with the request for the group.
        let (group, results) = tokio::join!(find(context, subject, key), count(context, id, must_count));
        return Ok((group?, results));
    }
    let group = find(context, subject, key).await?;
    let results = count(context, &group.id, must_count).await;
    Ok((group, results))
}

/// Finds the group. After many look-ups in this session, searches the list of all groups first. Requests the group
/// individually if the list is not used or does not contain the group.
async fn find(
    context: &ReadContext<'_>,
    subject: Subject<'_>,
    key: &LookupKey,
) -> Result<Group, Diagnostics> {
    let list = &context.session.lists.groups;
    if list.is_one_of_many() {
        let groups = context.list(list, context.client.list_groups()).await;
        let groups = groups.map_err(|error| context.request_failed(subject, &error))?;
        let found = find_matching(key, &groups);
        if !found.is_empty() {
            return TEXTS.require_one(key, found, id_and_name);
        }
    }
    match key {
        LookupKey::Id(id) => match context.client.get_group(id).await {
            Ok(group) => Ok(group),
            Err(error) if error.is_directory_object_not_found() => Err(TEXTS.not_found(key, &[])),
            Err(error) => Err(context.request_failed(subject, &error)),
        },
        LookupKey::Name(name) => {
            let found = context.client.find_groups(name).await;
            let found = found.map_err(|error| context.request_failed(subject, &error))?;
            TEXTS.require_one(key, find_matching(key, &found), id_and_name)
        }
    }
}

fn find_matching(key: &LookupKey, groups: &[Group]) -> Vec<Group> {
    let matches = |group: &&Group| match key {
        LookupKey::Id(id) => group.id.eq_ignore_ascii_case(id),
        LookupKey::Name(name) => is_same_name(group.display_name.as_deref(), name),
    };
    groups.iter().filter(matches).cloned().collect()
}

fn id_and_name(group: &Group) -> (&str, &str) {
    (&group.id, group.display_name.as_deref().unwrap_or_default())
}

/// Counts devices and users. Skips a count if the session has already found that its permission is missing.
async fn count(context: &ReadContext<'_>, id: &str, must_count: bool) -> CountResults {
    let count_type = async |members: MemberType| {
        let lacks_permission = context.session.reported.has(refusal_cause(members));
        if !must_count || lacks_permission {
            return (members, None);
        }
        (members, Some(context.client.count_transitive_members(id, members).await))
    };
    let (devices, users) = tokio::join!(count_type(MemberType::Device), count_type(MemberType::User));
    [devices, users]
}

/// Converts the results to counts. Warns about a missing permission once per session.
fn collect_counts(
    context: &ReadContext<'_>,
    results: CountResults,
    warnings: &mut Diagnostics,
) -> Result<MemberCounts, graph::Error> {
    let mut refused = Vec::new();
    let mut to_count = |(members, result): (MemberType, Option<Result<u64, graph::Error>>)| match result {
        None => Ok(None),
        Some(Ok(count)) => Ok(i64::try_from(count).ok()),
        Some(Err(error)) if error.is_forbidden() => {
            if context.session.reported.record(refusal_cause(members), "").is_none() {
                refused.push(members);
            }
            Ok(None)
        }
        Some(Err(error)) => Err(error),
    };
    let [devices, users] = results;
    let counts = MemberCounts { devices: to_count(devices)?, users: to_count(users)? };
    if !refused.is_empty() {
        warnings.push(not_counted(&refused));
    }
    Ok(counts)
}

/// The cause under which the session records that it lacks the permission to count these members.
fn refusal_cause(members: MemberType) -> &'static str {
    match members {
        MemberType::Device => "counts of devices",
        MemberType::User => "counts of users",
    }
}

fn not_counted(refused: &[MemberType]) -> Diagnostic {
    let (attributes, permissions): (Vec<_>, Vec<_>) = refused
        .iter()
        .map(|members| match members {
            MemberType::Device => (DEVICE_COUNT, "Device.Read.All"),
            MemberType::User => (USER_COUNT, "User.Read.All"),
        })
        .unzip();
    Diagnostic::warning(
        "Members of groups could not be counted",
        format!(
            "Microsoft Graph refused to count members, so these attributes are null for all groups of this run: \
             {}.\nNext: grant {} to the identity that signed in, or set {COUNT_MEMBERS} = false if the counts are not \
             needed.",
            attributes.join(" and "),
            permissions.join(" and ")
        ),
    )
}
