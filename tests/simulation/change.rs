//! What a user changes between two runs: the configuration, the state by command, and the options of the next command.

use std::fmt::Write as _;

use fastrand::Rng;

use crate::assignment::{Policy, Set};
use crate::configuration::{Address, Block, Command, Configuration, Mode};
use crate::draw::{ADDRESSES, random_set};
use crate::state::State;

/// What a change works on.
pub struct Desk<'a> {
    pub rng: &'a mut Rng,
    pub configuration: &'a mut Configuration,
    pub state: &'a mut State,
    pub command: &'a mut Command,
    pub aliases: usize,
    /// Policies without assignments and without a resource.
    pub free: Vec<Policy>,
}

/// A change, drawn with this weight. It answers what it did, or nothing if there was nothing to do.
type Change = fn(&mut Desk<'_>) -> Option<String>;

const CHANGES: [(u32, Change); 21] = [
    (4, |desk| desk.rename(false, false)),
    (2, |desk| desk.rename(true, false)),
    (4, |desk| desk.rename(false, true)),
    (2, |desk| desk.rename(true, true)),
    (2, |desk| desk.change_alias()),
    (3, |desk| desk.swap_policies()),
    (5, |desk| desk.point_elsewhere()),
    (8, |desk| desk.change_set()),
    (6, |desk| desk.taint()),
    (1, |desk| desk.untaint()),
    (7, |desk| desk.replace()),
    (3, |desk| desk.toggle_create_first()),
    (3, |desk| desk.remove_block()),
    (2, |desk| desk.forget()),
    (3, |desk| desk.import()),
    (6, |desk| desk.add_block()),
    (2, |desk| desk.toggle_switch()),
    (2, |desk| desk.hide_until_apply()),
    (4, |desk| desk.option("-refresh=false", |command| command.without_refresh = true)),
    (2, |desk| desk.option("-destroy", |command| command.mode = Mode::Destroy)),
    (2, |desk| desk.option("-refresh-only", |command| command.mode = Mode::RefreshOnly)),
];

impl Desk<'_> {
    /// Makes one to three changes, and tells which.
    pub fn change(&mut self) -> Vec<String> {
        let wanted = [1, 1, 1, 2, 2, 3][self.rng.usize(..6)];
        let mut done = Vec::new();
        for _ in 0..20 {
            if done.len() < wanted {
                done.extend(self.draw()(self));
            }
        }
        self.configuration.align(self.aliases);
        done
    }

    fn draw(&mut self) -> Change {
        let all: u32 = CHANGES.iter().map(|(weight, _)| weight).sum();
        let mut left = self.rng.u32(..all);
        for (weight, change) in CHANGES {
            if left < weight {
                return change;
            }
            left -= weight;
        }
        unreachable!("the weights have been added up")
    }

    fn some_block(&mut self) -> Option<Address> {
        let addresses: Vec<_> = self.configuration.blocks.keys().copied().collect();
        self.rng.choice(addresses)
    }

    fn some_object(&mut self) -> Option<Address> {
        let addresses: Vec<_> = self.state.0.keys().copied().collect();
        self.rng.choice(addresses).filter(|address| self.state.current(address).is_some())
    }

    fn free_address(&mut self) -> Option<Address> {
        let is_free = |address: &Address| {
            !self.configuration.blocks.contains_key(address) && !self.state.0.contains_key(address)
        };
        let free: Vec<_> = ADDRESSES.into_iter().filter(is_free).collect();
        self.rng.choice(free)
    }

    /// The same block under another name or key, with or without a `moved` block and another provider configuration.
    fn rename(&mut self, changes_alias: bool, is_moved: bool) -> Option<String> {
        let (from, to) = (self.some_block()?, self.free_address()?);
        let mut block = self.configuration.blocks.remove(from)?;
        if changes_alias {
            block.alias = self.aliases - 1 - block.alias;
        }
        self.configuration.blocks.insert(to, block);
        if is_moved {
            self.configuration.moved.push((from, to));
        }
        let with = if is_moved { "with moved" } else { "without moved" };
        Some(format!("rename {from} to {to} {with}{}", if changes_alias { ", another provider" } else { "" }))
    }

    fn change_alias(&mut self) -> Option<String> {
        let address = self.some_block()?;
        if self.aliases < 2 {
            return None;
        }
        let resource = crate::configuration::resource(address);
        for (other, block) in &mut self.configuration.blocks {
            if crate::configuration::resource(other) == resource {
                block.alias = 1 - block.alias;
            }
        }
        Some(format!("another provider for {resource}"))
    }

    fn swap_policies(&mut self) -> Option<String> {
        let (one, two) = (self.some_block()?, self.some_block()?);
        if one == two {
            return None;
        }
        let policies = [self.configuration.blocks[one].policy, self.configuration.blocks[two].policy];
        self.configuration.blocks.get_mut(one)?.policy = policies[1];
        self.configuration.blocks.get_mut(two)?.policy = policies[0];
        Some(format!("swap the policies of {one} and {two}"))
    }

    /// Usually one that can be assigned.
    fn any_policy(&mut self) -> Policy {
        let free = self.rng.choice(self.free.clone());
        match (self.rng.u8(..16), free) {
            (0..2, _) => Policy::TYPO,
            (2, _) => Policy::OTHER_TYPE,
            (3..12, Some(free)) => free,
            _ => Policy::REAL[self.rng.usize(..4)],
        }
    }

    fn point_elsewhere(&mut self) -> Option<String> {
        let (address, policy) = (self.some_block()?, self.any_policy());
        self.configuration.blocks.get_mut(address)?.policy = policy;
        Some(format!("{address} gets the id of {policy}"))
    }

    fn change_set(&mut self) -> Option<String> {
        let address = self.some_block()?;
        let before = self.configuration.blocks[address].set.clone();
        let set = self.changed(before);
        let told = format!("{address} gets {}", crate::assignment::Shown(&set));
        self.configuration.blocks.get_mut(address)?.set = set;
        Some(told)
    }

    /// Equal, smaller, larger, empty or another one.
    fn changed(&mut self, before: Set) -> Set {
        let other = random_set(self.rng);
        match self.rng.u8(..6) {
            0 => before,
            1 => before.into_iter().skip(1).collect(),
            2 => larger(before, &other),
            3 => Set::new(),
            _ => other,
        }
    }

    fn taint(&mut self) -> Option<String> {
        let address = self.some_object()?;
        self.state.current_mut(address)?.tainted = true;
        Some(format!("taint {address}"))
    }

    fn untaint(&mut self) -> Option<String> {
        let address = self.some_object()?;
        let object = self.state.current_mut(address).filter(|object| object.tainted)?;
        object.tainted = false;
        Some(format!("untaint {address}"))
    }

    fn replace(&mut self) -> Option<String> {
        let address = self.some_block()?;
        self.command.replace.insert(address);
        Some(format!("-replace={address}"))
    }

    fn toggle_create_first(&mut self) -> Option<String> {
        let address = self.some_block()?;
        let resource = crate::configuration::resource(address);
        for (other, block) in &mut self.configuration.blocks {
            if crate::configuration::resource(other) == resource {
                block.create_before_destroy = !block.create_before_destroy;
            }
        }
        Some(format!("the other create_before_destroy for {resource}"))
    }

    fn remove_block(&mut self) -> Option<String> {
        let address = self.some_block()?;
        self.configuration.blocks.remove(address);
        Some(format!("remove {address}"))
    }

    fn forget(&mut self) -> Option<String> {
        let address = self.some_block()?;
        // A removed block covers a whole resource, so no instance of it may remain.
        if address.contains('[') {
            return None;
        }
        self.configuration.blocks.remove(address);
        self.configuration.forgotten.insert(address);
        Some(format!("remove {address} with destroy = false"))
    }

    fn import(&mut self) -> Option<String> {
        let policy = Policy::REAL[self.rng.usize(..4)];
        let unborn = |address: &&Address| self.state.current(address).is_none();
        let unborn: Vec<_> = self.configuration.blocks.keys().filter(unborn).copied().collect();
        let address = match self.rng.choice(unborn) {
            Some(address) => address,
            None => self.free_address()?,
        };
        let set = random_set(self.rng);
        let block = self.configuration.blocks.entry(address).or_insert_with(|| Block::new(policy, set));
        let policy = if block.policy.is_real() { block.policy } else { policy };
        self.configuration.imports.insert(address, policy);
        Some(format!("import {policy} to {address}"))
    }

    fn add_block(&mut self) -> Option<String> {
        if self.configuration.blocks.len() >= 4 {
            return None;
        }
        let (address, mut policy) = (self.free_address()?, self.any_policy());
        // At times a second resource for one policy.
        if let Some(other) = self.some_block().filter(|_| self.rng.u8(..5) == 0) {
            policy = self.configuration.blocks[other].policy;
        }
        let mut block = Block::new(policy, random_set(self.rng));
        block.alias = self.rng.usize(..self.aliases);
        block.overwrite = self.rng.u8(..3) == 0;
        block.create_before_destroy = self.rng.u8(..4) == 0;
        let mut told = format!("add {address} = {block}");
        self.configuration.blocks.insert(address, block.clone());
        if self.rng.u8(..4) == 0 {
            let twin = Block { set: random_set(self.rng), ..block };
            let address = self.free_address()?;
            write!(told, " and {address} = {twin}").ok()?;
            self.configuration.blocks.insert(address, twin);
        }
        Some(told)
    }

    fn toggle_switch(&mut self) -> Option<String> {
        let address = self.some_block()?;
        let block = self.configuration.blocks.get_mut(address)?;
        if self.rng.bool() {
            block.overwrite = !block.overwrite;
            Some(format!("{address}: overwrite_existing = {}", block.overwrite))
        } else {
            block.skip_destroy = !block.skip_destroy;
            Some(format!("{address}: skip_destroy = {}", block.skip_destroy))
        }
    }

    fn hide_until_apply(&mut self) -> Option<String> {
        let address = self.some_block()?;
        let block = self.configuration.blocks.get_mut(address)?;
        let what = if self.rng.bool() {
            block.unknown_policy = true;
            "policy"
        } else {
            block.unknown_set = true;
            "targets"
        };
        Some(format!("{address}: {what} known after apply"))
    }

    fn option(&mut self, told: &str, set: fn(&mut Command)) -> Option<String> {
        if self.command.mode != Mode::Normal {
            return None;
        }
        set(self.command);
        Some(told.to_owned())
    }
}

/// Adds the elements of `more` that fit: a set has each group once.
fn larger(mut set: Set, more: &Set) -> Set {
    for target in more {
        if set.iter().all(|other| other.group().is_none() || other.group() != target.group()) {
            set.insert(*target);
        }
    }
    set
}
