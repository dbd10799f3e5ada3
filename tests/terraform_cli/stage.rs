//! What almost every scenario starts from: an emulator with a tenant, and a folder whose provider is pointed at it.

use serde_json::Value;

use crate::support::emulator::{Emulator, TOKEN};
use crate::support::plan::Plan;
use crate::support::target::{Target, element_of_row, sorted};
use crate::support::tenant::{POLICY, Tenant};
use crate::support::terraform::Folder;

/// The address of the resource that `assignment` writes.
pub const ADDRESS: &str = "defender_atp_assignment.this";

/// The start of every configuration. The provider's settings come from the environment.
const HEADER: &str = "
terraform {
  required_providers {
    defender = { source = \"defender-atp/defender\" }
  }
}
";

pub struct Stage {
    pub folder: Folder,
    pub emulator: Emulator,
}

impl Stage {
    pub fn new() -> Self {
        Self::with_tenant(&Tenant::default())
    }

    pub fn with_tenant(tenant: &Tenant) -> Self {
        Self::with_emulator(Emulator::start(tenant))
    }

    pub fn with_emulator(emulator: Emulator) -> Self {
        let mut folder = Folder::new();
        folder.set("DEFENDER_GRAPH_ENDPOINT", emulator.origin());
        folder.set("DEFENDER_ACCESS_TOKEN", TOKEN);
        Self { folder, emulator }
    }

    /// Writes the whole configuration.
    pub fn configure(&self, resources: &str) {
        self.folder.write("main.tf", &format!("{HEADER}\n{resources}"));
    }

    /// Configures `POLICY` with these targets.
    pub fn assign(&self, targets: &[Target]) {
        self.configure(&assignment(POLICY, targets));
    }

    /// Configures and applies, and looks whether tenant and next plan agree.
    pub fn apply_assigned(&self, targets: &[Target]) {
        self.assign(targets);
        self.folder.apply().succeeds();
        self.folder.plan().must_be_empty();
    }

    pub fn plan(&self) -> Plan {
        self.folder.plan()
    }

    /// The resource in the state.
    pub fn state(&self) -> Value {
        self.folder.state(ADDRESS)
    }

    /// Fails unless the state says what the emulator holds for `POLICY`, ids included.
    pub fn state_must_equal_tenant(&self) {
        let (state, rows) = (self.state(), self.emulator.direct_rows(POLICY));
        assert_eq!(elements(&state, "assignments"), sorted(rows.iter().map(element_of_row)));
        let mut ids: Vec<_> = state["assignment_ids"].as_object().unwrap().values().cloned().collect();
        ids.sort_by_key(Value::to_string);
        assert_eq!(ids, sorted(rows.iter().map(|row| row["id"].clone())));
    }
}

/// The resource block of `ADDRESS`.
pub fn assignment(policy: &str, targets: &[Target]) -> String {
    assignment_with(policy, &set(targets), "")
}

/// The same with any expression for the set, and more lines.
pub fn assignment_with(policy: &str, set: &str, more: &str) -> String {
    format!(
        "resource \"defender_atp_assignment\" \"this\" {{\n  device_configuration_id = {policy:?}\n  \
         assignments = {set}\n{more}\n}}\n"
    )
}

/// The same targets for several policies, as instances of one block.
pub fn assignment_for_each(policies: &[String], targets: &[Target]) -> String {
    format!(
        "resource \"defender_atp_assignment\" \"this\" {{\n  for_each = toset({policies:?})\n  \
         device_configuration_id = each.value\n  assignments = {}\n}}\n",
        set(targets)
    )
}

/// A set of targets as HCL.
pub fn set(targets: &[Target]) -> String {
    let lines: Vec<_> = targets.iter().map(|target| format!("    {},", target.hcl())).collect();
    format!("[\n{}\n  ]", lines.join("\n"))
}

/// A set attribute in a comparable order.
pub fn elements(state: &Value, attribute: &str) -> Vec<Value> {
    sorted(state[attribute].as_array().unwrap_or_else(|| panic!("{attribute} in {state}")).clone())
}
