//! Collections of several pages.

use serde_json::json;
use terraform_provider_defender::graph::{Error, RequestError, ResponseProblem};

use crate::scripted_graph::{Reply, ScriptedGraph};
use crate::support::{PATH, POLICY, groups_of, page, policies, row, start};

#[tokio::test]
async fn all_pages_are_read_by_links_used_as_given() {
    let (graph, client) = start().await;
    let second = format!("{}{PATH}/assignments?$skiptoken=A%2bB%3D", graph.root());
    let third = format!("{}/beta/elsewhere('x')?$skiptoken=2", graph.root());
    graph
        .reply(page(&[row("g1")], Some(&second)))
        .reply(page(&[], Some(&third)))
        .reply(page(&[row("g2"), row("g3")], None));

    let assignments = policies(&client).list_assignments(POLICY).await.unwrap();
    assert_eq!(groups_of(&assignments), ["g1", "g2", "g3"]);
    assert_eq!(
        graph.lines(),
        [
            format!("GET {PATH}/assignments"),
            format!("GET {PATH}/assignments?$skiptoken=A%2bB%3D"),
            "GET /beta/elsewhere('x')?$skiptoken=2".to_owned(),
        ]
    );
    assert!(graph.requests().iter().all(|request| request.header("authorization").is_some()));
}

#[tokio::test]
async fn a_link_to_another_port_is_refused_and_gets_no_token() {
    let (graph, client) = start().await;
    let elsewhere = ScriptedGraph::start().await;
    graph.reply(page(&[row("g1")], Some(&format!("{}/beta/x?$skiptoken=s", elsewhere.root()))));

    let error = policies(&client).list_assignments(POLICY).await.unwrap_err();
    assert!(matches!(&error, Error::NotSent(RequestError::ForeignLink { .. })), "{error}");
    assert!(!error.to_string().contains("skiptoken"), "{error}");
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_loop_of_pages_is_an_error() {
    let (graph, client) = start().await;
    let link = |number: u8| format!("{}{PATH}/assignments?$skiptoken={number}", graph.root());
    graph
        .reply(page(&[row("g1")], Some(&link(1))))
        .reply(page(&[row("g2")], Some(&link(2))))
        .reply(page(&[row("g1")], Some(&link(1))));
    let error = policies(&client).list_assignments(POLICY).await.unwrap_err();
    assert!(matches!(error, Error::Undocumented { problem: ResponseProblem::LinkLoop, .. }), "{error}");
}

#[tokio::test]
async fn endless_pages_are_given_up() {
    let (graph, client) = start().await;
    for number in 0..2_000 {
        let link = format!("{}{PATH}/assignments?$skiptoken={number}", graph.root());
        graph.reply(page(&[], Some(&link)));
    }
    let error = policies(&client).list_assignments(POLICY).await.unwrap_err();
    let Error::Undocumented { problem: ResponseProblem::TooManyPages { limit }, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(*limit, 2_000);
}

#[tokio::test]
async fn a_collection_without_value_is_an_error_and_never_empty() {
    for body in [json!({}), json!({"value": null}), json!({"@odata.context": "x"})] {
        let (graph, client) = start().await;
        graph.reply(Reply::json(200, &body));
        let error = policies(&client).list_assignments(POLICY).await.unwrap_err();
        assert!(matches!(error, Error::Undocumented { problem: ResponseProblem::NoValue, .. }), "{error}");
    }
    for reply in [
        Reply::bytes(204, Vec::new()),
        Reply::json(200, &json!([])),
        Reply::json(200, &json!({"value": [{}]})),
    ] {
        let (graph, client) = start().await;
        graph.reply(reply);
        let error = policies(&client).list_assignments(POLICY).await.unwrap_err();
        assert!(matches!(error, Error::Undocumented { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_failing_second_page_fails_the_whole_list() {
    let (graph, client) = start().await;
    let second = format!("{}{PATH}/assignments?$skiptoken=2", graph.root());
    graph.reply(page(&[row("g1")], Some(&second))).reply(Reply::bytes(504, Vec::new()));
    let error = policies(&client).list_assignments(POLICY).await.unwrap_err();
    assert!(error.is_unavailable(), "{error}");
}
