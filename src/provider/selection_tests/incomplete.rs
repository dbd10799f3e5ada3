//! Inputs that are missing, disabled, unknown or invalid. `notation.rs` explains the rows.

use super::table::Row;

pub(super) const ROWS: &[&[Row]] = &[INCOMPLETE, SWITCHES, UNKNOWN, INVALID];

/// Incomplete methods: the Azure CLI is used only with an explicit `use_cli`.
const INCOMPLETE: &[Row] = &[
    (
        "ARM_CLIENT_ID=C",
        "invalid: No sign-in method is complete: an application lacks client_secret, client_certificate, use_oidc, \
         use_aks_workload_identity or use_msi",
    ),
    ("client_secret=s client_id=C", "invalid: No sign-in method is complete: client secret lacks tenant_id"),
    (
        "ARM_CLIENT_CERTIFICATE_PATH=@x tenant_id=T",
        "invalid: No sign-in method is complete: client certificate lacks client_id or client_id_file_path",
    ),
    (
        "client_certificate_password=p",
        "invalid: No sign-in method is complete: client certificate lacks client_certificate or \
         client_certificate_path; tenant_id; client_id or client_id_file_path",
    ),
    (
        "use_oidc=true tenant_id=T client_id=C",
        "invalid: No sign-in method is complete: OIDC token lacks oidc_token or oidc_token_file_path",
    ),
    (
        "oidc_token=t tenant_id=T client_id=C",
        "invalid: No sign-in method is complete: OIDC token lacks use_oidc = true",
    ),
    (
        "ARM_OIDC_TOKEN_FILE_PATH=@! tenant_id=T client_id=C",
        "invalid: No sign-in method is complete: OIDC token lacks use_oidc = true",
    ),
    (
        "ado_pipeline_service_connection_id=C2 use_oidc=true tenant_id=T client_id=C",
        "invalid: No sign-in method is complete: OIDC token lacks oidc_token or oidc_token_file_path, Azure DevOps \
         OIDC lacks oidc_request_url; oidc_request_token",
    ),
    (
        "client_secret=s use_cli=false",
        "invalid: No sign-in method is complete: client secret lacks tenant_id; client_id or client_id_file_path",
    ),
    ("client_secret=s use_cli=true", "Azure CLI: use_cli"),
    ("ARM_CLIENT_ID=C ARM_USE_CLI=true ARM_TENANT_ID=T", "Azure CLI: ARM_USE_CLI ARM_TENANT_ID"),
    ("client_secret=s ARM_USE_MSI=true", "managed identity: ARM_USE_MSI"),
    // Every run in HCP Terraform has this token.
    ("TFC_WORKLOAD_IDENTITY_TOKEN=t AZURE_FEDERATED_TOKEN_FILE=@! tenant_id=T", "Azure CLI: tenant_id"),
];

/// Methods that are disabled, and invalid switches.
const SWITCHES: &[Row] = &[
    ("use_cli=false", "deferred: No credentials are configured"),
    ("ARM_USE_CLI=0", "deferred: No credentials are configured"),
    ("use_oidc=false oidc_token=t oidc_request_url=https://x/y", "Azure CLI:"),
    ("use_aks_workload_identity=false AZURE_FEDERATED_TOKEN_FILE=@t", "Azure CLI:"),
    ("ARM_USE_OIDC=f ARM_OIDC_TOKEN=t", "Azure CLI:"),
    ("ARM_USE_MSI=yes", "invalid: use_msi is neither true nor false at ARM_USE_MSI"),
    ("ARM_USE_CLI=on", "invalid: use_cli is neither true nor false at ARM_USE_CLI"),
    (
        "ARM_USE_OIDC=tRUE ARM_USE_AKS_WORKLOAD_IDENTITY=2",
        "invalid: use_oidc is neither true nor false at ARM_USE_OIDC, use_aks_workload_identity is neither true nor false \
         at ARM_USE_AKS_WORKLOAD_IDENTITY",
    ),
    (
        "ARM_DISABLE_TERRAFORM_PARTNER_ID=no",
        "invalid: disable_terraform_partner_id is neither true nor false at ARM_DISABLE_TERRAFORM_PARTNER_ID",
    ),
    ("disable_terraform_partner_id=true partner_id=C2 ARM_PARTNER_ID=x", "Azure CLI:"),
];

