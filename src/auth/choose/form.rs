//! One method being filled in: what is there, what is missing, what is not known yet. Does not know which inputs a
//! method takes.

use super::super::attempt::{Attempt, MethodName};
use super::super::inputs::Origin;
use super::super::method::{Application, Method};
use super::NotChosen;
use super::reading::{Flag, Found, Source};

/// How far a method is.
#[derive(Debug)]
pub(super) enum Standing {
    /// Nobody asked for it.
    Off,
    /// Begun, and something is missing.
    Half(Half),
    /// All there.
    Complete(Method, Attempt),
}

/// A method that was begun and lacks something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Half {
    /// Which method; `None` if an application was given and nothing to prove that it is this one.
    pub method: Option<MethodName>,
    /// What is there, and where it came from.
    pub given: Vec<(&'static str, Origin)>,
    /// What is missing, in words: `client_secret or client_secret_file_path`.
    pub missing: Vec<&'static str>,
    /// An argument that may still change this, once it is known.
    pub unknown: Option<&'static str>,
}

/// A method being filled in.
pub(super) struct Form {
    method: MethodName,
    begun: bool,
    off: bool,
    given: Vec<Source>,
    missing: Vec<&'static str>,
    unknown: Option<&'static str>,
    tenant_id: Option<String>,
    client_id: Option<String>,
}

impl Form {
    pub(super) fn new(method: MethodName) -> Self {
        Self {
            method,
            begun: false,
            off: false,
            given: Vec::new(),
            missing: Vec::new(),
            unknown: None,
            tenant_id: None,
            client_id: None,
        }
    }

    /// A switch that must be on. `name` is said if it was left out; if somebody switched it off, that is final.
    pub(super) fn gate(&mut self, argument: &'static str, flag: Flag, ask: &'static str) {
        match flag {
            Flag::Is(true, origin) => self.given.push((argument, origin)),
            Flag::Is(false, _) => self.off = true,
            Flag::Unset => self.missing.push(ask),
            Flag::Unknown => self.unknown = self.unknown.or(Some(argument)),
        }
    }

    /// Says that this method is meant, so that what is missing is worth telling.
    pub(super) fn begin_if(&mut self, begun: bool) {
        self.begun |= begun;
    }

    /// Something that this method alone needs: whoever gives it means this method.
    pub(super) fn own<T>(&mut self, found: Found<T>, ask: &'static str) -> Option<T> {
        self.begun |= !found.is_missing();
        self.need(found, ask)
    }

    /// Something that is needed.
    pub(super) fn need<T>(&mut self, found: Found<T>, ask: &'static str) -> Option<T> {
        if found.is_missing() {
            self.missing.push(ask);
        }
        self.take(found)
    }

    /// Something that may be left out.
    pub(super) fn take<T>(&mut self, found: Found<T>) -> Option<T> {
        match found {
            Found::Missing => None,
            Found::Unknown(argument) => {
                self.unknown = self.unknown.or(Some(argument));
                None
            }
            Found::There(value, sources) => {
                self.given.extend(sources);
                Some(value)
            }
        }
    }

    /// Who signs in.
    pub(super) fn application(
        &mut self,
        tenant: Found<String>,
        client: Found<String>,
    ) -> Option<Application> {
        self.tenant_id = self.need(tenant, "tenant_id");
        self.client_id = self.need(client, "client_id or client_id_file_path");
        Some(Application { tenant_id: self.tenant_id.clone()?, client_id: self.client_id.clone()? })
    }

    /// The tenant, if one was given.
    pub(super) fn tenant(&mut self, tenant: Found<String>) -> Option<String> {
        self.tenant_id = self.take(tenant);
        self.tenant_id.clone()
    }

    /// The user-assigned identity, if one was given.
    pub(super) fn identity(&mut self, client: Found<String>) -> Option<String> {
        self.client_id = self.take(client);
        self.client_id.clone()
    }

    /// How far it is. `method` is there if all parts of it are.
    pub(super) fn finish(self, method: Option<Method>) -> Result<Standing, NotChosen> {
        if self.off || !self.begun && !self.missing.is_empty() {
            return Ok(Standing::Off);
        }
        if !self.missing.is_empty() {
            return Ok(self.half());
        }
        let why = self.why();
        match (method, self.unknown) {
            (Some(method), _) => {
                self.complete(method, why).map(|(method, attempt)| Standing::Complete(method, attempt))
            }
            (None, Some(argument)) => Err(NotChosen::Unknown(argument)),
            (None, None) => Ok(Standing::Off),
        }
    }

    /// The method, unless something in it is not known yet.
    pub(super) fn complete(self, method: Method, why: String) -> Result<(Method, Attempt), NotChosen> {
        let Self { method: name, given: inputs, unknown, tenant_id, client_id, .. } = self;
        match unknown {
            Some(argument) => Err(NotChosen::Unknown(argument)),
            None => Ok((method, Attempt { method: name, why, inputs, tenant_id, client_id })),
        }
    }

    fn half(self) -> Standing {
        let Self { method, given, missing, unknown, .. } = self;
        Standing::Half(Half { method: Some(method), given, missing, unknown })
    }

    /// `use_oidc is true, and oidc_token, tenant_id and client_id are given`.
    fn why(&self) -> String {
        let (switches, values): (Vec<&str>, Vec<&str>) =
            self.given.iter().map(|(name, _)| *name).partition(|name| name.starts_with("use_"));
        let switches = switches.iter().map(|name| format!("{name} is true"));
        let values = match values.as_slice() {
            [] => None,
            [value] => Some(format!("{value} is given")),
            values => Some(format!("{} are given", list(values))),
        };
        switches.chain(values).collect::<Vec<_>>().join(", and ")
    }
}

/// `a, b and c`.
fn list(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
