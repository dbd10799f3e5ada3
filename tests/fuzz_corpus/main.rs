//! Replays the corpus of the fuzz targets, including truncated inputs. `fuzz/` holds the targets, `fuzz/bodies/` the
//! checks, which both use.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may fail"
)]

use std::fs;
use std::path::Path;

#[path = "../../fuzz/bodies/certificate.rs"]
mod certificate;
#[path = "../../fuzz/bodies/graph_body.rs"]
mod graph_body;
#[path = "../../fuzz/bodies/link.rs"]
mod link;
#[path = "../../fuzz/bodies/msgpack.rs"]
mod msgpack;
#[path = "../../fuzz/bodies/size.rs"]
mod size;
#[path = "../../fuzz/bodies/state_json.rs"]
mod state_json;

/// The number of truncations of a long input.
const TRUNCATIONS: usize = 100;

fn replay(target: &str, run: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut count = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let input = fs::read(&path).unwrap();
        println!("{}", path.display());
        for length in (0..=input.len()).rev().step_by(input.len().div_ceil(TRUNCATIONS).max(1)) {
            run(&input[..length]);
        }
        count += 1;
    }
    assert!(count >= 5, "{} has too few inputs", folder.display());
}

#[test]
fn the_messagepack_corpus_passes() {
    replay("msgpack", msgpack::run);
}

#[test]
fn the_stored_state_corpus_passes() {
    replay("state_json", state_json::run);
}

#[test]
fn the_graph_body_corpus_passes() {
    replay("graph_body", graph_body::run);
}

#[test]
fn the_certificate_corpus_passes() {
    replay("certificate", certificate::run);
}

#[test]
fn the_link_corpus_passes() {
    replay("link", link::run);
}
