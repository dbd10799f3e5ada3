//! Which method signs in. Follows azuread's rule ("Authenticating to Azure Active Directory", azuread provider
//! documentation): the first method whose inputs are complete is chosen, and its failure is final. Reads no provider
//! block and signs nobody in.
//!
//! One thing is stricter than there: inputs of a method that is not complete never lead to the Azure CLI unless
//! `use_cli` asks for it. Somebody who forgot one variable of an application does not want to act as himself.

mod address;
mod form;
mod metadata;
mod methods;
mod mistake;
mod reading;
mod request_pair;

use crate::transport::Endpoint;

use super::arguments as argument;
use super::attempt::{Attempt, MethodName};
use super::cloud::Cloud;
use super::inputs::{Input, Inputs, Origin, Setting};
use super::method::{Method, SignIn};

use self::form::Standing;
use self::methods::{Given, WAYS, azure_cli};
use self::reading::{Flag, Found};

pub use self::form::Half;
pub use self::mistake::{Fact, Mistake};

/// Why no method was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotChosen {
    /// Inputs that cannot be used.
    Wrong(Vec<Mistake>),
    /// Another value of this argument, known after apply only, could lead to another choice.
    Unknown(&'static str),
    /// Methods were begun, and none is complete.
    Halves(Vec<Half>),
    /// Nothing was given, and the Azure CLI was switched off there.
    Nothing(Origin),
}

/// Chooses the method. Nothing is sent; files that hold a value are read.
pub fn choose(inputs: &dyn Inputs) -> Result<SignIn, NotChosen> {
    let cloud = cloud(inputs)?;
    match inputs.get(argument::ACCESS_TOKEN) {
        Setting::Unknown => return Err(NotChosen::Unknown(argument::ACCESS_TOKEN)),
        Setting::Given(token) => return access_token(cloud, token),
        Setting::Unset => {}
    }
    let authority = authority(inputs, cloud)?;
    let (method, mut attempt) = first_complete(&Given::read(inputs)?)?;
    attempt.inputs.extend(places(inputs));
    Ok(SignIn { method, authority, scope: cloud.scope(), attempt })
}

/// Which cloud is meant: the one that serves everybody if nothing is said.
pub fn cloud(inputs: &dyn Inputs) -> Result<Cloud, NotChosen> {
    match inputs.get(argument::ENVIRONMENT) {
        Setting::Unset => Ok(Cloud::Global),
        Setting::Unknown => Err(NotChosen::Unknown(argument::ENVIRONMENT)),
        Setting::Given(input) => Cloud::from_name(input.text.expose())
            .ok_or_else(|| wrong(argument::ENVIRONMENT, input.origin, Fact::NotCloud)),
    }
}

/// A truth value that belongs to no method; `None` if it was left out or is not known.
pub fn truth(inputs: &dyn Inputs, argument: &'static str) -> Result<Option<bool>, Mistake> {
    Ok(match reading::flag(inputs, argument)? {
        Flag::Is(value, _) => Some(value),
        Flag::Unset | Flag::Unknown => None,
    })
}

/// What is certainly wrong whichever method is chosen later. Files that cannot be read count as fine: a configuration
/// may be checked on another machine than it runs on.
pub fn mistakes(inputs: &dyn Inputs) -> Vec<Mistake> {
    let of_cloud = match cloud(inputs) {
        Err(NotChosen::Wrong(mistakes)) => mistakes,
        _ => Vec::new(),
    };
    let mut found: Vec<Mistake> = of_cloud.into_iter().chain(methods::mistakes(inputs)).collect();
    found.extend(own_authority(inputs).err());
    found.retain(|mistake| !matches!(mistake.fact, Fact::Unreadable(_)));
    found
}

fn first_complete(given: &Given<'_>) -> Result<(Method, Attempt), NotChosen> {
    let mut halves = Vec::new();
    for way in WAYS {
        match way(given)? {
            Standing::Complete(method, attempt) => return Ok((method, attempt)),
            Standing::Half(half) => halves.push(half),
            Standing::Off => {}
        }
    }
    if halves.is_empty() {
        halves.extend(application_alone(given));
    }
    without_complete(given, halves)
}

/// What follows if nothing but the Azure CLI is left.
fn without_complete(given: &Given<'_>, halves: Vec<Half>) -> Result<(Method, Attempt), NotChosen> {
    let not_known = halves.iter().find_map(|half| half.unknown);
    match (given.use_cli, not_known) {
        (Flag::Is(true, _), _) => azure_cli(given),
        (Flag::Unknown, _) => Err(NotChosen::Unknown(argument::USE_CLI)),
        (_, Some(argument)) => Err(NotChosen::Unknown(argument)),
        _ if !halves.is_empty() => Err(NotChosen::Halves(halves)),
        (Flag::Is(false, origin), None) => Err(NotChosen::Nothing(origin)),
        (Flag::Unset, None) => azure_cli(given),
    }
}

/// An application, and nothing to prove that this is it.
fn application_alone(given: &Given<'_>) -> Option<Half> {
    let (sources, unknown) = match &given.client {
        Found::Missing => return None,
        Found::Unknown(argument) => (Vec::new(), Some(*argument)),
        Found::There(_, sources) => (sources.clone(), None),
    };
    let missing = vec!["client_secret, client_certificate, use_oidc, use_aks_workload_identity or use_msi"];
    Some(Half { method: None, given: sources, missing, unknown })
}

fn access_token(cloud: Cloud, token: Input) -> Result<SignIn, NotChosen> {
    let attempt = Attempt {
        method: MethodName::AccessToken,
        why: "access_token is given, which wins over every other method".to_owned(),
        inputs: vec![(argument::ACCESS_TOKEN, token.origin)],
        tenant_id: None,
        client_id: None,
    };
    let authority = authority_of(cloud)?;
    Ok(SignIn { method: Method::AccessToken(token.text), authority, scope: cloud.scope(), attempt })
}

fn authority(inputs: &dyn Inputs, cloud: Cloud) -> Result<Endpoint, NotChosen> {
    match own_authority(inputs)? {
        Found::Missing => authority_of(cloud),
        Found::Unknown(argument) => Err(NotChosen::Unknown(argument)),
        Found::There(authority, _) => Ok(authority),
    }
}

fn own_authority(inputs: &dyn Inputs) -> Result<Found<Endpoint>, Mistake> {
    reading::one(inputs, argument::AUTHORITY_HOST)
        .check(argument::AUTHORITY_HOST, |text| address::authority(text.expose()))
}

fn authority_of(cloud: Cloud) -> Result<Endpoint, NotChosen> {
    let origin = Origin::Argument(argument::ENVIRONMENT);
    cloud.authority().parse().map_err(|problem| wrong(argument::ENVIRONMENT, origin, Fact::NotRoot(problem)))
}

/// The inputs that say where to sign in, as far as they were given.
fn places(inputs: &dyn Inputs) -> impl Iterator<Item = (&'static str, Origin)> {
    [argument::ENVIRONMENT, argument::AUTHORITY_HOST].into_iter().filter_map(|name| match inputs.get(name) {
        Setting::Given(input) => Some((name, input.origin)),
        Setting::Unset | Setting::Unknown => None,
    })
}

fn wrong(argument: &'static str, origin: Origin, fact: Fact) -> NotChosen {
    NotChosen::Wrong(vec![Mistake { argument, origin, fact }])
}

impl From<Mistake> for NotChosen {
    fn from(mistake: Mistake) -> Self {
        Self::Wrong(vec![mistake])
    }
}
