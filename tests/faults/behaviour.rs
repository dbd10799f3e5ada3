//! What the provider does about a fault, in the words of the guide, and what must hold where it does that.

use serde_json::{Value as Json, json};
use terraform_provider_defender::emulator::CallRecord;

use crate::case::{Case, Operation, WITH_EFFECT, World, before};
use crate::target::{Target, sorted};

/// A word of the guide's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    Retried,
    WaitedFor,
    ReadBack,
    Finished,
    GoesOn,
    Shown,
    Gone,
    NothingToDo,
    Kept,
    NoState,
    Truth,
    Refused,
    RefusedTruth,
}

/// What an operation has left and said.
pub struct Ending {
    pub state: Json,
    /// All diagnostics.
    pub said: String,
    /// The elements that the policy has now.
    pub live: Vec<Json>,
    /// Those that it had when the operation began.
    pub live_before: Vec<Json>,
    /// The provider's requests, items of batches too.
    pub calls: Vec<CallRecord>,
    /// Whether every rule of the case has met a request.
    pub faults_met: bool,
    /// Whether the provider has paused.
    pub paused: bool,
}

impl Behaviour {
    /// As the guide has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Retried => "retried",
            Self::WaitedFor => "waited for",
            Self::ReadBack => "read back",
            Self::Finished => "finished",
            Self::GoesOn => "goes on",
            Self::Shown => "shown",
            Self::Gone => "gone",
            Self::NothingToDo => "nothing to do",
            Self::Kept => "error, state kept",
            Self::NoState => "error, no state",
            Self::Truth => "error, state as found",
            Self::Refused => "refused, state kept",
            Self::RefusedTruth => "refused, state as found",
        }
    }

    /// Without an error.
    pub fn ends_well(self) -> bool {
        !matches!(self, Self::Kept | Self::NoState | Self::Truth | Self::Refused | Self::RefusedTruth)
    }

    pub fn check(self, operation: Operation, case: &Case, prior: &Json, ending: &Ending) {
        let seen = format!("{self:?} {operation:?}: {}\n{}\n{:#?}", case.name, ending.said, ending.lines());
        assert_eq!(self.message(case, ending), Ok(()), "{seen}");
        match self {
            Self::Kept | Self::Refused => assert_eq!(whole(&ending.state), whole(prior), "state: {seen}"),
            _ => assert_eq!(
                assignments(&ending.state),
                self.assignments(operation, case, ending),
                "state: {seen}"
            ),
        }
        if case.world != World::PolicyGone {
            assert_eq!(ending.live, self.left(operation, case, ending), "the policy: {seen}");
        }
        assert!(ending.faults_met || case.rules.is_empty(), "not met: {seen}");
        assert!(ending.looks_before_each_repetition(), "repeated unseen: {seen}");
        assert_eq!(ending.writes_in_force(), self.writes(operation, case), "writes in force: {seen}");
        self.check_way(case, ending, &seen);
    }

    /// Nothing at all, or one error that names the fault.
    fn message(self, case: &Case, ending: &Ending) -> Result<(), &'static str> {
        let said = &ending.said;
        if self.ends_well() {
            return if said.is_empty() { Ok(()) } else { Err("there should be nothing to say") };
        }
        let heads = said.lines().filter(|line| line.starts_with("Error") || line.starts_with("Warning"));
        match heads.count() {
            1 if !said.starts_with("Error") => Err("an error was expected"),
            1 if case.says.iter().any(|text| said.contains(text)) => Ok(()),
            1 => Err("the message does not name the fault"),
            _ => Err("one error was expected"),
        }
    }

    /// The assignments of the state; null where there is none.
    fn assignments(self, operation: Operation, case: &Case, ending: &Ending) -> Json {
        match self {
            Self::Gone | Self::NothingToDo | Self::NoState | Self::Kept | Self::Refused => Json::Null,
            Self::Shown if case.world == World::Lagging => json!(elements(&before())),
            Self::Shown | Self::Truth | Self::RefusedTruth => json!(ending.live),
            _ if operation == Operation::Delete => Json::Null,
            _ if case.world == World::Emptied => json!([]),
            _ => json!(elements(&operation.aimed_at())),
        }
    }

    /// What the policy has in the end.
    fn left(self, operation: Operation, case: &Case, ending: &Ending) -> Vec<Json> {
        match &case.left {
            Some(left) => elements(left),
            None if self.writes_well(operation) => elements(&operation.aimed_at()),
            None => ending.live_before.clone(),
        }
    }

    /// How many writes have taken effect. A failed operation whose write did leaves something else than it found.
    fn writes(self, operation: Operation, case: &Case) -> usize {
        let failed_in_force = matches!(self, Self::Kept | Self::NoState | Self::Truth) && case.left.is_some();
        usize::from(self.writes_well(operation) || failed_in_force)
    }

    fn writes_well(self, operation: Operation) -> bool {
        self.ends_well() && self != Self::NothingToDo && operation.writes()
    }

    /// What the result alone does not tell.
    fn check_way(self, case: &Case, ending: &Ending, seen: &str) {
        let sent = ending.assigns().count();
        match self {
            Self::Retried => assert!(ending.paused || case.signs_in, "no second try: {seen}"),
            Self::ReadBack | Self::Finished => assert_eq!(sent, 1, "sent once: {seen}"),
            Self::GoesOn | Self::Shown | Self::Gone => assert!(!ending.paused, "no pause: {seen}"),
            _ => {}
        }
    }
}

impl Ending {
    fn assigns(&self) -> impl Iterator<Item = &CallRecord> {
        self.calls.iter().filter(|call| call.path.ends_with("/assign"))
    }

    fn writes_in_force(&self) -> usize {
        self.assigns()
            .filter(|call| match call.fault.as_deref() {
                None => call.status == 200,
                Some(name) => name == WITH_EFFECT,
            })
            .count()
    }

    /// The rule of repeated writes. One that was refused for its token may go again as it is.
    fn looks_before_each_repetition(&self) -> bool {
        let mut unseen = false;
        for call in &self.calls {
            if call.path.ends_with("/assign") {
                if unseen {
                    return false;
                }
                unseen = call.status != 401;
            } else if call.method == "GET" && call.path.contains("/assignments") {
                unseen = false;
            }
        }
        true
    }

    fn lines(&self) -> Vec<String> {
        let line = |call: &CallRecord| {
            let fault = call.fault.as_deref().unwrap_or("no fault");
            format!("{} {} {} ({fault})", call.method, call.path, call.status)
        };
        self.calls.iter().map(line).collect()
    }
}

/// As sets of a state, ready to be compared.
pub fn elements(targets: &[Target]) -> Vec<Json> {
    sorted(targets.iter().map(Target::element))
}

/// A state with its assignments in order.
fn whole(state: &Json) -> Json {
    let mut state = state.clone();
    if let Some(assignments) = state["assignments"].as_array() {
        state["assignments"] = json!(sorted(assignments.clone()));
    }
    state
}

fn assignments(state: &Json) -> Json {
    whole(state)["assignments"].clone()
}
