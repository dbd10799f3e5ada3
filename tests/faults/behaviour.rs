//! How the provider reacts to a fault, in the terms of the guide, and what must hold for each reaction.

use serde_json::{Value as Json, json};

use crate::case::{Case, Operation, World, before};
use crate::ending::Ending;
use crate::target::{Target, sorted};

/// A reaction in the guide's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    Retried,
    WaitedFor,
    ReadsAgain,
    ReadBack,
    Finished,
    GoesOn,
    Shown,
    Gone,
    NothingToDo,
    Kept,
    NoState,
    Truth,
    Planned,
    Refused,
    RefusedTruth,
}

impl Behaviour {
    /// The guide's term.
    pub fn word(self) -> &'static str {
        match self {
            Self::Retried => "retried",
            Self::WaitedFor => "waited for",
            Self::ReadsAgain => "reads again",
            Self::ReadBack => "read back",
            Self::Finished => "finished",
            Self::GoesOn => "goes on",
            Self::Shown => "shown",
            Self::Gone => "gone",
            Self::NothingToDo => "nothing to do",
            Self::Kept => "error, state kept",
            Self::NoState => "error, no state",
            Self::Truth => "error, state as found",
            Self::Planned => "error, state as planned",
            Self::Refused => "refused, state kept",
            Self::RefusedTruth => "refused, state as found",
        }
    }

    /// Whether the operation succeeds.
    pub fn ends_well(self) -> bool {
        !matches!(
            self,
            Self::Kept | Self::NoState | Self::Truth | Self::Planned | Self::Refused | Self::RefusedTruth
        )
    }

    pub fn check(self, operation: Operation, case: &Case, prior: &Json, ending: &Ending) {
        let seen =
            format!("{self:?} {operation:?}: {}\n{}\n{:#?}", case.name, ending.messages, ending.lines());
        assert_eq!(self.message(case, ending), Ok(()), "{seen}");
        assert_eq!(ending.claims(prior), Ok(()), "what the message says of the outcome: {seen}");
        self.check_state(operation, case, prior, ending, &seen);
        if case.world != World::PolicyGone {
            assert_eq!(ending.live, self.left(operation, case, ending), "the policy: {seen}");
        }
        assert!(ending.faults_met || case.rules.is_empty(), "not met: {seen}");
        assert_eq!(ending.writes_without_a_look(), 0, "written unseen: {seen}");
        assert_eq!(ending.writes_in_force(), self.writes(operation, case), "writes in force: {seen}");
        self.check_way(case, ending, &seen);
    }

    /// Checks the messages: none, or one error that names the fault.
    fn message(self, case: &Case, ending: &Ending) -> Result<(), &'static str> {
        let messages = &ending.messages;
        if self.ends_well() {
            return if messages.is_empty() { Ok(()) } else { Err("there should be nothing to say") };
        }
        let heads = messages.lines().filter(|line| line.starts_with("Error") || line.starts_with("Warning"));
        match heads.count() {
            1 if !messages.starts_with("Error") => Err("an error was expected"),
            1 if case.says.iter().any(|text| messages.contains(text)) => Ok(()),
            1 => Err("the message does not name the fault"),
            _ => Err("one error was expected"),
        }
    }

    fn check_state(self, operation: Operation, case: &Case, prior: &Json, ending: &Ending, seen: &str) {
        match self {
            // The failed create half returns what the delete half has removed from the state, in another form.
            Self::Kept if operation == Operation::Replace => {
                assert_eq!(assignments(&ending.state), assignments(prior), "state: {seen}");
            }
            Self::Kept | Self::Refused => assert_eq!(whole(&ending.state), whole(prior), "state: {seen}"),
            _ => assert_eq!(
                assignments(&ending.state),
                self.assignments(operation, case, ending),
                "state: {seen}"
            ),
        }
    }

    /// The assignments of the state; null if there is no state.
    fn assignments(self, operation: Operation, case: &Case, ending: &Ending) -> Json {
        match self {
            Self::Gone | Self::NoState | Self::Kept | Self::Refused => Json::Null,
            Self::Shown if case.world == World::Lagging => json!(elements(&before())),
            Self::Shown | Self::Truth | Self::RefusedTruth => json!(ending.live),
            _ if operation == Operation::Delete => Json::Null,
            _ if case.world == World::Emptied => json!([]),
            _ => json!(elements(&operation.aimed_at())),
        }
    }

    /// The assignments of the policy at the end.
    fn left(self, operation: Operation, case: &Case, ending: &Ending) -> Vec<Json> {
        match &case.left {
            Some(left) => elements(left),
            None if self.writes_well(operation) => elements(&operation.aimed_at()),
            None => ending.live_before.clone(),
        }
    }

    /// Checks how many writes took effect. If a failed operation has written, the policy must have changed.
    fn writes(self, operation: Operation, case: &Case) -> usize {
        let failed = matches!(self, Self::Kept | Self::NoState | Self::Truth | Self::Planned);
        usize::from(self.writes_well(operation) || failed && case.left.is_some())
    }

    fn writes_well(self, operation: Operation) -> bool {
        self.ends_well() && self != Self::NothingToDo && operation.writes()
    }

    /// Checks the requests.
    fn check_way(self, case: &Case, ending: &Ending, seen: &str) {
        let sent = ending.assigns().count();
        if case.world == World::FailingForLong {
            assert_eq!(ending.faulty().count(), 2, "attempts: {seen}");
        }
        match self {
            Self::Retried => assert!(ending.has_paused() || case.signs_in, "no second attempt: {seen}"),
            Self::ReadBack | Self::Finished => assert_eq!(sent, 1, "sent once: {seen}"),
            Self::ReadsAgain => assert!(ending.reads() > 1 && sent == 1, "one read: {seen}"),
            Self::NothingToDo => assert_eq!(ending.writes_in_force(), 0, "written: {seen}"),
            Self::GoesOn | Self::Shown | Self::Gone => assert!(!ending.has_paused(), "no pause: {seen}"),
            _ => {}
        }
    }
}

/// The elements in order, for comparison.
pub fn elements(targets: &[Target]) -> Vec<Json> {
    sorted(targets.iter().map(Target::element))
}

/// A state with its assignments in order.
pub fn whole(state: &Json) -> Json {
    let mut state = state.clone();
    if let Some(assignments) = state["assignments"].as_array() {
        state["assignments"] = json!(sorted(assignments.clone()));
    }
    state
}

/// The assignments of a state, in order; null if there is no state.
pub fn assignments(state: &Json) -> Json {
    whole(state)["assignments"].clone()
}
