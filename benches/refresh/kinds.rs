//! Both kinds of policy in one configuration, and creates with different groups, over HTTP and over TLS with a sign-in. The
//! emulator runs in this process.

use std::fmt::Write as _;

use serde_json::{Value, json};
use terraform_provider_defender::emulator::{Emulator, Options, TlsOptions};

use crate::support::directory::{ALL, CLIENT_ID, SECRET, TENANT_ID, directory};
use crate::support::terraform::Folder;
use crate::{Measured, PLANS, Pair, ROUNDS, median, print, run};

const HEADER: &str =
    "terraform {\n  required_providers {\n    defender = { source = \"defender-atp/defender\" }\n  }\n}\n";

/// A command of a scenario, besides the options that all of them have.
const APPLY: &[&str] = &["apply", "-auto-approve", "-no-color", "-input=false"];
const PLAN: &[&str] = &["plan", "-no-color", "-input=false"];
const DESTROY: &[&str] = &["destroy", "-auto-approve", "-no-color", "-input=false"];

/// A kind of policy: resource type, id attribute, and the part of its ids that differs.
#[derive(Clone, Copy)]
struct Kind {
    resource: &'static str,
    attribute: &'static str,
    suffix: &'static str,
}

const ATP: Kind = Kind {
    resource: "defender_atp_assignment",
    attribute: "device_configuration_id",
    suffix: "000000000a7b",
};
const EDR: Kind = Kind {
    resource: "defender_edr_assignment",
    attribute: "configuration_policy_id",
    suffix: "0000000000ed",
};

/// A folder and its emulator.
struct World {
    folder: Folder,
    floor: Folder,
    emulator: Emulator,
}

pub fn measure(number: usize) {
    let world = World::new(number, &[ATP, EDR], false, false);
    world.pair(APPLY);
    world.report(number, "plan, both kinds", PLAN);
    drop(world);

    let world = World::new(number, &[EDR], false, false);
    world.pair(APPLY);
    world.report(number, "plan, EDR", PLAN);
    let parallelism = format!("-parallelism={number}");
    world.report(number, "the same, all at once", &[PLAN, &[&parallelism]].concat());
    drop(world);

    for is_secure in [false, true] {
        let name = |command: &str| format!("{command}, own groups{}", if is_secure { ", TLS" } else { "" });
        let world = World::new(number, &[ATP], true, is_secure);
        world.report(number, &name("planned creates"), PLAN);
        let (mut creates, mut destroys) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            creates.push(world.pair(APPLY));
            destroys.push(world.pair(DESTROY));
        }
        print(number, &name("creates"), &median(creates));
        print(number, &name("destroys"), &median(destroys));
    }
}

impl World {
    /// `number` policies of each kind, each assigned to one group: all to the same one, or each to its own.
    fn new(number: usize, kinds: &[Kind], has_own_groups: bool, is_secure: bool) -> Self {
        let mut folder = Folder::new();
        let ca_file = folder.path().join("ca.pem");
        let options = Options {
            latency: std::time::Duration::from_millis(50),
            page_size: Some(200),
            require_sign_in: is_secure,
            tls: is_secure.then(|| TlsOptions { ca_file: ca_file.clone(), names: Vec::new() }),
            ..Options::default()
        };
        let emulator = Emulator::start(tenant(number, kinds), options).unwrap();
        folder.set("DEFENDER_GRAPH_ENDPOINT", emulator.base_url());
        if is_secure {
            folder.set("SSL_CERT_FILE", &ca_file);
            folder.set("ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST", emulator.base_url());
            folder.set("ARM_TENANT_ID", TENANT_ID);
            folder.set("ARM_CLIENT_ID", CLIENT_ID);
            folder.set("ARM_CLIENT_SECRET", SECRET);
        } else {
            folder.set("DEFENDER_ACCESS_TOKEN", "token");
        }
        folder.write("main.tf", &configuration(number, kinds, has_own_groups));
        let floor = Folder::new();
        floor.write("main.tf", &data(number, kinds, has_own_groups));
        Self { folder, floor, emulator }
    }

    fn pair(&self, arguments: &[&str]) -> Pair {
        let requests = || self.emulator.calls().iter().filter(|call| call.envelope.is_none()).count();
        let Measured { seconds: floor_seconds, .. } = run(&self.floor, &requests, arguments);
        Pair { ours: run(&self.folder, &requests, arguments), floor_seconds }
    }

    fn report(&self, number: usize, name: &str, arguments: &[&str]) {
        print(number, name, &median((0..PLANS).map(|_| self.pair(arguments)).collect()));
    }
}

fn tenant(number: usize, kinds: &[Kind]) -> terraform_provider_defender::emulator::Tenant {
    let policies = |kind: Kind, name: &str| -> Vec<Value> {
        let all = if kinds.iter().any(|other| other.resource == kind.resource) { number } else { 0 };
        (0..all).map(|index| json!({"id": id(index, kind.suffix), name: format!("Policy {index}")})).collect()
    };
    let groups: Vec<Value> = (0..number)
        .map(|index| json!({"id": id(index, GROUP), "displayName": format!("Group {index}")}))
        .collect();
    let mut document = directory(ALL);
    document["deviceConfigurations"] = json!(policies(ATP, "displayName"));
    document["configurationPolicies"] = json!(policies(EDR, "name"));
    document["groups"] = json!(groups);
    terraform_provider_defender::emulator::Tenant::from_json(document).unwrap()
}

const GROUP: &str = "0000000000c0";

fn id(number: usize, suffix: &str) -> String {
    format!("{number:08x}-7c41-4f2a-9d36-{suffix}")
}

/// The attributes of a resource of a kind.
fn attributes(kind: Kind, has_own_groups: bool) -> String {
    let id_of = |suffix: &str| format!("format(\"%08x-7c41-4f2a-9d36-{suffix}\", count.index)");
    let group = if has_own_groups { id_of(GROUP) } else { format!("{:?}", id(0, GROUP)) };
    format!(
        "{} = {}\n    assignments = [{{ type = \"groupAssignmentTarget\", group_id = {group} }}]",
        kind.attribute,
        id_of(kind.suffix)
    )
}

fn configuration(number: usize, kinds: &[Kind], has_own_groups: bool) -> String {
    let mut text = HEADER.to_owned();
    for kind in kinds {
        let attributes = attributes(*kind, has_own_groups);
        writeln!(text, "resource {:?} \"this\" {{\n  count = {number}\n  {attributes}\n}}", kind.resource)
            .unwrap();
    }
    text
}

/// The same values in as many `terraform_data`.
fn data(number: usize, kinds: &[Kind], has_own_groups: bool) -> String {
    let mut text = String::new();
    for kind in kinds {
        let attributes = attributes(*kind, has_own_groups);
        writeln!(
            text,
            "resource \"terraform_data\" {:?} {{\n  count = {number}\n  input = {{\n  {attributes}\n  }}\n}}",
            kind.resource
        )
        .unwrap();
    }
    text
}
