//! An assignment target in the three forms that the scenarios compare: configuration, Graph row, element of the
//! state. Follows the published reference, independent of the provider's conversions.

use serde_json::{Map, Value, json};

/// The meaning of one element of `assignments`.
#[derive(Clone, Debug)]
pub struct Target {
    kind: &'static str,
    group_id: Option<String>,
    collection_id: Option<String>,
    /// Id and `include` or `exclude`.
    filter: Option<(String, &'static str)>,
}

const KINDS: [&str; 5] = [
    "allDevicesAssignmentTarget",
    "allLicensedUsersAssignmentTarget",
    "groupAssignmentTarget",
    "exclusionGroupAssignmentTarget",
    "configurationManagerCollectionAssignmentTarget",
];

impl Target {
    pub fn all_devices() -> Self {
        Self::with_kind(KINDS[0])
    }

    pub fn all_users() -> Self {
        Self::with_kind(KINDS[1])
    }

    pub fn group(id: &str) -> Self {
        Self { group_id: Some(id.to_owned()), ..Self::with_kind(KINDS[2]) }
    }

    pub fn exclusion(id: &str) -> Self {
        Self { group_id: Some(id.to_owned()), ..Self::with_kind(KINDS[3]) }
    }

    pub fn collection(id: &str) -> Self {
        Self { collection_id: Some(id.to_owned()), ..Self::with_kind(KINDS[4]) }
    }

    pub fn including(self, filter_id: &str) -> Self {
        Self { filter: Some((filter_id.to_owned(), "include")), ..self }
    }

    pub fn excluding(self, filter_id: &str) -> Self {
        Self { filter: Some((filter_id.to_owned(), "exclude")), ..self }
    }

    fn with_kind(kind: &'static str) -> Self {
        Self { kind, group_id: None, collection_id: None, filter: None }
    }

    /// The same target with all ids in upper case, as copied from the portal's address bar.
    pub fn with_upper_case_ids(&self) -> Self {
        let upper = |id: &String| id.to_uppercase();
        Self {
            kind: self.kind,
            group_id: self.group_id.as_ref().map(upper),
            collection_id: self.collection_id.clone(),
            filter: self.filter.as_ref().map(|(id, mode)| (id.to_uppercase(), *mode)),
        }
    }

    /// The element as HCL, on one line.
    pub fn hcl(&self) -> String {
        let written = self.attributes().into_iter().filter(|(_, value)| !value.is_null());
        let written: Vec<_> = written.map(|(name, value)| format!("{name} = {value}")).collect();
        format!("{{ {} }}", written.join(", "))
    }

    /// The element in `terraform show -json`: all attributes, null if omitted.
    pub fn element(&self) -> Value {
        Value::Object(self.attributes())
    }

    fn attributes(&self) -> Map<String, Value> {
        let (filter_id, filter_type) = self.filter.clone().unzip();
        let all = [
            ("collection_id", json!(self.collection_id)),
            ("filter_id", json!(filter_id)),
            ("filter_type", json!(filter_type)),
            ("group_id", json!(self.group_id)),
            ("type", json!(self.kind)),
        ];
        all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// A direct row, in the form of a request to Graph.
    pub fn row(&self) -> Value {
        let mut target = Map::new();
        target.insert("@odata.type".to_owned(), json!(format!("#microsoft.graph.{}", self.kind)));
        for (name, id) in [("groupId", &self.group_id), ("collectionId", &self.collection_id)] {
            if let Some(id) = id {
                target.insert(name.to_owned(), json!(id));
            }
        }
        if let Some((id, mode)) = &self.filter {
            target.insert("deviceAndAppManagementAssignmentFilterId".to_owned(), json!(id));
            target.insert("deviceAndAppManagementAssignmentFilterType".to_owned(), json!(mode));
        }
        json!({ "target": target })
    }

    /// A row inherited from a policy set.
    pub fn inherited_row(&self, policy_set: &str) -> Value {
        let mut row = self.row();
        row["source"] = json!("policySets");
        row["sourceId"] = json!(policy_set);
        row
    }
}

/// Converts a row from Graph to an element of `assignments`.
pub fn element_of_row(row: &Value) -> Value {
    let target = &row["target"];
    let kind = target["@odata.type"].as_str().unwrap_or_default();
    let mode = &target["deviceAndAppManagementAssignmentFilterType"];
    let filtered = matches!(mode.as_str(), Some("include" | "exclude"));
    let filter = |value: &Value| if filtered { value.clone() } else { Value::Null };
    json!({
        "collection_id": target["collectionId"],
        "filter_id": filter(&target["deviceAndAppManagementAssignmentFilterId"]),
        "filter_type": filter(mode),
        "group_id": target["groupId"],
        "type": kind.trim_start_matches("#microsoft.graph."),
    })
}

/// Sorts elements of a set, so that they can be compared.
pub fn sorted(elements: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let mut elements: Vec<_> = elements.into_iter().collect();
    elements.sort_by_key(Value::to_string);
    elements
}
