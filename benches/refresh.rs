//! Measures real Terraform with many policies: plans of unchanged ones, with and without a refresh, plans with one
//! drifted policy, creates and destroys. For comparison, each is also measured with `terraform_data` of the same
//! values, which shows Terraform's own work on sets and objects. The emulator has 100 unrelated policies, pages of
//! 200 entities and a latency of 50 ms.
//!
//! Measures both kinds of policy together as well, see `kinds`, and look-ups by data sources, see `lookups`.
//!
//! `cargo bench --bench refresh`, with `-- --policies 5000` for another number, `-- --kinds` for both kinds only,
//! `-- --lookups` for data sources only, and `-- --picture FILE.svg` for a chart of the plans. Linux only, because it reads
//! `/proc`.

// A bench may stop at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// Prints the results.
#![allow(clippy::print_stdout)]

#[path = "refresh/kinds.rs"]
mod kinds;
#[path = "refresh/lookups.rs"]
mod lookups;
#[path = "startup/machine.rs"]
mod machine;
#[path = "refresh/picture.rs"]
mod picture;
#[path = "../tests/support/for_terraform_cli.rs"]
#[allow(dead_code, reason = "shared with the scenarios")]
mod support;
#[path = "refresh/watch.rs"]
mod watch;

use std::path::Path;
use std::time::Instant;

use picture::Point;
use support::emulator::{Emulator, TOKEN};
use support::processes::PROVIDER;
use support::target::Target;
use support::tenant::{LAPTOPS, Tenant, WORKSTATIONS};
use support::terraform::Folder;
use watch::{Cost, Watch};

const NUMBERS: [usize; 4] = [1, 50, 200, 1_000];
const UNRELATED: usize = 100;
/// Policies of each kind in the measurements of both kinds.
const KINDS: usize = 200;
/// Look-ups in each measurement of data sources.
const LOOKUPS: usize = 200;
/// Runs of each plan; the median is reported.
const PLANS: usize = 5;
/// Rounds of creates and destroys; the median is reported.
const ROUNDS: usize = 3;
/// With at least this many policies, one round of creates and destroys is enough, because most of the time is
/// Terraform's own.
const MANY: usize = 1_000;

/// The cost of one command.
struct Measured {
    seconds: f64,
    cost: Cost,
    requests: usize,
}

/// A command with this provider, and the same command with `terraform_data`.
struct Pair {
    ours: Measured,
    floor_seconds: f64,
}

fn main() {
    let numbers = option("--policies").map_or(NUMBERS.to_vec(), |number| vec![number.parse().unwrap()]);
    machine::print(PLANS, PROVIDER);
    println!("the last two columns are sampled every 20 ms and miss shorter processes\n");
    println!(
        "| {:>8} | {:31} | {:>9} | {:>14} | {:>8} | {:>12} | {:>8} |",
        "policies", "command", "wall", "terraform_data", "requests", "provider CPU", "peak RSS"
    );
    println!(
        "| -------: | :------------------------------ | --------: | -------------: | -------: | -----------: | -------: |"
    );
    if std::env::args().any(|argument| argument == "--kinds") {
        kinds::measure(KINDS);
        return;
    }
    if std::env::args().any(|argument| argument == "--lookups") {
        lookups::measure(LOOKUPS);
        return;
    }
    let points: Vec<Point> = numbers.into_iter().map(measure).collect();
    kinds::measure(KINDS);
    lookups::measure(LOOKUPS);
    if let Some(file) = option("--picture") {
        picture::draw(Path::new(&file), &points).unwrap();
    }
}

