//! Sends calls with arbitrary message bytes, without the generated clients. Knows the methods, but not their
//! messages.

use http_body_util::{BodyExt, Full};
use tonic::Code;
use tonic::body::Body;
use tonic::codegen::Bytes;
use tonic::codegen::http::{HeaderMap, Request};
use tower::ServiceExt;

use crate::plugin_client::Client;

/// The methods of the provider service.
pub const METHODS: &[&str] = &[
    "/tfplugin6.Provider/GetMetadata",
    "/tfplugin6.Provider/GetProviderSchema",
    "/tfplugin6.Provider/ValidateProviderConfig",
    "/tfplugin6.Provider/ValidateResourceConfig",
    "/tfplugin6.Provider/ValidateDataResourceConfig",
    "/tfplugin6.Provider/UpgradeResourceState",
    "/tfplugin6.Provider/GetResourceIdentitySchemas",
    "/tfplugin6.Provider/UpgradeResourceIdentity",
    "/tfplugin6.Provider/ConfigureProvider",
    "/tfplugin6.Provider/ReadResource",
    "/tfplugin6.Provider/PlanResourceChange",
    "/tfplugin6.Provider/ApplyResourceChange",
    "/tfplugin6.Provider/ImportResourceState",
    "/tfplugin6.Provider/MoveResourceState",
    "/tfplugin6.Provider/ReadDataSource",
    "/tfplugin6.Provider/GenerateResourceConfig",
    "/tfplugin6.Provider/ValidateEphemeralResourceConfig",
    "/tfplugin6.Provider/OpenEphemeralResource",
    "/tfplugin6.Provider/RenewEphemeralResource",
    "/tfplugin6.Provider/CloseEphemeralResource",
    "/tfplugin6.Provider/ListResource",
    "/tfplugin6.Provider/ValidateListResourceConfig",
    "/tfplugin6.Provider/GetFunctions",
    "/tfplugin6.Provider/CallFunction",
    "/tfplugin6.Provider/ValidateStateStoreConfig",
    "/tfplugin6.Provider/ConfigureStateStore",
    "/tfplugin6.Provider/ReadStateBytes",
    "/tfplugin6.Provider/WriteStateBytes",
    "/tfplugin6.Provider/LockState",
    "/tfplugin6.Provider/UnlockState",
    "/tfplugin6.Provider/GetStates",
    "/tfplugin6.Provider/DeleteState",
    "/tfplugin6.Provider/PlanAction",
    "/tfplugin6.Provider/InvokeAction",
    "/tfplugin6.Provider/ValidateActionConfig",
    "/tfplugin6.Provider/StopProvider",
];

/// The methods that read their request. The others have empty requests or are not implemented.
pub const READING: &[&str] = &[
    "/tfplugin6.Provider/ValidateProviderConfig",
    "/tfplugin6.Provider/ConfigureProvider",
    "/tfplugin6.Provider/ValidateResourceConfig",
    "/tfplugin6.Provider/UpgradeResourceState",
    "/tfplugin6.Provider/UpgradeResourceIdentity",
    "/tfplugin6.Provider/ReadResource",
    "/tfplugin6.Provider/PlanResourceChange",
    "/tfplugin6.Provider/ApplyResourceChange",
    "/tfplugin6.Provider/ImportResourceState",
    "/tfplugin6.Provider/MoveResourceState",
    "/tfplugin6.Provider/CallFunction",
    "/tfplugin6.Provider/ValidateDataResourceConfig",
    "/tfplugin6.Provider/ReadDataSource",
];

/// Methods that accept an empty message: their requests have no fields, or an absent block counts as an empty one.
pub const MAY_ACCEPT_EMPTY: &[&str] = &[
    "/tfplugin6.Provider/GetMetadata",
    "/tfplugin6.Provider/GetProviderSchema",
    "/tfplugin6.Provider/GetResourceIdentitySchemas",
    "/tfplugin6.Provider/GetFunctions",
    "/tfplugin6.Provider/StopProvider",
    "/tfplugin6.Provider/ValidateProviderConfig",
    "/tfplugin6.Provider/ConfigureProvider",
];

/// The outcome of a call.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A gRPC status other than OK.
    Failed(Code),
    /// The message of the response.
    Answered(Bytes),
    /// The connection or the HTTP response is broken.
    Broken(String),
}

/// Adds the five-byte prefix to a message (gRPC over HTTP/2, length-prefixed message).
pub fn frame(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap();
    [&[0], &length.to_be_bytes()[..], message].concat()
}

impl Client {
    /// Sends these bytes as the complete body of a call.
    pub async fn raw_call(&self, method: &str, body: Vec<u8>) -> Outcome {
        let request = Request::post(format!("http://localhost{method}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(Body::new(Full::new(Bytes::from(body))))
            .unwrap();
        let response = match self.channel().oneshot(request).await {
            Ok(response) => response,
            Err(error) => return Outcome::Broken(error.to_string()),
        };
        let (head, body) = response.into_parts();
        let body = match body.collect().await {
            Ok(body) => body,
            Err(error) => return Outcome::Broken(error.to_string()),
        };
        let trailers = body.trailers().cloned().unwrap_or_default();
        match status(&head.headers).or_else(|| status(&trailers)) {
            Some(Code::Ok) => Outcome::Answered(body.to_bytes().slice(5..)),
            Some(code) => Outcome::Failed(code),
            None => Outcome::Broken(format!("no gRPC status, HTTP {}", head.status)),
        }
    }
}

/// The status, which is in the headers if there is no body, and in the trailers otherwise.
fn status(headers: &HeaderMap) -> Option<Code> {
    headers.get("grpc-status").map(|status| Code::from_bytes(status.as_bytes()))
}
