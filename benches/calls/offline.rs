//! Calls without Graph requests: a plan of an unchanged resource and a validation. The numbers include encoding and
//! decoding of the gRPC messages in the client.

use criterion::Criterion;
use terraform_provider_defender::wire::tfplugin6::{plan_resource_change, validate_resource_config};
use tokio::runtime::Runtime;

use crate::in_process::{Client, RESOURCE, configured, state};
use crate::subject::{MANY, config, stored};

/// No service listens there, and no request is expected.
const NO_GRAPH: &str = "http://127.0.0.1:9";

pub fn measure(criterion: &mut Criterion, runtime: &Runtime) {
    let client = runtime.block_on(configured(NO_GRAPH));
    measure_plan(criterion, runtime, &client, "plan of 1 target", 1);
    measure_plan(criterion, runtime, &client, "plan of 200 targets", MANY);
    measure_validate(criterion, runtime, &client);
}

fn measure_plan(criterion: &mut Criterion, runtime: &Runtime, client: &Client, name: &str, count: usize) {
    let unchanged = state(&stored(count));
    let request = plan_resource_change::Request {
        type_name: RESOURCE.to_owned(),
        prior_state: Some(unchanged.clone()),
        proposed_new_state: Some(unchanged.clone()),
        config: Some(state(&config(count))),
        ..Default::default()
    };
    let plan = || async { client.clone().plan_resource_change(request.clone()).await.unwrap().into_inner() };
    let answer = runtime.block_on(plan());
    assert_eq!(
        (answer.planned_state, answer.diagnostics),
        (Some(unchanged), vec![]),
        "a plan without changes"
    );
    criterion.bench_function(name, |bench| bench.iter(|| runtime.block_on(plan())));
}

fn measure_validate(criterion: &mut Criterion, runtime: &Runtime, client: &Client) {
    let request = validate_resource_config::Request {
        type_name: RESOURCE.to_owned(),
        config: Some(state(&config(MANY))),
        ..Default::default()
    };
    let validate =
        || async { client.clone().validate_resource_config(request.clone()).await.unwrap().into_inner() };
    assert_eq!(runtime.block_on(validate()).diagnostics, []);
    criterion.bench_function("validation of 200 targets", |bench| {
        bench.iter(|| runtime.block_on(validate()));
    });
}
