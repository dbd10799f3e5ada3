//! Terraform's part in the life of one object: what it sends in the two phases of a plan, and what it keeps of the
//! answers. From the sources of Terraform 1.11 and 1.16; the facts were checked with a provider made for that.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::in_process::{RESOURCE, decoded, printed, state};
use crate::scene::Scene;

/// Which Terraform speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Sends no capabilities, so the phases of a plan look alike. OpenTofu does the same.
    V1_5,
    V1_11,
    /// Hands the private data of the first plan to the plan that it repeats inside apply.
    V1_16,
}

/// When a plan is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// By `terraform plan`.
    First,
    /// Again inside apply, right before the operation.
    InApply,
}

/// An object as it is stored.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    state: Option<wire::DynamicValue>,
    private: Vec<u8>,
}

/// A plan, and what it was made for.
#[derive(Clone, Debug)]
pub struct Planned {
    pub state: Json,
    pub messages: String,
    pub replaces: bool,
    config: Json,
    raw: Option<wire::DynamicValue>,
    private: Vec<u8>,
}

/// The result of one operation: state and messages.
#[derive(Clone, Debug)]
pub struct Applied {
    pub stored: Stored,
    pub messages: String,
}

/// Terraform with one object of a scene.
#[derive(Clone, Copy)]
pub struct Core<'s> {
    scene: &'s Scene,
    version: Version,
    /// More arguments in the provider block.
    block: &'s Json,
}

impl Stored {
    /// No object.
    pub fn absent() -> Self {
        Self::default()
    }

    pub fn json(&self) -> Json {
        decoded(self.state.as_ref())
    }

    pub fn is_absent(&self) -> bool {
        self.json().is_null()
    }

    /// The stored assignments in a comparable order.
    pub fn assignments(&self) -> Vec<Json> {
        crate::target::sorted(self.json()["assignments"].as_array().cloned().unwrap_or_default())
    }
}

impl Applied {
    pub fn failed(&self) -> bool {
        self.messages.lines().any(|line| line.starts_with("Error"))
    }
}

impl Planned {
    pub fn failed(&self) -> bool {
        self.messages.lines().any(|line| line.starts_with("Error"))
    }
}

impl<'s> Core<'s> {
    pub fn new(scene: &'s Scene, version: Version) -> Self {
        static NOTHING: LazyLock<Json> = LazyLock::new(|| json!({}));
        Self { scene, version, block: &NOTHING }
    }

    /// With more arguments in the provider block.
    pub fn configured(self, block: &'s Json) -> Self {
        Self { block, ..self }
    }

    /// Creates the object, and stores it as the next command finds it.
    pub async fn created(self, config: &Json) -> Stored {
        let plan = self.plan(&Stored::absent(), config).await;
        assert_eq!(plan.messages, "");
        self.begin().await;
        let applied = self.apply(&Stored::absent(), &plan).await;
        assert_eq!(applied.messages, "");
        self.begin().await;
        applied.stored
    }

    /// A new command: a process of its own, configured anew.
    pub async fn begin(self) {
        self.scene.configure(self.block).await;
    }

    /// How often the provider has asked for a token.
    pub fn sign_ins(self) -> usize {
        self.scene.emulator.token_requests().len()
    }

    pub async fn refreshed(self, stored: &Stored) -> Stored {
        let request = wire::read_resource::Request {
            type_name: RESOURCE.into(),
            current_state: stored.state.clone(),
            private: stored.private.clone(),
            client_capabilities: self.capabilities(Phase::First),
            ..Default::default()
        };
        let answer = self.scene.client().read_resource(request).await.unwrap().into_inner();
        assert_eq!(printed(&answer.diagnostics), "");
        Stored { state: answer.new_state, private: answer.private }
    }

    /// Refreshes and plans a create, an update or a change that needs a new object.
    pub async fn plan(self, prior: &Stored, config: &Json) -> Planned {
        let first = self.call(Phase::First, prior, &prior.private, config, b"").await;
        if first.replaces { self.second_call(first).await } else { first }
    }

    /// The plan of `-replace` and `replace_triggered_by`: the same two calls, whatever the first one says.
    pub async fn plan_replacement(self, prior: &Stored, config: &Json) -> Planned {
        let first = self.call(Phase::First, prior, &prior.private, config, b"").await;
        self.second_call(first).await
    }

    /// The first of the two plan calls of a replacement: the only one whose warnings are shown.
    pub async fn first_call(self, prior: &Stored, config: &Json) -> Planned {
        self.call(Phase::First, prior, &prior.private, config, b"").await
    }

