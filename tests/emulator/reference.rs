//! Everything that the reference page lists is there.

use reqwest::Method;
use serde_json::{Value, json};
use terraform_provider_defender::emulator::reference::{
    CONTROL_ROUTES, FAULT_EFFECTS, GRAPH_ROUTES, SIGN_IN_ROUTES,
};

use crate::sign_in::{TENANT, application, start_app};
use crate::support::*;

const CONNECTOR: &str = "fc780465-2017-40d4-a0c5-307022471b92";

/// A path of the tables with ids in it. Each place may be something that exists, or not.
fn with_ids(path: &str) -> String {
    let id = match path {
        path if path.contains("groups") => PILOT,
        path if path.contains("assignmentFilters") => PHONES,
        path if path.contains("roleScopeTags") => "0",
        path if path.contains("mobileThreatDefenseConnectors") => CONNECTOR,
        path if path.contains("configurationPolicies") => CATALOG_POLICY,
        _ => POLICY,
    };
    let row = format!("{id}_{PILOT}");
    path.replace("{version}", "beta").replace("{tenant}", TENANT).replace("{row}", &row).replace("{id}", id)
}

fn method_and_path(form: &str) -> (Method, String) {
    let (method, path) = form.split_once(' ').unwrap();
    (method.parse().unwrap(), with_ids(path))
}

/// An empty body is refused by what the address does, not by the router.
#[tokio::test]
async fn every_address_of_graph_is_served() {
    for entry in GRAPH_ROUTES {
        let graph = Graph::start();
        graph.assign(json!([group(PILOT)])).await;
        let connectors = json!([{"id": CONNECTOR, "partnerState": "available"}]);
        graph.emulator.control("PUT", "/_emulator/mobileThreatDefenseConnectors", Some(&connectors));
        let catalog = format!("/beta/deviceManagement/configurationPolicies/{CATALOG_POLICY}/assign");
        graph.post(&catalog, json!({"assignments": [group(PILOT)]})).await;
        let (method, path) = method_and_path(entry.form);
        let writes = [Method::POST, Method::PATCH, Method::PUT].contains(&method);
        let request = graph.request(method, &path).header("ConsistencyLevel", "eventual");
        let answer = send(if writes { request.json(&json!({})) } else { request }).await;
        if writes {
            assert!([400, 201, 204].contains(&answer.status), "{}: {}", entry.form, answer.status);
            assert_ne!(answer.code(), "No method match route template", "{}", entry.form);
            assert!(!answer.message().contains("segment"), "{}: {}", entry.form, answer.message());
        } else {
            assert!((200..300).contains(&answer.status), "{}: {}", entry.form, answer.body);
        }
    }
}

#[tokio::test]
async fn every_address_for_signing_in_is_served() {
    let graph = start_app(application());
    for entry in SIGN_IN_ROUTES {
        let (method, path) = method_and_path(entry.form);
        let answer = send(graph.anonymous(method, &path)).await;
        // The pipelines and identities are not in the tenant file.
        assert_ne!(answer.message().split(':').next(), Some("Invalid version"), "{}", entry.form);
        assert_ne!(answer.code(), "InvalidAuthenticationToken", "{}", entry.form);
    }
}

#[tokio::test]
async fn every_address_of_test_control_is_served() {
    for entry in CONTROL_ROUTES {
        let graph = Graph::start();
        let (method, path) = method_and_path(entry.form);
        let body = match path.rsplit('/').next() {
            Some(
                "assignments"
                | "faults"
                | "deviceConfigurationConflictSummary"
                | "mobileThreatDefenseConnectors",
            ) => json!([]),
            Some("deviceConfigurations") => json!({"displayName": "Added"}),
            _ => json!({}),
        };
        let (status, answer) = graph.emulator.control(method.as_str(), &path, Some(&body));
        assert!((200..300).contains(&status), "{}: {answer}", entry.form);
    }
}

#[test]
fn every_fault_is_a_rule() {
    let graph = Graph::start();
    for entry in FAULT_EFFECTS {
        let rule: Value = serde_json::from_str(entry.form).unwrap();
        assert_eq!(graph.emulator.faults(&rule), Ok(()), "{}", entry.form);
    }
}
