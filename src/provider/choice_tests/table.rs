//! Which method is chosen from what. Where mostly none is, see `incomplete.rs`. `notation.rs` explains the rows.

/// What was given, and what follows.
pub(super) type Row = (&'static str, &'static str);

pub(super) const ROWS: &[&[Row]] = &[EACH_METHOD, VARIABLES, ORDER, SIDES, FILES, PAIRS, AKS];

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

/// Every variable stands in for its argument; of two the first wins.
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

/// Of several complete methods the first counts, whatever the others have.
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
    // What an unfinished method lacks does not matter while a later one is complete.
    (
        "client_certificate_password=p client_secret=s tenant_id=T client_id=C",
        "client secret: client_secret tenant_id client_id",
    ),
];

/// Configuration beats environment; an empty text in either counts as none.
const SIDES: &[Row] = &[
    (
        "client_secret=s tenant_id=T client_id=C ARM_CLIENT_SECRET=z ARM_TENANT_ID=T2 ARM_CLIENT_ID=C2",
        "client secret: client_secret tenant_id client_id",
    ),
    ("use_cli=false ARM_USE_CLI=true", "waits: No way to sign in is configured"),
    ("use_msi=false ARM_USE_MSI=true", "Azure CLI:"),
    (
        "tenant_id=_ client_id=_ client_secret=_ client_certificate=_ client_certificate_path=_ oidc_token=_ access_token=_",
        "Azure CLI:",
    ),
    ("tenant_id=_ ARM_TENANT_ID=T", "Azure CLI: ARM_TENANT_ID"),
];

/// A value and its file say the same, or are told apart by where they stand.
const FILES: &[Row] = &[
    (
        "client_id=C client_id_file_path=@C client_secret=s client_secret_file_path=@s tenant_id=T",
        "client secret: client_secret client_secret_file_path tenant_id client_id client_id_file_path",
    ),
    (
        "client_id=C client_id_file_path=@C2 client_secret=s tenant_id=T",
        "wrong: client_id disagrees with client_id_file_path at client_id",
    ),
    (
        "ARM_CLIENT_SECRET=s ARM_CLIENT_SECRET_FILE_PATH=@z tenant_id=T client_id=C",
        "wrong: client_secret disagrees with client_secret_file_path at ARM_CLIENT_SECRET",
    ),
    (
        "use_oidc=true oidc_token=s oidc_token_file_path=@z tenant_id=T client_id=C",
        "wrong: oidc_token disagrees with oidc_token_file_path at oidc_token",
    ),
    // `eAo=` is "x" with the line break that files end in.
    (
        "client_certificate=eAo= client_certificate_path=@x tenant_id=T client_id=C",
        "client certificate: client_certificate client_certificate_path tenant_id client_id",
    ),
    (
        "client_certificate=eA== client_certificate_path=@y tenant_id=T client_id=C",
        "wrong: client_certificate disagrees with client_certificate_path at client_certificate",
    ),
    // The block's one wins unseen, as it would over a variable of its own.
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
        "wrong: client_secret_file_path leads to no readable file at client_secret_file_path",
    ),
    (
        "ARM_CLIENT_ID_FILE_PATH=@! client_secret=s tenant_id=T",
        "wrong: client_id_file_path leads to no readable file at ARM_CLIENT_ID_FILE_PATH",
    ),
    (
        "ARM_CLIENT_SECRET_FILE_PATH=@_ tenant_id=T client_id=C",
        "wrong: client_secret_file_path leads to no readable file at ARM_CLIENT_SECRET_FILE_PATH",
    ),
    (
        "use_oidc=true AZURE_FEDERATED_TOKEN_FILE=@! tenant_id=T client_id=C",
        "wrong: oidc_token_file_path leads to no readable file at AZURE_FEDERATED_TOKEN_FILE",
    ),
];

/// Address and bearer of a runner stay together.
const PAIRS: &[Row] = &[
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
        "wrong: No method of signing in is complete: OIDC token lacks oidc_token or oidc_token_file_path, \
         GitHub Actions OIDC lacks oidc_request_token",
    ),
    (
        "use_oidc=true tenant_id=T client_id=C oidc_request_url=https://x/y SYSTEM_ACCESSTOKEN=t \
         ado_pipeline_service_connection_id=C2",
        "wrong: No method of signing in is complete: OIDC token lacks oidc_token or oidc_token_file_path, \
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
        "wrong: No method of signing in is complete: OIDC token lacks oidc_token or oidc_token_file_path, Azure DevOps \
         OIDC lacks ado_pipeline_service_connection_id",
    ),
    (
        "use_oidc=true tenant_id=T client_id=C ACTIONS_ID_TOKEN_REQUEST_URL=https://x/y SYSTEM_ACCESSTOKEN=t",
        "wrong: No method of signing in is complete: OIDC token lacks oidc_token or oidc_token_file_path, Azure DevOps \
         OIDC lacks ado_pipeline_service_connection_id; oidc_request_url, GitHub Actions OIDC lacks oidc_request_token",
    ),
    // What a runner sets by itself means nothing to somebody who did not ask for it.
    ("SYSTEM_OIDCREQUESTURI=https://x/y ACTIONS_ID_TOKEN_REQUEST_URL=http://x/y", "Azure CLI:"),
];

/// What the webhook sets, and what must agree with it.
const AKS: &[Row] = &[
    (
        "ARM_USE_AKS_WORKLOAD_IDENTITY=true AZURE_CLIENT_ID=C AZURE_TENANT_ID=T AZURE_FEDERATED_TOKEN_FILE=@t",
        "AKS workload identity: ARM_USE_AKS_WORKLOAD_IDENTITY AZURE_FEDERATED_TOKEN_FILE AZURE_TENANT_ID AZURE_CLIENT_ID",
    ),
    (
        "use_aks_workload_identity=true client_id=C AZURE_CLIENT_ID=C2 AZURE_TENANT_ID=T AZURE_FEDERATED_TOKEN_FILE=@t",
        "wrong: client_id disagrees with AZURE_CLIENT_ID at client_id",
    ),
    (
        "use_aks_workload_identity=true AZURE_CLIENT_ID=C ARM_TENANT_ID=T2 AZURE_TENANT_ID=T AZURE_FEDERATED_TOKEN_FILE=@t",
        "wrong: tenant_id disagrees with AZURE_TENANT_ID at ARM_TENANT_ID",
    ),
    (
        "use_aks_workload_identity=true client_id=C AZURE_CLIENT_ID=C AZURE_TENANT_ID=T AZURE_FEDERATED_TOKEN_FILE=@t",
        "AKS workload identity: use_aks_workload_identity AZURE_FEDERATED_TOKEN_FILE AZURE_TENANT_ID AZURE_CLIENT_ID",
    ),
    (
        "use_aks_workload_identity=true AZURE_TENANT_ID=T",
        "wrong: No method of signing in is complete: AKS workload identity lacks oidc_token_file_path",
    ),
    // A pod of somebody else's workload identity does not decide who signs in here.
    (
        "client_secret=s tenant_id=T client_id=C AZURE_CLIENT_ID=C2 AZURE_TENANT_ID=T2 AZURE_FEDERATED_TOKEN_FILE=@!",
        "client secret: client_secret tenant_id client_id",
    ),
];

/// What the chosen method is given.
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
    // The header of App Service never goes to an address that was given by hand.
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
