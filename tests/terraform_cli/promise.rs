//! The promise, with the real Terraform: no combination of configurations, plans and runs removes an assignment that no
//! plan showed as leaving, and none does so in silence.

mod addresses;
mod aliases;
mod dripping;
mod failed_creates;
mod outages;
mod overwriting;
mod planned_values;
mod policy_changes;
mod replacements;

pub use self::addresses::*;
pub use self::aliases::*;
pub use self::dripping::*;
pub use self::failed_creates::*;
pub use self::outages::*;
pub use self::overwriting::*;
pub use self::planned_values::*;
pub use self::policy_changes::*;
pub use self::replacements::*;

use super::guards::must_refuse;
use super::stage::{ADDRESS, Stage};
use crate::support::target::Target;
use crate::support::tenant::{COMPANY_OWNED, KIOSKS, LAPTOPS, OTHER_POLICY, Tenant, WORKSTATIONS};
use crate::support::terraform;

const APPLY: &[&str] = &["apply", "-auto-approve"];
pub const APPLY_SAVED: &[&str] = &["apply", "saved.tfplan"];
const CREATE_FIRST: &str = "  lifecycle {\n    create_before_destroy = true\n  }";

/// What a policy has before a plan changes it.
fn before() -> Vec<Target> {
    vec![Target::group(WORKSTATIONS).including(COMPANY_OWNED), Target::exclusion(KIOSKS)]
}

/// The same without the exclusion.
fn fewer() -> Vec<Target> {
    before()[..1].to_vec()
}

/// The same and one more.
fn more() -> Vec<Target> {
    [before(), vec![Target::group(LAPTOPS)]].concat()
}

fn two_policies() -> Stage {
    Stage::with_tenant(&Tenant::default().with_policy(OTHER_POLICY))
}

/// The addresses of this provider's resources in the state.
fn addresses(stage: &Stage) -> Vec<String> {
    let listed = stage.folder.run(&["state", "list"]);
    let lines = listed.succeeds().stdout.lines();
    lines.filter(|line| line.starts_with("defender_")).map(str::to_owned).collect()
}

/// Fails unless the state has the one object and none that Terraform has set aside.
fn only_object_is(stage: &Stage, address: &str) {
    assert_eq!(addresses(stage), [address]);
    assert!(!stage.folder.read("terraform.tfstate").contains("deposed"), "no object is set aside");
}

/// Runs an apply with `create_before_destroy` that has to fail with these texts, without a write, and leaves the object in
/// the state. The object may be deposed if the client does not say that it repeats a plan during apply.
fn must_refuse_and_keep_or_depose(stage: &Stage, command: &[&str], texts: &[&str]) {
    if terraform::announces_repeated_plans() {
        return must_refuse_and_keep(stage, command, texts);
    }
    must_refuse(stage, command, texts);
    assert_eq!(addresses(stage), [ADDRESS]);
}

/// Follows the advice for a deposed object, if there is one: removes the address from the state and imports the policy.
/// Returns whether there was one.
fn import_if_deposed(stage: &Stage, policy: &str) -> bool {
    let is_deposed = stage.folder.read("terraform.tfstate").contains("deposed");
    if is_deposed {
        must_refuse(stage, &["plan"], &["remove the address with terraform state rm and import the policy"]);
        stage.folder.run(&["state", "rm", ADDRESS]).succeeds();
        stage.folder.run(&["import", ADDRESS, policy]).succeeds();
    }
    is_deposed
}

/// Runs a command that has to fail with these texts, without a write, and leaves the object in the state.
fn must_refuse_and_keep(stage: &Stage, command: &[&str], texts: &[&str]) {
    let stored = stage.state();
    must_refuse(stage, command, texts);
    assert_eq!(stage.state(), stored, "a refusal leaves the state as it was");
    only_object_is(stage, ADDRESS);
}
