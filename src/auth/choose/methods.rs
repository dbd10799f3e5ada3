//! What each method needs, in the order in which they are tried. Does not say what follows when none is complete.

use crate::transport::Secret;

use super::super::arguments as argument;
use super::super::attempt::{Attempt, MethodName};
use super::super::inputs::{Inputs, Origin};
use super::super::method::{AssertionSource, Certificate, Method};
use super::form::{Form, Standing};
use super::mistake::{Fact, Mistake};
use super::reading::{self, Either, Flag, Found, Source};
use super::request_pair::{RequestPair, Runner};
use super::{NotChosen, address, metadata};

/// Reads a method's inputs.
type Way = fn(&Given<'_>) -> Result<Standing, NotChosen>;

/// azuread's order, with AKS workload identity on its own. The Azure CLI, which needs nothing, comes after all.
pub(super) const WAYS: &[Way] = &[
    client_certificate,
    client_secret,
    oidc_token,
    azure_devops,
    github_actions,
    aks_workload_identity,
    managed_identity,
];

/// What several methods need, read once.
pub(super) struct Given<'a> {
    pub inputs: &'a dyn Inputs,
    pub tenant: Found<String>,
    pub client: Found<String>,
    pub use_cli: Flag,
    use_oidc: Flag,
    use_aks_workload_identity: Flag,
    use_msi: Flag,
}

impl<'a> Given<'a> {
    /// Everything that is wrong among these, at once.
    pub(super) fn read(inputs: &'a dyn Inputs) -> Result<Self, NotChosen> {
        let mut mistakes = Vec::new();
        let given = Self {
            tenant: note(reading::tenant(inputs), Found::Missing, &mut mistakes),
            client: note(reading::client(inputs), Found::Missing, &mut mistakes),
            use_cli: note(reading::flag(inputs, argument::USE_CLI), Flag::Unset, &mut mistakes),
            use_oidc: note(reading::flag(inputs, argument::USE_OIDC), Flag::Unset, &mut mistakes),
            use_aks_workload_identity: note(
                reading::flag(inputs, argument::USE_AKS_WORKLOAD_IDENTITY),
                Flag::Unset,
                &mut mistakes,
            ),
            use_msi: note(reading::flag(inputs, argument::USE_MSI), Flag::Unset, &mut mistakes),
            inputs,
        };
        if mistakes.is_empty() { Ok(given) } else { Err(NotChosen::Wrong(mistakes)) }
    }

    /// A form of one of the methods that `use_oidc` switches on.
    fn oidc_form(&self, method: MethodName) -> Form {
        let mut form = Form::new(method);
        form.gate(argument::USE_OIDC, self.use_oidc, "use_oidc = true");
        form
    }

    fn uses_oidc(&self) -> bool {
        matches!(self.use_oidc, Flag::Is(true, _) | Flag::Unknown)
    }
}

