//! Looking at a policy: whether it exists, whether it is the right one, and what it is assigned to.

use std::time::Duration;

use tokio::time::Instant;

use crate::graph::types::{DeviceConfiguration, Group};
use crate::graph::{self, HeldToken};
use crate::resources::deadline::{Cut, Deadline, Printed};
use crate::resources::policy_records::OtherLeg;
use crate::resources::report::{self, GraphOperation};
use crate::resources::session::Session;
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::stop::StopSignal;
use crate::transport::{Backoff, BackoffDelays};

use super::from_graph::Rows;
use super::names::{ASSIGNMENTS, DEVICE_CONFIGURATION_ID};

pub(super) const READ_PERMISSION: &str = "DeviceManagementConfiguration.Read.All";

/// How long a create waits for a policy or group that the service does not know yet: it may have been made seconds ago
/// in the same apply.
pub(super) const TIME_FOR_NEW_OBJECTS: Duration = Duration::from_mins(2);

/// How old a look may be when the write goes out.
const FRESH: Duration = Duration::from_secs(1);

/// A policy by its id, and the client to look at it with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Policy<'a> {
    pub(super) session: &'a Session,
    /// The session's client with the time limit of the operation.
    pub(super) client: &'a graph::Client,
    pub(super) id: &'a str,
}

/// The rows of a policy at a moment, and what a write needs that follows it: a token that was in hand before, and the
/// means to see whether anything has come in between.
#[derive(Debug, Clone)]
pub(super) struct Look {
    pub(super) rows: Rows,
    pub(super) token: HeldToken,
    began: Instant,
    interruptions: u32,
}

/// What is known before the rows are.
struct LookStart {
    token: HeldToken,
    began: Instant,
    interruptions: u32,
}

impl LookStart {
    fn with(self, rows: Vec<graph::types::Assignment>) -> Look {
        let Self { token, began, interruptions } = self;
        Look { rows: Rows::new(rows), token, began, interruptions }
    }
}

impl Look {
    /// Whether no pause, no repetition and no refused token has come since its first request.
    pub(super) fn is_undisturbed(&self, client: &graph::Client) -> bool {
        client.interruptions() == self.interruptions
    }

    /// Whether its first request was sent no more than a second ago.
    pub(super) fn is_fresh(&self, client: &graph::Client) -> bool {
        client.clock().now().saturating_duration_since(self.began) <= FRESH
    }
}

impl<'a> Policy<'a> {
    pub(super) fn new(session: &'a Session, client: &'a graph::Client, id: &'a str) -> Self {
        Self { session, client, id }
    }

    /// What this run has written, for a message about something that was not done. Another policy of the run may be the
    /// other leg of a replacement, which Terraform does not always show.
    pub(super) fn unwritten(self) -> String {
        match self.session.policies.other_leg(self.id) {
            None if self.session.policies.has_written() => "This operation has sent nothing.".to_owned(),
            None => "Nothing was written.".to_owned(),
            Some(OtherLeg::Emptied(emptied)) if emptied.eq_ignore_ascii_case(self.id) => {
                "This run has removed all assignments of the policy, by destroying the old resource."
                    .to_owned()
            }
            Some(OtherLeg::Emptied(emptied)) => format!(
                "Nothing was sent to this policy. This run has removed all assignments of policy {emptied}, which \
                 this one replaces."
            ),
            Some(OtherLeg::Assigned(next)) => format!(
                "Nothing was sent to this policy. This run has assigned policy {next}, which replaces this one."
            ),
        }
    }

    /// Terraform asked to stop before anything was written.
    pub(super) fn interrupted(self) -> Diagnostic {
        Diagnostic::error(
            format!("Policy {}: the operation was interrupted", self.id),
            format!("Terraform asked the provider to stop. {} The state is unchanged.", self.unwritten()),
        )
    }

    pub(super) fn looks_up_groups(self) -> bool {
        self.session.options.look_up_groups
    }

    /// A look at a policy that may be assigned: it exists, if need be after a while, has the right type, and so do the
    /// groups that are to get it.
    pub(super) async fn find(
        self,
        group_ids: &[String],
        deadline: Deadline<'_>,
        stop: &mut StopSignal,
    ) -> Result<Look, Diagnostics> {
        let group_ids = if self.looks_up_groups() { group_ids } else { &[] };
        let deadline = deadline.at_most(TIME_FOR_NEW_OBJECTS);
        let mut backoff = new_objects_backoff();
        loop {
            let start = self.start_look().await.map_err(|error| self.unreadable("signing in", &error))?;
            let found = self.client.get_policy_for_assignment(self.id, group_ids).await;
            let absent = match (found.policy, found.assignments) {
                (Ok(policy), rows) => {
                    self.refuse_other_types(&policy)?;
                    let missing = missing_groups(group_ids, found.groups)
                        .map_err(|error| self.unreadable("looking up its groups", &error))?;
                    match rows {
                        _ if !missing.is_empty() => self.groups_not_found(&missing, deadline),
                        Ok(rows) => return Ok(start.with(rows)),
                        Err(error) if error.is_resource_not_found() => self.without_assignments(&error),
                        Err(error) => return Err(self.unreadable("reading its assignments", &error)),
                    }
                }
                (Err(error), _) if error.is_resource_not_found() => self.not_found(deadline, &error),
                (Err(error), _) => {
                    return Err(self.unreadable("looking at it before the first assignment", &error));
                }
            };
            self.wait_for(deadline, &mut backoff, stop, absent).await?;
        }
    }

