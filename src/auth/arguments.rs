//! The names of the inputs, which are azuread's. What each may hold and which variables stand in for it is said by the
//! provider's schema.

/// Tenant: GUID or domain name.
pub const TENANT_ID: &str = "tenant_id";
/// Application, or user-assigned identity: GUID.
pub const CLIENT_ID: &str = "client_id";
/// A file that holds the former.
pub const CLIENT_ID_FILE_PATH: &str = "client_id_file_path";
/// Password of the application.
pub const CLIENT_SECRET: &str = "client_secret";
/// A file that holds the former.
pub const CLIENT_SECRET_FILE_PATH: &str = "client_secret_file_path";
/// PFX in base64.
pub const CLIENT_CERTIFICATE: &str = "client_certificate";
/// A PFX or PEM file.
pub const CLIENT_CERTIFICATE_PATH: &str = "client_certificate_path";
/// Password of the PFX.
pub const CLIENT_CERTIFICATE_PASSWORD: &str = "client_certificate_password";
/// Whether the next ones count.
pub const USE_OIDC: &str = "use_oidc";
/// Token of another issuer.
pub const OIDC_TOKEN: &str = "oidc_token";
/// A file that holds the former.
pub const OIDC_TOKEN_FILE_PATH: &str = "oidc_token_file_path";
/// Where such a token is asked for.
pub const OIDC_REQUEST_URL: &str = "oidc_request_url";
/// What allows to ask for it.
pub const OIDC_REQUEST_TOKEN: &str = "oidc_request_token";
/// GUID of the service connection of Azure DevOps.
pub const SERVICE_CONNECTION_ID: &str = "ado_pipeline_service_connection_id";
/// Whether what the webhook of AKS sets counts.
pub const USE_AKS_WORKLOAD_IDENTITY: &str = "use_aks_workload_identity";
/// Whether to sign in as managed identity.
pub const USE_MSI: &str = "use_msi";
/// The metadata address, with path.
pub const MSI_ENDPOINT: &str = "msi_endpoint";
/// Whether to sign in as whoever the Azure CLI knows.
pub const USE_CLI: &str = "use_cli";
/// A token that somebody else got.
pub const ACCESS_TOKEN: &str = "access_token";
/// The cloud.
pub const ENVIRONMENT: &str = "environment";
/// The authority, if not the cloud's.
pub const AUTHORITY_HOST: &str = "authority_host";
