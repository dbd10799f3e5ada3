//! The schema of the provider block: which arguments there are, in the order in which the documentation shows them.
//! How a method of signing in is chosen from them is the business of `auth`.

mod places;
mod sign_in;

use crate::terraform::schema::{Attribute, Block, Presence, Schema};
use crate::terraform::ty::Type;

pub(super) use self::places::{
    BULK_REFRESH, DISABLE_TERRAFORM_PARTNER_ID, GRAPH_ENDPOINT, LOOK_UP_GROUPS, PARTNER_ID, PREFLIGHT,
};

/// The provider block.
pub(super) fn provider() -> Schema {
    let attributes = [
        sign_in::application(),
        sign_in::client_secret(),
        sign_in::client_certificate(),
        sign_in::oidc(),
        sign_in::without_application(),
        places::clouds(),
        places::behaviour(),
    ];
    let description = "Manages who gets the Intune policy that onboards Windows devices to Microsoft Defender for \
                       Endpoint.";
    let attributes = attributes.into_iter().flatten().collect();
    Schema { version: 0, block: Block { description, attributes, blocks: Vec::new() } }
}

fn text(name: &'static str, variables: &'static [&'static str], description: &'static str) -> Attribute {
    Attribute::new(name, Type::String, Presence::Optional, description).from_environment(variables)
}

fn switch(name: &'static str, variables: &'static [&'static str], description: &'static str) -> Attribute {
    Attribute::new(name, Type::Bool, Presence::Optional, description).from_environment(variables)
}
