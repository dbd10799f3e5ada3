//! One combination of a fault and an operation: where the fault occurs, the start, and what the message must contain.

use serde_json::{Value as Json, json};

use crate::clock::Pause;
use crate::target::Target;
use crate::tenant::{COMPANY_OWNED, KIOSKS, LAPTOPS, POLICY, WORKSTATIONS};

/// The name of rules that let a write take effect.
pub const WITH_EFFECT: &str = "with effect";

/// The name of rules whose responses are valid.
pub const HARMLESS: &str = "harmless";

/// An operation of Terraform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Read,
    Create,
    Update,
    /// The create half of a replacement for the same policy, after a delete half that has sent nothing.
    Replace,
    Delete,
    /// Followed by a read, as in Terraform.
    Import,
}

/// A request of an operation.
#[derive(Clone, Debug)]
pub struct Point {
    name: &'static str,
    matching: Json,
    /// The number of requests in one attempt: a batch has several items.
    requests: u32,
    emptied: bool,
}

/// The tenant when the operation starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum World {
    /// The assignments of the plan; for a read, new ones.
    #[default]
    Usual,
    /// No assignments, although the state has some.
    Emptied,
    /// No policy.
    PolicyGone,
    /// An assignment of a kind that this version does not know.
    UnknownKind,
    /// Other assignments than its plan saw.
    ChangedElsewhere,
    /// The planned assignments already.
    AsPlanned,
    /// No service.
    Unreachable,
    /// A service that accepts no more connections after the last read before the write.
    UnreachableAtTheWrite,
    /// One read shows the assignments from before the last write.
    Lagging,
    /// Another read of this command has failed until its time was up.
    FailingForLong,
}

/// What happens while the operation waits for an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Meanwhile {
    #[default]
    Nothing,
    /// StopProvider arrives after the write took effect and before its response.
    StopDuringTheWrite,
    /// The policy is changed elsewhere after the write was refused for its token.
    ChangedAfterTheRefusal,
    /// The policy is changed elsewhere after a read was served and before its response arrives.
    ChangedDuringTheRead,
}

/// One case of a cell.
#[derive(Clone, Debug)]
pub struct Case {
    /// Identifies the case in failures.
    pub name: String,
    /// Rules of the emulator.
    pub rules: Vec<Json>,
    pub world: World,
    pub pause: Pause,
    pub meanwhile: Meanwhile,
    /// `timeouts`, if not the usual ones.
    pub limit: Option<&'static str>,
    /// Whether real time counts, besides the time of pauses.
    pub takes_time: bool,
    /// A client secret in place of an access token that cannot be renewed.
    pub signs_in: bool,
    /// The error contains one of these.
    pub says: Vec<&'static str>,
    /// The assignments at the end, if they do not follow from the reaction.
    pub left: Option<Vec<Target>>,
    /// Whether someone must repair the policy before a run can succeed.
    pub needs_mending: bool,
}

pub fn before() -> Vec<Target> {
    vec![Target::group(WORKSTATIONS).including(COMPANY_OWNED)]
}

pub fn wanted() -> Vec<Target> {
    vec![Target::group(LAPTOPS), Target::exclusion(KIOSKS)]
}

/// The assignments that someone else makes.
pub fn foreign() -> Vec<Target> {
    vec![Target::all_users()]
}

impl Operation {
    pub const ALL: [Self; 6] =
        [Self::Read, Self::Create, Self::Update, Self::Replace, Self::Delete, Self::Import];

    /// The name in the guide and in the names of tests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Import => "import",
        }
    }

    pub fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|operation| operation.name() == name).unwrap()
    }

    pub fn writes(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Replace | Self::Delete)
    }

    /// Whether Terraform creates an object. It marks the state after a failure as tainted.
    pub fn creates(self) -> bool {
        matches!(self, Self::Create | Self::Replace)
    }

    /// The assignments before the operation. For a read, they differ from the state.
    pub fn found(self) -> Vec<Target> {
        match self {
            Self::Read => wanted(),
            Self::Create => Vec::new(),
            Self::Update | Self::Replace | Self::Delete | Self::Import => before(),
        }
    }

    /// The assignments after a success.
    pub fn aimed_at(self) -> Vec<Target> {
        match self {
            Self::Read | Self::Import => self.found(),
            Self::Create | Self::Update | Self::Replace => wanted(),
            Self::Delete => Vec::new(),
        }
    }

    /// The requests that the operation sends before it writes, one by one.
    pub fn reads(self) -> Vec<Point> {
        match self {
            Self::Read => {
                let doubt = Point::new(
                    "policy of an emptied set",
                    &json!({"method": "GET", "path": POLICY, "skip": 1}),
                );
                vec![Point::assignments(), Point { emptied: true, ..doubt }]
            }
            Self::Create | Self::Replace => {
                let items = Point::new("items of the batch", &json!({"method": "GET", "path": POLICY}));
                vec![Point::envelope(), Point { requests: 2, ..items }]
            }
            Self::Update | Self::Delete => vec![Point::assignments()],
            Self::Import => vec![Point::policy()],
        }
    }

    /// Those whose response has its own body.
    pub fn bodies(self) -> Vec<Point> {
        let mut points = self.reads();
        if self.creates() {
            points.truncate(1);
        }
        points
    }
}

