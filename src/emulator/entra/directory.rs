//! The identities that can sign in to the tenant, from the tenant file. Requests do not change them. Errors
//! never show a secret.
//!
//! ```text
//! "tenantId"?: "<GUID>",             the only known tenant; without it, any tenant id is accepted
//! "domains"?: ["contoso.onmicrosoft.com"],   its other names
//! "applications"?: [ { "appId": "<GUID>", "displayName"?, "roles"?: ["DeviceManagementConfiguration.ReadWrite.All"],
//!     "passwordCredentials"?: [ { "secretText", "endDateTime"? } ],
//!     "keyCredentials"?: [ { "key": PEM, or DER in base64 } ],
//!     "federatedIdentityCredentials"?: [ { "issuer", "subject", "audiences": ["api://AzureADTokenExchange"] } ],
//!     "disabled"?: true, "blockedByConditionalAccess"?: true, "tokenLifetimeSeconds"?: 3599 } ],
//! "managedIdentities"?: [ { "clientId": "<GUID>", "systemAssigned"?: true, "roles"?, "tokenLifetimeSeconds"? } ],
//! "identityHeader"?: the IDENTITY_HEADER that App Service gives to its applications,
//! "oidcProviders"?: { "github"?: { "issuer"?, "subject", "requestToken"? },
//!                     "azureDevOps"?: { "issuer", "subject", "requestToken"?, "serviceConnectionId"? } }
//! ```

use super::application::{RegisteredApplication, read_each};
use super::managed_identity::RegisteredIdentity;
use super::oidc_provider::OidcProviders;
use super::tenant_secret::TenantSecret;
use crate::emulator::member_reader::{MemberReader, ShapeError};
use crate::emulator::model::guid;

/// The claim `tid` if neither the tenant file nor the request gives a GUID.
const NAMELESS: &str = "00000000-0000-4000-8000-000000000000";

/// The identities of a tenant.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    tenant_id: Option<String>,
    domains: Vec<String>,
    /// Applications with credentials.
    pub applications: Vec<RegisteredApplication>,
    /// Managed identities of the emulated machine.
    pub managed_identities: Vec<RegisteredIdentity>,
    /// The value of the header `X-IDENTITY-HEADER` that App Service requires.
    pub identity_header: Option<TenantSecret>,
    /// Pipelines that issue OIDC tokens.
    pub oidc: OidcProviders,
}

impl Directory {
    /// Reads the members of the tenant file that describe identities.
    pub fn from_seed(members: &mut MemberReader) -> Result<Self, ShapeError> {
        let place = members.place("tenantId");
        let wrong = |id: &String| ShapeError::new(&place, format!("'{id}' is not a GUID."));
        let tenant_id = members.text("tenantId")?.value();
        let tenant_id = tenant_id.map(|id| guid(&id).ok_or_else(|| wrong(&id))).transpose()?;
        let directory = Self {
            tenant_id,
            domains: members.texts("domains")?.value().unwrap_or_default(),
            applications: read_each(members, "applications", RegisteredApplication::from_seed)?,
            managed_identities: read_each(members, "managedIdentities", RegisteredIdentity::from_seed)?,
            identity_header: members.text("identityHeader")?.value().map(TenantSecret::new),
            oidc: OidcProviders::from_seed(members.any("oidcProviders"))?,
        };
        directory.refuse_repeated_ids()?;
        Ok(directory)
    }

    /// Whether a name from an address is the id or a domain of this tenant.
    pub fn is_tenant(&self, name: &str) -> bool {
        let is_own = |own: &String| own.eq_ignore_ascii_case(name);
        self.tenant_id.as_ref().is_none_or(is_own) || self.domains.iter().any(is_own)
    }

    /// The id of the tenant, for the claim `tid`.
    pub fn tenant_id(&self, name: &str) -> String {
        self.tenant_id.clone().or_else(|| guid(name)).unwrap_or_else(|| NAMELESS.to_owned())
    }

    /// An application by its client id.
    pub fn application(&self, app_id: &str) -> Option<&RegisteredApplication> {
        self.applications.iter().find(|application| application.app_id.eq_ignore_ascii_case(app_id))
    }

    fn refuse_repeated_ids(&self) -> Result<(), ShapeError> {
        for (index, application) in self.applications.iter().enumerate() {
            if self.applications.iter().take(index).any(|other| other.app_id == application.app_id) {
                let at = format!("applications[{index}].appId");
                return Err(ShapeError::new(&at, format!("'{}' occurs twice", application.app_id)));
            }
        }
        Ok(())
    }
}
