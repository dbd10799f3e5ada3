//! Groups and `directoryObjects/getByIds`.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::support::*;

#[tokio::test]
async fn an_unknown_group_is_404_in_the_plain_shape() {
    let graph = Graph::start();
    // The pseudo groups of assignment ids are no directory objects.
    for id in [MISSING, ALL_DEVICES, ALL_USERS] {
        let answer = graph.get(&format!("/v1.0/groups/{id}")).await;
        assert_eq!((answer.status, answer.code()), (404, "Request_ResourceNotFound"));
        assert!(
            answer.message().starts_with(&format!("Resource '{id}' does not exist")),
            "{}",
            answer.message()
        );
    }
    let answer = graph.get("/v1.0/groups/pilot").await;
    assert_eq!((answer.status, answer.code()), (400, "Request_BadRequest"));
}

#[tokio::test]
async fn group_queries_that_are_not_known_are_refused() {
    let graph = Graph::start();
    for query in ["$filter=mail eq 'x'", "$top=0", "$top=1000", "$search=\"displayName:x\"", "$select=owner"]
    {
        assert_eq!(graph.get(&format!("/v1.0/groups?{query}")).await.status, 400, "{query}");
    }
    assert_eq!(graph.patch(&format!("/v1.0/groups/{PILOT}"), json!({})).await.status, 405);
}

#[tokio::test]
async fn groups_are_found_by_id_and_by_name() {
    let graph = Graph::start();
    let selected = format!("/v1.0/groups/{}?$select=id,displayName", PILOT.to_uppercase());
    let group = graph.get(&selected).await.body;
    assert_eq!((&group["id"], &group["displayName"]), (&json!(PILOT), &json!("Pilot")));
    assert_eq!(group.get("securityEnabled"), None);
    assert_eq!(graph.get("/beta/groups?$filter=displayName eq 'pilot'").await.each("id"), [PILOT]);
    assert_eq!(graph.get("/v1.0/groups?$filter=startswith(displayName,'S')").await.each("id"), [STAFF]);
    assert_eq!(graph.get("/v1.0/groups?$filter=displayName eq 'Nobody'").await.rows().len(), 0);
}

/// The literal is sent percent-encoded, once with a plus sign for each blank.
#[tokio::test]
async fn a_group_is_found_by_any_name() {
    let graph = Graph::start();
    for name in ["Bob's 'PCs'", "Geräte – 東京", "two  blanks ", "a+b & c=d #1 100%", "eq 'x' or 'y'"] {
        let (_, group) =
            graph.emulator.control("POST", "/_emulator/groups", Some(&json!({"displayName": name})));
        let literal = utf8_percent_encode(&name.replace('\'', "''"), NON_ALPHANUMERIC).to_string();
        for literal in [literal.clone(), literal.replace("%20", "+")] {
            let found =
                graph.get(&format!("/v1.0/groups?$filter=displayName+eq+'{literal}'&$select=id")).await;
            assert_eq!(found.rows(), &vec![json!({"id": group["id"]})], "{name}: {literal}");
        }
    }
    let two = json!({"displayName": "pilot"});
    graph.emulator.control("POST", "/_emulator/groups", Some(&two));
    assert_eq!(graph.get("/v1.0/groups?$filter=displayName eq 'Pilot'").await.rows().len(), 2);
}

#[tokio::test]
async fn a_filter_with_several_names_is_not_known() {
    let graph = Graph::start();
    for filter in ["displayName in ('Pilot','Staff')", "displayName eq 'Pilot' or displayName eq 'Staff'"] {
        let answer = graph.get(&format!("/v1.0/groups?$filter={filter}")).await;
        assert_eq!(answer.status, 400);
        assert!(answer.message().contains("The emulator does not know"), "{}", answer.message());
    }
}

#[tokio::test]
async fn a_group_lives_from_create_to_delete_and_assignments_to_it_stay() {
    let graph = Graph::start();
    let answer = graph.post("/v1.0/groups", json!({"displayName": "New"})).await;
    assert_eq!((answer.status, answer.code()), (400, "Request_BadRequest"));
    let body = json!({
        "displayName": "New", "mailNickname": "new", "mailEnabled": false, "securityEnabled": true, "color": "red",
    });
    let created = graph.post("/v1.0/groups", body).await;
    assert_eq!(created.status, 201);
    assert_eq!(created.body.get("color"), None, "the type is open, but nothing is echoed");
    let id = created.body["id"].as_str().unwrap();
    let path = format!("/v1.0/groups/{id}");
    assert_eq!(graph.get(&path).await.status, 200);
    assert_eq!(graph.assign(json!([group(id)])).await.status, 200);
    assert_eq!(graph.delete(&path).await.status, 204);
    assert_eq!(graph.get(&path).await.status, 404);
    assert_eq!(graph.delete(&path).await.status, 404);
    assert_eq!(graph.targets().await.len(), 1);
}

#[tokio::test]
async fn get_by_ids_refuses_what_it_cannot_read() {
    let graph = Graph::start();
    let many: Vec<&str> = vec![PILOT; 1001];
    for body in [
        json!({}),
        json!({"ids": null}),
        json!({"ids": PILOT}),
        json!({"ids": ["pilot"]}),
        json!({"ids": many}),
        json!({"ids": [PILOT], "kinds": ["group"]}),
    ] {
        let answer = graph.post("/v1.0/directoryObjects/getByIds", body).await;
        assert_eq!((answer.status, answer.code()), (400, "Request_BadRequest"));
    }
    assert_eq!(graph.get("/v1.0/directoryObjects/getByIds").await.status, 405);
}

#[tokio::test]
async fn get_by_ids_leaves_unknown_ids_out() {
    let graph = Graph::start();
    let ids = json!([PILOT, MISSING, STAFF.to_uppercase(), PILOT]);
    let answer = graph.post("/v1.0/directoryObjects/getByIds", json!({"ids": ids, "types": ["group"]})).await;
    assert_eq!(answer.each("id"), [PILOT, STAFF]);
    assert_eq!(answer.each("@odata.type"), ["#microsoft.graph.group"; 2]);
    let users = graph.post("/v1.0/directoryObjects/getByIds", json!({"ids": ids, "types": ["user"]})).await;
    assert_eq!(users.body["value"], Value::Array(Vec::new()));
}
