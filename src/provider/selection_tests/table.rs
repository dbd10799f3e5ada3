//! The method that is selected. `incomplete.rs` has the rows without one. `notation.rs` explains the rows.

/// The inputs and the outcome.
pub(super) type Row = (&'static str, &'static str);

pub(super) const ROWS: &[&[Row]] = &[EACH_METHOD, VARIABLES, ORDER, PRECEDENCE, FILES, OIDC_REQUESTS, AKS];

/// Every method, from the block alone.
const EACH_METHOD: &[Row] = &[
    ("", "Azure CLI:"),
    ("access_token=t", "access token: access_token"),
    (
        "client_certificate=eA== client_certificate_password=p tenant_id=T client_id=C",
        "client certificate: client_certificate client_certificate_password tenant_id client_id",
    ),
    (
        "client_certificate_path=@x tenant_id=T client_id=C",
        "client certificate: client_certificate_path tenant_id client_id",
    ),
    ("client_secret=s tenant_id=T client_id=C", "client secret: client_secret tenant_id client_id"),
    (
        "client_secret_file_path=@s tenant_id=T2 client_id=C",
        "client secret: client_secret_file_path tenant_id client_id",
    ),
    (
        "use_oidc=true oidc_token=t tenant_id=T client_id=C",
        "OIDC token: use_oidc oidc_token tenant_id client_id",
    ),
    (
        "use_oidc=true oidc_token_file_path=@t client_id_file_path=@C tenant_id=T",
        "OIDC token: use_oidc oidc_token_file_path tenant_id client_id_file_path",
    ),
    (
        "use_oidc=true oidc_request_url=https://x/y oidc_request_token=t ado_pipeline_service_connection_id=C2 \
         tenant_id=T client_id=C",
        "Azure DevOps OIDC: use_oidc ado_pipeline_service_connection_id oidc_request_url oidc_request_token \
         tenant_id client_id",
    ),
    (
        "use_oidc=true oidc_request_url=https://x/y oidc_request_token=t tenant_id=T client_id=C",
        "GitHub Actions OIDC: use_oidc oidc_request_url oidc_request_token tenant_id client_id",
    ),
    (
        "use_aks_workload_identity=true oidc_token_file_path=@t tenant_id=T client_id=C",
        "AKS workload identity: use_aks_workload_identity oidc_token_file_path tenant_id client_id",
    ),
    ("use_msi=true", "managed identity: use_msi"),
    (
        "use_msi=true client_id=C msi_endpoint=http://169.254.169.254/x",
        "managed identity: use_msi client_id msi_endpoint",
    ),
    ("use_cli=true", "Azure CLI: use_cli"),
    ("tenant_id=T", "Azure CLI: tenant_id"),
];

