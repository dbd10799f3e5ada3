//! Looking at a policy: whether it exists, whether it is the right one, and who has it.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::graph;
use crate::graph::types::{DeviceConfiguration, Group};
use crate::resources::deadline::{Backoff, Cut, Deadline, Printed};
use crate::resources::report::{self, Doing};
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::stop::StopSignal;

use super::from_graph::Rows;
use super::messages::interrupted;
use super::names::{ASSIGNMENTS, DEVICE_CONFIGURATION_ID};

pub(super) const READ_PERMISSION: &str = "DeviceManagementConfiguration.Read.All";

/// How long reads may lag behind a write.
pub(super) const PATIENCE_FOR_STALE_READS: Duration = Duration::from_secs(30);

/// How long a write waits for a policy or group that the service does not know yet: it may have been made seconds ago
/// in the same apply.
const PATIENCE_FOR_NEW_OBJECTS: Duration = Duration::from_mins(2);

/// A policy by its id, and the client to look at it with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Policy<'a> {
    pub(super) client: &'a graph::Client,
    pub(super) id: &'a str,
}

impl<'a> Policy<'a> {
    pub(super) fn new(client: &'a graph::Client, id: &'a str) -> Self {
        Self { client, id }
    }

    /// The rows of a policy that may be assigned: it exists, if need be after a while, has the right type, and so do
    /// the groups that are to get it.
    pub(super) async fn find(
        self,
        group_ids: &[String],
        deadline: Deadline<'_>,
        stop: &mut StopSignal,
    ) -> Result<Rows, Diagnostics> {
        let patience = deadline.at_most(PATIENCE_FOR_NEW_OBJECTS);
        let mut backoff = new_objects_backoff();
        loop {
            let found = self.client.get_policy_for_assignment(self.id, group_ids).await;
            let absent = match found.policy {
                Ok(policy) => {
                    self.refuse_other_types(&policy)?;
                    let missing = missing_groups(group_ids, found.groups)
                        .map_err(|error| self.unreadable("looking up its groups", &error))?;
                    if missing.is_empty() {
                        let rows = found.assignments;
                        return rows
                            .map(Rows::new)
                            .map_err(|error| self.unreadable("reading its assignments", &error));
                    }
                    groups_not_found(&missing, patience)
                }
                Err(error) if error.is_resource_not_found() => self.not_found(patience, &error),
                Err(error) => {
                    return Err(self.unreadable("looking at it before the first assignment", &error));
                }
            };
            self.wait_for(patience, &mut backoff, stop, absent).await?;
        }
    }

    /// Waits for groups that enter the set: they may have been made seconds ago in the same apply.
    pub(super) async fn wait_for_groups(
        self,
        group_ids: &[String],
        deadline: Deadline<'_>,
        stop: &mut StopSignal,
    ) -> Result<(), Diagnostics> {
        let patience = deadline.at_most(PATIENCE_FOR_NEW_OBJECTS);
        let mut backoff = new_objects_backoff();
        loop {
            let missing = missing_groups(group_ids, self.client.get_groups_by_ids(group_ids).await)
                .map_err(|error| self.unreadable("looking up its groups", &error))?;
            if missing.is_empty() {
                return Ok(());
            }
            self.wait_for(patience, &mut backoff, stop, groups_not_found(&missing, patience)).await?;
        }
    }

