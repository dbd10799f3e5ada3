//! Builds the identities in the emulator's tenant file: one application, one machine, two pipelines. The secrets are
//! fictitious.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub const TENANT_ID: &str = "7a9c1e35-4b62-4d80-9f17-2c6e8a0b4d93";
pub const CLIENT_ID: &str = "3e5d7f91-a2b4-4c68-8d0e-1f3a5b7c9d24";
/// The system-assigned identity of the machine.
pub const MACHINE_ID: &str = "58c0d2e4-f617-4839-a5b6-c7d8e9fa0b1c";
/// A user-assigned identity of the machine.
pub const ASSIGNED_ID: &str = "94af0b1c-2d3e-4f50-8162-738495a6b7c8";
pub const SERVICE_CONNECTION_ID: &str = "b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5e";

pub const SECRET: &str = "fake~Q8.client-secret-of-the-scenarios~x1";
pub const REQUEST_TOKEN: &str = "request-token-of-the-scenarios-5b7d9f";
pub const ISSUER: &str = "https://issuer.example/pipelines";
pub const SUBJECT: &str = "project:security:branch:main";

/// All permissions that the provider uses, including the optional one.
pub const ALL: &[&str] = &["DeviceManagementConfiguration.ReadWrite.All", "GroupMember.Read.All"];

/// The members of the tenant file. Every identity has these application permissions.
pub fn directory(roles: &[&str]) -> Value {
    let exchange = ["api://AzureADTokenExchange"];
    let federated =
        |issuer: &str, subject: &str| json!({"issuer": issuer, "subject": subject, "audiences": exchange});
    json!({
        "tenantId": TENANT_ID,
        "applications": [{
            "appId": CLIENT_ID,
            "displayName": "Pipeline",
            "roles": roles,
            "passwordCredentials": [{ "secretText": SECRET }],
            "keyCredentials": [{ "key": certificate("leaf.crt") }],
            "federatedIdentityCredentials": [
                federated(ISSUER, SUBJECT),
                federated("https://token.actions.githubusercontent.com", "repo:contoso/fleet:ref:refs/heads/main"),
                federated("https://vstoken.dev.azure.com/contoso", "sc://contoso/fleet/intune"),
            ],
        }],
        "managedIdentities": [
            { "clientId": MACHINE_ID, "systemAssigned": true, "roles": roles },
            { "clientId": ASSIGNED_ID, "roles": roles },
        ],
        "oidcProviders": {
            "github": { "subject": "repo:contoso/fleet:ref:refs/heads/main", "requestToken": REQUEST_TOKEN },
            "azureDevOps": {
                "issuer": "https://vstoken.dev.azure.com/contoso",
                "subject": "sc://contoso/fleet/intune",
                "requestToken": REQUEST_TOKEN,
                "serviceConnectionId": SERVICE_CONNECTION_ID,
            },
        },
    })
}

/// A text file of `tests/certificates`.
pub fn certificate(name: &str) -> String {
    std::fs::read_to_string(certificate_path(name)).unwrap()
}

/// A binary file of `tests/certificates`, encoded for `ARM_CLIENT_CERTIFICATE`.
pub fn base64_of(name: &str) -> String {
    STANDARD.encode(std::fs::read(certificate_path(name)).unwrap())
}

fn certificate_path(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates").join(name)
}
