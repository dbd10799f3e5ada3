//! One fault as it meets one operation: where it happens, what is there before, and what the message must say. Runs nothing.

use serde_json::{Value as Json, json};

use crate::clock::Pause;
use crate::target::Target;
use crate::tenant::{COMPANY_OWNED, KIOSKS, LAPTOPS, POLICY, WORKSTATIONS};

/// The name of rules that let a write take effect.
pub const WITH_EFFECT: &str = "with effect";

/// The name of rules whose answers to a look are as good as any.
pub const HARMLESS: &str = "harmless";

/// What Terraform asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Read,
    Create,
    Update,
    /// The create leg of a replacement by the same policy, after a delete leg that has sent nothing.
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
    /// How many requests are one try: the items of a batch are several.
    requests: u32,
    emptied: bool,
}

/// What the operation finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum World {
    /// What its plan expects; for a read, something new.
    #[default]
    Usual,
    /// No assignments, where the state has some.
    Emptied,
    /// No policy.
    PolicyGone,
    /// An assignment of a kind that this version does not know.
    UnknownKind,
    /// Other assignments than its plan saw.
    ChangedElsewhere,
    /// The planned assignments already.
    AsPlanned,
    /// Nothing that listens.
    Unreachable,
    /// A service that answers up to the last look, and then accepts no connection any more.
    UnreachableAtTheWrite,
    /// What was there before the last write, for one read.
    Lagging,
    /// A service that has failed another read of this command for all of its time.
    FailingForLong,
}

/// What happens while the operation waits for an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Meanwhile {
    #[default]
    Nothing,
    /// StopProvider comes once the write is in force and unanswered.
    StopDuringTheWrite,
    /// The policy is changed elsewhere after the write was refused for its token.
    ChangedAfterTheRefusal,
    /// The policy is changed elsewhere after the look has been served and before its answer arrives.
    ChangedDuringTheLook,
}

/// One trial of a cell.
#[derive(Clone, Debug)]
pub struct Case {
    /// For the messages of a test that fails.
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
    /// What the policy has afterwards, if that does not follow from the behaviour.
    pub left: Option<Vec<Target>>,
    /// A person has to mend the policy before any run can succeed.
    pub needs_mending: bool,
}

pub fn before() -> Vec<Target> {
    vec![Target::group(WORKSTATIONS).including(COMPANY_OWNED)]
}

pub fn wanted() -> Vec<Target> {
    vec![Target::group(LAPTOPS), Target::exclusion(KIOSKS)]
}

/// What the policy is given elsewhere.
pub fn foreign() -> Vec<Target> {
    vec![Target::all_users()]
}

impl Operation {
    pub const ALL: [Self; 6] =
        [Self::Read, Self::Create, Self::Update, Self::Replace, Self::Delete, Self::Import];

    /// As in the guide and in the names of tests.
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

    /// What Terraform asks the provider to create. A state that its failure leaves is marked as tainted.
    pub fn creates(self) -> bool {
        matches!(self, Self::Create | Self::Replace)
    }

    /// What the policy has before. A read finds another set than its state has.
    pub fn found(self) -> Vec<Target> {
        match self {
            Self::Read => wanted(),
            Self::Create => Vec::new(),
            Self::Update | Self::Replace | Self::Delete | Self::Import => before(),
        }
    }

    /// What the policy has after a success.
    pub fn aimed_at(self) -> Vec<Target> {
        match self {
            Self::Read | Self::Import => self.found(),
            Self::Create | Self::Update | Self::Replace => wanted(),
            Self::Delete => Vec::new(),
        }
    }

    /// The requests with which the operation looks before it does anything, each alone.
    pub fn looks(self) -> Vec<Point> {
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

    /// Those of them whose answer has a body of its own.
    pub fn bodies(self) -> Vec<Point> {
        let mut points = self.looks();
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

    /// The next try of this request meets the effect.
    pub fn once(&self, effect: &Json) -> Case {
        self.times(effect, &json!(self.requests))
    }

    /// Every try of this request meets the effect.
    pub fn always(&self, effect: &Json) -> Case {
        self.times(effect, &Json::Null)
    }

    /// So many requests of this kind meet the effect; all of them, with null.
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

/// The emulator's call log does not show otherwise whether a failed write took effect.
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

    /// The answers of its rules are as good as any.
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