/// Every variable sets its argument; of two variables, the first takes precedence.
const VARIABLES: &[Row] = &[
    ("DEFENDER_ACCESS_TOKEN=t", "access token: DEFENDER_ACCESS_TOKEN"),
    ("ARM_TENANT_ID=T", "Azure CLI: ARM_TENANT_ID"),
    ("AZURE_TENANT_ID=T", "Azure CLI: AZURE_TENANT_ID"),
    ("ARM_TENANT_ID=T AZURE_TENANT_ID=T2", "Azure CLI: ARM_TENANT_ID"),
    ("ARM_TENANT_ID=_ AZURE_TENANT_ID=T2", "Azure CLI: AZURE_TENANT_ID"),
    (
        "ARM_CLIENT_SECRET=s AZURE_CLIENT_SECRET=z ARM_TENANT_ID=T ARM_CLIENT_ID=C AZURE_CLIENT_ID=C2",
        "client secret: ARM_CLIENT_SECRET ARM_TENANT_ID ARM_CLIENT_ID",
    ),
    (
        "AZURE_CLIENT_SECRET=z AZURE_TENANT_ID=T AZURE_CLIENT_ID=C2",
        "client secret: AZURE_CLIENT_SECRET AZURE_TENANT_ID AZURE_CLIENT_ID",
    ),
    (
        "ARM_CLIENT_SECRET_FILE_PATH=@s ARM_TENANT_ID=T ARM_CLIENT_ID_FILE_PATH=@C",
        "client secret: ARM_CLIENT_SECRET_FILE_PATH ARM_TENANT_ID ARM_CLIENT_ID_FILE_PATH",
    ),
    (
        "ARM_CLIENT_CERTIFICATE=eA== ARM_CLIENT_CERTIFICATE_PASSWORD=p AZURE_CLIENT_CERTIFICATE_PASSWORD=z \
         ARM_TENANT_ID=T ARM_CLIENT_ID=C",
        "client certificate: ARM_CLIENT_CERTIFICATE ARM_CLIENT_CERTIFICATE_PASSWORD ARM_TENANT_ID ARM_CLIENT_ID",
    ),
    (
        "ARM_CLIENT_CERTIFICATE_PATH=@x AZURE_CLIENT_CERTIFICATE_PATH=@! ARM_TENANT_ID=T ARM_CLIENT_ID=C",
        "client certificate: ARM_CLIENT_CERTIFICATE_PATH ARM_TENANT_ID ARM_CLIENT_ID",
    ),
    (
        "AZURE_CLIENT_CERTIFICATE_PATH=@x AZURE_CLIENT_CERTIFICATE_PASSWORD=p ARM_TENANT_ID=T ARM_CLIENT_ID=C",
        "client certificate: AZURE_CLIENT_CERTIFICATE_PATH AZURE_CLIENT_CERTIFICATE_PASSWORD ARM_TENANT_ID \
         ARM_CLIENT_ID",
    ),
    (
        "ARM_USE_OIDC=true ARM_OIDC_TOKEN=t TFC_WORKLOAD_IDENTITY_TOKEN=z ARM_TENANT_ID=T ARM_CLIENT_ID=C",
        "OIDC token: ARM_USE_OIDC ARM_OIDC_TOKEN ARM_TENANT_ID ARM_CLIENT_ID",
    ),
    (
        "ARM_USE_OIDC=true TFC_WORKLOAD_IDENTITY_TOKEN=z ARM_TENANT_ID=T ARM_CLIENT_ID=C",
        "OIDC token: ARM_USE_OIDC TFC_WORKLOAD_IDENTITY_TOKEN ARM_TENANT_ID ARM_CLIENT_ID",
    ),
    (
        "ARM_USE_OIDC=true ARM_OIDC_TOKEN_FILE_PATH=@t AZURE_FEDERATED_TOKEN_FILE=@! ARM_TENANT_ID=T ARM_CLIENT_ID=C",
        "OIDC token: ARM_USE_OIDC ARM_OIDC_TOKEN_FILE_PATH ARM_TENANT_ID ARM_CLIENT_ID",
    ),
    (
        "ARM_USE_OIDC=true AZURE_FEDERATED_TOKEN_FILE=@t AZURE_TENANT_ID=T AZURE_CLIENT_ID=C",
        "OIDC token: ARM_USE_OIDC AZURE_FEDERATED_TOKEN_FILE AZURE_TENANT_ID AZURE_CLIENT_ID",
    ),
    ("ARM_USE_MSI=1 ARM_MSI_ENDPOINT=http://127.0.0.1:1/x", "managed identity: ARM_USE_MSI ARM_MSI_ENDPOINT"),
    ("ARM_USE_MSI=t AZURE_CLIENT_ID=C", "managed identity: ARM_USE_MSI AZURE_CLIENT_ID"),
    (
        "use_msi=true IDENTITY_ENDPOINT=http://127.0.0.1:4141/msi/token IDENTITY_HEADER=h",
        "managed identity: use_msi IDENTITY_ENDPOINT IDENTITY_HEADER",
    ),
    ("ARM_USE_CLI=TRUE", "Azure CLI: ARM_USE_CLI"),
];

