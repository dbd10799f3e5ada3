//! The names of attributes, and the allowed values of some of them.

pub(super) const ID: &str = "id";
pub(super) const DISPLAY_NAME: &str = "display_name";
pub(super) const DESCRIPTION: &str = "description";
pub(super) const SCOPE_TAGS: &str = "role_scope_tag_ids";
pub(super) const ALLOW_SAMPLE_SHARING: &str = "allow_sample_sharing";
pub(super) const EXPEDITED_TELEMETRY: &str = "enable_expedited_telemetry_reporting";
pub(super) const PACKAGE: &str = "package";
pub(super) const BLOB: &str = "package_blob_wo";
pub(super) const BLOB_VERSION: &str = "package_blob_wo_version";
pub(super) const FILENAME: &str = "package_filename";
pub(super) const APPLICABILITY_RULES: &str = "applicability_rules";
pub(super) const OS_EDITION: &str = "os_edition";
pub(super) const OS_EDITION_TYPES: &str = "os_edition_types";
pub(super) const OS_VERSION: &str = "os_version";
pub(super) const MIN_OS_VERSION: &str = "min_os_version";
pub(super) const MAX_OS_VERSION: &str = "max_os_version";
pub(super) const NAME: &str = "name";
pub(super) const RULE_TYPE: &str = "rule_type";
pub(super) const FORCE_DESTROY: &str = "force_destroy";
pub(super) const VERSION: &str = "version";
pub(super) const CREATED: &str = "created_date_time";
pub(super) const LAST_MODIFIED: &str = "last_modified_date_time";

/// The allowed values of [`PACKAGE`].
pub(super) const PACKAGES: &[&str] = &["auto_from_connector", "onboarding", "offboarding"];

/// The allowed values of [`RULE_TYPE`].
pub(super) const RULE_TYPES: &[&str] = &["include", "exclude"];