impl Point {
    pub fn new(name: &'static str, matching: &Json) -> Self {
        Self { name, matching: matching.clone(), requests: 1, emptied: false }
    }

    pub fn assignments() -> Self {
        Self::new("assignments", &json!({"method": "GET", "path": "/assignments"}))
    }

    pub fn policy() -> Self {
        Self::new("policy", &json!({"method": "GET", "path": POLICY}))
    }

    pub fn envelope() -> Self {
        Self::new("batch", &json!({"method": "POST", "path": "/$batch"}))
    }

    pub fn groups() -> Self {
        Self::new("groups", &json!({"method": "POST", "path": "/getByIds"}))
    }

    pub fn assign() -> Self {
        Self::new("assign", &json!({"method": "POST", "path": "/assign"}))
    }

    /// The effect applies to the next attempt of this request.
    pub fn once(&self, effect: &Json) -> Case {
        self.times(effect, &json!(self.requests))
    }

    /// The effect applies to every attempt of this request.
    pub fn always(&self, effect: &Json) -> Case {
        self.times(effect, &Json::Null)
    }

    /// The effect applies to this number of requests of the kind; with null, to all.
    pub fn times(&self, effect: &Json, times: &Json) -> Case {
        let mut rule = effect.clone();
        rule["name"] = json!(moment(effect));
        rule["match"] = self.matching.clone();
        rule["times"] = times.clone();
        let world = if self.emptied { World::Emptied } else { World::Usual };
        let shown = effect.to_string().chars().take(120).collect::<String>();
        Case { rules: vec![rule], world, ..Case::named(format!("{shown} at the {}", self.name)) }
    }
}

/// Otherwise the call log does not show whether a failed write took effect.
fn moment(effect: &Json) -> &'static str {
    let keeps =
        effect["cut"] == "before" || (effect.get("status").is_some() && effect["afterEffect"] != true);
    if keeps || effect.get("hide").is_some() { "without effect" } else { WITH_EFFECT }
}

impl Case {
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            rules: Vec::new(),
            world: World::Usual,
            pause: Pause::Leap,
            meanwhile: Meanwhile::Nothing,
            limit: None,
            takes_time: false,
            signs_in: false,
            says: Vec::new(),
            left: None,
            needs_mending: false,
        }
    }

    pub fn in_world(world: World) -> Self {
        Self { world, ..Self::named(format!("{world:?}")) }
    }

    pub fn says(self, text: &'static str) -> Self {
        Self { says: [self.says, vec![text]].concat(), ..self }
    }

    pub fn within(self, limit: &'static str) -> Self {
        Self { limit: Some(limit), ..self }
    }

    pub fn pausing(self, pause: Pause) -> Self {
        Self { pause, name: format!("{}, {pause:?}", self.name), ..self }
    }

    pub fn leaves(self, left: &[Target]) -> Self {
        Self { left: Some(left.to_vec()), ..self }
    }

    pub fn needs_mending(self) -> Self {
        Self { needs_mending: true, ..self }
    }

    pub fn signing_in(self) -> Self {
        Self { signs_in: true, ..self }
    }

    pub fn meanwhile(self, meanwhile: Meanwhile) -> Self {
        Self { meanwhile, ..self }
    }

    pub fn taking_time(self) -> Self {
        Self { takes_time: true, ..self }
    }

    /// The responses of its rules are valid.
    pub fn harmless(mut self) -> Self {
        self.rules.iter_mut().for_each(|rule| rule["name"] = json!(HARMLESS));
        self
    }

    /// With one more rule of the emulator.
    pub fn and(self, point: &Point, effect: &Json, times: &Json) -> Self {
        Self { rules: [self.rules, point.times(effect, times).rules].concat(), ..self }
    }
}

/// One case for each point and effect.
pub fn each(points: &[Point], effects: &[Json], case: impl Fn(&Point, &Json) -> Case) -> Vec<Case> {
    points.iter().flat_map(|point| effects.iter().map(|effect| case(point, effect))).collect()
}

/// Errors with these statuses, and with more members.
pub fn statuses(statuses: &[u16], more: &Json) -> Vec<Json> {
    let status = |status: &u16| {
        let mut effect = more.clone();
        effect["status"] = json!(status);
        effect
    };
    statuses.iter().map(status).collect()
}
