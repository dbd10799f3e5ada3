//! Attributes that several data sources share.

use crate::terraform::schema::{Attribute, Block, NestedBlock, Nesting, Presence, Schema};
use crate::terraform::ty::Type;
use crate::terraform::validators::PositiveDuration;

/// The name of the block `timeouts`.
pub(super) const TIMEOUTS: &str = "timeouts";

/// The attribute of the block `timeouts`.
pub(super) const READ: &str = "read";

/// A schema with these attributes and the block `timeouts`.
pub(super) fn schema(description: &'static str, attributes: Vec<Attribute>) -> Schema {
    Schema { version: 0, block: Block { description, attributes, blocks: vec![timeouts()] } }
}

/// An attribute that Graph supplies.
pub(super) fn computed(name: &'static str, ty: Type, description: &'static str) -> Attribute {
    Attribute::new(name, ty, Presence::Computed, description)
}

/// A string that Graph supplies.
pub(super) fn computed_text(name: &'static str, description: &'static str) -> Attribute {
    computed(name, Type::String, description)
}

/// A number that Graph supplies.
pub(super) fn computed_number(name: &'static str, description: &'static str) -> Attribute {
    computed(name, Type::Number, description)
}

fn timeouts() -> NestedBlock {
    let read =
        Attribute::new(READ, Type::String, Presence::Optional, "How long a read may take. Default: `5m`.")
            .validated(PositiveDuration);
    NestedBlock {
        name: TIMEOUTS,
        nesting: Nesting::Single,
        limits: (0, 0),
        block: Block {
            description: "How long a read may take: numbers with units, for example `90s`, `1.5m` or `1h30m`.",
            attributes: vec![read],
            blocks: Vec::new(),
        },
    }
}
