//! Every failure of every way to sign in, through every output of the real program: no secret is seen in any of them.
//!
//! ```text
//! methods    access token, client secret (variable, file), certificate (PFX, PEM), OIDC token (variable, file), GitHub
//!            Actions, Azure DevOps, AKS, managed identity (virtual machine, App Service), Azure CLI
//! failures   of the service that vouches, of the authority, of the metadata service, of the program, of Graph
//! outputs    stdout and stderr with the log at TRACE, diagnostics, state, planned state, private data; of the plugin and
//!            of `check`
//! ```

// A test may stop at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, reason = "the size of the table is for a person who looks at a run")]
#![allow(dead_code, reason = "the support serves several test targets")]
// Sockets of the file system, and a shell script in place of the Azure CLI.
#![cfg(unix)]

#[path = "../support/directory.rs"]
mod directory;
#[path = "../support/in_process.rs"]
mod in_process;
#[path = "../support/plugin_client.rs"]
mod plugin_client;
#[path = "../support/scripted_graph.rs"]
mod scripted_graph;

mod failures;
mod methods;
mod outputs;

use futures_util::future::join_all;
use tokio::sync::Semaphore;

use failures::{Failure, Stage};
use methods::Method;
use outputs::{Output, found_in};

/// A cell is two processes, and most of its time is waiting.
const AT_ONCE: usize = 16;

/// One cell: a method and how it fails.
async fn run(method: Method, failure: Failure) -> Vec<String> {
    let place = format!("{method:?}, {failure:?}");
    let service = failures::serve(failure, method).await;
    let sign_in = method.prepare(service.root(), failure);
    let outputs = outputs::of_all_commands(&sign_in).await;
    assert!(outputs.iter().any(|output| output.bytes.len() > 100), "{place}: nothing was written");
    must_have_failed(&place, &outputs);
    found_in(&outputs, &sign_in.secrets).into_iter().map(|finding| format!("{place}: {finding}")).collect()
}

/// A cell that succeeds proves nothing.
fn must_have_failed(place: &str, outputs: &[Output]) {
    let diagnostics = outputs.iter().filter(|output| output.name == "diagnostics");
    let text: String = diagnostics.map(|output| String::from_utf8_lossy(&output.bytes)).collect();
    assert!(text.contains("Error"), "{place}: no error\n{text}");
}

#[tokio::test]
async fn no_failure_of_any_method_shows_a_secret_in_any_output() {
    let permits = Semaphore::new(AT_ONCE);
    let cells = Method::ALL.iter().flat_map(|method| {
        method.stages().iter().flat_map(|stage| failures::of(*stage)).map(|failure| (*method, failure))
    });
    let runs = cells.map(async |(method, failure)| {
        let _permit = permits.acquire().await.unwrap();
        run(method, failure).await
    });
    let findings = join_all(runs).await;
    println!("{} cells of {} methods, {} outputs each", findings.len(), Method::ALL.len(), outputs::COUNT);
    let findings: Vec<String> = findings.into_iter().flatten().collect();
    assert!(findings.is_empty(), "{} leaks:\n{}", findings.len(), findings.join("\n"));
}

/// The search itself: a secret that is put into an output in any spelling is found, in every output.
#[tokio::test]
async fn a_leak_is_found_in_every_output_and_in_every_spelling() {
    let failure = failures::of(Stage::Authority).next().unwrap();
    let service = failures::serve(failure, Method::ClientSecret).await;
    let sign_in = Method::ClientSecret.prepare(service.root(), failure);
    let outputs = outputs::of_all_commands(&sign_in).await;
    assert_eq!(outputs.len(), outputs::COUNT);
    for position in 0..outputs.len() {
        for secret in &sign_in.secrets {
            for spelling in outputs::spellings(secret) {
                let mut leaking = outputs.clone();
                leaking[position].bytes.extend(format!("…{}…", spelling.to_uppercase()).bytes());
                let found = found_in(&leaking, &sign_in.secrets);
                let name = leaking[position].name;
                assert!(found.iter().any(|finding| finding.contains(name)), "{spelling} in {name}");
            }
        }
    }
}
