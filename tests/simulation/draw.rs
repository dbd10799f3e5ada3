//! Draws worlds: a tenant, a configuration that is applied first, and the Terraform that runs.

use fastrand::Rng;

use crate::assignment::{Policy, Set, Target};
use crate::configuration::{Address, Block, Client, Configuration};
use crate::process::Setup;

/// Addresses that configurations use.
pub const ADDRESSES: [Address; 8] =
    ["a", "b", "c", "d", r#"each["x"]"#, r#"each["y"]"#, r#"other["x"]"#, r#"other["y"]"#];

/// The worlds of one seed.
pub struct Drawn {
    pub setup: Setup,
    pub configuration: Configuration,
    /// What other people have assigned before Terraform comes.
    pub foreign: Vec<(Policy, Set)>,
    /// Whether calls of different addresses take turns, or run at once.
    pub in_turns: bool,
}

pub fn world(rng: &mut Rng) -> Drawn {
    let aliases = if rng.u8(..10) < 4 { 2 } else { 1 };
    let setup = Setup {
        client: Client::ALL[rng.usize(..4)],
        aliases,
        preflight: ["error", "error", "error", "error", "warn", "off"][rng.usize(..6)],
        signs_in: rng.u8(..6) == 0,
    };
    let mut policies = Policy::REAL.to_vec();
    rng.shuffle(&mut policies);
    let managed = [1, 1, 2, 2, 3, 3, 4][rng.usize(..7)];
    let mut foreign = Vec::new();
    for policy in &policies[managed..] {
        if rng.u8(..5) < 2 {
            foreign.push((*policy, foreign_set(rng)));
        }
    }
    let configuration = first_configuration(rng, &policies[..managed], aliases);
    Drawn { setup, configuration, foreign, in_turns: rng.u8(..10) < 8 }
}

fn first_configuration(rng: &mut Rng, policies: &[Policy], aliases: usize) -> Configuration {
    let mut addresses = ADDRESSES[..6].to_vec();
    rng.shuffle(&mut addresses);
    let mut configuration = Configuration::default();
    for (address, policy) in addresses.iter().zip(policies) {
        let mut block = Block::new(*policy, random_set(rng));
        block.alias = rng.usize(..aliases);
        block.create_before_destroy = rng.u8(..4) == 0;
        block.skip_destroy = rng.u8(..10) == 0;
        block.overwrite = rng.u8(..12) == 0;
        configuration.blocks.insert(address, block);
    }
    configuration.align(aliases);
    configuration
}

impl Configuration {
    /// Instances of one resource share a provider configuration and a lifecycle.
    pub fn align(&mut self, aliases: usize) {
        let first: Vec<_> = self.blocks.iter().map(|(address, block)| (*address, block.clone())).collect();
        for (address, block) in &mut self.blocks {
            let resource = crate::configuration::resource(address);
            let leader = first.iter().find(|(other, _)| crate::configuration::resource(other) == resource);
            if let Some((_, leader)) = leader {
                block.alias = leader.alias.min(aliases - 1);
                block.create_before_destroy = leader.create_before_destroy;
            }
        }
    }
}

/// Distinct targets.
pub fn random_set(rng: &mut Rng) -> Set {
    let mut set = Set::new();
    for everybody in [Target::Devices, Target::Users] {
        if rng.u8(..4) == 0 {
            set.insert(everybody);
        }
    }
    for group in 0..3 {
        set.extend(match rng.u8(..8) {
            0..3 => Some(Target::Group(group)),
            3 => Some(Target::Filtered(group)),
            4 => Some(Target::Exclusion(group)),
            _ => None,
        });
    }
    if rng.u8(..50) == 0 {
        set.insert(Target::Group(3));
    }
    set
}

/// The same, with what only others put there; seldom empty.
pub fn foreign_set(rng: &mut Rng) -> Set {
    let mut set = random_set(rng);
    if rng.u8(..30) == 0 {
        set.insert(Target::Unknown);
    }
    if rng.u8(..20) == 0 {
        set.insert(Target::Group(3));
    }
    if set.is_empty() && rng.bool() {
        set.insert(Target::Users);
    }
    set
}
