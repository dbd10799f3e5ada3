//! What each client does, and what the emulator and the provider see of it.

use serde_json::{Value, json};

use crate::python::Python;
use crate::support::terraform::{self, Folder};
use crate::world::{APP, FILTER, INHERITED, PILOT, POLICY, SECRET, STAFF, TENANT, World};

/// A name and what runs under it.
pub type Scenario = (&'static str, fn(&Python));

pub const SCENARIOS: [Scenario; 3] = [
    ("azure_identity_signs_in", azure_identity_signs_in),
    ("the_beta_sdk_and_the_provider_see_what_the_other_writes", the_beta_sdk_and_the_provider),
    ("intunecd_backs_up_a_tenant_and_restores_it", intunecd_backs_up_and_restores),
];

fn azure_identity_signs_in(python: &Python) {
    let world = World::start();
    let mut script = python.script("azure_identity.py");
    script.args([TENANT, APP, SECRET]).arg(world.folder.path().join("client.pem"));
    let claims: Value = serde_json::from_str(&world.run(script)).unwrap();
    for (index, proof) in ["1", "2"].iter().enumerate() {
        assert_eq!((&claims[index]["appid"], &claims[index]["appidacr"]), (&json!(APP), &json!(proof)));
        assert_eq!(claims[index]["tid"], TENANT);
    }
}

/// Terraform assigns, the SDK sees it and assigns something else, and Terraform shows that as drift.
fn the_beta_sdk_and_the_provider(python: &Python) {
    let world = World::start();
    let folder = terraform::program().map(|_| folder(&world));
    if let Some(folder) = &folder {
        folder.apply().succeeds();
    } else {
        println!("without Terraform, only the SDK writes");
    }
    let mut script = python.script("beta_sdk.py");
    script.args([TENANT, APP, SECRET, POLICY, PILOT, STAFF]);
    let seen: Value = serde_json::from_str(&world.run(script)).unwrap();
    let before = if folder.is_some() { json!([STAFF, INHERITED]) } else { json!([PILOT, INHERITED]) };
    assert_eq!(
        seen,
        json!({
            "paged": ["Berlin", "Kiosk", "Onboarding", "Servers"],
            "read": ["WindowsDefenderAdvancedThreatProtectionConfiguration", "Onboarding"],
            "before": before,
            "assigned": [PILOT, STAFF, INHERITED],
            "patched": "Changed by the SDK",
            "batched": [200, 200],
        })
    );
    assert_eq!(
        world.rows(),
        [format!("direct {PILOT} -"), format!("direct {STAFF} -"), format!("policySets {INHERITED} -")]
    );
    if let Some(folder) = &folder {
        let plan = folder.plan();
        plan.finished.exits_with(2);
        let change = &plan.json["resource_changes"][0]["change"];
        assert_eq!(change["before"]["assignments"].as_array().unwrap().len(), 2, "the SDK's are seen");
        assert_eq!(change["after"]["assignments"].as_array().unwrap().len(), 1);
    }
}

/// A configuration that owns the policy and assigns it to the staff.
fn folder(world: &World) -> Folder {
    let mut folder = Folder::new();
    folder.set("SSL_CERT_FILE", world.folder.path().join("ca.pem"));
    folder.write(
        "main.tf",
        &format!(
            r#"
            terraform {{
              required_providers {{
                defender = {{ source = "defender-atp/defender" }}
              }}
            }}

            provider "defender" {{
              graph_endpoint = "{url}"
              authority_host = "{url}"
              tenant_id      = "{TENANT}"
              client_id      = "{APP}"
              client_secret  = "{SECRET}"
            }}

            resource "defender_atp_assignment" "this" {{
              device_configuration_id = "{POLICY}"
              overwrite_existing      = true
              assignments             = [{{ type = "groupAssignmentTarget", group_id = "{STAFF}" }}]
            }}
            "#,
            url = world.emulator.base_url(),
        ),
    );
    folder
}

/// What the emulator does not serve is left out of backup and restore.
const LEFT_OUT: [&str; 22] = [
    "AppConfigurations",
    "AppleEnrollmentProfile",
    "AppProtection",
    "Compliance",
    "ComplianceScripts",
    "ConditionalAccess",
    "ConfigurationPolicies",
    "CustomAttributes",
    "DeviceCategories",
    "DeviceCompliancePolicies",
    "DeviceManagementSettings",
    "EnrollmentConfigurations",
    "EnrollmentStatusPage",
    "GPOConfigurations",
    "Intents",
    "NotificationTemplate",
    "PowershellScripts",
    "ProactiveRemediation",
    "ReusablePolicySettings",
    "Roles",
    "ShellScripts",
    "WindowsEnrollmentProfile",
];

/// What only a backup has.
const LEFT_OUT_OF_BACKUP: [&str; 11] = [
    "APNs",
    "Applications",
    "CompliancePartner",
    "ManagedGooglePlay",
    "ManagementPartner",
    "RemoteAssistancePartner",
    "SettingsCatalog",
    "VPP",
    "windowsDriverUpdates",
    "windowsFeatureUpdates",
    "windowsQualityUpdates",
];

/// The rows of a policy set are in the backup, too, and IntuneCD posts them back.
fn intunecd_backs_up_and_restores(python: &Python) {
    let world = World::start();
    let before = world.rows();
    assert_eq!(before, [format!("direct {PILOT} {FILTER}"), format!("policySets {INHERITED} -")]);
    let mut backup = python.program("IntuneCD-startbackup");
    backup.args(["-m", "1", "-o", "json", "-p", "."]).args(["--exit-on-error", "-e"]);
    backup.args(LEFT_OUT).args(LEFT_OUT_OF_BACKUP);
    world.run(backup);
    let file = "Device Configurations/Onboarding_windowsDefenderAdvancedThreatProtectionConfiguration.json";
    let saved = std::fs::read_to_string(world.folder.path().join(file)).unwrap();
    assert!(saved.contains("\"groupName\": \"Pilot\"") && saved.contains("\"Corporate\""), "{saved}");

    world.lose_direct_rows();
    let mut restore = python.program("IntuneCD-startupdate");
    restore.args(["-m", "1", "-u", "-p", "."]).args(["--exit-on-error", "-e"]).args(LEFT_OUT);
    world.run(restore);
    assert_eq!(world.rows(), before);
}
