//! The corpus of the fuzz targets, input by input and cut short at every length. The targets themselves are in
//! `fuzz/`; what they demand is in `fuzz/bodies/`, which both use.

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

#[path = "../fuzz/bodies/certificate.rs"]
mod certificate;
#[path = "../fuzz/bodies/graph_body.rs"]
mod graph_body;
#[path = "../fuzz/bodies/link.rs"]
mod link;
#[path = "../fuzz/bodies/msgpack.rs"]
mod msgpack;
#[path = "../fuzz/bodies/size.rs"]
mod size;
#[path = "../fuzz/bodies/state_json.rs"]
mod state_json;

/// Long inputs are cut at this many places only.
const CUTS: usize = 100;

fn replay(target: &str, run: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut count = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let input = fs::read(&path).unwrap();
        println!("{}", path.display());
        for length in (0..=input.len()).rev().step_by(input.len().div_ceil(CUTS).max(1)) {
            run(&input[..length]);
        }
        count += 1;
    }
    assert!(count >= 5, "{} holds next to nothing", folder.display());
}

#[test]
fn the_corpus_of_the_messagepack_codec_holds() {
    replay("msgpack", msgpack::run);
}

#[test]
fn the_corpus_of_stored_state_holds() {
    replay("state_json", state_json::run);
}

#[test]
fn the_corpus_of_graph_bodies_holds() {
    replay("graph_body", graph_body::run);
}

#[test]
fn the_corpus_of_certificates_holds() {
    replay("certificate", certificate::run);
}

#[test]
fn the_corpus_of_links_holds() {
    replay("link", link::run);
}
