//! Builds the emulator's tenant file, with entities in Graph's JSON. The default tenant has one unassigned Defender
//! policy, three groups and two filters.

use serde_json::{Value, json};

use super::target::Target;

pub const POLICY: &str = "0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294";
pub const OTHER_POLICY: &str = "6e2f9c17-d03b-4a85-b1c4-97a5d8e60f3b";
/// A Windows policy of another type.
pub const BASELINE: &str = "c94d7a60-2e1f-4b38-8f5d-a3c6e9b01d72";
pub const WORKSTATIONS: &str = "a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01";
pub const LAPTOPS: &str = "b4e2a7c3-1d58-4fa6-9b2e-7a3fac8d6e02";
pub const KIOSKS: &str = "c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03";
pub const COMPANY_OWNED: &str = "d604c9e5-3f7a-41c8-bd40-9c51ceaf8004";
pub const PERSONAL: &str = "e715daf6-408b-42d9-8e51-ad62dfb09105";
/// A filter for phones, which a Windows policy cannot use. Not in the default tenant.
pub const PHONES: &str = "08a7fc18-62ad-44fb-a073-cf84f1d2b307";
pub const POLICY_SET: &str = "f826eb07-519c-43ea-9f62-be73e0c1a206";

const DEFENDER: &str = "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration";
const GENERAL: &str = "#microsoft.graph.windows10GeneralConfiguration";

#[derive(Clone, Debug)]
pub struct Tenant {
    policies: Vec<Value>,
    groups: Vec<Value>,
    filters: Vec<Value>,
    directory: Value,
}

impl Default for Tenant {
    fn default() -> Self {
        let groups = [(WORKSTATIONS, "Workstations"), (LAPTOPS, "Laptops"), (KIOSKS, "Kiosks")];
        let filters = [(COMPANY_OWNED, "Company-owned devices"), (PERSONAL, "Personal devices")];
        Self {
            policies: vec![policy(DEFENDER, POLICY, &[])],
            groups: groups.map(|(id, name)| group(id, name)).to_vec(),
            filters: filters.map(|(id, name)| filter(id, name)).to_vec(),
            directory: json!({}),
        }
    }
}

impl Tenant {
    /// Adds a Defender policy.
    pub fn with_policy(mut self, id: &str) -> Self {
        self.policies.push(policy(DEFENDER, id, &[]));
        self
    }

    /// Adds a policy of another type, which the provider must reject.
    pub fn with_baseline(mut self) -> Self {
        self.policies.push(policy(GENERAL, BASELINE, &[]));
        self
    }

    /// Adds policies of another type.
    #[allow(dead_code, reason = "for the bench of refreshes")]
    pub fn with_unrelated<'i>(mut self, ids: impl IntoIterator<Item = &'i String>) -> Self {
        self.policies.extend(ids.into_iter().map(|id| policy(GENERAL, id, &[])));
        self
    }

    /// Adds the filter `PHONES`.
    pub fn with_filter_for_phones(mut self) -> Self {
        let mut phones = filter(PHONES, "Phones");
        phones["platform"] = json!("androidForWork");
        self.filters.push(phones);
        self
    }

    /// Adds groups, each named after its id.
    #[allow(dead_code, reason = "the scenarios with real Terraform need only three")]
    pub fn with_groups<'i>(mut self, ids: impl IntoIterator<Item = &'i String>) -> Self {
        self.groups.extend(ids.into_iter().map(|id| group(id, id)));
        self
    }

    /// Assigns `POLICY` before Terraform runs.
    pub fn assigned_to(self, targets: &[Target]) -> Self {
        self.with_rows(&targets.iter().map(Target::row).collect::<Vec<_>>())
    }

    /// Sets the rows of `POLICY`, including those of policy sets.
    pub fn with_rows(mut self, rows: &[Value]) -> Self {
        self.policies[0] = policy(DEFENDER, POLICY, rows);
        self
    }

    /// Sets the members about identities.
    pub fn with_directory(self, directory: &Value) -> Self {
        Self { directory: directory.clone(), ..self }
    }

    pub fn json(&self) -> Value {
        let mut members = self.directory.as_object().cloned().unwrap_or_default();
        members.insert("deviceConfigurations".to_owned(), json!(self.policies));
        members.insert("groups".to_owned(), json!(self.groups));
        members.insert("assignmentFilters".to_owned(), json!(self.filters));
        Value::Object(members)
    }
}

fn policy(kind: &str, id: &str, rows: &[Value]) -> Value {
    json!({ "@odata.type": kind, "id": id, "displayName": format!("Policy {id}"), "assignments": rows })
}

fn group(id: &str, name: &str) -> Value {
    json!({ "id": id, "displayName": name, "securityEnabled": true, "mailEnabled": false, "groupTypes": [] })
}

fn filter(id: &str, name: &str) -> Value {
    json!({
        "id": id,
        "displayName": name,
        "platform": "windows10AndLater",
        "rule": "(device.deviceOwnership -eq \"Corporate\")",
        "assignmentFilterManagementType": "devices",
    })
}
