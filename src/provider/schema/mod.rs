//! The schema of the provider block: its arguments, in the order of the documentation. `auth` selects the sign-in
//! method from them.

mod attributes;
mod behavior;
mod endpoints;
mod sign_in;

use crate::terraform::schema::{Block, Schema};

pub(super) use self::behavior::{
    BULK_REFRESH, DISABLE_TERRAFORM_PARTNER_ID, LOOK_UP_GROUPS, PARTNER_ID, PREFLIGHT,
};
pub(super) use self::endpoints::GRAPH_ENDPOINT;

/// The provider block.
pub(super) fn provider() -> Schema {
    let attributes = [
        sign_in::application(),
        sign_in::client_secret(),
        sign_in::client_certificate(),
        sign_in::oidc(),
        sign_in::without_application(),
        endpoints::endpoints(),
        behavior::behavior(),
    ];
    let description = "Manages who gets the Intune policy that onboards Windows devices to Microsoft Defender for \
                       Endpoint.";
    let attributes = attributes.into_iter().flatten().collect();
    Schema { version: 0, block: Block { description, attributes, blocks: Vec::new() } }
}
