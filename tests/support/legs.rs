//! From a plan to its apply, call by call: what Terraform keeps of the plan that a user sees, the plan that it repeats
//! inside apply, and the two legs of a replacement.

use serde_json::Value as Json;
use terraform_provider_defender::wire::tfplugin6 as wire;

use super::super::in_process::{RESOURCE, state};
use super::{Answer, Scene, plan_request, some};

/// A plan, and what Terraform keeps of it.
pub struct Plan {
    pub answer: Answer,
    /// The private data that comes back with the apply.
    private: Vec<u8>,
    planned: Option<wire::DynamicValue>,
}

impl Scene {
    /// The plan that a user sees. A tainted object is planned like one that does not exist: without its state.
    pub async fn first_plan(&self, prior: &Json, config: &Json) -> Plan {
        self.plan_where_deferral_is(false, prior, config).await
    }

    /// The plan that Terraform 1.11 to 1.15 repeat inside apply.
    pub async fn repeated_plan(&self, prior: &Json, config: &Json) -> Plan {
        self.plan_where_deferral_is(true, prior, config).await
    }

    /// The delete leg of a replacement: no planned state, and the private data of the plan of the new object.
    pub async fn delete_leg(&self, prior: &Json, plan: &Plan) -> Answer {
        let request = wire::apply_resource_change::Request {
            type_name: RESOURCE.into(),
            prior_state: some(prior),
            planned_private: plan.private.clone(),
            ..Default::default()
        };
        self.send_apply(request).await
    }

    /// A create, an update, or the create leg of a replacement, as planned.
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

    async fn plan_where_deferral_is(&self, deferral_allowed: bool, prior: &Json, config: &Json) -> Plan {
        let mut request = plan_request(prior, config);
        request.client_capabilities =
            Some(wire::ClientCapabilities { deferral_allowed, ..Default::default() });
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
