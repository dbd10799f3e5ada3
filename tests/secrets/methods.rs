//! The sign-in methods: their variables, the secrets in them, and the services that they use.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tempfile::TempDir;

use crate::directory;
use crate::failures::{ACCESS_TOKEN, Failure, OIDC_TOKEN, Stage};

const TENANT: &str = "contoso.example";
const CLIENT: &str = "2d6d1c6b-0000-4000-8000-000000000001";
/// With characters that forms, URLs and JSON encode differently.
const CLIENT_SECRET: &str = "s3cret~of&the=table+with/odd\"characters";
const REQUEST_TOKEN: &str = "request-token-of-the-table-5b7d9f01";
const LITERAL_TOKEN: &str = "literal-oidc-token-of-the-table-3e8c";
const IDENTITY_HEADER: &str = "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a";
const PASSWORD: &str = "sesame";

/// A sign-in method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    AccessToken,
    ClientSecret,
    ClientSecretFile,
    CertificatePfx,
    CertificatePem,
    OidcToken,
    OidcTokenFile,
    GitHubActions,
    AzureDevOps,
    AksWorkloadIdentity,
    ManagedIdentity,
    AppServiceIdentity,
    AzureCli,
}

/// The inputs of a sign-in.
pub struct SignIn {
    pub variables: BTreeMap<&'static str, String>,
    pub secrets: Vec<String>,
    folder: TempDir,
}

impl Method {
    pub const ALL: [Self; 13] = [
        Self::AccessToken,
        Self::ClientSecret,
        Self::ClientSecretFile,
        Self::CertificatePfx,
        Self::CertificatePem,
        Self::OidcToken,
        Self::OidcTokenFile,
        Self::GitHubActions,
        Self::AzureDevOps,
        Self::AksWorkloadIdentity,
        Self::ManagedIdentity,
        Self::AppServiceIdentity,
        Self::AzureCli,
    ];

    /// The services that it uses, in order.
    pub fn stages(self) -> &'static [Stage] {
        match self {
            Self::AccessToken => &[Stage::Graph],
            Self::GitHubActions | Self::AzureDevOps => &[Stage::Vouching, Stage::Authority, Stage::Graph],
            Self::ManagedIdentity | Self::AppServiceIdentity => &[Stage::Metadata, Stage::Graph],
            Self::AzureCli => &[Stage::Program, Stage::Graph],
            _ => &[Stage::Authority, Stage::Graph],
        }
    }

    /// The member of the pipeline service's response that holds the OIDC token.
    pub fn vouching_member(self) -> &'static str {
        if self == Self::AzureDevOps { "oidcToken" } else { "value" }
    }

    /// Variables and files for this method, with every service at `root`.
    pub fn prepare(self, root: &str, failure: Failure) -> SignIn {
        let sign_in = SignIn::new(root);
        let application =
            |sign_in: SignIn| sign_in.with("ARM_TENANT_ID", TENANT).with("ARM_CLIENT_ID", CLIENT);
        match self {
            Self::AccessToken => sign_in.with_secret("DEFENDER_ACCESS_TOKEN", ACCESS_TOKEN),
            Self::ClientSecret => application(sign_in).with_secret("ARM_CLIENT_SECRET", CLIENT_SECRET),
            Self::ClientSecretFile => {
                application(sign_in).with_secret_in("ARM_CLIENT_SECRET_FILE_PATH", CLIENT_SECRET)
            }
            Self::CertificatePfx => application(sign_in)
                .with_secret("ARM_CLIENT_CERTIFICATE", &directory::base64_of("aes.pfx"))
                .with_secret("ARM_CLIENT_CERTIFICATE_PASSWORD", PASSWORD),
            Self::CertificatePem => application(sign_in).with_pem("ARM_CLIENT_CERTIFICATE_PATH"),
            Self::OidcToken => {
                application(sign_in).with("ARM_USE_OIDC", "true").with_secret("ARM_OIDC_TOKEN", LITERAL_TOKEN)
            }
            Self::OidcTokenFile => application(sign_in)
                .with("ARM_USE_OIDC", "true")
                .with_secret_in("ARM_OIDC_TOKEN_FILE_PATH", LITERAL_TOKEN),
            Self::GitHubActions => application(sign_in)
                .with("ARM_USE_OIDC", "true")
                .with("ACTIONS_ID_TOKEN_REQUEST_URL", &format!("{root}/oidc?job=1"))
                .with_secret("ACTIONS_ID_TOKEN_REQUEST_TOKEN", REQUEST_TOKEN)
                .knowing(OIDC_TOKEN),
            Self::AzureDevOps => application(sign_in)
                .with("ARM_USE_OIDC", "true")
                .with("SYSTEM_OIDCREQUESTURI", &format!("{root}/oidc"))
                .with_secret("SYSTEM_ACCESSTOKEN", REQUEST_TOKEN)
                .with("ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID", CLIENT)
                .knowing(OIDC_TOKEN),
            Self::AksWorkloadIdentity => sign_in
                .with("ARM_USE_AKS_WORKLOAD_IDENTITY", "true")
                .with("AZURE_TENANT_ID", TENANT)
                .with("AZURE_CLIENT_ID", CLIENT)
                .with_secret_in("AZURE_FEDERATED_TOKEN_FILE", LITERAL_TOKEN),
            Self::ManagedIdentity => {
                sign_in.with("ARM_USE_MSI", "true").with("ARM_MSI_ENDPOINT", &format!("{root}/msi/token"))
            }
            Self::AppServiceIdentity => sign_in
                .with("ARM_USE_MSI", "true")
                .with("IDENTITY_ENDPOINT", &format!("{root}/msi/token"))
                .with_secret("IDENTITY_HEADER", IDENTITY_HEADER),
            // The program must not see the secrets of another method.
            Self::AzureCli => {
                sign_in.with_program(failure).with_secret("ARM_OIDC_REQUEST_TOKEN", REQUEST_TOKEN)
            }
        }
    }
}

impl SignIn {
    /// The variables without credentials. Every successful service returns the access token.
    fn new(root: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Reading one certificate is faster than reading all of the machine.
        let authorities = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates/ca.crt");
        let variables = [
            ("DEFENDER_GRAPH_ENDPOINT", root.to_owned()),
            ("ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST", root.to_owned()),
            ("SSL_CERT_FILE", authorities.display().to_string()),
            ("TF_LOG", "TRACE".to_owned()),
        ];
        Self { variables: variables.into(), secrets: vec![ACCESS_TOKEN.to_owned()], folder }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.insert(name, value.to_owned());
        self
    }

    fn knowing(mut self, secret: &str) -> Self {
        self.secrets.push(secret.to_owned());
        self
    }

    fn with_secret(self, name: &'static str, value: &str) -> Self {
        self.with(name, value).knowing(value)
    }

    fn with_secret_in(self, name: &'static str, content: &str) -> Self {
        let path = self.file(name, &format!("{content}\n"));
        self.with(name, &path).knowing(content)
    }

    fn with_pem(mut self, name: &'static str) -> Self {
        let (key, certificate) = (directory::certificate("leaf.key"), directory::certificate("leaf.crt"));
        self.secrets.extend(key.lines().filter(|line| line.len() > 40).map(str::to_owned));
        let path = self.file(name, &format!("{certificate}{key}"));
        self.with(name, &path)
    }

    /// A shell script in place of `az`.
    fn with_program(self, failure: Failure) -> Self {
        let script = failure.script();
        let path = self.file("az", &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let folder = self.folder.path().display().to_string();
        self.with("PATH", &format!("{folder}:/usr/bin:/bin"))
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }
}
