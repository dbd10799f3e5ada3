//! Arguments that say who signs in and how. Names and `ARM_*` variables are azuread's.

use crate::auth::arguments as argument;
use crate::terraform::schema::Attribute;

use super::{switch, text};

pub(super) fn application() -> Vec<Attribute> {
    vec![
        text(
            argument::TENANT_ID,
            &["ARM_TENANT_ID", "AZURE_TENANT_ID"],
            "Tenant, by its GUID or one of its domain names. Every method needs it but a managed identity and the \
             Azure CLI, which signs in to its own default tenant without it.",
        ),
        text(
            argument::CLIENT_ID,
            &["ARM_CLIENT_ID", "AZURE_CLIENT_ID"],
            "Application (client) id, a GUID. With `use_msi`, that of a user-assigned identity; without it the \
             system-assigned one signs in.",
        ),
        text(
            argument::CLIENT_ID_FILE_PATH,
            &["ARM_CLIENT_ID_FILE_PATH"],
            "File that holds what `client_id` would say, as HCP Terraform's dynamic credentials provide it.",
        ),
    ]
}

pub(super) fn client_secret() -> Vec<Attribute> {
    vec![
        text(
            argument::CLIENT_SECRET,
            &["ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET"],
            "Client secret of the application: the value, not the secret's id.",
        )
        .sensitive(),
        text(
            argument::CLIENT_SECRET_FILE_PATH,
            &["ARM_CLIENT_SECRET_FILE_PATH"],
            "File that holds the client secret. White space around it is dropped.",
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
            "File that holds the certificate with its private key: PFX or PEM.",
        ),
        text(
            argument::CLIENT_CERTIFICATE_PASSWORD,
            &["ARM_CLIENT_CERTIFICATE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"],
            "Password of the PFX. Leave it out if there is none.",
        )
        .sensitive(),
    ]
}

pub(super) fn oidc() -> Vec<Attribute> {
    vec![
        switch(
            argument::USE_OIDC,
            &["ARM_USE_OIDC"],
            "Whether to sign in with a token of another issuer that the application trusts (a federated identity \
             credential). Without it the other `oidc_` arguments are not used. Default: `false`.",
        ),
        text(
            argument::OIDC_TOKEN,
            &["ARM_OIDC_TOKEN", "TFC_WORKLOAD_IDENTITY_TOKEN"],
            "That token itself. It cannot be renewed: a run must end before it expires.",
        )
        .sensitive(),
        text(
            argument::OIDC_TOKEN_FILE_PATH,
            &["ARM_OIDC_TOKEN_FILE_PATH", "AZURE_FEDERATED_TOKEN_FILE"],
            "File that holds that token. It is read at every sign-in, so whoever keeps it fresh keeps this provider \
             going.",
        ),
        text(
            argument::OIDC_REQUEST_URL,
            &["ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL", "SYSTEM_OIDCREQUESTURI"],
            "Where to ask for that token: GitHub Actions and Azure DevOps set it. An `ACTIONS_` variable is never \
             combined with a `SYSTEM_` one, and an address given as argument or `ARM_OIDC_REQUEST_URL` only with an \
             `oidc_request_token` given in the same way.",
        ),
        text(
            argument::OIDC_REQUEST_TOKEN,
            &["ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN"],
            "What allows to ask there. GitHub Actions sets it for jobs with the permission `id-token: write`; in \
             Azure DevOps, map `$(System.AccessToken)` to the variable.",
        )
        .sensitive(),
        text(
            argument::SERVICE_CONNECTION_ID,
            &["ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID", "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID"],
            "GUID of the service connection in Azure DevOps. With it `oidc_request_url` is asked as Azure DevOps \
             wants it, without it as GitHub does.",
        ),
        switch(
            argument::USE_AKS_WORKLOAD_IDENTITY,
            &["ARM_USE_AKS_WORKLOAD_IDENTITY"],
            "Whether to sign in with what the workload identity webhook of AKS sets in a pod: `AZURE_CLIENT_ID`, \
             `AZURE_TENANT_ID` and `AZURE_FEDERATED_TOKEN_FILE`. A `client_id` or `tenant_id` that says otherwise is \
             an error. Default: `false`.",
        ),
    ]
}

pub(super) fn without_application() -> Vec<Attribute> {
    vec![
        switch(
            argument::USE_MSI,
            &["ARM_USE_MSI"],
            "Whether to sign in as the managed identity of the machine in Azure. Default: `false`.",
        ),
        text(
            argument::MSI_ENDPOINT,
            &["ARM_MSI_ENDPOINT"],
            "Address of the metadata service with path, in place of the usual one. Plain `http` is accepted on \
             loopback and link-local addresses only. The `IDENTITY_HEADER` of App Service is not sent there.",
        ),
        switch(
            argument::USE_CLI,
            &["ARM_USE_CLI"],
            "Whether to sign in as whoever is signed in to the Azure CLI (`az login`), if no other method is \
             complete. Default: `true`; but if another method was begun and lacks something, only an explicit `true` \
             leads here.",
        ),
        text(
            argument::ACCESS_TOKEN,
            &["DEFENDER_ACCESS_TOKEN"],
            "Access token for Microsoft Graph, without the word `Bearer`. It wins over every other method. It needs \
             the permission `DeviceManagementConfiguration.ReadWrite.All` (`DeviceManagementConfiguration.Read.All` \
             is enough for `terraform plan`). The token is used until it expires; it is never stored.",
        )
        .sensitive(),
    ]
}
