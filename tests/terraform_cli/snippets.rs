//! Every configuration that a page shows is applied as it stands, against a tenant with the objects that it names.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::stage::{Stage, assignment_with};
use crate::support::emulator::Emulator;
use crate::support::tenant::POLICY;
use crate::support::terraform;

/// A fenced block of a page.
struct Snippet {
    /// `docs/index.md, line 21`
    place: String,
    text: String,
}

/// Starts that make a block no configuration: settings of the command line, tests, which `guides` runs, and variables.
const OTHER_FILES: [&str; 3] = ["provider_installation {", "# What the module ", "rings = ["];

/// Parts that need something beyond this provider, and their replacements.
const REPLACED: [(&str, &str); 4] = [
    (
        "data \"azuread_group\" \"workstations\" {\n  display_name     = \"Workstations\"\n  security_enabled = true\n}\n",
        "",
    ),
    ("data.azuread_group.workstations.object_id", "\"5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c11\""),
    (
        "  cloud {\n    organization = \"contoso\"\n\n    workspaces {\n      name = \"intune\"\n    }\n  }\n",
        "",
    ),
    ("terraform.local/defender-atp/defender", "defender-atp/defender"),
];

const HEADER: &str =
    "terraform {\n  required_providers {\n    defender = { source = \"defender-atp/defender\" }\n  }\n}\n";

/// Values for the variables of all snippets.
const VARIABLES: [(&str, &str); 10] = [
    ("TF_VAR_workstations_group_id", "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c11"),
    ("TF_VAR_moved_group_id", "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c12"),
    ("TF_VAR_kiosks_group_id", "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c12"),
    ("TF_VAR_company_owned_filter_id", "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c13"),
    ("TF_VAR_policy_id", "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c14"),
    ("TF_VAR_group_ids", "[\"5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c11\"]"),
    ("TF_VAR_open", "1"),
    ("TF_VAR_onboarding_package", "<package/>"),
    (
        "TF_VAR_rings",
        "[{name = \"pilot\", device_configuration_id = \"5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c14\", group_ids = \
         [\"5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c11\"]}]",
    ),
    (
        "TF_VAR_tfc_azure_dynamic_credentials",
        "{default = {client_id_file_path = \"x\", oidc_token_file_path = \"x\"}, aliases = {TEST = \
         {client_id_file_path = \"x\", oidc_token_file_path = \"x\"}}}",
    ),
];

pub fn every_configuration_on_a_page_is_applied() {
    let snippets = snippets();
    assert!(snippets.len() >= 20, "only {} were found", snippets.len());
    for snippet in snippets {
        let stage = stage_for(&snippet.text);
        if snippet.text.contains("removed {") {
            if terraform::is_at_least(1, 7) {
                let resource = onboarding(&snippet.text);
                stage.folder.write("main.tf", &format!("{HEADER}{resource}"));
                apply(&stage, &snippet, false);
                stage.folder.write("main.tf", &format!("{HEADER}{}", snippet.text));
                apply(&stage, &snippet, false);
            }
            continue;
        }
        if snippet.text.contains("ephemeral ") && !terraform::has_write_only_attributes() {
            continue;
        }
        // Identities are imported since 1.12.
        if snippet.text.contains("identity = {") && !terraform::is_at_least(1, 12) {
            continue;
        }
        stage.folder.write("main.tf", &completed(&snippet.text));
        apply(&stage, &snippet, true);
    }
}

pub fn a_collection_id_as_documented_is_planned_and_applied() {
    let stage = Stage::new();
    let target =
        "[{ type = \"configurationManagerCollectionAssignmentTarget\", collection_id = \"SMS00001\" }]";
    stage.configure(&assignment_with(POLICY, target, ""));
    stage.folder.apply().succeeds();
    stage.folder.plan().must_be_empty();
    let collections: Vec<Value> =
        stage.emulator.direct_rows(POLICY).iter().map(|row| row["target"]["collectionId"].clone()).collect();
    assert_eq!(collections, [json!("SMS00001")]);
}

fn apply(stage: &Stage, snippet: &Snippet, settles: bool) {
    let applied = stage.folder.apply();
    assert_eq!(
        applied.code,
        Some(0),
        "{}:\n{}\n{}{}",
        snippet.place,
        snippet.text,
        applied.stdout,
        applied.stderr
    );
    if settles {
        let plan = stage.folder.plan();
        assert_eq!(plan.finished.code, Some(0), "{}:\n{}", snippet.place, plan.finished.stdout);
    }
}