fn option(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

fn measure(number: usize) -> Point {
    let (ours, emulator) = with_policies(number);
    let floor = with_data(number);
    let requests = || emulator.requests();
    let pair = |arguments: &[&str]| Pair {
        floor_seconds: run(&floor, &requests, arguments).seconds,
        ours: run(&ours, &requests, arguments),
    };
    let apply = ["apply", "-auto-approve", "-no-color", "-input=false"];
    let plan = ["plan", "-no-color", "-input=false"];
    // Sends no Graph requests.
    let offline_plan = ["plan", "-refresh=false", "-no-color", "-input=false"];
    let destroy = ["destroy", "-auto-approve", "-no-color", "-input=false"];

    let mut creates = vec![pair(&apply)];
    let unchanged = median((0..PLANS).map(|_| pair(&plan)).collect());
    let not_refreshed = median((0..PLANS).map(|_| pair(&offline_plan)).collect());
    emulator.assign_in_portal(&id(number / 2), &[Target::group(LAPTOPS)]);
    let drifted = median((0..PLANS).map(|_| pair(&plan)).collect());
    emulator.assign_in_portal(&id(number / 2), &[Target::group(WORKSTATIONS)]);
    let mut destroys = vec![pair(&destroy)];
    for _ in 1..if number < MANY { ROUNDS } else { 1 } {
        creates.push(pair(&apply));
        destroys.push(pair(&destroy));
    }

    print(number, "creates", &median(creates));
    print(number, "plan, unchanged", &unchanged);
    print(number, "plan, not refreshed", &not_refreshed);
    print(number, "plan, one drifted", &drifted);
    print(number, "destroys", &median(destroys));
    Point {
        policies: number,
        seconds: unchanged.ours.seconds,
        offline_seconds: not_refreshed.ours.seconds,
        floor_seconds: unchanged.floor_seconds,
        requests: unchanged.ours.requests,
    }
}

fn with_policies(number: usize) -> (Folder, Emulator) {
    let ids: Vec<String> = (0..number).map(id).collect();
    let unrelated: Vec<String> = (0..UNRELATED).map(|number| id(1_000_000 + number)).collect();
    let tenant = ids.iter().fold(Tenant::default(), |tenant, id| tenant.with_policy(id));
    let options = ["--latency", "50ms", "--page-size", "200"];
    let emulator = Emulator::start_with(&tenant.with_unrelated(&unrelated), &options);
    let mut folder = Folder::new();
    folder.set("DEFENDER_GRAPH_ENDPOINT", emulator.origin());
    folder.set("DEFENDER_ACCESS_TOKEN", TOKEN);
    let text = format!(
        "terraform {{\n  required_providers {{\n    defender = {{ source = \"defender-atp/defender\" }}\n  }}\n}}\n\
         resource \"defender_atp_assignment\" \"this\" {{\n  count = {number}\n  {}\n}}\n",
        arguments()
    );
    folder.write("main.tf", &text);
    (folder, emulator)
}

/// The same number of resources with the same values, without a service.
fn with_data(number: usize) -> Folder {
    let folder = Folder::new();
    folder.write(
        "main.tf",
        &format!(
            "resource \"terraform_data\" \"this\" {{\n  count = {number}\n  input = {{\n  {}\n  }}\n}}\n",
            arguments()
        ),
    );
    folder
}

fn arguments() -> String {
    let assignment = Target::group(WORKSTATIONS).hcl();
    format!("device_configuration_id = {ID_OF_COUNT}\n  assignments = [{assignment}]")
}

/// Uses `count`: with `for_each`, Terraform evaluates the whole collection again for each instance, which dominates
/// the time for a thousand instances.
const ID_OF_COUNT: &str = "format(\"%08x-7c41-4f2a-9d36-58e1b0c7f294\", count.index)";

fn id(number: usize) -> String {
    format!("{number:08x}-7c41-4f2a-9d36-58e1b0c7f294")
}

fn run(folder: &Folder, requests: &dyn Fn() -> usize, arguments: &[&str]) -> Measured {
    let before = requests();
    let watch = Watch::begin(Path::new(PROVIDER));
    let started = Instant::now();
    let output = folder.command(arguments).output().unwrap();
    let seconds = started.elapsed().as_secs_f64();
    let cost = watch.end();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Measured { seconds, cost, requests: requests() - before }
}

/// The median of this provider, with the median of `terraform_data`.
fn median(mut pairs: Vec<Pair>) -> Pair {
    let middle = pairs.len() / 2;
    pairs.sort_by(|one, other| one.floor_seconds.total_cmp(&other.floor_seconds));
    let floor_seconds = pairs[middle].floor_seconds;
    pairs.sort_by(|one, other| one.ours.seconds.total_cmp(&other.ours.seconds));
    Pair { ours: pairs.swap_remove(middle).ours, floor_seconds }
}

fn print(number: usize, name: &str, pair: &Pair) {
    let Pair { ours: Measured { seconds, cost, requests }, floor_seconds } = pair;
    println!(
        "| {number:>8} | {name:31} | {seconds:>7.2} s | {floor_seconds:>12.2} s | {requests:>8} | {:>9.0} ms | {:>4.1} MiB |",
        cost.cpu_milliseconds,
        cost.peak_kib / 1024.0
    );
}
