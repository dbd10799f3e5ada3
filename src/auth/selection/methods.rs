//! The inputs of each method, and the order in which the methods are tried. Does not decide what happens if no method
//! is complete.

use crate::transport::Secret;

use super::super::arguments as argument;
use super::super::inputs::Inputs;
use super::super::method::{AssertionSource, Certificate, SignInMethod};
use super::super::selected_method::{MethodName, SelectedMethod};
use super::configured::{Configured, Flag, Source, ValueOrFile};
use super::error::SelectionError;
use super::input_error::{InputError, InputErrorKind};
use super::method_builder::{MethodBuilder, MethodStatus};
use super::oidc_request::{OidcRequest, Runner, is_from_user};
use super::read_inputs::{
    parse_guid, parse_tenant, read_client_certificate, read_client_id, read_client_secret, read_flag,
    read_oidc_token, read_tenant_id, read_value, trimmed_value,
};
use super::{address, metadata_service};

/// Reads the inputs of one method and determines its status.
type ReadMethod = fn(&CommonInputs<'_>) -> Result<MethodStatus, SelectionError>;

/// The methods in the order of the azuread provider, which has no separate method for AKS workload identity. The Azure
/// CLI comes after them.
pub(super) const METHODS: &[ReadMethod] = &[
    client_certificate,
    client_secret,
    oidc_token,
    azure_devops,
    github_actions,
    aks_workload_identity,
    managed_identity,
];

/// The inputs that several methods share.
pub(super) struct CommonInputs<'a> {
    pub inputs: &'a dyn Inputs,
    pub tenant_id: Configured<String>,
    pub client_id: Configured<String>,
    pub use_cli: Flag,
    use_oidc: Flag,
    use_aks_workload_identity: Flag,
    use_msi: Flag,
}

impl<'a> CommonInputs<'a> {
    /// Reads the inputs. Reports all invalid inputs at once.
    pub(super) fn read(inputs: &'a dyn Inputs) -> Result<Self, SelectionError> {
        let mut errors = Vec::new();
        let tenant_id = collect_error(read_tenant_id(inputs), Configured::Missing, &mut errors);
        let client_id = collect_error(read_client_id(inputs), Configured::Missing, &mut errors);
        let mut flag = |name| collect_error(read_flag(inputs, name), Flag::Unset, &mut errors);
        let common = Self {
            inputs,
            tenant_id,
            client_id,
            use_cli: flag(argument::USE_CLI),
            use_oidc: flag(argument::USE_OIDC),
            use_aks_workload_identity: flag(argument::USE_AKS_WORKLOAD_IDENTITY),
            use_msi: flag(argument::USE_MSI),
        };
        if errors.is_empty() { Ok(common) } else { Err(SelectionError::Invalid(errors)) }
    }

    /// A builder for a method that `use_oidc` enables.
    fn oidc_builder(&self, name: MethodName) -> MethodBuilder {
        let mut builder = MethodBuilder::new(name);
        builder.require_flag(argument::USE_OIDC, self.use_oidc, "use_oidc = true");
        builder
    }
}

