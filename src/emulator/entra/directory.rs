//! Who can sign in to the tenant: the part of the tenant file that Graph's collections are not. It stays as it was
//! read. An error of reading never shows a secret.
//!
//! ```text
//! "tenantId"?: "<GUID>",             then any other tenant is unknown; without it every tenant is this one
//! "domains"?: ["contoso.onmicrosoft.com"],   other names of it
//! "applications"?: [ { "appId": "<GUID>", "displayName"?, "roles"?: ["DeviceManagementConfiguration.ReadWrite.All"],
//!     "passwordCredentials"?: [ { "secretText", "endDateTime"? } ],
//!     "keyCredentials"?: [ { "key": PEM, or DER in base64 } ],
//!     "federatedIdentityCredentials"?: [ { "issuer", "subject", "audiences": ["api://AzureADTokenExchange"] } ],
//!     "disabled"?: true, "blockedByConditionalAccess"?: true, "tokenLifetimeSeconds"?: 3599 } ],
//! "managedIdentities"?: [ { "clientId": "<GUID>", "systemAssigned"?: true, "roles"?, "tokenLifetimeSeconds"? } ],
//! "identityHeader"?: what App Service gives its applications as IDENTITY_HEADER,
//! "oidcProviders"?: { "github"?: { "issuer"?, "subject", "requestToken"? },
//!                     "azureDevOps"?: { "issuer", "subject", "requestToken"?, "serviceConnectionId"? } }
//! ```

use super::application::{Application, each};
use super::hidden::Hidden;
use super::managed_identity::ManagedIdentity;
use super::oidc_provider::OidcProviders;
use crate::emulator::members::{Members, ShapeError};
use crate::emulator::model::guid;

/// The `tid` of tokens where neither the tenant file nor the request gives a GUID.
const NAMELESS: &str = "00000000-0000-4000-8000-000000000000";

/// The identities of a tenant.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    tenant_id: Option<String>,
    domains: Vec<String>,
    /// Applications with credentials.
    pub applications: Vec<Application>,
    /// Identities of the machine that the emulator plays.
    pub managed_identities: Vec<ManagedIdentity>,
    /// What a request to App Service must carry.
    pub identity_header: Option<Hidden>,
    /// Pipelines that issue tokens of their own.
    pub oidc: OidcProviders,
}

impl Directory {
    /// Takes the members of the tenant file that are about identities.
    pub fn seeded(members: &mut Members) -> Result<Self, ShapeError> {
        let place = members.place("tenantId");
        let wrong = |id: &String| ShapeError::new(&place, format!("'{id}' is not a GUID."));
        let tenant_id = members.text("tenantId")?.value();
        let tenant_id = tenant_id.map(|id| guid(&id).ok_or_else(|| wrong(&id))).transpose()?;
        let directory = Self {
            tenant_id,
            domains: members.texts("domains")?.value().unwrap_or_default(),
            applications: each(members, "applications", Application::seeded)?,
            managed_identities: each(members, "managedIdentities", ManagedIdentity::seeded)?,
            identity_header: members.text("identityHeader")?.value().map(Hidden::new),
            oidc: OidcProviders::seeded(members.any("oidcProviders"))?,
        };
        directory.refuse_repeated_ids()?;
        Ok(directory)
    }

    /// Whether the tenant goes by this name, which an address carries.
    pub fn is_tenant(&self, name: &str) -> bool {
        let is_own = |own: &String| own.eq_ignore_ascii_case(name);
        self.tenant_id.as_ref().is_none_or(is_own) || self.domains.iter().any(is_own)
    }

    /// The id of the tenant, for the claim `tid`.
    pub fn tenant_id(&self, name: &str) -> String {
        self.tenant_id.clone().or_else(|| guid(name)).unwrap_or_else(|| NAMELESS.to_owned())
    }

    /// An application by its client id.
    pub fn application(&self, app_id: &str) -> Option<&Application> {
        self.applications.iter().find(|application| application.app_id.eq_ignore_ascii_case(app_id))
    }

    fn refuse_repeated_ids(&self) -> Result<(), ShapeError> {
        for (index, application) in self.applications.iter().enumerate() {
            if self.applications.iter().take(index).any(|other| other.app_id == application.app_id) {
                let at = format!("applications[{index}].appId");
                return Err(ShapeError::new(&at, format!("'{}' is there twice", application.app_id)));
            }
        }
        Ok(())
    }
}
