//! A Terraform configuration of one world, and what a user asks for on the command line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::assignment::{Policy, Set, Shown};

/// The address of a resource instance.
pub type Address = &'static str;

/// One resource instance.
#[allow(clippy::struct_excessive_bools, reason = "the switches of a block")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Which provider configuration it uses.
    pub alias: usize,
    pub policy: Policy,
    pub set: Set,
    pub overwrite: bool,
    pub skip_destroy: bool,
    pub create_before_destroy: bool,
    /// The policy's id is known only after something else has been applied.
    pub unknown_policy: bool,
    /// The same for the targets.
    pub unknown_set: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Configuration {
    pub blocks: BTreeMap<Address, Block>,
    /// `moved` blocks, from and to.
    pub moved: Vec<(Address, Address)>,
    /// `removed` blocks with `destroy = false`.
    pub forgotten: BTreeSet<Address>,
    /// `import` blocks.
    pub imports: BTreeMap<Address, Policy>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    #[default]
    Normal,
    Destroy,
    RefreshOnly,
}

/// The options of a command.
#[derive(Debug, Clone, Default)]
pub struct Command {
    pub mode: Mode,
    /// `-refresh=false`
    pub without_refresh: bool,
    /// `-replace`, or what `replace_triggered_by` comes to.
    pub replace: BTreeSet<Address>,
}

/// The Terraform that runs. They differ in what a provider learns from a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// 1.0 to 1.8: no capabilities with a plan.
    Old,
    /// 1.9 to 1.15.
    Terraform,
    /// 1.16: private data of the plan reaches the plan that is repeated inside apply.
    Terraform116,
    OpenTofu,
}

impl Client {
    pub const ALL: [Self; 4] = [Self::Old, Self::Terraform, Self::Terraform116, Self::OpenTofu];
}

impl Block {
    pub fn new(policy: Policy, set: Set) -> Self {
        Self {
            alias: 0,
            policy,
            set,
            overwrite: false,
            skip_destroy: false,
            create_before_destroy: false,
            unknown_policy: false,
            unknown_set: false,
        }
    }
}

impl Configuration {
    /// Without what is for one run only.
    pub fn settled(mut self) -> Self {
        self.moved.clear();
        self.forgotten.clear();
        self.imports.clear();
        for block in self.blocks.values_mut() {
            (block.unknown_policy, block.unknown_set) = (false, false);
        }
        self
    }
}

/// The resource of an instance: the address without its key.
pub fn resource(address: Address) -> &'static str {
    address.split('[').next().unwrap_or(address)
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} provider {}", self.policy, Shown(&self.set), self.alias)?;
        let switches = [
            (self.overwrite, "overwrite_existing"),
            (self.skip_destroy, "skip_destroy"),
            (self.create_before_destroy, "create_before_destroy"),
            (self.unknown_policy, "policy known after apply"),
            (self.unknown_set, "targets known after apply"),
        ];
        switches.iter().filter(|(on, _)| *on).try_for_each(|(_, name)| write!(f, ", {name}"))
    }
}

impl fmt::Display for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (address, block) in &self.blocks {
            writeln!(f, "    {address} = {block}")?;
        }
        for (from, to) in &self.moved {
            writeln!(f, "    moved {from} to {to}")?;
        }
        for address in &self.forgotten {
            writeln!(f, "    removed {address} without destroy")?;
        }
        for (address, policy) in &self.imports {
            writeln!(f, "    import {policy} to {address}")?;
        }
        Ok(())
    }
}