/// The snippet with what it takes to be a configuration: the provider's source, and the block that an import fills.
fn completed(text: &str) -> String {
    let header = if text.contains("required_providers") { "" } else { HEADER };
    let imports = text.contains("import {") && !text.contains("\nresource ");
    let resource = if imports { onboarding(text) } else { String::new() };
    format!("{header}{text}\n{resource}")
}

/// A resource for the first policy that the snippet names.
fn onboarding(text: &str) -> String {
    let policy = guids(text).into_iter().next().unwrap_or_else(|| POLICY.to_owned());
    let group = VARIABLES[0].1;
    if text.contains("defender_atp_configuration") {
        return "\nresource \"defender_atp_configuration\" \"onboarding\" {\n  display_name = \"Policy\"\n  package = \
                \"onboarding\"\n}\n"
            .to_owned();
    }
    let (resource, attribute) = if text.contains("defender_edr_assignment") {
        ("defender_edr_assignment", "configuration_policy_id")
    } else {
        ("defender_atp_assignment", "device_configuration_id")
    };
    format!(
        "\nresource {resource:?} \"onboarding\" {{\n  {attribute} = {policy:?}\n  \
         assignments = [{{ type = \"groupAssignmentTarget\", group_id = {group:?} }}]\n}}\n"
    )
}

/// A tenant in which each id of the snippet is a policy of both kinds, a group and a filter.
pub fn stage_for(text: &str) -> Stage {
    let mut ids = guids(text);
    ids.extend(VARIABLES.iter().flat_map(|(_, value)| guids(value)));
    ids.insert(POLICY.to_owned());
    let objects = |more: fn(&str) -> Value| ids.iter().map(|id| more(id)).collect::<Vec<_>>();
    // A package is uploaded only where the connector does not supply it.
    let connector = if text.contains("package_blob_wo") { "available" } else { "enabled" };
    let mut tenant = json!({
        "deviceConfigurations": objects(|id| json!({"id": id, "displayName": "Policy"})),
        "configurationPolicies": objects(|id| json!({"id": id, "name": "Policy"})),
        "groups": objects(|id| json!({"id": id, "displayName": "Group"})),
        "assignmentFilters": objects(|id| json!({"id": id, "displayName": "Filter", "platform": "windows10AndLater"})),
    });
    tenant["mobileThreatDefenseConnectors"] =
        json!([{"id": "fc780465-2017-40d4-a0c5-307022471b92", "partnerState": connector}]);
    for (collection, name) in
        [("groups", "Workstations"), ("assignmentFilters", "Company-owned Windows devices")]
    {
        tenant[collection][0]["displayName"] = json!(name);
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), tenant.to_string()).unwrap();
    let mut stage = Stage::with_emulator(Emulator::start_from_file(file.path(), &[]));
    for (name, value) in VARIABLES {
        stage.folder.set(name, value);
    }
    stage
}

/// The different GUIDs of a text.
fn guids(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_hexdigit() && c != '-');
    words.filter(|word| word.len() == 36 && word.matches('-').count() == 4).map(str::to_owned).collect()
}

/// The different configurations of all pages.
fn snippets() -> Vec<Snippet> {
    let mut seen = BTreeSet::new();
    let mut all: Vec<Snippet> = pages().iter().flat_map(|page| blocks(page)).collect();
    all.retain(|snippet| !OTHER_FILES.iter().any(|start| snippet.text.starts_with(start)));
    for snippet in &mut all {
        for (part, replacement) in REPLACED {
            snippet.text = snippet.text.replace(part, replacement);
        }
    }
    all.retain(|snippet| seen.insert(snippet.text.clone()));
    all
}

fn blocks(page: &Path) -> Vec<Snippet> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(page).unwrap();
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if !["```terraform", "```hcl"].contains(&line.trim()) {
            continue;
        }
        let body: Vec<&str> =
            lines.by_ref().map(|(_, line)| line).take_while(|line| line.trim() != "```").collect();
        let place = format!("{}, line {}", page.strip_prefix(root).unwrap().display(), number + 1);
        found.push(Snippet { place, text: format!("{}\n", body.join("\n")) });
    }
    found
}

fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md")];
    for folder in ["docs", "docs/guides", "docs/resources"] {
        let entries = fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    pages.sort();
    pages
}
