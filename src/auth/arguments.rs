//! The names of the sign-in arguments. An argument that the azuread provider also has keeps its name. The provider's
//! schema documents the values of each argument and the environment variables that replace it.

/// The tenant: GUID or domain name.
pub const TENANT_ID: &str = "tenant_id";
/// The client ID of the application or of a user-assigned identity: GUID.
pub const CLIENT_ID: &str = "client_id";
/// A file that holds the client ID.
pub const CLIENT_ID_FILE_PATH: &str = "client_id_file_path";
/// The client secret of the application.
pub const CLIENT_SECRET: &str = "client_secret";
/// A file that holds the client secret.
pub const CLIENT_SECRET_FILE_PATH: &str = "client_secret_file_path";
/// A PFX in base64.
pub const CLIENT_CERTIFICATE: &str = "client_certificate";
/// A PFX or PEM file.
pub const CLIENT_CERTIFICATE_PATH: &str = "client_certificate_path";
/// The password of the PFX.
pub const CLIENT_CERTIFICATE_PASSWORD: &str = "client_certificate_password";
/// Enables the OIDC methods.
pub const USE_OIDC: &str = "use_oidc";
/// An OIDC token from another issuer.
pub const OIDC_TOKEN: &str = "oidc_token";
/// A file that holds the OIDC token.
pub const OIDC_TOKEN_FILE_PATH: &str = "oidc_token_file_path";
/// The URL from which a pipeline requests its OIDC token.
pub const OIDC_REQUEST_URL: &str = "oidc_request_url";
/// The bearer token for the request to [`OIDC_REQUEST_URL`].
pub const OIDC_REQUEST_TOKEN: &str = "oidc_request_token";
/// The Azure DevOps service connection: GUID.
pub const SERVICE_CONNECTION_ID: &str = "ado_pipeline_service_connection_id";
/// Enables AKS workload identity, with the values that its webhook sets in the pod.
pub const USE_AKS_WORKLOAD_IDENTITY: &str = "use_aks_workload_identity";
/// Enables the managed identity.
pub const USE_MSI: &str = "use_msi";
/// The URL of the managed identity endpoint, including its path.
pub const MSI_ENDPOINT: &str = "msi_endpoint";
/// Enables the Azure CLI.
pub const USE_CLI: &str = "use_cli";
/// An access token obtained elsewhere.
pub const ACCESS_TOKEN: &str = "access_token";
/// The name of the cloud.
pub const ENVIRONMENT: &str = "environment";
/// The authority, if it is not the cloud's default.
pub const AUTHORITY_HOST: &str = "authority_host";
