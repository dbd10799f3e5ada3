//! An emulator over TLS under Microsoft's own host names, and clients that reach it through a proxy.

use std::process::{Command, Output, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use terraform_provider_defender::emulator::{Emulator, Options, Tenant, TlsOptions};

use crate::proxy;

pub const TENANT: &str = "6f0c9f3e-2a57-4d0f-8d3b-0f4a6b1c2d01";
pub const DOMAIN: &str = "contoso.onmicrosoft.com";
pub const APP: &str = "6f0c9f3e-2a57-4d0f-8d3b-0f4a6b1c2d02";
pub const SECRET: &str = "offline-secret";
pub const POLICY: &str = "0b8a3d5e-5c0f-4a55-9a07-3a1d0a5c6d01";
pub const PILOT: &str = "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c11";
pub const STAFF: &str = "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c12";
pub const INHERITED: &str = "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c13";
pub const FILTER: &str = "7a1d3c55-92b1-4c0e-8b52-6d9a1f3e2b01";
const POLICY_SET: &str = "5e9f7a21-3c4d-4e8b-b6a0-7f1d2c3b4a59";

/// The emulator and the folder of the clients' files.
pub struct World {
    pub emulator: Emulator,
    pub folder: TempDir,
    proxy: String,
}

impl World {
    /// Starts with four policies. The first has a group with a filter, and a group of a policy set.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let names = vec!["graph.microsoft.com".to_owned(), "login.microsoftonline.com".to_owned()];
        let options = Options {
            tls: Some(TlsOptions { ca_file: folder.path().join("ca.pem"), names }),
            require_sign_in: true,
            page_size: Some(3),
            ..Options::default()
        };
        let certificate = write_certificate(&folder);
        let emulator = Emulator::start(Tenant::from_json(tenant(&certificate)).unwrap(), options).unwrap();
        let proxy = proxy::start(emulator.address());
        Self { emulator, folder, proxy }
    }

    /// Runs a client to its end. Returns what it printed; fails with it if the client failed.
    pub fn run(&self, mut command: Command) -> String {
        let ca_file = self.folder.path().join("ca.pem");
        command.env_clear();
        for name in ["PATH", "SystemRoot"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("HTTPS_PROXY", &self.proxy);
        command.env("REQUESTS_CA_BUNDLE", &ca_file).env("SSL_CERT_FILE", &ca_file);
        command.env("TENANT_NAME", DOMAIN).env("CLIENT_ID", APP).env("CLIENT_SECRET", SECRET);
        let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
        let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        assert!(status.success(), "{status}\n{stdout}\n{stderr}");
        stdout.into_owned()
    }

    /// The assignments of the policy as `source target group filter`, sorted.
    pub fn rows(&self) -> Vec<String> {
        let path = format!("/_emulator/deviceConfigurations/{POLICY}/assignments");
        let (_, shown) = self.emulator.control("GET", &path, None);
        let text = |row: &Value| {
            let target = &row["target"];
            let parts =
                [&row["source"], &target["groupId"], &target["deviceAndAppManagementAssignmentFilterId"]];
            parts.map(|part| part.as_str().unwrap_or("-").to_owned()).join(" ")
        };
        let mut rows: Vec<String> = shown["assignments"].as_array().unwrap().iter().map(text).collect();
        rows.sort();
        rows
    }

    /// Removes the direct assignments, as a change in the portal would.
    pub fn lose_direct_rows(&self) {
        let path = format!("/_emulator/deviceConfigurations/{POLICY}/assignments");
        let (status, _) = self.emulator.control("PUT", &path, Some(&json!([inherited()])));
        assert_eq!(status, 200);
    }
}

/// Writes a certificate with its key, and returns the certificate in base64.
fn write_certificate(folder: &TempDir) -> String {
    let pair = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap();
    let certificate = STANDARD.encode(rcgen::CertificateParams::default().self_signed(&pair).unwrap().der());
    let key = STANDARD.encode(pair.serialize_der());
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n"
    );
    std::fs::write(folder.path().join("client.pem"), pem).unwrap();
    certificate
}

fn inherited() -> Value {
    json!({
        "source": "policySets",
        "sourceId": POLICY_SET,
        "target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": INHERITED},
    })
}

fn tenant(certificate: &str) -> Value {
    let direct = json!({"target": {
        "@odata.type": "#microsoft.graph.groupAssignmentTarget",
        "groupId": PILOT,
        "deviceAndAppManagementAssignmentFilterId": FILTER,
        "deviceAndAppManagementAssignmentFilterType": "include",
    }});
    json!({
        "tenantId": TENANT,
        "domains": [DOMAIN],
        "applications": [{
            "appId": APP,
            "displayName": "Pipeline",
            "roles": ["DeviceManagementConfiguration.ReadWrite.All", "DeviceManagementRBAC.Read.All", "Group.ReadWrite.All"],
            "passwordCredentials": [{"secretText": SECRET}],
            "keyCredentials": [{"key": certificate}],
        }],
        "groups": [
            {"id": PILOT, "displayName": "Pilot"},
            {"id": STAFF, "displayName": "Staff"},
            {"id": INHERITED, "displayName": "From a policy set"},
        ],
        "assignmentFilters": [{
            "id": FILTER,
            "displayName": "Corporate",
            "platform": "windows10AndLater",
            "rule": "(device.deviceOwnership -eq \"Corporate\")",
        }],
        "deviceConfigurations": [
            {"id": POLICY, "displayName": "Onboarding", "assignments": [direct, inherited()]},
            {"displayName": "Servers"},
            {"displayName": "Kiosk"},
            {"displayName": "Berlin"},
        ],
    })
}
