//! Reads a policy: whether it exists, whether it has the right type, and its assignments.

use std::sync::Arc;
use std::time::Duration;

use crate::graph::types::{self, Group};
use crate::graph::{self, GroupId, PolicyId};
use crate::resources::deadline::{Deadline, DisplayDuration, WaitError};
use crate::resources::report::{self, GraphOperation};
use crate::resources::session::Session;
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, list};
use crate::terraform::stop::StopSignal;
use crate::transport::{Backoff, BackoffDelays};

use super::from_graph::AssignmentRows;
use super::kind::{PolicyKind, WrongType};
use super::live_read::{LiveRead, LiveReadStart};
use super::names::ASSIGNMENTS;
use super::session_records::CollectionRecords;
use super::session_records::policy_records::ReplacementWrite;

pub(super) const READ_PERMISSION: &str = "DeviceManagementConfiguration.Read.All";

/// How long an operation waits for a policy or group that the service does not show yet, because the same apply may have
/// just created it.
pub(super) const NEW_OBJECT_TIMEOUT: Duration = Duration::from_mins(2);

/// A policy and the client to read it with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Policy<'a> {
    pub(super) session: &'a Session,
    /// The session's client with the retry budget of the operation.
    pub(super) client: &'a graph::Client,
    pub(super) kind: &'static PolicyKind,
    pub(super) id: &'a str,
}

impl<'a> Policy<'a> {
    /// The session's records about the policies of the collection.
    pub(super) fn records(self) -> Arc<CollectionRecords> {
        self.session.assignments.collection(self.kind.collection)
    }

