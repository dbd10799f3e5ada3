//! Measures single calls in one process, without Terraform: the value codec, plans and validations, a paged list, a
//! refresh of many policies. The other benches measure process starts and whole runs.
//!
//! `cargo bench --bench calls`, or `-- plan` for the benches whose name contains that word. Without `--bench`, as in
//! `cargo test --bench calls`, each runs once.

// A bench may stop at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../tests/support/http.rs"]
#[allow(dead_code, reason = "shared with tests")]
mod http;
#[path = "../tests/support/in_process.rs"]
#[allow(dead_code, reason = "shared with tests")]
mod in_process;
#[path = "../tests/support/scene.rs"]
#[allow(dead_code, reason = "shared with tests")]
mod scene;
#[path = "../tests/support/target.rs"]
#[allow(dead_code, reason = "shared with tests")]
mod target;
#[path = "../tests/support/tenant.rs"]
#[allow(dead_code, reason = "shared with tests")]
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

/// One thread, like the provider's runtime.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