/// Unknown values defer the selection if they could change it.
const UNKNOWN: &[Row] = &[
    ("access_token=?", "deferred: access_token is not known yet"),
    ("access_token=t client_id=? use_oidc=? authority_host=?", "access token: access_token"),
    ("access_token=t graph_endpoint=?", "deferred: graph_endpoint is not known yet"),
    ("environment=?", "deferred: environment is not known yet"),
    ("authority_host=?", "deferred: authority_host is not known yet"),
    ("preflight=? partner_id=? disable_terraform_partner_id=?", "Azure CLI:"),
    ("tenant_id=?", "deferred: tenant_id is not known yet"),
    ("client_id=?", "deferred: client_id is not known yet"),
    ("client_secret=? client_id=C tenant_id=T", "deferred: client_secret is not known yet"),
    ("client_secret=s client_id=? tenant_id=T", "deferred: client_id is not known yet"),
    ("client_secret=s client_id=?", "deferred: client_id is not known yet"),
    (
        "client_secret=? ARM_CLIENT_SECRET_FILE_PATH=@s client_id=C tenant_id=T",
        "deferred: client_secret is not known yet",
    ),
    (
        "client_certificate=eA== client_certificate_password=? client_id=C tenant_id=T",
        "deferred: client_certificate_password is not known yet",
    ),
    // The first method may become complete, so the second one cannot be selected yet.
    (
        "client_certificate=? client_secret=s client_id=C tenant_id=T",
        "deferred: client_certificate is not known yet",
    ),
    // The first method cannot become complete, and a later one has lower precedence.
    ("client_certificate=? use_msi=true", "managed identity: use_msi"),
    (
        "client_secret=s client_id=C tenant_id=T oidc_token=? use_msi=?",
        "client secret: client_secret tenant_id client_id",
    ),
    ("use_oidc=? oidc_token=t client_id=C tenant_id=T", "deferred: use_oidc is not known yet"),
    ("use_oidc=?", "deferred: use_oidc is not known yet"),
    ("use_oidc=true oidc_token=? client_id=C tenant_id=T", "deferred: oidc_token is not known yet"),
    (
        "use_oidc=true oidc_request_url=? ACTIONS_ID_TOKEN_REQUEST_TOKEN=t client_id=C tenant_id=T",
        "deferred: oidc_request_url is not known yet",
    ),
    (
        "use_aks_workload_identity=true tenant_id=? AZURE_CLIENT_ID=C AZURE_TENANT_ID=T AZURE_FEDERATED_TOKEN_FILE=@t",
        "deferred: tenant_id is not known yet",
    ),
    ("use_aks_workload_identity=?", "deferred: use_aks_workload_identity is not known yet"),
    ("use_msi=?", "deferred: use_msi is not known yet"),
    ("use_msi=true client_id=?", "deferred: client_id is not known yet"),
    ("use_msi=true tenant_id=?", "managed identity: use_msi"),
    ("use_cli=?", "deferred: use_cli is not known yet"),
    ("client_secret=?", "deferred: client_secret is not known yet"),
    ("client_secret=? use_cli=true", "Azure CLI: use_cli"),
    // Invalid values are reported all the same.
    ("tenant_id=? client_id=x", "invalid: client_id is not a GUID at client_id"),
];

/// Invalid values.
const INVALID: &[Row] = &[
    ("tenant_id=a/b", "invalid: tenant_id is neither a tenant ID nor a domain name at tenant_id"),
    (
        "ARM_TENANT_ID=.. use_cli=true",
        "invalid: tenant_id is neither a tenant ID nor a domain name at ARM_TENANT_ID",
    ),
    ("AZURE_CLIENT_ID=app use_msi=true", "invalid: client_id is not a GUID at AZURE_CLIENT_ID"),
    (
        "client_id_file_path=@app tenant_id=a/b",
        "invalid: tenant_id is neither a tenant ID nor a domain name at tenant_id, client_id_file_path is not a GUID at client_id_file_path",
    ),
    (
        "client_certificate=* tenant_id=T client_id=C",
        "invalid: client_certificate is not valid base64 at client_certificate",
    ),
    ("ARM_ENVIRONMENT=moon", "invalid: environment is not the name of a cloud at ARM_ENVIRONMENT"),
    (
        "authority_host=http://login.example",
        "invalid: authority_host is not a valid address at authority_host",
    ),
    (
        "graph_endpoint=_ partner_id=x preflight=loud",
        "invalid: graph_endpoint is not the root of Microsoft Graph at graph_endpoint, preflight is not one of the allowed values \
         at preflight, partner_id is not a GUID at partner_id",
    ),
    (
        "use_msi=true msi_endpoint=http://10.0.0.1/x",
        "invalid: msi_endpoint is not a valid address at msi_endpoint",
    ),
    (
        "use_msi=true IDENTITY_ENDPOINT=http://identity.example/x IDENTITY_HEADER=h",
        "invalid: IDENTITY_ENDPOINT is not a valid address at IDENTITY_ENDPOINT",
    ),
    (
        "use_oidc=true SYSTEM_OIDCREQUESTURI=http://x/y SYSTEM_ACCESSTOKEN=t tenant_id=T client_id=C \
         ado_pipeline_service_connection_id=C2",
        "invalid: oidc_request_url is not a valid address at SYSTEM_OIDCREQUESTURI",
    ),
];