/// What is wrong with single inputs, whichever method would take them.
pub(super) fn mistakes(inputs: &dyn Inputs) -> Vec<Mistake> {
    let address_of = |name, check: fn(&str) -> Result<(), Fact>| {
        reading::one(inputs, name).check(name, |text| check(text.expose())).err()
    };
    [
        reading::tenant(inputs).err(),
        reading::client(inputs).err(),
        reading::client_certificate(inputs).err(),
        reading::client_secret(inputs).err(),
        reading::oidc_token(inputs).err(),
        address_of(argument::OIDC_REQUEST_URL, address::request_url),
        address_of(argument::MSI_ENDPOINT, address::metadata),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whoever is signed in to the Azure CLI: chosen when it was asked for, or when nothing else was begun.
pub(super) fn azure_cli(given: &Given<'_>) -> Result<(Method, Attempt), NotChosen> {
    let mut form = Form::new(MethodName::AzureCli);
    let why = match given.use_cli {
        Flag::Unset => "nothing else is configured, and use_cli is true by default",
        flag => {
            form.gate(argument::USE_CLI, flag, "use_cli = true");
            "use_cli is true, and no method that comes before it is complete"
        }
    };
    let tenant_id = form.tenant(given.tenant.clone());
    form.complete(Method::AzureCli { tenant_id }, why.to_owned())
}

fn client_certificate(given: &Given<'_>) -> Result<Standing, NotChosen> {
    let mut form = Form::new(MethodName::ClientCertificate);
    let certificate = reading::client_certificate(given.inputs)?;
    let certificate = form.own(certificate, "client_certificate or client_certificate_path");
    let password = reading::one(given.inputs, argument::CLIENT_CERTIFICATE_PASSWORD);
    form.begin_if(!password.is_missing());
    let password = form.take(password);
    let application = form.application(given.tenant.clone(), given.client.clone());
    let method = application
        .zip(certificate.and_then(certificate_of))
        .map(|(application, certificate)| Method::ClientCertificate { application, certificate, password });
    form.finish(method)
}

fn client_secret(given: &Given<'_>) -> Result<Standing, NotChosen> {
    let mut form = Form::new(MethodName::ClientSecret);
    let secret = reading::client_secret(given.inputs)?;
    let secret = form.own(secret, "client_secret or client_secret_file_path");
    let application = form.application(given.tenant.clone(), given.client.clone());
    let parts = application.zip(secret);
    form.finish(parts.map(|(application, secret)| Method::ClientSecret { application, secret }))
}

fn oidc_token(given: &Given<'_>) -> Result<Standing, NotChosen> {
    let mut form = given.oidc_form(MethodName::OidcToken);
    let token = if given.uses_oidc() {
        reading::oidc_token(given.inputs)?
    } else {
        // Runners set variables for tokens that nobody asked this provider to use; their files may be gone.
        explicit_oidc_token(given.inputs)
    };
    form.begin_if(given.uses_oidc());
    let token = form.own(
        token,
        "oidc_token or oidc_token_file_path (or oidc_request_url with oidc_request_token, which GitHub Actions sets \
         for jobs with the permission id-token: write)",
    );
    let application = form.application(given.tenant.clone(), given.client.clone());
    let parts = application.zip(token.and_then(assertion_of));
    form.finish(parts.map(|(application, source)| Method::FederatedToken { application, source }))
}

fn azure_devops(given: &Given<'_>) -> Result<Standing, NotChosen> {
    let mut form = given.oidc_form(MethodName::AzureDevOps);
    let connection = reading::one(given.inputs, argument::SERVICE_CONNECTION_ID);
    let pair = RequestPair::read(given.inputs, Runner::AzureDevOps);
    form.begin_if(given.uses_oidc() && pair.is_ambient);
    let connection = form.own(connection, argument::SERVICE_CONNECTION_ID);
    let request = request(given, &mut form, pair)?;
    let application = form.application(given.tenant.clone(), given.client.clone());
    let method = application.zip(connection).zip(request).map(|((application, connection), (url, token))| {
        let source = AssertionSource::AzureDevOps {
            request_url: url,
            request_token: token,
            service_connection_id: connection.expose().to_owned(),
        };
        Method::FederatedToken { application, source }
    });
    form.finish(method)
}

fn github_actions(given: &Given<'_>) -> Result<Standing, NotChosen> {
    let mut form = given.oidc_form(MethodName::GitHubActions);
    let pair = RequestPair::read(given.inputs, Runner::GitHub);
    let is_devops = !reading::one(given.inputs, argument::SERVICE_CONNECTION_ID).is_missing();
    form.begin_if(!is_devops && (pair.is_explicit || given.uses_oidc() && pair.is_ambient));
    let request = request(given, &mut form, pair)?;
    let application = form.application(given.tenant.clone(), given.client.clone());
    let method = application.zip(request).map(|(application, (request_url, request_token))| {
        let source = AssertionSource::GitHubActions { request_url, request_token };
        Method::FederatedToken { application, source }
    });
    form.finish(method)
}

/// What the workload identity webhook sets in a pod ("Use Microsoft Entra Workload ID with Azure Kubernetes Service",
/// AKS documentation). What was given besides must say the same.
fn aks_workload_identity(given: &Given<'_>) -> Result<Standing, NotChosen> {
    let mut form = Form::new(MethodName::AksWorkloadIdentity);
    let flag = given.use_aks_workload_identity;
    if matches!(flag, Flag::Unset) {
        return Ok(Standing::Off);
    }
    form.gate(argument::USE_AKS_WORKLOAD_IDENTITY, flag, "use_aks_workload_identity = true");
    form.begin_if(true);
    let file = token_file_of_pod(given.inputs);
    let file =
        form.need(file, "oidc_token_file_path (in a pod, the webhook sets AZURE_FEDERATED_TOKEN_FILE)");
    let tenant = of_pod(given, argument::TENANT_ID, "AZURE_TENANT_ID", &given.tenant, reading::tenant_of)?;
    let client = of_pod(given, argument::CLIENT_ID, "AZURE_CLIENT_ID", &given.client, reading::guid)?;
    let application = form.application(tenant, client);
    let method = application.zip(file).map(|(application, file)| Method::FederatedToken {
        application,
        source: AssertionSource::File(file.expose().into()),
    });
    form.finish(method)
}

/// Never tried unless asked for: outside Azure nothing answers at its address.
fn managed_identity(given: &Given<'_>) -> Result<Standing, NotChosen> {
    let mut form = Form::new(MethodName::ManagedIdentity);
    form.gate(argument::USE_MSI, given.use_msi, "use_msi = true");
    if !matches!(given.use_msi, Flag::Is(true, _) | Flag::Unknown) {
        return Ok(Standing::Off);
    }
    let client_id = form.identity(given.client.clone());
    let service = form.take(metadata::service(given.inputs)?);
    form.finish(service.map(|service| Method::ManagedIdentity { client_id, service }))
}

fn request(
    given: &Given<'_>,
    form: &mut Form,
    pair: RequestPair,
) -> Result<Option<(String, Secret)>, NotChosen> {
    // What a runner sets is none of our business as long as nobody asked for it.
    let url = if given.uses_oidc() { checked(pair.url, address::request_url)? } else { pair.url };
    let url = form.need(url, argument::OIDC_REQUEST_URL);
    let token = form.need(pair.token, pair.ask_for_token);
    Ok(url.map(|url| url.expose().to_owned()).zip(token))
}

fn checked(found: Found<Secret>, check: fn(&str) -> Result<(), Fact>) -> Result<Found<Secret>, NotChosen> {
    if let Found::There(text, sources) = &found {
        check(text.expose()).map_err(|fact| wrong(sources, fact))?;
    }
    Ok(found)
}

/// What was given for this provider and not by a runner, unread.
fn explicit_oidc_token(inputs: &dyn Inputs) -> Found<Either> {
    for name in [argument::OIDC_TOKEN, argument::OIDC_TOKEN_FILE_PATH] {
        match reading::one(inputs, name) {
            Found::There(_, sources) if sources.iter().all(|(_, origin)| is_ours(*origin)) => {
                return Found::There(Either::empty(), sources);
            }
            Found::Unknown(argument) => return Found::Unknown(argument),
            _ => {}
        }
    }
    Found::Missing
}

/// azuread and azurerm read these variables as well, and nothing sets them by itself.
fn is_ours(origin: Origin) -> bool {
    matches!(origin, Origin::Argument(_))
        || matches!(origin, Origin::Variable(name) if name.starts_with("ARM_"))
}

fn token_file_of_pod(inputs: &dyn Inputs) -> Found<Secret> {
    match inputs.variable("AZURE_FEDERATED_TOKEN_FILE") {
        Some(input) => reading::given(argument::OIDC_TOKEN_FILE_PATH, &input),
        None => reading::one(inputs, argument::OIDC_TOKEN_FILE_PATH),
    }
}

/// The pod's value, or what was given if it has none.
fn of_pod(
    given: &Given<'_>,
    argument: &'static str,
    variable: &'static str,
    configured: &Found<String>,
    check: fn(&str) -> Result<String, Fact>,
) -> Result<Found<String>, NotChosen> {
    let Some(input) = given.inputs.variable(variable) else { return Ok(configured.clone()) };
    let source = (argument, input.origin);
    let text = check(input.text.expose().trim()).map_err(|fact| wrong(&[source], fact))?;
    match configured {
        Found::Unknown(argument) => Ok(Found::Unknown(argument)),
        Found::There(other, sources) if !other.eq_ignore_ascii_case(&text) => {
            Err(wrong(sources, Fact::Disagrees { other: variable, origin: input.origin }))
        }
        _ => Ok(Found::There(text, vec![source])),
    }
}

fn certificate_of(either: Either) -> Option<Certificate> {
    either.value.map(Certificate::Base64).or(either.file.map(Certificate::File))
}

/// The file, if there is one: somebody keeps it fresh.
fn assertion_of(either: Either) -> Option<AssertionSource> {
    either.file.map(AssertionSource::File).or(either.value.map(AssertionSource::Token))
}

fn wrong(sources: &[Source], fact: Fact) -> NotChosen {
    NotChosen::Wrong(
        sources
            .first()
            .map(|(argument, origin)| Mistake { argument, origin: *origin, fact })
            .into_iter()
            .collect(),
    )
}

fn note<T>(read: Result<T, Mistake>, otherwise: T, mistakes: &mut Vec<Mistake>) -> T {
    read.unwrap_or_else(|mistake| {
        mistakes.push(mistake);
        otherwise
    })
}