    /// Waits for groups that enter the set: they may have been made seconds ago in the same apply.
    pub(super) async fn wait_for_groups(
        self,
        group_ids: &[String],
        deadline: Deadline<'_>,
        stop: &mut StopSignal,
    ) -> Result<(), Diagnostics> {
        if !self.looks_up_groups() {
            return Ok(());
        }
        let deadline = deadline.at_most(TIME_FOR_NEW_OBJECTS);
        let mut backoff = new_objects_backoff();
        loop {
            let missing = missing_groups(group_ids, self.client.get_groups_by_ids(group_ids).await)
                .map_err(|error| self.unreadable("looking up its groups", &error))?;
            if missing.is_empty() {
                return Ok(());
            }
            let absent = self.groups_not_found(&missing, deadline);
            self.wait_for(deadline, &mut backoff, stop, absent).await?;
        }
    }

    /// Waits before another look at what may be new; `absent` once there is no time left.
    async fn wait_for(
        self,
        deadline: Deadline<'_>,
        backoff: &mut BackoffDelays,
        stop: &mut StopSignal,
        absent: Diagnostics,
    ) -> Result<(), Diagnostics> {
        deadline.wait(backoff.next_delay(), stop).await.map_err(|cut| match cut {
            Cut::Deadline => absent,
            Cut::Stop => self.interrupted().into(),
        })
    }

    /// A look that may share a `$batch` with other requests; a missing policy is an error.
    pub(super) async fn look(self) -> Result<Look, Diagnostics> {
        let look = async {
            let start = self.start_look().await?;
            Ok(start.with(self.client.list_assignments(self.id).await?))
        };
        look.await.map_err(|error| self.unreadable("reading its assignments", &error))
    }

    /// A look by a request of its own.
    pub(super) async fn look_alone(self) -> Result<Look, graph::Error> {
        let start = self.start_look().await?;
        Ok(start.with(self.client.list_assignments_unbatched(self.id).await?))
    }

    /// A look, or `None` if the policy is certainly gone.
    pub(super) async fn look_if_it_exists(self) -> Result<Option<Look>, Diagnostics> {
        let start = self.start_look().await.map_err(|error| self.unreadable("signing in", &error))?;
        let rows = self.rows_if_it_exists(false).await?;
        Ok(rows.map(|rows| Look { rows, ..start.with(Vec::new()) }))
    }

    /// The token comes first, so that no sign-in lies between a look and the write that follows it.
    async fn start_look(self) -> Result<LookStart, graph::Error> {
        let token = self.client.hold_token().await?;
        let began = self.client.clock().now();
        Ok(LookStart { token, began, interruptions: self.client.interruptions() })
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
                 command again; if it stays, please report it with the line above. {}",
                self.unwritten()
            ),
        )
        .into()
    }

    fn refuse_other_types(self, policy: &DeviceConfiguration) -> Result<(), Diagnostics> {
        if policy.is_defender_atp() { Ok(()) } else { Err(other_type(self.id, policy).into()) }
    }

    fn not_found(self, deadline: Deadline<'_>, error: &graph::Error) -> Diagnostics {
        let place = error.call().map(|call| report::request_line(call, error.code())).unwrap_or_default();
        let diagnostic = Diagnostic::error(
            format!("Policy {} does not exist", self.id),
            format!(
                "Intune still does not know it after {}, the time in which a new policy appears.\n{place}\nNext: check \
                 device_configuration_id, and whether the token belongs to the right tenant. {}",
                Printed(deadline.limit()),
                self.unwritten()
            ),
        );
        diagnostic.at(AttributePath::root(DEVICE_CONFIGURATION_ID)).into()
    }

    fn groups_not_found(self, missing: &[String], deadline: Deadline<'_>) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for id in missing {
            let diagnostic = Diagnostic::error(
                format!("Group {id} does not exist"),
                format!(
                    "The directory still does not know it after {}, the time in which a new group appears.\nNext: \
                     correct the id in assignments, or check whether the token belongs to the right tenant. {}",
                    Printed(deadline.limit()),
                    self.unwritten()
                ),
            );
            diagnostics.push(diagnostic.at(AttributePath::root(ASSIGNMENTS)));
        }
        diagnostics
    }

    pub(super) fn unreadable(self, action: &str, error: &graph::Error) -> Diagnostics {
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

/// A policy of another type than this resource manages.
pub(super) fn other_type(id: &str, policy: &DeviceConfiguration) -> Diagnostic {
    let name = policy.display_name.as_deref().unwrap_or("without a name");
    let diagnostic = Diagnostic::error(
        "The policy is not a Defender for Endpoint onboarding policy",
        format!(
            "Policy {id} ({name:?}) is of the type {}. This resource manages policies of the type \
             windowsDefenderAdvancedThreatProtectionConfiguration only.\nNext: use the id of a policy that was made \
             with the profile type \"Microsoft Defender for Endpoint\". Nothing was sent to this policy.",
            policy.type_name().unwrap_or("unknown"),
        ),
    );
    diagnostic.at(AttributePath::root(DEVICE_CONFIGURATION_ID))
}

fn new_objects_backoff() -> BackoffDelays {
    Backoff::new(Duration::from_secs(1), Duration::from_secs(15)).delays()
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
