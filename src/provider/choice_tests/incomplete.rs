//! What follows when inputs are missing, switched off, not known yet or wrong. `notation.rs` explains the rows.

use super::table::Row;

pub(super) const ROWS: &[&[Row]] = &[HALVES, SWITCHES, UNKNOWN, WRONG];

/// Begun and not complete: never the Azure CLI unless it was asked for.
const HALVES: &[Row] = &[
    (
        "ARM_CLIENT_ID=C",
        "wrong: No method of signing in is complete: an application lacks client_secret, client_certificate, use_oidc, \
         use_aks_workload_identity or use_msi",
    ),
    (
        "client_secret=s client_id=C",
        "wrong: No method of signing in is complete: client secret lacks tenant_id",
    ),
    (
        "ARM_CLIENT_CERTIFICATE_PATH=@x tenant_id=T",
        "wrong: No method of signing in is complete: client certificate lacks client_id or client_id_file_path",
    ),
    (
        "client_certificate_password=p",
        "wrong: No method of signing in is complete: client certificate lacks client_certificate or \
         client_certificate_path; tenant_id; client_id or client_id_file_path",
    ),
    (
        "use_oidc=true tenant_id=T client_id=C",
        "wrong: No method of signing in is complete: OIDC token lacks oidc_token or oidc_token_file_path",
    ),
    (
        "oidc_token=t tenant_id=T client_id=C",
        "wrong: No method of signing in is complete: OIDC token lacks use_oidc = true",
    ),
    (
        "ARM_OIDC_TOKEN_FILE_PATH=@! tenant_id=T client_id=C",
        "wrong: No method of signing in is complete: OIDC token lacks use_oidc = true",
    ),
    (
        "ado_pipeline_service_connection_id=C2 use_oidc=true tenant_id=T client_id=C",
        "wrong: No method of signing in is complete: OIDC token lacks oidc_token or oidc_token_file_path, Azure DevOps \
         OIDC lacks oidc_request_url; oidc_request_token",
    ),
    (
        "client_secret=s use_cli=false",
        "wrong: No method of signing in is complete: client secret lacks tenant_id; client_id or client_id_file_path",
    ),
    ("client_secret=s use_cli=true", "Azure CLI: use_cli"),
    ("ARM_CLIENT_ID=C ARM_USE_CLI=true ARM_TENANT_ID=T", "Azure CLI: ARM_USE_CLI ARM_TENANT_ID"),
    ("client_secret=s ARM_USE_MSI=true", "managed identity: ARM_USE_MSI"),
    // A terraform run in HCP has this token whether or not anybody uses it.
    ("TFC_WORKLOAD_IDENTITY_TOKEN=t AZURE_FEDERATED_TOKEN_FILE=@! tenant_id=T", "Azure CLI: tenant_id"),
];

/// What is switched off, and switches that are neither.
const SWITCHES: &[Row] = &[
    ("use_cli=false", "waits: No way to sign in is configured"),
    ("ARM_USE_CLI=0", "waits: No way to sign in is configured"),
    ("use_oidc=false oidc_token=t oidc_request_url=https://x/y", "Azure CLI:"),
    ("use_aks_workload_identity=false AZURE_FEDERATED_TOKEN_FILE=@t", "Azure CLI:"),
    ("ARM_USE_OIDC=f ARM_OIDC_TOKEN=t", "Azure CLI:"),
    ("ARM_USE_MSI=yes", "wrong: use_msi is neither true nor false at ARM_USE_MSI"),
    ("ARM_USE_CLI=on", "wrong: use_cli is neither true nor false at ARM_USE_CLI"),
    (
        "ARM_USE_OIDC=tRUE ARM_USE_AKS_WORKLOAD_IDENTITY=2",
        "wrong: use_oidc is neither true nor false at ARM_USE_OIDC, use_aks_workload_identity is neither true nor false \
         at ARM_USE_AKS_WORKLOAD_IDENTITY",
    ),
    (
        "ARM_DISABLE_TERRAFORM_PARTNER_ID=no",
        "wrong: disable_terraform_partner_id is neither true nor false at ARM_DISABLE_TERRAFORM_PARTNER_ID",
    ),
    ("disable_terraform_partner_id=true partner_id=C2 ARM_PARTNER_ID=x", "Azure CLI:"),
];

