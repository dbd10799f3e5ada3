//! A concurrent refresh of many unchanged policies, as at the start of a command: a batch for the first ones, one
//! list for the others. The numbers include the emulator, which runs in another thread and responds without delay.

use criterion::{BatchSize, Criterion, SamplingMode};
use futures_util::future::join_all;
use serde_json::json;
use terraform_provider_defender::wire::tfplugin6::DynamicValue;
use terraform_provider_defender::wire::tfplugin6::read_resource::{Request, Response};
use tokio::runtime::Runtime;

use crate::in_process::{RESOURCE, state};
use crate::scene::{Scene, config_of};
use crate::target::Target;
use crate::tenant::{COMPANY_OWNED, KIOSKS, Tenant, WORKSTATIONS};

const POLICIES: usize = 200;

pub fn measure(criterion: &mut Criterion, runtime: &Runtime) {
    let (scene, requests) = runtime.block_on(refreshed());
    let answers = runtime.block_on(read_all(&scene, &requests));
    assert!(answers.iter().zip(&requests).all(|(answer, request)| is_unchanged(answer, request)));
    let mut group = criterion.benchmark_group("refresh");
    group.sampling_mode(SamplingMode::Flat).sample_size(20);
    group.bench_function("200 policies at once", |bench| {
        bench.iter_batched(
            || runtime.block_on(scene.configure(&json!({}))),
            |()| runtime.block_on(read_all(&scene, &requests)),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// Requests for policies that are assigned and have been read once.
async fn refreshed() -> (Scene, Vec<Request>) {
    let tenant = (0..POLICIES).fold(Tenant::default(), |tenant, number| tenant.with_policy(&id(number)));
    let scene = Scene::new(&tenant).await;
    let targets = [
        Target::group(WORKSTATIONS),
        Target::exclusion(KIOSKS),
        Target::all_devices().including(COMPANY_OWNED),
    ];
    let rows = targets.iter().map(Target::row).collect();
    for number in 0..POLICIES {
        let path = format!("/_emulator/deviceConfigurations/{}/assignments", id(number));
        assert_eq!(scene.emulator.control("PUT", &path, Some(&rows)).0, 200);
    }
    let imported: Vec<Request> =
        (0..POLICIES).map(|number| request(state(&config_of(&id(number), &[])))).collect();
    let read = read_all(&scene, &imported).await;
    let requests = read.into_iter().map(|answer| request(answer.new_state.unwrap())).collect();
    scene.configure(&json!({})).await;
    (scene, requests)
}

fn id(number: usize) -> String {
    format!("{number:08x}-7c41-4f2a-9d36-58e1b0c7f294")
}

fn request(current_state: DynamicValue) -> Request {
    Request { type_name: RESOURCE.to_owned(), current_state: Some(current_state), ..Default::default() }
}

async fn read_all(scene: &Scene, requests: &[Request]) -> Vec<Response> {
    let read = |request: &Request| {
        let (mut client, request) = (scene.client(), request.clone());
        async move { client.read_resource(request).await.unwrap().into_inner() }
    };
    join_all(requests.iter().map(read)).await
}

fn is_unchanged(answer: &Response, request: &Request) -> bool {
    answer.new_state == request.current_state && answer.diagnostics.is_empty()
}