/// The first complete method is selected.
const ORDER: &[Row] = &[
    (
        "access_token=t client_certificate=* client_id=nonsense use_cli=true environment=public",
        "access token: access_token",
    ),
    (
        "client_certificate=eA== client_secret=s tenant_id=T client_id=C",
        "client certificate: client_certificate tenant_id client_id",
    ),
    (
        "client_secret=s use_oidc=true oidc_token=t tenant_id=T client_id=C",
        "client secret: client_secret tenant_id client_id",
    ),
    (
        "use_oidc=true oidc_token=t oidc_request_url=https://x/y oidc_request_token=t \
         ado_pipeline_service_connection_id=C2 tenant_id=T client_id=C",
        "OIDC token: use_oidc oidc_token tenant_id client_id",
    ),
    (
        "use_oidc=true oidc_request_url=https://x/y oidc_request_token=t use_aks_workload_identity=true \
         AZURE_FEDERATED_TOKEN_FILE=_ tenant_id=T client_id=C",
        "GitHub Actions OIDC: use_oidc oidc_request_url oidc_request_token tenant_id client_id",
    ),
    (
        "use_aks_workload_identity=true AZURE_FEDERATED_TOKEN_FILE=@t tenant_id=T client_id=C use_msi=true",
        "AKS workload identity: use_aks_workload_identity AZURE_FEDERATED_TOKEN_FILE tenant_id client_id",
    ),
    ("use_msi=true use_cli=true", "managed identity: use_msi"),
    // An incomplete method is skipped if a later one is complete.
    (
        "client_certificate_password=p client_secret=s tenant_id=T client_id=C",
        "client secret: client_secret tenant_id client_id",
    ),
];

/// Configuration takes precedence over the environment. An empty text counts as unset.
const PRECEDENCE: &[Row] = &[
    (
        "client_secret=s tenant_id=T client_id=C ARM_CLIENT_SECRET=z ARM_TENANT_ID=T2 ARM_CLIENT_ID=C2",
        "client secret: client_secret tenant_id client_id",
    ),
    ("use_cli=false ARM_USE_CLI=true", "deferred: No credentials are configured"),
    ("use_msi=false ARM_USE_MSI=true", "Azure CLI:"),
    (
        "tenant_id=_ client_id=_ client_secret=_ client_certificate=_ client_certificate_path=_ oidc_token=_ access_token=_",
        "Azure CLI:",
    ),
    ("tenant_id=_ ARM_TENANT_ID=T", "Azure CLI: ARM_TENANT_ID"),
];