/// What is not known yet waits if it could change the choice, and never fails early.
const UNKNOWN: &[Row] = &[
    ("access_token=?", "waits: access_token is not known yet"),
    ("access_token=t client_id=? use_oidc=? authority_host=?", "access token: access_token"),
    ("access_token=t graph_endpoint=?", "waits: graph_endpoint is not known yet"),
    ("environment=?", "waits: environment is not known yet"),
    ("authority_host=?", "waits: authority_host is not known yet"),
    ("preflight=? partner_id=? disable_terraform_partner_id=?", "Azure CLI:"),
    ("tenant_id=?", "waits: tenant_id is not known yet"),
    ("client_id=?", "waits: client_id is not known yet"),
    ("client_secret=? client_id=C tenant_id=T", "waits: client_secret is not known yet"),
    ("client_secret=s client_id=? tenant_id=T", "waits: client_id is not known yet"),
    ("client_secret=s client_id=?", "waits: client_id is not known yet"),
    (
        "client_secret=? ARM_CLIENT_SECRET_FILE_PATH=@s client_id=C tenant_id=T",
        "waits: client_secret is not known yet",
    ),
    (
        "client_certificate=eA== client_certificate_password=? client_id=C tenant_id=T",
        "waits: client_certificate_password is not known yet",
    ),
    // An earlier method may become complete, so the later one must wait.
    (
        "client_certificate=? client_secret=s client_id=C tenant_id=T",
        "waits: client_certificate is not known yet",
    ),
    // An earlier method cannot become complete, and a later one comes too late to matter.
    ("client_certificate=? use_msi=true", "managed identity: use_msi"),
    (
        "client_secret=s client_id=C tenant_id=T oidc_token=? use_msi=?",
        "client secret: client_secret tenant_id client_id",
    ),
    ("use_oidc=? oidc_token=t client_id=C tenant_id=T", "waits: use_oidc is not known yet"),
    ("use_oidc=?", "waits: use_oidc is not known yet"),
    ("use_oidc=true oidc_token=? client_id=C tenant_id=T", "waits: oidc_token is not known yet"),
    (
        "use_oidc=true oidc_request_url=? ACTIONS_ID_TOKEN_REQUEST_TOKEN=t client_id=C tenant_id=T",
        "waits: oidc_request_url is not known yet",
    ),
    (
        "use_aks_workload_identity=true tenant_id=? AZURE_CLIENT_ID=C AZURE_TENANT_ID=T AZURE_FEDERATED_TOKEN_FILE=@t",
        "waits: tenant_id is not known yet",
    ),
    ("use_aks_workload_identity=?", "waits: use_aks_workload_identity is not known yet"),
    ("use_msi=?", "waits: use_msi is not known yet"),
    ("use_msi=true client_id=?", "waits: client_id is not known yet"),
    ("use_msi=true tenant_id=?", "managed identity: use_msi"),
    ("use_cli=?", "waits: use_cli is not known yet"),
    ("client_secret=?", "waits: client_secret is not known yet"),
    ("client_secret=? use_cli=true", "Azure CLI: use_cli"),
    // What is wrong already is told all the same.
    ("tenant_id=? client_id=x", "wrong: client_id is not a GUID at client_id"),
];

/// Values that cannot be used, whichever method would take them.
const WRONG: &[Row] = &[
    ("tenant_id=a/b", "wrong: tenant_id is not a tenant at tenant_id"),
    ("ARM_TENANT_ID=.. use_cli=true", "wrong: tenant_id is not a tenant at ARM_TENANT_ID"),
    ("AZURE_CLIENT_ID=app use_msi=true", "wrong: client_id is not a GUID at AZURE_CLIENT_ID"),
    (
        "client_id_file_path=@app tenant_id=a/b",
        "wrong: tenant_id is not a tenant at tenant_id, client_id_file_path is not a GUID at client_id_file_path",
    ),
    (
        "client_certificate=* tenant_id=T client_id=C",
        "wrong: client_certificate is not in base64 at client_certificate",
    ),
    ("ARM_ENVIRONMENT=moon", "wrong: environment is not the name of a cloud at ARM_ENVIRONMENT"),
    ("authority_host=http://login.example", "wrong: authority_host is not a root address at authority_host"),
    (
        "graph_endpoint=_ partner_id=x preflight=loud",
        "wrong: graph_endpoint is not the root of Microsoft Graph at graph_endpoint, preflight is not one of the choices \
         at preflight, partner_id is not a GUID at partner_id",
    ),
    (
        "use_msi=true msi_endpoint=http://10.0.0.1/x",
        "wrong: msi_endpoint is not an address that can be asked at msi_endpoint",
    ),
    (
        "use_msi=true IDENTITY_ENDPOINT=http://identity.example/x IDENTITY_HEADER=h",
        "wrong: IDENTITY_ENDPOINT is not an address that can be asked at IDENTITY_ENDPOINT",
    ),
    (
        "use_oidc=true SYSTEM_OIDCREQUESTURI=http://x/y SYSTEM_ACCESSTOKEN=t tenant_id=T client_id=C \
         ado_pipeline_service_connection_id=C2",
        "wrong: oidc_request_url is not an address that can be asked at SYSTEM_OIDCREQUESTURI",
    ),
];
