//! A running emulator with a small tenant, and requests to it. Contains no assertions.

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use terraform_provider_defender::emulator::{Emulator, Options, Tenant};

pub const POLICY: &str = "0b8a3d5e-5c0f-4a55-9a07-3a1d0a5c6d01";
pub const OTHER_POLICY: &str = "0b8a3d5e-5c0f-4a55-9a07-3a1d0a5c6d02";
pub const CATALOG_POLICY: &str = "0b8a3d5e-5c0f-4a55-9a07-3a1d0a5c6e00";
pub const MISSING: &str = "99999999-9999-4999-8999-999999999999";
pub const PILOT: &str = "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c11";
pub const STAFF: &str = "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c12";
pub const CORPORATE: &str = "7a1d3c55-92b1-4c0e-8b52-6d9a1f3e2b01";
pub const PHONES: &str = "7a1d3c55-92b1-4c0e-8b52-6d9a1f3e2b02";
pub const ALL_DEVICES: &str = "adadadad-808e-44e2-905a-0b7873a8a531";
pub const ALL_USERS: &str = "acacacac-9df4-4c7d-9d50-4ef0226f57a9";
/// The connector of Defender for Endpoint.
pub const CONNECTOR: &str = "fc780465-2017-40d4-a0c5-307022471b92";
pub const DEFENDER: &str = "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration";

/// One Defender policy without assignments, one of another type, one of the settings catalog, two groups, two filters,
/// and Defender's connector, which is not enabled.
pub fn tenant() -> Tenant {
    let document = json!({
        "deviceConfigurations": [
            {"id": POLICY, "displayName": "Onboarding", "description": "Devices in the office"},
            {"id": OTHER_POLICY, "displayName": "Kiosk", "@odata.type": "#microsoft.graph.windows10CustomConfiguration"},
        ],
        "configurationPolicies": [{"id": CATALOG_POLICY, "name": "EDR"}],
        "groups": [{"id": PILOT, "displayName": "Pilot"}, {"id": STAFF, "displayName": "Staff"}],
        "assignmentFilters": [
            {"id": CORPORATE, "displayName": "Corporate", "platform": "windows10AndLater"},
            {"id": PHONES, "displayName": "Phones", "platform": "iOS"},
        ],
        "mobileThreatDefenseConnectors": [{"id": CONNECTOR, "partnerState": "available"}],
    });
    Tenant::from_json(document).unwrap()
}

/// An emulator with the small tenant.
pub struct Graph {
    pub emulator: Emulator,
    client: Client,
}

/// A response: status, headers, and the document or null.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Graph {
    pub fn start() -> Self {
        Self::with(tenant(), Options::default())
    }

    pub fn with(tenant: Tenant, options: Options) -> Self {
        // Ignore the proxies of the environment: the emulator listens on loopback.
        let client = Client::builder().no_proxy().build().unwrap();
        Self { emulator: Emulator::start(tenant, options).unwrap(), client }
    }

    /// A request with a token; `path` starts with the version root, or is an absolute link.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.anonymous(method, path).bearer_auth("a token")
    }

    pub fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        let root = self.emulator.base_url();
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{root}{path}") };
        self.client.request(method, url)
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// `assign` in beta with the elements of `assignments`.
    pub async fn assign(&self, assignments: Value) -> Answer {
        self.post(&format!("{}/assign", policy_path("beta")), json!({"assignments": assignments})).await
    }

    /// The targets of the policy as beta lists them, sorted by their text.
    pub async fn targets(&self) -> Vec<Value> {
        let answer = self.get(&format!("{}/assignments", policy_path("beta"))).await;
        let mut targets: Vec<Value> =
            answer.body["value"].as_array().unwrap().iter().map(|row| row["target"].clone()).collect();
        targets.sort_by_key(Value::to_string);
        targets
    }
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    pub fn rows(&self) -> &Vec<Value> {
        self.body["value"].as_array().expect("a collection")
    }

    /// One member of every row, sorted.
    pub fn each(&self, member: &str) -> Vec<&str> {
        let mut values: Vec<&str> = self.rows().iter().map(|row| row[member].as_str().unwrap()).collect();
        values.sort_unstable();
        values
    }

    pub fn next_link(&self) -> Option<&str> {
        self.body["@odata.nextLink"].as_str()
    }
}

pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
    Answer { status, headers, body }
}

pub fn policy_path(version: &str) -> String {
    format!("/{version}/deviceManagement/deviceConfigurations/{POLICY}")
}

/// An element of `assign` for a group.
pub fn group(id: &str) -> Value {
    json!({"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": id}})
}

/// An element of `assign` that excludes a group.
pub fn exclusion(id: &str) -> Value {
    json!({"target": {"@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget", "groupId": id}})
}

/// An element of `assign` for a target without members.
pub fn all(kind: &str) -> Value {
    json!({"target": {"@odata.type": format!("#microsoft.graph.{kind}AssignmentTarget")}})
}

/// Adds an assignment filter to an element.
pub fn filtered(mut element: Value, id: impl Into<Value>, kind: &str) -> Value {
    element["target"]["deviceAndAppManagementAssignmentFilterId"] = id.into();
    element["target"]["deviceAndAppManagementAssignmentFilterType"] = json!(kind);
    element
}
