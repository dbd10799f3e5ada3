//! The arguments for signing in. Names and `ARM_*` variables are azuread's.

use crate::auth::arguments as argument;
use crate::terraform::schema::Attribute;

use super::attributes::{switch, text};

pub(super) fn application() -> Vec<Attribute> {
    vec![
        text(
            argument::TENANT_ID,
            &["ARM_TENANT_ID", "AZURE_TENANT_ID"],
            "Tenant: its GUID or one of its domain names. Required, except for a managed identity and for the Azure \
             CLI, which has a default tenant.",
        ),
        text(
            argument::CLIENT_ID,
            &["ARM_CLIENT_ID", "AZURE_CLIENT_ID"],
            "Application (client) ID, a GUID. With `use_msi`, the client ID of a user-assigned identity; the default \
             is the system-assigned identity.",
        ),
        text(
            argument::CLIENT_ID_FILE_PATH,
            &["ARM_CLIENT_ID_FILE_PATH"],
            "File that contains the client ID, as HCP Terraform's dynamic credentials provide it.",
        ),
    ]
}

pub(super) fn client_secret() -> Vec<Attribute> {
    vec![
        text(
            argument::CLIENT_SECRET,
            &["ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET"],
            "Client secret of the application: its value, not its ID.",
        )
        .sensitive(),
        text(
            argument::CLIENT_SECRET_FILE_PATH,
            &["ARM_CLIENT_SECRET_FILE_PATH"],
            "File that contains the client secret. The content is trimmed.",
        ),
    ]
}

pub(super) fn client_certificate() -> Vec<Attribute> {
    vec![
        text(
            argument::CLIENT_CERTIFICATE,
            &["ARM_CLIENT_CERTIFICATE"],
            "Certificate of the application with its private key: a PFX file in base64.",
        )
        .sensitive(),
        text(
            argument::CLIENT_CERTIFICATE_PATH,
            &["ARM_CLIENT_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PATH"],
            "File that contains the certificate with its private key: PFX or PEM.",
        ),
        text(
            argument::CLIENT_CERTIFICATE_PASSWORD,
            &["ARM_CLIENT_CERTIFICATE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"],
            "Password of the PFX, if it has one.",
        )
        .sensitive(),
    ]
}

pub(super) fn oidc() -> Vec<Attribute> {
    vec![
        switch(
            argument::USE_OIDC,
            &["ARM_USE_OIDC"],
            "Whether to sign in with an OIDC token of another issuer, which the application trusts through a federated \
             identity credential. The `oidc_` arguments are used only with `true`. Default: `false`.",
        ),
        text(
            argument::OIDC_TOKEN,
            &["ARM_OIDC_TOKEN", "TFC_WORKLOAD_IDENTITY_TOKEN"],
            "OIDC token. It cannot be renewed, so a run must end before it expires.",
        )
        .sensitive(),
        text(
            argument::OIDC_TOKEN_FILE_PATH,
            &["ARM_OIDC_TOKEN_FILE_PATH", "AZURE_FEDERATED_TOKEN_FILE"],
            "File that contains the OIDC token. It is read at every sign-in, so another program can refresh it.",
        ),
        text(
            argument::OIDC_REQUEST_URL,
            &["ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL", "SYSTEM_OIDCREQUESTURI"],
            "Address at which to request an OIDC token. GitHub Actions and Azure DevOps set a variable for it. An \
             `ACTIONS_` variable is never combined with a `SYSTEM_` variable. An address in the argument or in \
             `ARM_OIDC_REQUEST_URL` needs a token in `oidc_request_token` or `ARM_OIDC_REQUEST_TOKEN`.",
        ),
        text(
            argument::OIDC_REQUEST_TOKEN,
            &["ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN"],
            "Bearer token for that request. GitHub Actions sets it for jobs with the permission `id-token: write`; in \
             Azure DevOps, map `$(System.AccessToken)` to the variable.",
        )
        .sensitive(),
        text(
            argument::SERVICE_CONNECTION_ID,
            &["ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID", "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID"],
            "GUID of the service connection in Azure DevOps. If it is set, the OIDC token is requested from Azure \
             DevOps, otherwise from GitHub Actions.",
        ),
        switch(
            argument::USE_AKS_WORKLOAD_IDENTITY,
            &["ARM_USE_AKS_WORKLOAD_IDENTITY"],
            "Whether to sign in with the variables that the workload identity webhook of AKS sets in a pod: \
             `AZURE_CLIENT_ID`, `AZURE_TENANT_ID` and `AZURE_FEDERATED_TOKEN_FILE`. A different `client_id` or \
             `tenant_id` is an error. Default: `false`.",
        ),
    ]
}

pub(super) fn without_application() -> Vec<Attribute> {
    vec![
        switch(
            argument::USE_MSI,
            &["ARM_USE_MSI"],
            "Whether to sign in as the managed identity of this Azure machine. Default: `false`.",
        ),
        text(
            argument::MSI_ENDPOINT,
            &["ARM_MSI_ENDPOINT"],
            "Address of the metadata service, with path, instead of the usual one. Plain `http` is accepted only on \
             loopback and link-local addresses. The `IDENTITY_HEADER` of App Service is not sent to it.",
        ),
        switch(
            argument::USE_CLI,
            &["ARM_USE_CLI"],
            "Whether to sign in with the account of the Azure CLI (`az login`) if no other method is complete. \
             Default: `true`. If another method has only a part of its inputs, the Azure CLI is used only with an \
             explicit `true`.",
        ),
        text(
            argument::ACCESS_TOKEN,
            &["DEFENDER_ACCESS_TOKEN"],
            "Access token for Microsoft Graph, without the word `Bearer`. It takes precedence over every other method. \
             It needs the permission `DeviceManagementConfiguration.ReadWrite.All` \
             (`DeviceManagementConfiguration.Read.All` is enough for `terraform plan`). The token is used until it \
             expires; the provider never stores it.",
        )
        .sensitive(),
    ]
}
