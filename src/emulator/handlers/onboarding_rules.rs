//! What the service refuses about onboarding blobs, with and without Defender's connector.

use serde_json::Value;

use crate::emulator::model::policy::StoredPolicy;
use crate::emulator::semantics::Semantics;
use crate::emulator::service_error::ServiceError;
use crate::emulator::state::TenantState;

/// What the body of a POST or PATCH asks for.
#[derive(Clone, Copy, Debug)]
pub struct RequestedOnboarding {
    sends_blob: bool,
    auto_populates: bool,
}

impl RequestedOnboarding {
    /// Looks at a body. Its shape is checked elsewhere.
    pub fn read(document: &Value) -> Self {
        let blob = document.get("advancedThreatProtectionOnboardingBlob");
        let auto = document.get("advancedThreatProtectionAutoPopulateOnboardingBlob");
        Self {
            sends_blob: blob.is_some_and(|blob| !blob.is_null()),
            auto_populates: auto == Some(&Value::Bool(true)),
        }
    }

    /// Checks the request that turns a policy into `policy`.
    pub fn check(
        self,
        policy: &StoredPolicy,
        semantics: &Semantics,
        state: &TenantState,
    ) -> Result<(), ServiceError> {
        if policy.has_two_onboarding_blobs() {
            return Err(ServiceError::intune_bad_request(
                "An onboarding blob cannot be set while advancedThreatProtectionAutoPopulateOnboardingBlob is true.",
            ));
        }
        let connected = state.is_connected_to_defender();
        // No source quotes the service's own text (Microsoft365DSC#4583, #4627).
        if connected && self.sends_blob {
            return Err(ServiceError::intune_bad_request(
                "An onboarding blob cannot be set while the connector of Microsoft Defender for Endpoint is enabled.",
            ));
        }
        semantics.auto_populate_without_connector.check(self.auto_populates && !connected, || {
            "advancedThreatProtectionAutoPopulateOnboardingBlob cannot be true without an enabled connector of Microsoft \
             Defender for Endpoint."
                .to_owned()
        })
    }
}