/// A value and its file have the same content, or one of them takes precedence.
const FILES: &[Row] = &[
    (
        "client_id=C client_id_file_path=@C client_secret=s client_secret_file_path=@s tenant_id=T",
        "client secret: client_secret client_secret_file_path tenant_id client_id client_id_file_path",
    ),
    (
        "client_id=C client_id_file_path=@C2 client_secret=s tenant_id=T",
        "invalid: client_id conflicts with client_id_file_path at client_id",
    ),
    (
        "ARM_CLIENT_SECRET=s ARM_CLIENT_SECRET_FILE_PATH=@z tenant_id=T client_id=C",
        "invalid: client_secret conflicts with client_secret_file_path at ARM_CLIENT_SECRET",
    ),
    (
        "use_oidc=true oidc_token=s oidc_token_file_path=@z tenant_id=T client_id=C",
        "invalid: oidc_token conflicts with oidc_token_file_path at oidc_token",
    ),
    // `eAo=` is "x" with the line break that files end in.
    (
        "client_certificate=eAo= client_certificate_path=@x tenant_id=T client_id=C",
        "client certificate: client_certificate client_certificate_path tenant_id client_id",
    ),
    (
        "client_certificate=eA== client_certificate_path=@y tenant_id=T client_id=C",
        "invalid: client_certificate conflicts with client_certificate_path at client_certificate",
    ),
    // The block takes precedence, as over a variable of the same argument.
    (
        "client_secret_file_path=@s ARM_CLIENT_SECRET=z tenant_id=T client_id=C",
        "client secret: client_secret_file_path tenant_id client_id",
    ),
    (
        "client_secret=s ARM_CLIENT_SECRET_FILE_PATH=@! tenant_id=T client_id=C",
        "client secret: client_secret tenant_id client_id",
    ),
    (
        "client_secret_file_path=@! tenant_id=T client_id=C",
        "invalid: client_secret_file_path is not a readable file at client_secret_file_path",
    ),
    (
        "ARM_CLIENT_ID_FILE_PATH=@! client_secret=s tenant_id=T",
        "invalid: client_id_file_path is not a readable file at ARM_CLIENT_ID_FILE_PATH",
    ),
    (
        "ARM_CLIENT_SECRET_FILE_PATH=@_ tenant_id=T client_id=C",
        "invalid: client_secret_file_path is not a readable file at ARM_CLIENT_SECRET_FILE_PATH",
    ),
    (
        "use_oidc=true AZURE_FEDERATED_TOKEN_FILE=@! tenant_id=T client_id=C",
        "invalid: oidc_token_file_path is not a readable file at AZURE_FEDERATED_TOKEN_FILE",
    ),
];

/// Request URL and request token belong together.
const OIDC_REQUESTS: &[Row] = &[
    (
        "use_oidc=true tenant_id=T client_id=C ACTIONS_ID_TOKEN_REQUEST_URL=https://x/y \
         ACTIONS_ID_TOKEN_REQUEST_TOKEN=t",
        "GitHub Actions OIDC: use_oidc ACTIONS_ID_TOKEN_REQUEST_URL ACTIONS_ID_TOKEN_REQUEST_TOKEN tenant_id client_id",
    ),
    (
        "use_oidc=true tenant_id=T client_id=C SYSTEM_OIDCREQUESTURI=https://x/y SYSTEM_ACCESSTOKEN=t \
         ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID=C2",
        "Azure DevOps OIDC: use_oidc ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID SYSTEM_OIDCREQUESTURI SYSTEM_ACCESSTOKEN \
         tenant_id client_id",
    ),
    (
        "use_oidc=true tenant_id=T client_id=C SYSTEM_OIDCREQUESTURI=https://x/y ARM_OIDC_REQUEST_TOKEN=t \
         ACTIONS_ID_TOKEN_REQUEST_URL=https://x/y ACTIONS_ID_TOKEN_REQUEST_TOKEN=z \
         ARM_OIDC_AZURE_SERVICE_CONNECTION_ID=C2",
        "Azure DevOps OIDC: use_oidc ARM_OIDC_AZURE_SERVICE_CONNECTION_ID SYSTEM_OIDCREQUESTURI ARM_OIDC_REQUEST_TOKEN \
         tenant_id client_id",
    ),
    (
        "use_oidc=true tenant_id=T client_id=C ARM_OIDC_REQUEST_URL=https://x/y ACTIONS_ID_TOKEN_REQUEST_TOKEN=t",
        "invalid: No sign-in method is complete: OIDC token lacks oidc_token or oidc_token_file_path, \
         GitHub Actions OIDC lacks oidc_request_token",
    ),
    (
        "use_oidc=true tenant_id=T client_id=C oidc_request_url=https://x/y SYSTEM_ACCESSTOKEN=t \
         ado_pipeline_service_connection_id=C2",
        "invalid: No sign-in method is complete: OIDC token lacks oidc_token or oidc_token_file_path, \
         Azure DevOps OIDC lacks oidc_request_token",
    ),
    (
        "use_oidc=true tenant_id=T client_id=C oidc_request_url=https://x/y ARM_OIDC_REQUEST_TOKEN=t \
         ACTIONS_ID_TOKEN_REQUEST_TOKEN=z",
        "GitHub Actions OIDC: use_oidc oidc_request_url ARM_OIDC_REQUEST_TOKEN tenant_id client_id",
    ),
    (
        "use_oidc=true tenant_id=T client_id=C SYSTEM_OIDCREQUESTURI=https://x/y SYSTEM_ACCESSTOKEN=t \
         ACTIONS_ID_TOKEN_REQUEST_URL=https://x/y ACTIONS_ID_TOKEN_REQUEST_TOKEN=z",
        "GitHub Actions OIDC: use_oidc ACTIONS_ID_TOKEN_REQUEST_URL ACTIONS_ID_TOKEN_REQUEST_TOKEN tenant_id client_id",
    ),
    (
        "use_oidc=true tenant_id=T client_id=C SYSTEM_OIDCREQUESTURI=https://x/y SYSTEM_ACCESSTOKEN=t",
        "invalid: No sign-in method is complete: OIDC token lacks oidc_token or oidc_token_file_path, Azure DevOps \
         OIDC lacks ado_pipeline_service_connection_id",
    ),
    (
        "use_oidc=true tenant_id=T client_id=C ACTIONS_ID_TOKEN_REQUEST_URL=https://x/y SYSTEM_ACCESSTOKEN=t",
        "invalid: No sign-in method is complete: OIDC token lacks oidc_token or oidc_token_file_path, Azure DevOps \
         OIDC lacks ado_pipeline_service_connection_id; oidc_request_url, GitHub Actions OIDC lacks oidc_request_token",
    ),
    // Variables of a runner are ignored without `use_oidc`.
    ("SYSTEM_OIDCREQUESTURI=https://x/y ACTIONS_ID_TOKEN_REQUEST_URL=http://x/y", "Azure CLI:"),
];

