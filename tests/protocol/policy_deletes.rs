//! The deletion of a policy: the assignments are read right before the request, and again before each retry.

use serde_json::{Value as Json, json};
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::in_process::{Client, configured, printed, state_of};
use crate::scripted_graph::{Reply, ScriptedGraph};
use crate::tenant::{LAPTOPS, POLICY, WORKSTATIONS};

const RESOURCE: &str = "defender_atp_configuration";

fn prior(force_destroy: bool) -> wire::DynamicValue {
    let state = json!({
        "id": POLICY, "display_name": "MDE", "package": "auto_from_connector", "force_destroy": force_destroy,
        "role_scope_tag_ids": ["0"], "allow_sample_sharing": true, "enable_expedited_telemetry_reporting": false,
        "version": 1,
    });
    state_of(RESOURCE, &state)
}

fn policy() -> Reply {
    let odata_type = "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration";
    Reply::json(200, &json!({"@odata.type": odata_type, "id": POLICY, "displayName": "MDE"}))
}

fn assignments(groups: &[&str]) -> Reply {
    let row = |group: &&str| {
        let target = json!({"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group});
        json!({"id": format!("{POLICY}_{group}"), "source": "direct", "intent": "apply", "target": target})
    };
    Reply::json(200, &json!({"value": groups.iter().map(row).collect::<Vec<_>>()}))
}

fn lines(graph: &ScriptedGraph) -> Vec<String> {
    graph.requests().into_iter().map(|request| request.line).collect()
}

/// Plans the destroy. Returns the private data and the messages.
async fn plan(client: &mut Client, prior: wire::DynamicValue) -> (Vec<u8>, String) {
    let request = wire::plan_resource_change::Request {
        type_name: RESOURCE.into(),
        prior_state: Some(prior),
        proposed_new_state: Some(state_of(RESOURCE, &Json::Null)),
        ..Default::default()
    };
    let planned = client.plan_resource_change(request).await.unwrap().into_inner();
    (planned.planned_private, printed(&planned.diagnostics))
}

/// Applies the destroy. Returns the messages.
async fn destroy(client: &mut Client, prior: wire::DynamicValue, planned_private: Vec<u8>) -> String {
    let request = wire::apply_resource_change::Request {
        type_name: RESOURCE.into(),
        prior_state: Some(prior),
        planned_state: Some(state_of(RESOURCE, &Json::Null)),
        config: Some(state_of(RESOURCE, &Json::Null)),
        planned_private,
        ..Default::default()
    };
    printed(&client.apply_resource_change(request).await.unwrap().into_inner().diagnostics)
}

#[tokio::test]
async fn a_retry_reads_the_assignments_again() {
    for failure in [Reply::json(503, &json!({})), Reply::json(429, &json!({})), Reply::cut()] {
        let graph = ScriptedGraph::start().await;
        graph.reply(policy()).reply(assignments(&[])).reply(failure.header("Retry-After", "0"));
        graph.reply(policy()).reply(assignments(&[LAPTOPS]));
        let mut client = configured(graph.root()).await;
        let (private, _) = plan(&mut client, prior(false)).await;
        let messages = destroy(&mut client, prior(false), private).await;
        assert!(messages.contains("is still assigned") && messages.contains(LAPTOPS), "{messages}");
        let deletes = lines(&graph).iter().filter(|line| line.starts_with("DELETE")).count();
        assert_eq!((deletes, lines(&graph).len()), (1, 5), "{:?}", lines(&graph));
    }
}

#[tokio::test]
async fn a_forced_destroy_deletes_what_its_plan_has_listed() {
    for (at_apply, is_refused) in
        [(&[WORKSTATIONS][..], false), (&[], false), (&[WORKSTATIONS, LAPTOPS], true)]
    {
        let graph = ScriptedGraph::start().await;
        graph.reply(assignments(&[WORKSTATIONS])).reply(policy()).reply(assignments(at_apply));
        if !is_refused {
            graph.reply(Reply::bytes(204, Vec::new()));
        }
        let mut client = configured(graph.root()).await;
        let (private, listed) = plan(&mut client, prior(true)).await;
        assert!(listed.contains("deletes its assignments") && listed.contains(WORKSTATIONS), "{listed}");
        let messages = destroy(&mut client, prior(true), private).await;
        assert_eq!(messages.contains("that the plan did not list"), is_refused, "{messages}");
        assert_eq!(messages.contains(LAPTOPS), is_refused, "{messages}");
        assert!(!messages.contains(WORKSTATIONS), "{messages}");
        let deletes = lines(&graph).iter().any(|line| line.starts_with("DELETE"));
        assert_eq!(deletes, !is_refused);
    }
}

/// Terraform plans a replacement as a create and sends the private data of that plan to the destroy.
#[tokio::test]
async fn a_replacement_deletes_no_assignments() {
    let graph = ScriptedGraph::start().await;
    graph.reply(policy()).reply(assignments(&[WORKSTATIONS]));
    let mut client = configured(graph.root()).await;
    let messages = destroy(&mut client, prior(true), br#"{"planned":true}"#.to_vec()).await;
    assert!(messages.contains("that the plan did not list"), "{messages}");
    assert_eq!(lines(&graph).len(), 2);
}

#[tokio::test]
async fn a_plan_that_cannot_list_the_assignments_fails() {
    let graph = ScriptedGraph::start().await;
    graph.reply(Reply::json(403, &json!({"error": {"code": "Forbidden", "message": "No."}})));
    let mut client = configured(graph.root()).await;
    let (_, messages) = plan(&mut client, prior(true)).await;
    assert!(messages.contains("Error") && messages.contains("reading its assignments"), "{messages}");
}
