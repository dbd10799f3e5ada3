# What CONTRIBUTING.md lists. `just` alone shows it. Where `just` is not installed, run the command of the recipe.

set windows-shell := ["bash", "-cu"]

_list:
    @just --list --unsorted

# see whether everything compiles
check:
    cargo check --all-targets

# format code and examples
format:
    cargo fmt --all
    terraform fmt -recursive examples

# lint the code
lint:
    .ci/run lint

# build the documentation of the code, warnings denied
doc:
    .ci/run doc

# check bans, licenses and sources of the dependencies
dependencies:
    .ci/run dependencies

# ask the advisory database about the dependencies (needs the network)
advisories:
    cargo deny --locked check advisories

# run all tests, or one target: `just test terraform_cli drift`
test target="" *filter:
    cargo test --locked {{ if target == "" { "" } else { "--test " + target } }} {{ filter }}

# run the scenarios with real Terraform: DEFENDER_TERRAFORM=tofu just client
client:
    .ci/run client

# write the registry pages again
pages:
    cargo run --locked --example docs

# validate registry pages and workflow files
validate:
    .ci/run pages workflows

# go through plan, apply, drift, repair and destroy with the emulator
quickstart *arguments:
    cargo run --locked --example quickstart -- {{ arguments }}

# start the emulator on 127.0.0.1:8400
emulator tenant="examples/quickstart/tenant.json":
    cargo run --locked --bin defender-graph-emulator -- --tenant {{ tenant }}

# install the tools of a release
release-tools:
    .ci/release/tools

# build the archives of this platform as a release does, without a key, and check them
release-dry target="x86_64-unknown-linux-musl":
    .ci/release/build {{ target }} target/release-archives
    .ci/release/assemble target/release-archives
    DEFENDER_RELEASE_ARCHIVES=target/release-archives cargo test --locked --test release -- --nocapture

# build in two folders and compare the archives byte for byte
release-reproducible target="x86_64-unknown-linux-musl":
    .ci/release/reproduce {{ target }}

# run everything that must hold before a change is merged
all:
    .ci/run