/// The variables of the webhook, and conflicts with them.
const AKS: &[Row] = &[
    (
        "ARM_USE_AKS_WORKLOAD_IDENTITY=true AZURE_CLIENT_ID=C AZURE_TENANT_ID=T AZURE_FEDERATED_TOKEN_FILE=@t",
        "AKS workload identity: ARM_USE_AKS_WORKLOAD_IDENTITY AZURE_FEDERATED_TOKEN_FILE AZURE_TENANT_ID AZURE_CLIENT_ID",
    ),
    (
        "use_aks_workload_identity=true client_id=C AZURE_CLIENT_ID=C2 AZURE_TENANT_ID=T AZURE_FEDERATED_TOKEN_FILE=@t",
        "invalid: client_id conflicts with AZURE_CLIENT_ID at client_id",
    ),
    (
        "use_aks_workload_identity=true AZURE_CLIENT_ID=C ARM_TENANT_ID=T2 AZURE_TENANT_ID=T AZURE_FEDERATED_TOKEN_FILE=@t",
        "invalid: tenant_id conflicts with AZURE_TENANT_ID at ARM_TENANT_ID",
    ),
    (
        "use_aks_workload_identity=true client_id=C AZURE_CLIENT_ID=C AZURE_TENANT_ID=T AZURE_FEDERATED_TOKEN_FILE=@t",
        "AKS workload identity: use_aks_workload_identity AZURE_FEDERATED_TOKEN_FILE AZURE_TENANT_ID AZURE_CLIENT_ID",
    ),
    (
        "use_aks_workload_identity=true AZURE_TENANT_ID=T",
        "invalid: No sign-in method is complete: AKS workload identity lacks oidc_token_file_path",
    ),
    // Without `use_aks_workload_identity`, the variables of a pod take no precedence.
    (
        "client_secret=s tenant_id=T client_id=C AZURE_CLIENT_ID=C2 AZURE_TENANT_ID=T2 AZURE_FEDERATED_TOKEN_FILE=@!",
        "client secret: client_secret tenant_id client_id",
    ),
];