    /// The Graph calls for policies of the collection.
    pub(super) fn calls(self) -> graph::Policies<'a> {
        self.client.policies(self.kind.collection)
    }

    /// Describes what this run has written so far, for messages about an operation that wrote nothing. In a replacement
    /// of one policy by another, this run may already have written the other policy.
    pub(super) fn describe_writes(self) -> String {
        match self.records().policies.replacement_write(self.id) {
            None if self.session.assignments.has_written() => {
                "This operation has changed nothing.".to_owned()
            }
            None => "Nothing was written.".to_owned(),
            Some(ReplacementWrite::OldPolicyUnassigned(old_id)) if PolicyId::is_same(&old_id, self.id) => {
                "This run has removed all assignments of the policy, by destroying the old resource."
                    .to_owned()
            }
            Some(ReplacementWrite::OldPolicyUnassigned(old_id)) => format!(
                "This policy was not changed. This run has removed all assignments of policy {old_id}, which \
                 this one replaces."
            ),
            Some(ReplacementWrite::NewPolicyAssigned(new_id)) => format!(
                "This policy was not changed. This run has assigned policy {new_id}, which replaces this one."
            ),
        }
    }

    /// The error for an operation that Terraform stopped before the operation wrote anything.
    pub(super) fn interrupted(self) -> Diagnostic {
        Diagnostic::error(
            format!("Policy {}: the operation was interrupted", self.id),
            format!("Terraform asked the provider to stop. {}", self.describe_writes()),
        )
    }

    pub(super) fn looks_up_groups(self) -> bool {
        self.session.options.look_up_groups
    }

    /// Reads the assignments of a policy that can be assigned: the policy exists and has the right type, and the groups
    /// exist. Waits up to [`NEW_OBJECT_TIMEOUT`] for a policy or group that does not exist, because the same apply may
    /// have just created it.
    pub(super) async fn read_assignable(
        self,
        group_ids: &[GroupId],
        deadline: Deadline<'_>,
        stop: &mut StopSignal,
    ) -> Result<LiveRead, Diagnostics> {
        let has_groups = !group_ids.is_empty();
        let group_ids = if self.looks_up_groups() { group_ids } else { &[] };
        let deadline = deadline.at_most(NEW_OBJECT_TIMEOUT);
        let mut backoff = new_objects_backoff();
        loop {
            let start = LiveReadStart::new(self.client)
                .await
                .map_err(|error| self.read_error("signing in", &error))?;
            let response = self.calls().get_for_assignment(self.id, group_ids).await;
            let not_found_error = match (response.policy, response.assignments) {
                (Ok(policy), rows) => {
                    self.refuse_unassignable(&policy, has_groups)?;
                    let missing = missing_groups(group_ids, response.groups)
                        .map_err(|error| self.read_error("looking up its groups", &error))?;
                    match rows {
                        _ if !missing.is_empty() => self.groups_not_found_error(&missing, deadline),
                        Ok(rows) => return Ok(start.finish(AssignmentRows::new(rows))),
                        Err(error) if error.is_resource_not_found() => {
                            self.assignments_not_found_error(&error)
                        }
                        Err(error) => return Err(self.read_error("reading its assignments", &error)),
                    }
                }
                (Err(error), _) if error.is_resource_not_found() => {
                    self.policy_not_found_error(deadline, &error)
                }
                (Err(error), _) => {
                    return Err(self.read_error("reading it before the first assignment", &error));
                }
            };
            self.wait_before_next_read(deadline, &mut backoff, stop, not_found_error).await?;
        }
    }

    /// Waits for groups that the plan adds, because the same apply may have just created them.
    pub(super) async fn wait_for_groups(
        self,
        group_ids: &[GroupId],
        deadline: Deadline<'_>,
        stop: &mut StopSignal,
    ) -> Result<(), Diagnostics> {
        if !self.looks_up_groups() {
            return Ok(());
        }
        let deadline = deadline.at_most(NEW_OBJECT_TIMEOUT);
        let mut backoff = new_objects_backoff();
        loop {
            let missing = missing_groups(group_ids, self.client.get_groups_by_ids(group_ids).await)
                .map_err(|error| self.read_error("looking up its groups", &error))?;
            if missing.is_empty() {
                return Ok(());
            }
            let not_found_error = self.groups_not_found_error(&missing, deadline);
            self.wait_before_next_read(deadline, &mut backoff, stop, not_found_error).await?;
        }
    }

    /// Waits before the next read of an object that may have just been created. Fails with `not_found_error` if no time
    /// is left.
    async fn wait_before_next_read(
        self,
        deadline: Deadline<'_>,
        backoff: &mut BackoffDelays,
        stop: &mut StopSignal,
        not_found_error: Diagnostics,
    ) -> Result<(), Diagnostics> {
        deadline.wait(backoff.next_delay(), stop).await.map_err(|error| match error {
            WaitError::DeadlineExceeded => not_found_error,
            WaitError::Stopped => self.interrupted().into(),
        })
    }

    /// Reads the assignments, possibly in a `$batch` with other requests. A missing policy is an error.
    pub(super) async fn read_live(self) -> Result<LiveRead, Diagnostics> {
        let live_read = async {
            let start = LiveReadStart::new(self.client).await?;
            Ok(start.finish(self.list().await?))
        };
        live_read.await.map_err(|error| self.read_error("reading its assignments", &error))
    }

    /// Reads the assignments with an individual request.
    pub(super) async fn read_live_unbatched(self) -> Result<LiveRead, graph::Error> {
        let start = LiveReadStart::new(self.client).await?;
        let rows = self.calls().list_assignments_unbatched(self.id).await?;
        Ok(start.finish(AssignmentRows::new(rows)))
    }

    /// Reads the assignments; `None` if the policy does not exist.
    pub(super) async fn read_live_if_exists(self) -> Result<Option<LiveRead>, Diagnostics> {
        let start =
            LiveReadStart::new(self.client).await.map_err(|error| self.read_error("signing in", &error))?;
        let rows = self.rows_if_policy_exists(false).await?;
        Ok(rows.map(|rows| start.finish(rows)))
    }

    /// Lists the assignments; `None` if the policy does not exist.
    ///
    /// Only a 404 for the policy itself proves that the policy does not exist. If the request for its assignments gets
    /// a 404, or returns none although the caller expects some, this function reads the policy as well.
    pub(super) async fn rows_if_policy_exists(
        self,
        expects_rows: bool,
    ) -> Result<Option<AssignmentRows>, Diagnostics> {
        let listed = self.list().await;
        let may_be_gone = match &listed {
            Ok(rows) => expects_rows && rows.is_empty(),
            Err(error) => error.is_resource_not_found(),
        };
        if may_be_gone && !self.exists().await? {
            tracing::info!(
                resource_type = self.kind.resource_type,
                policy_id = self.id,
                "the policy is gone"
            );
            return Ok(None);
        }
        listed.map(Some).map_err(|error| {
            if may_be_gone {
                self.assignments_not_found_error(&error)
            } else {
                self.read_error("reading its assignments", &error)
            }
        })
    }

    /// Fails if the policy does not exist or is of another type.
    pub(super) async fn check_type(self) -> Result<(), Diagnostics> {
        let policy = self.calls().get(self.id).await;
        let policy = policy.map_err(|error| self.read_error("reading it", &error))?;
        Ok(self.refuse_unassignable(&policy, false)?)
    }

    /// Returns an error if the policy is of another type, or if `has_groups` is true and the policy refuses groups.
    /// Records the name of the policy.
    pub(super) fn refuse_unassignable(
        self,
        policy: &types::Policy,
        has_groups: bool,
    ) -> Result<(), Diagnostic> {
        self.records().policies.record_name(self.id, policy.label());
        if let Some(other) = (self.kind.find_wrong_type)(policy) {
            return Err(self.wrong_type_error(policy, &other));
        }
        self.refuse_groups(policy, has_groups)
    }

    fn wrong_type_error(self, policy: &types::Policy, other: &WrongType) -> Diagnostic {
        let WrongType { summary, actual, expected, how_to_create } = other;
        let (id, name) = (self.id, policy.quoted_name());
        let detail = format!(
            "Policy {id} ({name}) is of {actual}. This resource manages only policies of the {expected}.\nNext: use \
             the id of a policy that was made {how_to_create}. This policy was not changed."
        );
        Diagnostic::error(*summary, detail).at(AttributePath::root(self.kind.id_attribute))
    }

    fn refuse_groups(self, policy: &types::Policy, has_groups: bool) -> Result<(), Diagnostic> {
        if !has_groups || policy.disable_entra_group_policy_assignment != Some(true) {
            return Ok(());
        }
        let name = policy.quoted_name();
        let diagnostic = Diagnostic::error(
            format!("Policy {} cannot be assigned to groups", self.id),
            format!(
                "The policy ({name}) has disableEntraGroupPolicyAssignment set: the policy targets devices through \
                 Defender for Endpoint, and Intune refuses Entra groups for it. {}\nNext: leave the groups out, or \
                 use a policy without this restriction.",
                self.describe_writes()
            ),
        );
        Err(diagnostic.at(AttributePath::root(ASSIGNMENTS)))
    }

    /// Lists the assignments of the policy.
    pub(super) async fn list(self) -> Result<AssignmentRows, graph::Error> {
        self.calls().list_assignments(self.id).await.map(AssignmentRows::new)
    }

    /// Whether the policy exists.
    pub(super) async fn exists(self) -> Result<bool, Diagnostics> {
        match self.calls().get(self.id).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_resource_not_found() => Ok(false),
            Err(error) => Err(self.read_error("checking whether it still exists", &error)),
        }
    }

    /// The error if Graph returns the policy but answers 404 for its assignments.
    fn assignments_not_found_error(self, error: &graph::Error) -> Diagnostics {
        let request = error.call().map(|call| report::request_line(call, error.code())).unwrap_or_default();
        Diagnostic::error(
            format!("Policy {}: its assignments cannot be found", self.id),
            format!(
                "Intune returns the policy, but answers 404 for its assignments.\n{request}\nNext: run the \
                 command again; if the error persists, please report it with the line above. {}",
                self.describe_writes()
            ),
        )
        .into()
    }

    fn policy_not_found_error(self, deadline: Deadline<'_>, error: &graph::Error) -> Diagnostics {
        let request = error.call().map(|call| report::request_line(call, error.code())).unwrap_or_default();
        let diagnostic = Diagnostic::error(
            format!("Policy {} does not exist", self.id),
            format!(
                "Intune still has no such policy after {}. A new policy normally appears earlier.\n{request}\nNext: \
                 check {}, and whether the token belongs to the right tenant. {}",
                DisplayDuration(deadline.limit()),
                self.kind.id_attribute,
                self.describe_writes()
            ),
        );
        diagnostic.at(AttributePath::root(self.kind.id_attribute)).into()
    }

    fn groups_not_found_error(self, missing: &[GroupId], deadline: Deadline<'_>) -> Diagnostics {
        let (summary, ids) = match missing {
            [id] => (format!("Group {id} does not exist"), String::new()),
            _ => (
                format!("{} groups do not exist", missing.len()),
                list(missing.iter().map(ToString::to_string)),
            ),
        };
        let detail = format!(
            "{ids}The directory still has no such group after {}. A new group normally appears earlier.\nNext: correct \
             the id in assignments, or check whether the token belongs to the right tenant. {}",
            DisplayDuration(deadline.limit()),
            self.describe_writes()
        );
        Diagnostic::error(summary, detail).at(AttributePath::root(ASSIGNMENTS)).into()
    }

    /// The error for a failed read. `action` follows "while" in the message: `reading its assignments`.
    pub(super) fn read_error(self, action: &str, error: &graph::Error) -> Diagnostics {
        if error.is_cancelled() {
            return self.interrupted().into();
        }
        let object = format!("policy {}", self.id);
        let operation = GraphOperation {
            object: &object,
            action,
            permission: READ_PERMISSION,
            outcome: "The state is unchanged.",
        };
        report::graph_error(operation, error).into()
    }
}

fn new_objects_backoff() -> BackoffDelays {
    Backoff::new(Duration::from_secs(1), Duration::from_secs(15)).delays()
}

/// Returns the groups that do not exist. If Graph refused the look-up, returns none, because the permission is
/// optional.
///
/// # Errors
/// The look-up failed, so it is not known which groups exist.
fn missing_groups(
    group_ids: &[GroupId],
    existing: Result<Vec<Group>, graph::Error>,
) -> Result<Vec<GroupId>, graph::Error> {
    let existing = match existing {
        Ok(groups) => groups,
        Err(error) if is_refused(&error) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let exists = |id: &GroupId| existing.iter().any(|group| GroupId::is_same(&group.id, id.as_str()));
    Ok(group_ids.iter().filter(|id| !exists(id)).cloned().collect())
}

/// Whether Graph refused the request permanently and would refuse a retry, too.
fn is_refused(error: &graph::Error) -> bool {
    error.object().is_some() && !error.is_throttled() && error.status().is_some_and(|status| status < 500)
}
