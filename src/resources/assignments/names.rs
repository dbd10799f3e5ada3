//! The names of Terraform's attributes and of Graph's target types.

pub(super) const ID: &str = "id";
pub(super) const ASSIGNMENTS: &str = "assignments";
pub(super) const OVERWRITE_EXISTING: &str = "overwrite_existing";
pub(super) const SKIP_DESTROY: &str = "skip_destroy";
pub(super) const ASSIGNMENT_IDS: &str = "assignment_ids";
pub(super) const INHERITED_ASSIGNMENTS: &str = "inherited_assignments";

pub(super) const TYPE: &str = "type";
pub(super) const GROUP_ID: &str = "group_id";
pub(super) const COLLECTION_ID: &str = "collection_id";
pub(super) const FILTER_ID: &str = "filter_id";
pub(super) const FILTER_TYPE: &str = "filter_type";
pub(super) const SOURCE: &str = "source";
pub(super) const SOURCE_ID: &str = "source_id";

pub(super) const ALL_DEVICES: &str = "allDevicesAssignmentTarget";
pub(super) const ALL_LICENSED_USERS: &str = "allLicensedUsersAssignmentTarget";
/// A group that gets the policy.
pub const GROUP: &str = "groupAssignmentTarget";
/// A group that does not get the policy. Such a target cannot have a filter.
pub const EXCLUSION_GROUP: &str = "exclusionGroupAssignmentTarget";
pub(super) const COLLECTION: &str = "configurationManagerCollectionAssignmentTarget";

/// The target types that this version can write, by Graph's names without namespace.
pub(super) const TARGET_TYPES: &[&str] =
    &[ALL_DEVICES, ALL_LICENSED_USERS, GROUP, EXCLUSION_GROUP, COLLECTION];