    /// The rows once they show what this session has written itself; reads may lag behind it. If they never do,
    /// somebody else has changed the policy, and the guard decides.
    pub(super) async fn caught_up(
        self,
        mut live: Rows,
        last_set: Option<BTreeSet<String>>,
        deadline: Deadline<'_>,
        stop: &mut StopSignal,
    ) -> Rows {
        let Some(last_set) = last_set else { return live };
        let patience = deadline.at_most(PATIENCE_FOR_STALE_READS);
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(8));
        while live.printed() != last_set && patience.wait(backoff.next(), stop).await.is_ok() {
            live = self.list().await.unwrap_or(live);
        }
        live
    }

    /// One turn of waiting; `absent` once there is no time left.
    async fn wait_for(
        self,
        patience: Deadline<'_>,
        backoff: &mut Backoff,
        stop: &mut StopSignal,
        absent: Diagnostics,
    ) -> Result<(), Diagnostics> {
        patience.wait(backoff.next(), stop).await.map_err(|cut| match cut {
            Cut::Deadline => absent,
            Cut::Stop => interrupted(self.id).into(),
        })
    }

    /// The rows; a missing policy is an error.
    pub(super) async fn rows(self) -> Result<Rows, Diagnostics> {
        self.list().await.map_err(|error| self.unreadable("reading its assignments", &error))
    }

    /// The rows, or `None` if the policy is certainly gone.
    ///
    /// Only a 404 of the policy itself says so. A 404 of its assignments, or none where some are expected, is reason
    /// to ask for the policy.
    pub(super) async fn rows_if_it_exists(self, expects_rows: bool) -> Result<Option<Rows>, Diagnostics> {
        let listed = self.list().await;
        let doubtful = match &listed {
            Ok(rows) => expects_rows && rows.is_empty(),
            Err(error) => error.is_resource_not_found(),
        };
        if doubtful && !self.exists().await? {
            tracing::info!(device_configuration_id = self.id, "the policy is gone");
            return Ok(None);
        }
        listed.map(Some).map_err(|error| {
            if doubtful {
                self.without_assignments(&error)
            } else {
                self.unreadable("reading its assignments", &error)
            }
        })
    }

    /// Refuses a policy that is missing or of another type.
    pub(super) async fn check_type(self) -> Result<(), Diagnostics> {
        let policy = self.client.get_device_configuration(self.id).await;
        self.refuse_other_types(&policy.map_err(|error| self.unreadable("looking at it", &error))?)
    }

    pub(super) async fn list(self) -> Result<Rows, graph::Error> {
        self.client.list_assignments(self.id).await.map(Rows::new)
    }

    pub(super) async fn exists(self) -> Result<bool, Diagnostics> {
        match self.client.get_device_configuration(self.id).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_resource_not_found() => Ok(false),
            Err(error) => Err(self.unreadable("checking whether it still exists", &error)),
        }
    }

    /// The policy exists, and the service says that its assignments do not.
    fn without_assignments(self, error: &graph::Error) -> Diagnostics {
        let place = error.call().map(|call| report::request_line(call, error.code())).unwrap_or_default();
        Diagnostic::error(
            format!("Policy {}: its assignments cannot be found", self.id),
            format!(
                "Intune has the policy, and answers that it does not have its assignments.\n{place}\nNext: run the \
                 command again; if it stays, please report it with the line above. Nothing was written, and the \
                 state is unchanged."
            ),
        )
        .into()
    }

    fn refuse_other_types(self, policy: &DeviceConfiguration) -> Result<(), Diagnostics> {
        if policy.is_defender_atp() { Ok(()) } else { Err(other_type(self.id, policy).into()) }
    }

    fn not_found(self, patience: Deadline<'_>, error: &graph::Error) -> Diagnostics {
        let place = error.call().map(|call| report::request_line(call, error.code())).unwrap_or_default();
        let diagnostic = Diagnostic::error(
            format!("Policy {} does not exist", self.id),
            format!(
                "Intune does not know it, also after waiting up to {} for a policy that was made just now.\n{place}\n\
                 Next: check device_configuration_id, and whether the token belongs to the right tenant. Nothing was \
                 changed.",
                Printed(patience.limit())
            ),
        );
        diagnostic.at(AttributePath::root(DEVICE_CONFIGURATION_ID)).into()
    }

    pub(super) fn unreadable(self, action: &str, error: &graph::Error) -> Diagnostics {
        if error.is_cancelled() {
            return interrupted(self.id).into();
        }
        let object = format!("policy {}", self.id);
        let doing = Doing {
            object: &object,
            action,
            permission: READ_PERMISSION,
            outcome: "The state is unchanged.",
        };
        report::graph_error(doing, error).into()
    }
}

/// A policy of another type than this resource manages.
pub(super) fn other_type(id: &str, policy: &DeviceConfiguration) -> Diagnostic {
    let name = policy.display_name.as_deref().unwrap_or("without a name");
    let diagnostic = Diagnostic::error(
        "The policy is not a Defender for Endpoint onboarding policy",
        format!(
            "Policy {id} ({name:?}) is of the type {}. This resource manages policies of the type \
             windowsDefenderAdvancedThreatProtectionConfiguration only.\nNext: use the id of a policy that was made \
             with the profile type \"Microsoft Defender for Endpoint\". Nothing was changed.",
            policy.type_name().unwrap_or("unknown"),
        ),
    );
    diagnostic.at(AttributePath::root(DEVICE_CONFIGURATION_ID))
}

fn new_objects_backoff() -> Backoff {
    Backoff::new(Duration::from_secs(1), Duration::from_secs(15))
}

/// Which of the groups are certainly absent.
///
/// # Errors
/// The service failed, so nothing is known. A refusal is no such error: the permission is optional.
fn missing_groups(
    group_ids: &[String],
    found: Result<Vec<Group>, graph::Error>,
) -> Result<Vec<String>, graph::Error> {
    let found = match found {
        Ok(found) => found,
        Err(error) if is_refused(&error) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let is_there = |id: &String| found.iter().any(|group| group.id.eq_ignore_ascii_case(id));
    Ok(group_ids.iter().filter(|id| !is_there(id)).cloned().collect())
}

/// Whether the service understood and declined, which it would do again.
fn is_refused(error: &graph::Error) -> bool {
    error.object().is_some() && !error.is_throttled() && error.status().is_some_and(|status| status < 500)
}

fn groups_not_found(missing: &[String], patience: Deadline<'_>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for id in missing {
        let diagnostic = Diagnostic::error(
            format!("Group {id} does not exist"),
            format!(
                "The directory does not know it, also after waiting up to {} for a group that was made just now.\n\
                 Next: correct the id in assignments, or check whether the token belongs to the right tenant. Nothing \
                 was changed.",
                Printed(patience.limit())
            ),
        );
        diagnostics.push(diagnostic.at(AttributePath::root(ASSIGNMENTS)));
    }
    diagnostics
}
