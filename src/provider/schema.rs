//! The schema of the provider block.

use crate::resources::session::Preflight;
use crate::terraform::schema::{Attribute, Block, Presence, Schema};
use crate::terraform::ty::Type;
use crate::terraform::validators::OneOf;

pub(super) const ACCESS_TOKEN: &str = "access_token";
pub(super) const GRAPH_ENDPOINT: &str = "graph_endpoint";
pub(super) const PREFLIGHT: &str = "preflight";

/// The provider block.
pub(super) fn provider() -> Schema {
    let attributes = vec![
        Attribute::new(
            ACCESS_TOKEN,
            Type::String,
            Presence::Optional,
            "Access token for Microsoft Graph, without the word `Bearer`. It needs the permission \
             `DeviceManagementConfiguration.ReadWrite.All` (`DeviceManagementConfiguration.Read.All` is enough for \
             `terraform plan`). The token is used until it expires; it is never stored. Environment variable: \
             `DEFENDER_ACCESS_TOKEN`.",
        )
        .sensitive(),
        Attribute::new(
            GRAPH_ENDPOINT,
            Type::String,
            Presence::Optional,
            "Root of Microsoft Graph, without version, for example `http://127.0.0.1:8400` for the emulator. Plain \
             `http` is accepted on loopback only. Default: `https://graph.microsoft.com`. Environment variable: \
             `DEFENDER_GRAPH_ENDPOINT`.",
        ),
        Attribute::new(
            PREFLIGHT,
            Type::String,
            Presence::Optional,
            "What `terraform plan` looks up in the tenant for targets that are new to a resource. `error` (default): \
             a policy of another type and a filter that does not exist or does not fit are errors, a missing policy \
             or group is a warning. `warn`: all of these are warnings. `off`: nothing is looked up. The checks that \
             protect existing assignments do not depend on it. Environment variable: `DEFENDER_PREFLIGHT`.",
        )
        .validated(OneOf(Preflight::CHOICES)),
    ];
    let description = "Manages who gets the Intune policy that onboards Windows devices to Microsoft Defender for \
                       Endpoint.";
    Schema { version: 0, block: Block { description, attributes, blocks: Vec::new() } }
}
