//! Terraform's state of one world.

use std::collections::BTreeMap;
use std::fmt;

use terraform_provider_defender::terraform::value::Value;
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::assignment::{Policy, Set, Shown};
use crate::configuration::Address;
use crate::values::{policy_in, set_in};

/// An object with everything that Terraform stores beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    pub value: Value,
    pub private: Vec<u8>,
    pub identity: Option<wire::ResourceIdentityData>,
    pub tainted: bool,
}

/// Tells deposed objects of one address apart.
pub type Key = u32;

/// What the state has at one address.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Slot {
    pub current: Option<Object>,
    pub deposed: BTreeMap<Key, Object>,
    /// The provider configuration that wrote it.
    pub alias: usize,
}

/// The state.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State(pub BTreeMap<Address, Slot>);

impl Object {
    pub fn policy(&self) -> Policy {
        policy_in(&self.value).expect("a stored object has a policy")
    }

    pub fn set(&self) -> Set {
        set_in(&self.value).unwrap_or_default()
    }
}

impl State {
    pub fn current(&self, address: Address) -> Option<&Object> {
        self.0.get(address)?.current.as_ref()
    }

    pub fn current_mut(&mut self, address: Address) -> Option<&mut Object> {
        self.0.get_mut(address)?.current.as_mut()
    }

    pub fn put(&mut self, address: Address, alias: usize, object: Option<Object>) {
        let slot = self.0.entry(address).or_default();
        (slot.current, slot.alias) = (object, alias);
        self.prune();
    }

    pub fn put_deposed(&mut self, address: Address, key: Key, object: Option<Object>) {
        let slot = self.0.entry(address).or_default();
        match object {
            Some(object) => slot.deposed.insert(key, object),
            None => slot.deposed.remove(&key),
        };
        self.prune();
    }

    /// Makes the current object a deposed one.
    pub fn depose(&mut self, address: Address) -> Option<Key> {
        let slot = self.0.get_mut(address)?;
        let key = slot.deposed.keys().last().map_or(1, |key| key + 1);
        slot.deposed.insert(key, slot.current.take()?);
        Some(key)
    }

    /// Makes a deposed object the current one again, unless there is one.
    pub fn restore(&mut self, address: Address, key: Key) {
        let Some(slot) = self.0.get_mut(address) else { return };
        if slot.current.is_none() {
            slot.current = slot.deposed.remove(&key);
        }
    }

    /// A `moved` block has no effect where there is nothing to move, or something at the new address.
    pub fn rename(&mut self, from: Address, to: Address) {
        if !self.0.contains_key(to)
            && let Some(slot) = self.0.remove(from)
        {
            self.0.insert(to, slot);
        }
    }

    /// All objects, current and deposed, each with its address and provider configuration.
    pub fn objects(&self) -> impl Iterator<Item = (Address, usize, &Object)> {
        self.0.iter().flat_map(|(address, slot)| {
            slot.current.iter().chain(slot.deposed.values()).map(|object| (*address, slot.alias, object))
        })
    }

    fn prune(&mut self) {
        self.0.retain(|_, slot| slot.current.is_some() || !slot.deposed.is_empty());
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tainted = if self.tainted { ", tainted" } else { "" };
        write!(f, "{} {}{tainted}", self.policy(), Shown(&self.set()))
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (address, slot) in &self.0 {
            if let Some(object) = &slot.current {
                writeln!(f, "    {address}: {object} (provider {})", slot.alias)?;
            }
            for (key, object) in &slot.deposed {
                writeln!(f, "    {address}: {object}, deposed {key} (provider {})", slot.alias)?;
            }
        }
        Ok(())
    }
}
