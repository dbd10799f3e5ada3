//! The names of the sign-in arguments, which are azuread's. The provider's schema documents what each may hold and
//! which environment variables replace it.

/// Tenant: GUID or domain name.
pub const TENANT_ID: &str = "tenant_id";
/// Application, or user-assigned identity: GUID.
pub const CLIENT_ID: &str = "client_id";
/// A file that holds the client ID.
pub const CLIENT_ID_FILE_PATH: &str = "client_id_file_path";
/// Client secret of the application.
pub const CLIENT_SECRET: &str = "client_secret";
/// A file that holds the client secret.
pub const CLIENT_SECRET_FILE_PATH: &str = "client_secret_file_path";
/// PFX in base64.
pub const CLIENT_CERTIFICATE: &str = "client_certificate";
/// A PFX or PEM file.
pub const CLIENT_CERTIFICATE_PATH: &str = "client_certificate_path";
/// Password of the PFX.
pub const CLIENT_CERTIFICATE_PASSWORD: &str = "client_certificate_password";
/// Enables the OIDC methods.
pub const USE_OIDC: &str = "use_oidc";
/// OIDC token of another issuer.
pub const OIDC_TOKEN: &str = "oidc_token";
/// A file that holds the OIDC token.
pub const OIDC_TOKEN_FILE_PATH: &str = "oidc_token_file_path";
/// Where a pipeline requests its OIDC token.
pub const OIDC_REQUEST_URL: &str = "oidc_request_url";
/// The bearer token of that request.
pub const OIDC_REQUEST_TOKEN: &str = "oidc_request_token";
/// GUID of the service connection of Azure DevOps.
pub const SERVICE_CONNECTION_ID: &str = "ado_pipeline_service_connection_id";
/// Enables what the workload identity webhook of AKS provides.
pub const USE_AKS_WORKLOAD_IDENTITY: &str = "use_aks_workload_identity";
/// Enables the managed identity.
pub const USE_MSI: &str = "use_msi";
/// The metadata address, with path.
pub const MSI_ENDPOINT: &str = "msi_endpoint";
/// Enables the Azure CLI.
pub const USE_CLI: &str = "use_cli";
/// A ready access token.
pub const ACCESS_TOKEN: &str = "access_token";
/// The cloud.
pub const ENVIRONMENT: &str = "environment";
/// The authority, if not the cloud's.
pub const AUTHORITY_HOST: &str = "authority_host";