/// The values of the selected method.
pub(super) const METHODS: &[Row] = &[
    (
        "client_secret_file_path=@s tenant_id=T client_id_file_path=@C",
        r#"ClientSecret { application: Application { tenant_id: "T", client_id: "C" }, secret: [redacted] }"#,
    ),
    (
        "client_certificate=eA== ARM_CLIENT_CERTIFICATE_PASSWORD=p tenant_id=T client_id=C",
        r#"ClientCertificate { application: Application { tenant_id: "T", client_id: "C" }, certificate: Base64([redacted]), password: Some([redacted]) }"#,
    ),
    (
        "client_certificate_path=@x tenant_id=T client_id=C",
        r#"ClientCertificate { application: Application { tenant_id: "T", client_id: "C" }, certificate: File("@/0"), password: None }"#,
    ),
    (
        "use_oidc=true oidc_token=t oidc_token_file_path=@t tenant_id=T client_id=C",
        r#"FederatedToken { application: Application { tenant_id: "T", client_id: "C" }, source: File("@/2") }"#,
    ),
    (
        "ARM_USE_OIDC=true ARM_OIDC_TOKEN=t ARM_TENANT_ID=T2 ARM_CLIENT_ID=C",
        r#"FederatedToken { application: Application { tenant_id: "T2", client_id: "C" }, source: Token([redacted]) }"#,
    ),
    (
        "use_aks_workload_identity=true oidc_token_file_path=@! AZURE_FEDERATED_TOKEN_FILE=@t AZURE_TENANT_ID=T AZURE_CLIENT_ID=C",
        r#"FederatedToken { application: Application { tenant_id: "T", client_id: "C" }, source: File("@/2") }"#,
    ),
    ("use_msi=true", "ManagedIdentity { client_id: None, service: VirtualMachine }"),
    (
        "use_msi=true client_id=C msi_endpoint=http://127.0.0.1:1/x",
        r#"ManagedIdentity { client_id: Some("C"), service: At("http://127.0.0.1:1/x") }"#,
    ),
    (
        "use_msi=true IDENTITY_ENDPOINT=http://127.0.0.1:1/x IDENTITY_HEADER=h",
        r#"ManagedIdentity { client_id: None, service: AppService { address: "http://127.0.0.1:1/x", header: [redacted] } }"#,
    ),
    // A configured address never receives the header of App Service.
    (
        "use_msi=true msi_endpoint=http://127.0.0.1:1/x IDENTITY_ENDPOINT=http://127.0.0.1:2/x IDENTITY_HEADER=h",
        r#"ManagedIdentity { client_id: None, service: At("http://127.0.0.1:1/x") }"#,
    ),
    (
        "use_msi=true IDENTITY_ENDPOINT=http://127.0.0.1:1/x IDENTITY_HEADER=h IDENTITY_SERVER_THUMBPRINT=t",
        r#"ManagedIdentity { client_id: None, service: Unsupported("Service Fabric") }"#,
    ),
    (
        "use_msi=true IDENTITY_ENDPOINT=http://127.0.0.1:1/x IMDS_ENDPOINT=http://127.0.0.1:2/x",
        r#"ManagedIdentity { client_id: None, service: Unsupported("Azure Arc") }"#,
    ),
    (
        "use_msi=true MSI_ENDPOINT=http://127.0.0.1:1/x MSI_SECRET=s",
        r#"ManagedIdentity { client_id: None, service: Unsupported("Azure Machine Learning") }"#,
    ),
    (
        "use_msi=true MSI_ENDPOINT=http://127.0.0.1:1/x",
        r#"ManagedIdentity { client_id: None, service: Unsupported("Cloud Shell") }"#,
    ),
    ("tenant_id=T2", r#"AzureCli { tenant_id: Some("T2") }"#),
];
