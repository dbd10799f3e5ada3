//! A list of many pages, over loopback HTTP. The numbers include the emulator, which runs in another thread.

use std::sync::Arc;

use criterion::{Criterion, SamplingMode};
use terraform_provider_defender::auth::{InputOrigin, SelectedMethod, StaticToken};
use terraform_provider_defender::emulator::{self, Emulator, Options};
use terraform_provider_defender::graph::{Client, PolicyCollection};
use terraform_provider_defender::transport::Transport;
use tokio::runtime::Runtime;

use crate::tenant::Tenant;

const POLICIES: usize = 500;
const PAGE: usize = 10;

pub fn measure(criterion: &mut Criterion, runtime: &Runtime) {
    let emulator = emulator();
    let token =
        StaticToken::new("token", SelectedMethod::access_token(InputOrigin::Argument("access_token")));
    let graph = Client::new(
        emulator.base_url().parse().unwrap(),
        Arc::new(token),
        Transport::new("defender-bench/1.0".into()),
    );
    let list = || async { graph.policies(PolicyCollection::DeviceConfigurations).list().await.unwrap() };
    assert_eq!(runtime.block_on(list()).len(), POLICIES);
    assert_eq!(emulator.calls().len(), POLICIES / PAGE);
    let mut group = criterion.benchmark_group("paging");
    group.sampling_mode(SamplingMode::Flat).sample_size(20);
    group.bench_function("list of 50 pages", |bench| bench.iter(|| runtime.block_on(list())));
    group.finish();
}

fn emulator() -> Emulator {
    // The default tenant already has one policy.
    let ids: Vec<String> = (1..POLICIES).map(|n| format!("{n:08x}-7c41-4f2a-9d36-58e1b0c7f294")).collect();
    let tenant = Tenant::default().with_unrelated(&ids);
    let options = Options { page_size: Some(PAGE), ..Options::default() };
    Emulator::start(emulator::Tenant::from_json(tenant.json()).unwrap(), options).unwrap()
}