/// Finds the inputs that are invalid regardless of the selected method.
pub(super) fn find_errors(inputs: &dyn Inputs) -> Vec<InputError> {
    let address_error = |name, check: fn(&str) -> Result<(), InputErrorKind>| {
        read_value(inputs, name).try_map(name, |text| check(text.expose())).err()
    };
    [
        read_tenant_id(inputs).err(),
        read_client_id(inputs).err(),
        read_client_certificate(inputs).err(),
        read_client_secret(inputs).err(),
        read_oidc_token(inputs).err(),
        address_error(argument::OIDC_REQUEST_URL, address::check_request_url),
        address_error(argument::MSI_ENDPOINT, address::check_metadata_address),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Selects the Azure CLI. The caller has found no other complete method.
pub(super) fn azure_cli(common: &CommonInputs<'_>) -> Result<(SignInMethod, SelectedMethod), SelectionError> {
    let mut builder = MethodBuilder::new(MethodName::AzureCli);
    let reason = match common.use_cli {
        Flag::Unset => "no other method is configured, and use_cli is true by default",
        flag => {
            builder.require_flag(argument::USE_CLI, flag, "use_cli = true");
            "use_cli is true, and no other method is complete"
        }
    };
    let tenant_id = builder.accept_tenant_id(common.tenant_id.clone());
    builder.select(SignInMethod::AzureCli { tenant_id }, reason.to_owned())
}

fn client_certificate(common: &CommonInputs<'_>) -> Result<MethodStatus, SelectionError> {
    let mut builder = MethodBuilder::new(MethodName::ClientCertificate);
    let certificate = read_client_certificate(common.inputs)?;
    let certificate =
        builder.require_and_mark_requested(certificate, "client_certificate or client_certificate_path");
    let password = read_value(common.inputs, argument::CLIENT_CERTIFICATE_PASSWORD);
    builder.mark_requested_if(!password.is_missing());
    let password = builder.accept(password);
    let application = builder.require_application(common.tenant_id.clone(), common.client_id.clone());
    let method = application.zip(certificate.and_then(to_certificate)).map(|(application, certificate)| {
        SignInMethod::ClientCertificate { application, certificate, password }
    });
    builder.build(method)
}

fn client_secret(common: &CommonInputs<'_>) -> Result<MethodStatus, SelectionError> {
    let mut builder = MethodBuilder::new(MethodName::ClientSecret);
    let secret = read_client_secret(common.inputs)?;
    let secret = builder.require_and_mark_requested(secret, "client_secret or client_secret_file_path");
    let application = builder.require_application(common.tenant_id.clone(), common.client_id.clone());
    let method = application.zip(secret);
    builder.build(method.map(|(application, secret)| SignInMethod::ClientSecret { application, secret }))
}

fn oidc_token(common: &CommonInputs<'_>) -> Result<MethodStatus, SelectionError> {
    let mut builder = common.oidc_builder(MethodName::OidcToken);
    let token = if common.use_oidc.may_be_true() {
        read_oidc_token(common.inputs)?
    } else {
        // The variables of a runner may be meant for other programs, and the files that they name may not exist.
        find_user_oidc_token(common.inputs)
    };
    builder.mark_requested_if(common.use_oidc.may_be_true());
    let token = builder.require_and_mark_requested(
        token,
        "oidc_token or oidc_token_file_path (or oidc_request_url with oidc_request_token, which GitHub Actions sets \
         for jobs with the permission id-token: write)",
    );
    let application = builder.require_application(common.tenant_id.clone(), common.client_id.clone());
    let method = application.zip(token.and_then(to_assertion_source));
    builder.build(method.map(|(application, source)| SignInMethod::FederatedToken { application, source }))
}

fn azure_devops(common: &CommonInputs<'_>) -> Result<MethodStatus, SelectionError> {
    let mut builder = common.oidc_builder(MethodName::AzureDevOps);
    let connection = read_value(common.inputs, argument::SERVICE_CONNECTION_ID);
    let oidc_request = OidcRequest::read(common.inputs, Runner::AzureDevOps);
    builder.mark_requested_if(common.use_oidc.may_be_true() && oidc_request.is_set_by_runner);
    let connection = builder.require_and_mark_requested(connection, argument::SERVICE_CONNECTION_ID);
    let oidc_request = require_oidc_request(common, &mut builder, oidc_request)?;
    let application = builder.require_application(common.tenant_id.clone(), common.client_id.clone());
    let method = application.zip(connection).zip(oidc_request).map(
        |((application, connection), (request_url, token))| {
            let source = AssertionSource::AzureDevOps {
                request_url,
                request_token: token,
                service_connection_id: connection.expose().to_owned(),
            };
            SignInMethod::FederatedToken { application, source }
        },
    );
    builder.build(method)
}

fn github_actions(common: &CommonInputs<'_>) -> Result<MethodStatus, SelectionError> {
    let mut builder = common.oidc_builder(MethodName::GitHubActions);
    let request = OidcRequest::read(common.inputs, Runner::GitHub);
    let is_azure_devops = !read_value(common.inputs, argument::SERVICE_CONNECTION_ID).is_missing();
    let is_github_job = common.use_oidc.may_be_true() && request.is_set_by_runner;
    builder.mark_requested_if(!is_azure_devops && (request.is_set_by_user || is_github_job));
    let request = require_oidc_request(common, &mut builder, request)?;
    let application = builder.require_application(common.tenant_id.clone(), common.client_id.clone());
    let method = application.zip(request).map(|(application, (request_url, request_token))| {
        let source = AssertionSource::GitHubActions { request_url, request_token };
        SignInMethod::FederatedToken { application, source }
    });
    builder.build(method)
}

/// Reads the variables that the workload identity webhook sets in a pod ("Use Microsoft Entra Workload ID with Azure
/// Kubernetes Service", AKS documentation). A configured tenant or client ID must equal the value in the pod.
fn aks_workload_identity(common: &CommonInputs<'_>) -> Result<MethodStatus, SelectionError> {
    let mut builder = MethodBuilder::new(MethodName::AksWorkloadIdentity);
    let flag = common.use_aks_workload_identity;
    if matches!(flag, Flag::Unset) {
        return Ok(MethodStatus::NotRequested);
    }
    builder.require_flag(argument::USE_AKS_WORKLOAD_IDENTITY, flag, "use_aks_workload_identity = true");
    builder.mark_requested_if(true);
    let file = builder.require(
        read_pod_token_file(common.inputs),
        "oidc_token_file_path (in a pod, the webhook sets AZURE_FEDERATED_TOKEN_FILE)",
    );
    let (tenant, client) = (&common.tenant_id, &common.client_id);
    let tenant = read_pod_value(common.inputs, argument::TENANT_ID, "AZURE_TENANT_ID", tenant, parse_tenant)?;
    let client = read_pod_value(common.inputs, argument::CLIENT_ID, "AZURE_CLIENT_ID", client, parse_guid)?;
    let application = builder.require_application(tenant, client);
    let method = application.zip(file).map(|(application, file)| SignInMethod::FederatedToken {
        application,
        source: AssertionSource::File(file.expose().into()),
    });
    builder.build(method)
}

/// Managed identity must be requested with `use_msi`, because outside Azure the request for a token would time out.
fn managed_identity(common: &CommonInputs<'_>) -> Result<MethodStatus, SelectionError> {
    let mut builder = MethodBuilder::new(MethodName::ManagedIdentity);
    builder.require_flag(argument::USE_MSI, common.use_msi, "use_msi = true");
    if !common.use_msi.may_be_true() {
        return Ok(MethodStatus::NotRequested);
    }
    let client_id = builder.accept_client_id(common.client_id.clone());
    let service = builder.accept(metadata_service::find_service(common.inputs)?);
    builder.build(service.map(|service| SignInMethod::ManagedIdentity { client_id, service }))
}

/// Requires the request URL and the request token of a pipeline. Checks the URL only if OIDC is enabled, because a
/// runner may set the URL for other programs.
fn require_oidc_request(
    common: &CommonInputs<'_>,
    builder: &mut MethodBuilder,
    request: OidcRequest,
) -> Result<Option<(String, Secret)>, SelectionError> {
    if let (true, Configured::Known(url, sources)) = (common.use_oidc.may_be_true(), &request.url) {
        address::check_request_url(url.expose()).map_err(|kind| invalid(sources, kind))?;
    }
    let url = builder.require(request.url, argument::OIDC_REQUEST_URL);
    let token = builder.require(request.token, request.token_hint);
    Ok(url.map(|url| url.expose().to_owned()).zip(token))
}

/// Finds an OIDC token that the user, not a runner, has set. Returns neither its value nor its file: without
/// `use_oidc`, only the presence of the token matters.
fn find_user_oidc_token(inputs: &dyn Inputs) -> Configured<ValueOrFile> {
    for name in [argument::OIDC_TOKEN, argument::OIDC_TOKEN_FILE_PATH] {
        match read_value(inputs, name) {
            Configured::Known(_, sources) if sources.iter().all(|(_, origin)| is_from_user(*origin)) => {
                return Configured::Known(ValueOrFile::empty(), sources);
            }
            Configured::Unknown(argument) => return Configured::Unknown(argument),
            _ => {}
        }
    }
    Configured::Missing
}

/// Reads the path of the pod's token file.
fn read_pod_token_file(inputs: &dyn Inputs) -> Configured<Secret> {
    match inputs.variable("AZURE_FEDERATED_TOKEN_FILE") {
        Some(input) => trimmed_value(argument::OIDC_TOKEN_FILE_PATH, &input),
        None => read_value(inputs, argument::OIDC_TOKEN_FILE_PATH),
    }
}

/// Reads the pod's variable; if it is unset, returns the configured value. Fails if the two values differ.
fn read_pod_value(
    inputs: &dyn Inputs,
    argument: &'static str,
    variable: &'static str,
    configured: &Configured<String>,
    parse: fn(&str) -> Result<String, InputErrorKind>,
) -> Result<Configured<String>, SelectionError> {
    let Some(input) = inputs.variable(variable) else { return Ok(configured.clone()) };
    let source = (argument, input.origin);
    let value = parse(input.text.expose().trim()).map_err(|kind| invalid(&[source], kind))?;
    match configured {
        Configured::Unknown(argument) => Ok(Configured::Unknown(argument)),
        Configured::Known(other, sources) if !other.eq_ignore_ascii_case(&value) => {
            Err(invalid(sources, InputErrorKind::Conflict { other: variable, origin: input.origin }))
        }
        _ => Ok(Configured::Known(value, vec![source])),
    }
}

fn to_certificate(input: ValueOrFile) -> Option<Certificate> {
    input.value.map(Certificate::Base64).or(input.file.map(Certificate::File))
}

/// Prefers the file, since another program may refresh it.
fn to_assertion_source(input: ValueOrFile) -> Option<AssertionSource> {
    input.file.map(AssertionSource::File).or(input.value.map(AssertionSource::Token))
}

fn invalid(sources: &[Source], kind: InputErrorKind) -> SelectionError {
    let source = sources.first();
    SelectionError::Invalid(source.map(|source| InputError::at(*source, kind)).into_iter().collect())
}

fn collect_error<T>(result: Result<T, InputError>, default: T, errors: &mut Vec<InputError>) -> T {
    result.unwrap_or_else(|error| {
        errors.push(error);
        default
    })
}