    /// The plan of a tainted object: that of a create.
    pub async fn plan_tainted(self, config: &Json) -> Planned {
        self.call(Phase::First, &Stored::absent(), b"", config, b"").await
    }

    pub async fn plan_destroy(self, prior: &Stored) -> Planned {
        self.call(Phase::First, prior, &prior.private, &Json::Null, b"").await
    }

    /// Without a prior state; of its warnings Terraform shows none.
    async fn second_call(self, first: Planned) -> Planned {
        if first.failed() {
            return first;
        }
        let second = self.call(Phase::First, &Stored::absent(), &first.private, &first.config, b"").await;
        let errors = if second.failed() { second.messages.as_str() } else { "" };
        Planned { messages: format!("{}{errors}", first.messages), replaces: true, ..second }
    }

    /// Applies the plan of a create or an update.
    pub async fn apply(self, prior: &Stored, plan: &Planned) -> Applied {
        let again = self.plan_again(prior, plan).await;
        if again.failed() {
            return Applied { stored: prior.clone(), messages: again.messages };
        }
        self.operate(prior, &again).await
    }

    /// The create leg of a replacement; what was there is set aside or gone already.
    pub async fn create_leg(self, plan: &Planned) -> Applied {
        self.apply(&Stored::absent(), plan).await
    }

    /// The destroy leg of a replacement, or of a destroy.
    pub async fn destroy_leg(self, prior: &Stored, plan: &Planned) -> Applied {
        self.operate(prior, &Planned { raw: None, config: Json::Null, ..plan.clone() }).await
    }

    /// The plan that Terraform repeats inside apply.
    pub async fn plan_again(self, prior: &Stored, plan: &Planned) -> Planned {
        self.call(Phase::InApply, prior, &prior.private, &plan.config, &plan.private).await
    }

    async fn call(
        self,
        phase: Phase,
        prior: &Stored,
        prior_private: &[u8],
        config: &Json,
        planned_private: &[u8],
    ) -> Planned {
        let hands_plan_on = self.version == Version::V1_16 && phase == Phase::InApply;
        let request = wire::plan_resource_change::Request {
            type_name: RESOURCE.into(),
            prior_state: prior.state.clone(),
            proposed_new_state: some(&proposed(&prior.json(), config)),
            config: some(config),
            prior_private: prior_private.to_vec(),
            planned_private: if hands_plan_on { planned_private.to_vec() } else { Vec::new() },
            client_capabilities: self.capabilities(phase),
            ..Default::default()
        };
        let answer = self.scene.client().plan_resource_change(request).await.unwrap().into_inner();
        Planned {
            state: decoded(answer.planned_state.as_ref()),
            messages: printed(&answer.diagnostics),
            replaces: !answer.requires_replace.is_empty(),
            config: config.clone(),
            raw: answer.planned_state,
            private: answer.planned_private,
        }
    }

    /// Terraform allows a provider to put something off while it applies. It is a hint at the phase, no more.
    fn capabilities(self, phase: Phase) -> Option<wire::ClientCapabilities> {
        (self.version != Version::V1_5).then(|| wire::ClientCapabilities {
            deferral_allowed: phase == Phase::InApply,
            write_only_attributes_allowed: true,
            store_planned_private: self.version == Version::V1_16,
            computed_blocks_allowed: self.version == Version::V1_16,
        })
    }

    /// The operation alone, as the plan repeated inside apply has it.
    pub async fn operate(self, prior: &Stored, plan: &Planned) -> Applied {
        let request = wire::apply_resource_change::Request {
            type_name: RESOURCE.into(),
            prior_state: prior.state.clone(),
            planned_state: plan.raw.clone(),
            config: some(&plan.config),
            planned_private: plan.private.clone(),
            ..Default::default()
        };
        let answer = self.scene.client().apply_resource_change(request).await.unwrap().into_inner();
        Applied {
            stored: Stored { state: answer.new_state, private: answer.private },
            messages: printed(&answer.diagnostics),
        }
    }
}

/// The prior state with the configuration laid over it.
fn proposed(prior: &Json, config: &Json) -> Json {
    let mut proposed = config.clone();
    if !config.is_null() {
        for computed in ["id", "assignment_ids", "inherited_assignments"] {
            proposed[computed] = prior[computed].clone();
        }
    }
    proposed
}

fn some(values: &Json) -> Option<wire::DynamicValue> {
    (!values.is_null()).then(|| state(values))
}
