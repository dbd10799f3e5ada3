//! Terraform's calls from plan to apply: the plan for the user, the repeated plan during apply, and the two legs of a
//! replacement.

use serde_json::Value as Json;
use terraform_provider_defender::wire::tfplugin6 as wire;

use super::super::in_process::{RESOURCE, state};
use super::{Answer, Scene, plan_request, some};

/// What the client sends with its plans, which depends on its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// Terraform before 1.9, and OpenTofu: no capabilities.
    Silent,
    /// Terraform 1.11 to 1.15: capabilities; deferral is allowed during apply.
    Deferring,
    /// Terraform 1.16: capabilities; during apply, the private data of the first plan.
    Keeping,
}

/// A plan, with the parts that Terraform keeps.
#[derive(Clone, Debug)]
pub struct Plan {
    pub answer: Answer,
    /// The private data that Terraform sends back with the apply.
    private: Vec<u8>,
    planned: Option<wire::DynamicValue>,
}

impl Scene {
    /// The plan for a user of Terraform 1.11.
    pub async fn first_plan(&self, prior: &Json, config: &Json) -> Plan {
        self.plan_of(Era::Deferring, prior, config).await
    }

    /// The plan for the user. A tainted object is planned without its state, like a new one.
    pub async fn plan_of(&self, era: Era, prior: &Json, config: &Json) -> Plan {
        let mut request = plan_request(prior, config);
        request.client_capabilities = capabilities(era, false);
        self.send_plan(request).await
    }

    /// The plan of `-replace`: the second call plans the new object and sends the private data of the first call.
    pub async fn replacing_plan(&self, era: Era, prior: &Json, config: &Json) -> Plan {
        let first = self.plan_of(era, prior, config).await;
        if first.answer.failed() {
            return first;
        }
        let mut request = plan_request(&Json::Null, config);
        request.client_capabilities = capabilities(era, false);
        request.prior_private = first.private;
        self.send_plan(request).await
    }

    /// The plan that Terraform repeats during apply.
    pub async fn plan_again(&self, era: Era, prior: &Json, config: &Json, first: &Plan) -> Plan {
        let mut request = plan_request(prior, config);
        request.client_capabilities = capabilities(era, era == Era::Deferring);
        if era == Era::Keeping {
            request.planned_private.clone_from(&first.private);
        }
        self.send_plan(request).await
    }

    /// A destroy, or the delete leg of a replacement, where `plan` is the plan of the new object.
    pub async fn delete_leg(&self, prior: &Json, plan: &Plan) -> Answer {
        let request = wire::apply_resource_change::Request {
            type_name: RESOURCE.into(),
            prior_state: some(prior),
            planned_private: plan.private.clone(),
            ..Default::default()
        };
        self.send_apply(request).await
    }

    /// A create, an update, or the create leg of a replacement.
    pub async fn apply_plan(&self, prior: &Json, config: &Json, plan: &Plan) -> Answer {
        let request = wire::apply_resource_change::Request {
            type_name: RESOURCE.into(),
            prior_state: some(prior),
            planned_state: plan.planned.clone(),
            config: Some(state(config)),
            planned_private: plan.private.clone(),
            ..Default::default()
        };
        self.send_apply(request).await
    }

    async fn send_plan(&self, request: wire::plan_resource_change::Request) -> Plan {
        let answer = self.client().plan_resource_change(request).await.unwrap().into_inner();
        Plan {
            answer: Answer::new(answer.planned_state.as_ref(), &answer.diagnostics),
            private: answer.planned_private,
            planned: answer.planned_state,
        }
    }

    async fn send_apply(&self, request: wire::apply_resource_change::Request) -> Answer {
        let answer = self.client().apply_resource_change(request).await.unwrap().into_inner();
        Answer::new(answer.new_state.as_ref(), &answer.diagnostics)
    }
}

fn capabilities(era: Era, deferral_allowed: bool) -> Option<wire::ClientCapabilities> {
    let store_planned_private = era == Era::Keeping;
    let capabilities =
        wire::ClientCapabilities { deferral_allowed, store_planned_private, ..Default::default() };
    (era != Era::Silent).then_some(capabilities)
}
