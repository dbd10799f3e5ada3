//! The package of a policy: refused from clients that would store it, sent once, and repeated in no message.

use serde_json::{Value as Json, json};
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::in_process::{client, configured, printed, provider, state_of};
use crate::scripted_graph::{Reply, ScriptedGraph};

const RESOURCE: &str = "defender_atp_configuration";
const PACKAGE: &str = "{\"Xq7\":\"vR2mK9pLw4Tz\",\"b64\":\"QmFzZTY0Li4u\"}";

fn config() -> Json {
    json!({
        "display_name": "MDE", "package": "onboarding", "package_blob_wo": PACKAGE, "package_blob_wo_version": 1,
    })
}

async fn validate(capabilities: Option<wire::ClientCapabilities>) -> String {
    let request = wire::validate_resource_config::Request {
        type_name: RESOURCE.into(),
        config: Some(state_of(RESOURCE, &config())),
        client_capabilities: capabilities,
    };
    let answer = client(provider()).validate_resource_config(request).await.unwrap().into_inner();
    printed(&answer.diagnostics)
}

#[tokio::test]
async fn a_client_that_would_store_the_package_is_refused() {
    let knows = |write_only_attributes_allowed| {
        Some(wire::ClientCapabilities { write_only_attributes_allowed, ..Default::default() })
    };
    assert_eq!(validate(knows(true)).await, "");
    for capabilities in [None, knows(false)] {
        let shown = validate(capabilities).await;
        assert!(
            shown.starts_with("Error at package_blob_wo: package_blob_wo needs Terraform 1.11 or later"),
            "{shown}"
        );
    }
}

/// A create whose request is answered with this.
async fn create(reply: Reply) -> (Json, String) {
    let graph = ScriptedGraph::start().await;
    graph.reply(Reply::json(200, &json!({"value": []}))).reply(reply);
    let mut client = configured(graph.root()).await;
    let mut planned = config();
    for name in [
        "id",
        "created_date_time",
        "last_modified_date_time",
        "version",
        "allow_sample_sharing",
        "enable_expedited_telemetry_reporting",
        "role_scope_tag_ids",
    ] {
        planned[name] = json!("<unknown>");
    }
    planned["package_blob_wo"] = Json::Null;
    let request = wire::apply_resource_change::Request {
        type_name: RESOURCE.into(),
        planned_state: Some(state_of(RESOURCE, &planned)),
        config: Some(state_of(RESOURCE, &config())),
        planned_private: b"private".to_vec(),
        ..Default::default()
    };
    let response = client.apply_resource_change(request).await.unwrap().into_inner();
    let body = graph.requests().pop().unwrap().json();
    let texts: Vec<String> =
        response.diagnostics.iter().map(|one| format!("{}\n{}", one.summary, one.detail)).collect();
    (body, texts.join("\n"))
}

#[tokio::test]
async fn a_service_that_repeats_the_package_is_not_quoted() {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(PACKAGE);
    for message in [
        format!("Invalid blob: {PACKAGE}"),
        format!("Invalid blob near {}", &PACKAGE[6..18]),
        format!("Invalid blob: {encoded}"),
    ] {
        let (body, texts) =
            create(Reply::json(400, &json!({"error": {"code": "BadRequest", "message": message}}))).await;
        assert_eq!(body["advancedThreatProtectionOnboardingBlob"], PACKAGE);
        assert!(texts.contains("is not shown") && texts.contains("Next:"), "{texts}");
        for window in PACKAGE.as_bytes().windows(8).chain(encoded.as_bytes().windows(8)) {
            let window = std::str::from_utf8(window).unwrap();
            assert!(!texts.contains(window), "{window}: {texts}");
        }
    }
    let (_, texts) = create(Reply::text(400, "text/html", &format!("<p>{PACKAGE}</p>"))).await;
    assert!(!texts.contains("vR2mK9p"), "{texts}");
}
