//! Selects the sign-in method. Follows azuread's rule ("Authenticating to Azure Active Directory", azuread provider
//! documentation): the first method whose inputs are complete is selected. If its sign-in fails, no other method is
//! tried. Does not read the provider block and does not sign in.
//!
//! One rule is stricter than azuread's: if a method has only some of its inputs, the Azure CLI does not replace the
//! method, unless `use_cli` is set to true. A missing variable must not change the identity that signs in.

mod address;
mod configured;
mod error;
mod input_error;
mod metadata_service;
mod method_builder;
mod methods;
mod oidc_request;
mod read_inputs;

use crate::transport::Endpoint;

use super::arguments as argument;
use super::cloud::Cloud;
use super::inputs::{Input, InputOrigin, Inputs, Setting};
use super::method::{SignIn, SignInMethod};
use super::selected_method::SelectedMethod;

use self::configured::{Configured, Flag};
use self::method_builder::MethodStatus;
use self::methods::{CommonInputs, METHODS, azure_cli};

pub use self::error::{IncompleteMethod, SelectionError};
pub use self::input_error::{InputError, InputErrorKind};

/// Selects the method. Sends nothing, but reads the files that the inputs name.
pub fn select(inputs: &dyn Inputs) -> Result<SignIn, SelectionError> {
    let cloud = select_cloud(inputs)?;
    match inputs.get(argument::ACCESS_TOKEN) {
        Setting::Unknown => return Err(SelectionError::Unknown(argument::ACCESS_TOKEN)),
        Setting::Set(token) => return sign_in_with_access_token(cloud, token),
        Setting::Unset => {}
    }
    let authority = read_authority(inputs, cloud)?;
    let (method, mut selected_method) = select_method(&CommonInputs::read(inputs)?)?;
    selected_method.inputs.extend(cloud_inputs(inputs));
    Ok(SignIn { method, authority, scope: cloud.scope(), selected_method })
}

/// The configured cloud; the global one by default.
pub fn select_cloud(inputs: &dyn Inputs) -> Result<Cloud, SelectionError> {
    match inputs.get(argument::ENVIRONMENT) {
        Setting::Unset => Ok(Cloud::Global),
        Setting::Unknown => Err(SelectionError::Unknown(argument::ENVIRONMENT)),
        Setting::Set(input) => Cloud::from_name(input.text.expose())
            .ok_or_else(|| invalid(argument::ENVIRONMENT, input.origin, InputErrorKind::NotCloud)),
    }
}

/// Reads a boolean that does not belong to a method; `None` if it is unset or unknown.
pub fn read_bool(inputs: &dyn Inputs, argument: &'static str) -> Result<Option<bool>, InputError> {
    Ok(match read_inputs::read_flag(inputs, argument)? {
        Flag::Set(value, _) => Some(value),
        Flag::Unset | Flag::Unknown => None,
    })
}

/// Finds the inputs that are invalid regardless of the selected method. Ignores unreadable files, because the
/// configuration may be validated on one machine and used on another.
pub fn find_errors(inputs: &dyn Inputs) -> Vec<InputError> {
    let mut errors = match select_cloud(inputs) {
        Err(SelectionError::Invalid(errors)) => errors,
        _ => Vec::new(),
    };
    errors.extend(methods::find_errors(inputs));
    errors.extend(configured_authority(inputs).err());
    errors.retain(|error| !matches!(error.kind, InputErrorKind::Unreadable(_)));
    errors
}

/// Selects the first complete method, or else the Azure CLI.
fn select_method(inputs: &CommonInputs<'_>) -> Result<(SignInMethod, SelectedMethod), SelectionError> {
    let mut incomplete = Vec::new();
    for read_method in METHODS {
        match read_method(inputs)? {
            MethodStatus::Complete(method, selected) => return Ok((method, selected)),
            MethodStatus::Incomplete(method) => incomplete.push(method),
            MethodStatus::NotRequested => {}
        }
    }
    if incomplete.is_empty() {
        incomplete.extend(application_without_credential(inputs));
    }
    azure_cli_or_error(inputs, incomplete)
}

/// Selects the Azure CLI, or returns the reason for not using it. The caller has found no complete method.
fn azure_cli_or_error(
    inputs: &CommonInputs<'_>,
    incomplete: Vec<IncompleteMethod>,
) -> Result<(SignInMethod, SelectedMethod), SelectionError> {
    let unknown = incomplete.iter().find_map(|method| method.unknown);
    match (inputs.use_cli, unknown) {
        (Flag::Set(true, _), _) => azure_cli(inputs),
        (Flag::Unknown, _) => Err(SelectionError::Unknown(argument::USE_CLI)),
        (_, Some(name)) => Err(SelectionError::Unknown(name)),
        _ if !incomplete.is_empty() => Err(SelectionError::Incomplete(incomplete)),
        (Flag::Set(false, origin), None) => Err(SelectionError::NothingConfigured(origin)),
        (Flag::Unset, None) => azure_cli(inputs),
    }
}

/// The error for a client ID without a credential; `None` if there is no client ID.
fn application_without_credential(inputs: &CommonInputs<'_>) -> Option<IncompleteMethod> {
    let (given, unknown) = match &inputs.client_id {
        Configured::Missing => return None,
        Configured::Unknown(name) => (Vec::new(), Some(*name)),
        Configured::Known(_, sources) => (sources.clone(), None),
    };
    let missing = vec!["client_secret, client_certificate, use_oidc, use_aks_workload_identity or use_msi"];
    Some(IncompleteMethod { method: None, given, missing, unknown })
}

fn sign_in_with_access_token(cloud: Cloud, token: Input) -> Result<SignIn, SelectionError> {
    Ok(SignIn {
        method: SignInMethod::AccessToken(token.text),
        authority: default_authority(cloud)?,
        scope: cloud.scope(),
        selected_method: SelectedMethod::access_token(token.origin),
    })
}

fn read_authority(inputs: &dyn Inputs, cloud: Cloud) -> Result<Endpoint, SelectionError> {
    match configured_authority(inputs)? {
        Configured::Missing => default_authority(cloud),
        Configured::Unknown(name) => Err(SelectionError::Unknown(name)),
        Configured::Known(authority, _) => Ok(authority),
    }
}

fn configured_authority(inputs: &dyn Inputs) -> Result<Configured<Endpoint>, InputError> {
    read_inputs::read_value(inputs, argument::AUTHORITY_HOST)
        .try_map(argument::AUTHORITY_HOST, |text| address::parse_authority(text.expose()))
}

fn default_authority(cloud: Cloud) -> Result<Endpoint, SelectionError> {
    let origin = InputOrigin::Argument(argument::ENVIRONMENT);
    let parsed = cloud.authority().parse();
    parsed.map_err(|error| invalid(argument::ENVIRONMENT, origin, InputErrorKind::InvalidEndpoint(error)))
}

/// The inputs that determine the cloud and the authority, if they are set.
fn cloud_inputs(inputs: &dyn Inputs) -> impl Iterator<Item = (&'static str, InputOrigin)> {
    [argument::ENVIRONMENT, argument::AUTHORITY_HOST].into_iter().filter_map(|name| match inputs.get(name) {
        Setting::Set(input) => Some((name, input.origin)),
        Setting::Unset | Setting::Unknown => None,
    })
}

fn invalid(argument: &'static str, origin: InputOrigin, kind: InputErrorKind) -> SelectionError {
    InputError::at((argument, origin), kind).into()
}
