//! What single calls cost inside one process, without Terraform and without a pause: values through the codec, plans and
//! validations, the pages of a list, a refresh of many policies. Starts and whole runs have benches of their own.
//!
//! `cargo bench --bench calls`, with `-- plan` for those whose name has that word. Without `--bench`, as in
//! `cargo test --bench calls`, each runs once.

// A bench may stop at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../tests/support/http.rs"]
#[allow(dead_code, reason = "shared with tests, which need more of it")]
mod http;
#[path = "../tests/support/in_process.rs"]
#[allow(dead_code, reason = "shared with tests, which need more of it")]
mod in_process;
#[path = "../tests/support/scene.rs"]
#[allow(dead_code, reason = "shared with tests, which need more of it")]
mod scene;
#[path = "../tests/support/target.rs"]
#[allow(dead_code, reason = "shared with tests, which need more of it")]
mod target;
#[path = "../tests/support/tenant.rs"]
#[allow(dead_code, reason = "shared with tests, which need more of it")]
mod tenant;

#[path = "calls/codec.rs"]
mod codec;
#[path = "calls/offline.rs"]
mod offline;
#[path = "calls/paging.rs"]
mod paging;
#[path = "calls/refresh.rs"]
mod refresh;
#[path = "calls/subject.rs"]
mod subject;

use std::time::Duration;

use criterion::Criterion;
use tokio::runtime::Runtime;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(40)
        .configure_from_args();
    let runtime = runtime();
    codec::measure(&mut criterion);
    offline::measure(&mut criterion, &runtime);
    paging::measure(&mut criterion, &runtime);
    refresh::measure(&mut criterion, &runtime);
    criterion.final_summary();
}

/// One thread, as the provider's own.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
