//! `defender_group`: a group of the directory by its id or its name, and how many members it has.

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
use super::id_or_name::{ID, IdOrName, LookupKey, is_same_name};
use super::read_context::{GROUP_PERMISSION, ReadContext, Subject};
use super::values::{boolean, completed, configured, number, text};

const DISPLAY_NAME: &str = "display_name";
const COUNT_MEMBERS: &str = "count_members";
const DEVICE_COUNT: &str = "device_count";
const USER_COUNT: &str = "user_count";

const TEXTS: IdOrName = IdOrName {
    object: "group",
    objects: "groups",
    name_attribute: DISPLAY_NAME,
    place: "The directory",
    id_source: "The Microsoft Entra admin center shows it as \"Object ID\" on the group's Overview page. To look it up by its name, set display_name instead.",
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
        let counts = config.attribute(COUNT_MEMBERS).and_then(Value::as_bool) != Some(false);
        let context = ReadContext::new(call, config);
        let object = TEXTS.described(&key);
        let subject = Subject { object: &object, permission: GROUP_PERMISSION };
        let reading = Box::pin(look_up(&context, subject, &key, counts));
        let (group, members) = context.within_deadline(subject, reading).await?;
        let members = known_counts(&context, members, &mut call.warnings)
            .map_err(|error| context.failed(subject, &error))?;
        Ok(completed(
            config,
            [
                (ID, Value::string(configured(config, ID).unwrap_or(&group.id))),
                (DISPLAY_NAME, text(configured(config, DISPLAY_NAME).or(group.display_name.as_deref()))),
                ("security_enabled", boolean(group.security_enabled)),
                ("membership_rule", text(group.membership_rule.as_deref())),
                (DEVICE_COUNT, number(members.devices)),
                (USER_COUNT, number(members.users)),
            ],
        ))
    }
}

/// The results of counting devices and users; `None` if they were not counted.
type Counted = [(MemberType, Option<Result<u64, graph::Error>>); 2];

/// The group, and the counts of its members.
async fn look_up(
    context: &ReadContext<'_>,
    subject: Subject<'_>,
    key: &LookupKey,
    counts: bool,
) -> Result<(Group, Counted), Diagnostics> {
    if let LookupKey::Id(id) = key {
        // The counts need no name, so they can share a request with the group.
        let (group, counted) = tokio::join!(find(context, subject, key), count(context, id, counts));
        return Ok((group?, counted));
    }
    let group = find(context, subject, key).await?;
    let counted = count(context, &group.id, counts).await;
    Ok((group, counted))
}

/// Finds the group. One of many look-ups uses the list of all groups, if the list has the group; otherwise the group is
/// requested individually.
async fn find(
    context: &ReadContext<'_>,
    subject: Subject<'_>,
    key: &LookupKey,
) -> Result<Group, Diagnostics> {
    let list = &context.session.lists.groups;
    if list.is_one_of_many() {
        let groups = context.list(list, context.client.list_groups()).await;
        let groups = groups.map_err(|error| context.failed(subject, &error))?;
        let found = matching(key, &groups);
        if !found.is_empty() {
            return TEXTS.only(key, found, id_and_name);
        }
    }
    match key {
        LookupKey::Id(id) => match context.client.get_group(id).await {
            Ok(group) => Ok(group),
            Err(error) if error.is_directory_object_not_found() => Err(TEXTS.none_found(key, &[])),
            Err(error) => Err(context.failed(subject, &error)),
        },
        LookupKey::Name(name) => {
            let found = context.client.find_groups(name).await;
            let found = found.map_err(|error| context.failed(subject, &error))?;
            TEXTS.only(key, matching(key, &found), id_and_name)
        }
    }
}

fn matching(key: &LookupKey, groups: &[Group]) -> Vec<Group> {
    let matches = |group: &&Group| match key {
        LookupKey::Id(id) => group.id.eq_ignore_ascii_case(id),
        LookupKey::Name(name) => is_same_name(group.display_name.as_deref(), name),
    };
    groups.iter().filter(matches).cloned().collect()
}

fn id_and_name(group: &Group) -> (&str, &str) {
    (&group.id, group.display_name.as_deref().unwrap_or_default())
}

/// Counts devices and users, unless the session knows that the permission is missing.
async fn count(context: &ReadContext<'_>, id: &str, counts: bool) -> Counted {
    let one = async |members: MemberType| {
        let is_refused = context.session.reported.has(cause(members));
        if !counts || is_refused {
            return (members, None);
        }
        (members, Some(context.client.count_transitive_members(id, members).await))
    };
    let (devices, users) = tokio::join!(one(MemberType::Device), one(MemberType::User));
    [devices, users]
}

/// The counts, with one warning in a session for each permission that is missing.
fn known_counts(
    context: &ReadContext<'_>,
    counted: Counted,
    warnings: &mut Diagnostics,
) -> Result<MemberCounts, graph::Error> {
    let mut refused = Vec::new();
    let mut known = |(members, counted): (MemberType, Option<Result<u64, graph::Error>>)| match counted {
        None => Ok(None),
        Some(Ok(count)) => Ok(i64::try_from(count).ok()),
        Some(Err(error)) if error.is_forbidden() => {
            if context.session.reported.record(cause(members), "").is_none() {
                refused.push(members);
            }
            Ok(None)
        }
        Some(Err(error)) => Err(error),
    };
    let [devices, users] = counted;
    let counts = MemberCounts { devices: known(devices)?, users: known(users)? };
    if !refused.is_empty() {
        warnings.push(not_counted(&refused));
    }
    Ok(counts)
}

fn cause(members: MemberType) -> &'static str {
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
            "Microsoft Graph refused the counts, so {} of all groups of this run is null.\nNext: grant {} to the identity \
             that signed in, or set {COUNT_MEMBERS} = false if the counts are not needed.",
            attributes.join(" and "),
            permissions.join(" and ")
        ),
    )
}
