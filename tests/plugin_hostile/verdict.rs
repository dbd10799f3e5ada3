//! Counts accepted and rejected messages. Knows where each response reports errors.

use prost::Message;
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::raw::Outcome;

/// The responses of one method, counted.
#[derive(Debug, Default)]
pub struct Verdict {
    /// A status other than OK, an error among the diagnostics, or a function's error.
    pub rejected: usize,
    /// None of these.
    pub accepted: usize,
}

impl Verdict {
    pub fn count(&mut self, method: &str, sent: &[u8], outcome: &Outcome) {
        match outcome {
            Outcome::Failed(_) => self.rejected += 1,
            Outcome::Answered(answer) if has_error(method, answer) => self.rejected += 1,
            Outcome::Answered(_) => self.accepted += 1,
            Outcome::Broken(problem) => panic!("{method}: {problem} after {sent:02x?}"),
        }
    }
}

fn has_error(method: &str, answer: &[u8]) -> bool {
    macro_rules! diagnostics {
        ($response:path) => {{
            let response = <$response>::decode(answer).unwrap();
            let panicked = response.diagnostics.iter().any(|found| found.summary.contains("has a bug"));
            assert!(!panicked, "{method} panicked: {:?}", response.diagnostics);
            response.diagnostics.iter().any(|found| found.severity == 1)
        }};
    }
    match method.rsplit('/').next().unwrap() {
        "GetMetadata" => diagnostics!(wire::get_metadata::Response),
        "GetProviderSchema" => diagnostics!(wire::get_provider_schema::Response),
        "GetResourceIdentitySchemas" => diagnostics!(wire::get_resource_identity_schemas::Response),
        "GetFunctions" => diagnostics!(wire::get_functions::Response),
        "CallFunction" => wire::call_function::Response::decode(answer).unwrap().error.is_some(),
        "ValidateProviderConfig" => diagnostics!(wire::validate_provider_config::Response),
        "ConfigureProvider" => diagnostics!(wire::configure_provider::Response),
        "ValidateResourceConfig" => diagnostics!(wire::validate_resource_config::Response),
        "ValidateDataResourceConfig" => diagnostics!(wire::validate_data_resource_config::Response),
        "ReadDataSource" => diagnostics!(wire::read_data_source::Response),
        "UpgradeResourceState" => diagnostics!(wire::upgrade_resource_state::Response),
        "UpgradeResourceIdentity" => diagnostics!(wire::upgrade_resource_identity::Response),
        "ReadResource" => diagnostics!(wire::read_resource::Response),
        "PlanResourceChange" => diagnostics!(wire::plan_resource_change::Response),
        "ApplyResourceChange" => diagnostics!(wire::apply_resource_change::Response),
        "ImportResourceState" => diagnostics!(wire::import_resource_state::Response),
        "MoveResourceState" => diagnostics!(wire::move_resource_state::Response),
        "StopProvider" => !wire::stop_provider::Response::decode(answer).unwrap().error.is_empty(),
        other => panic!("the response of {other} is unknown here"),
    }
}
