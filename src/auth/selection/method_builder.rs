//! Collects the inputs of one method: which are given, missing or unknown. Does not know which inputs a method needs.

use super::super::method::{Application, SignInMethod};
use super::super::selected_method::{MethodName, SelectedMethod};
use super::configured::{Configured, Flag, Source};
use super::error::{IncompleteMethod, SelectionError};

/// Whether a method can be selected.
#[derive(Debug)]
pub(super) enum MethodStatus {
    /// No input requests it, or its `use_…` argument is false.
    NotRequested,
    /// It is requested, but inputs are missing.
    Incomplete(IncompleteMethod),
    /// It has all its inputs.
    Complete(SignInMethod, SelectedMethod),
}

/// Collects the inputs of one method.
pub(super) struct MethodBuilder {
    name: MethodName,
    is_requested: bool,
    is_disabled: bool,
    given: Vec<Source>,
    missing: Vec<&'static str>,
    unknown: Option<&'static str>,
    tenant_id: Option<String>,
    client_id: Option<String>,
}

impl MethodBuilder {
    pub(super) fn new(name: MethodName) -> Self {
        Self {
            name,
            is_requested: false,
            is_disabled: false,
            given: Vec::new(),
            missing: Vec::new(),
            unknown: None,
            tenant_id: None,
            client_id: None,
        }
    }

    /// Requires a `use_…` argument to be true. If it is unset, `hint` is reported as missing; if it is false, the
    /// method is disabled.
    pub(super) fn require_flag(&mut self, argument: &'static str, flag: Flag, hint: &'static str) {
        match flag {
            Flag::Set(true, origin) => self.given.push((argument, origin)),
            Flag::Set(false, _) => self.is_disabled = true,
            Flag::Unset => self.missing.push(hint),
            Flag::Unknown => self.unknown = self.unknown.or(Some(argument)),
        }
    }

    /// Marks the method as requested, so that missing inputs are reported.
    pub(super) fn request_if(&mut self, is_requested: bool) {
        self.is_requested |= is_requested;
    }

    /// A required input that no other method has, so that setting it requests the method.
    pub(super) fn require_exclusive<T>(
        &mut self,
        configured: Configured<T>,
        hint: &'static str,
    ) -> Option<T> {
        self.is_requested |= !configured.is_missing();
        self.require(configured, hint)
    }

    /// A required input. If it is unset, `hint` is reported as missing.
    pub(super) fn require<T>(&mut self, configured: Configured<T>, hint: &'static str) -> Option<T> {
        if configured.is_missing() {
            self.missing.push(hint);
        }
        self.optional(configured)
    }

    /// An optional input.
    pub(super) fn optional<T>(&mut self, configured: Configured<T>) -> Option<T> {
        match configured {
            Configured::Missing => None,
            Configured::Unknown(argument) => {
                self.unknown = self.unknown.or(Some(argument));
                None
            }
            Configured::Known(value, sources) => {
                self.given.extend(sources);
                Some(value)
            }
        }
    }

    /// The application, which is required.
    pub(super) fn require_application(
        &mut self,
        tenant_id: Configured<String>,
        client_id: Configured<String>,
    ) -> Option<Application> {
        self.tenant_id = self.require(tenant_id, "tenant_id");
        self.client_id = self.require(client_id, "client_id or client_id_file_path");
        Some(Application { tenant_id: self.tenant_id.clone()?, client_id: self.client_id.clone()? })
    }

    /// The tenant, which is optional.
    pub(super) fn optional_tenant_id(&mut self, tenant_id: Configured<String>) -> Option<String> {
        self.tenant_id = self.optional(tenant_id);
        self.tenant_id.clone()
    }

    /// The user-assigned identity, which is optional.
    pub(super) fn optional_client_id(&mut self, client_id: Configured<String>) -> Option<String> {
        self.client_id = self.optional(client_id);
        self.client_id.clone()
    }

    /// The status of the method. `method` is `None` if an input is missing or unknown.
    pub(super) fn build(self, method: Option<SignInMethod>) -> Result<MethodStatus, SelectionError> {
        if self.is_disabled || !self.is_requested && !self.missing.is_empty() {
            return Ok(MethodStatus::NotRequested);
        }
        if !self.missing.is_empty() {
            return Ok(self.incomplete());
        }
        let reason = self.reason();
        match (method, self.unknown) {
            (Some(method), _) => self
                .complete(method, reason)
                .map(|(method, selected)| MethodStatus::Complete(method, selected)),
            (None, Some(argument)) => Err(SelectionError::Unknown(argument)),
            (None, None) => Ok(MethodStatus::NotRequested),
        }
    }

    /// Selects the method, unless one of its inputs is unknown.
    pub(super) fn complete(
        self,
        method: SignInMethod,
        reason: String,
    ) -> Result<(SignInMethod, SelectedMethod), SelectionError> {
        let Self { name, given: inputs, unknown, tenant_id, client_id, .. } = self;
        match unknown {
            Some(argument) => Err(SelectionError::Unknown(argument)),
            None => Ok((method, SelectedMethod { name, reason, inputs, tenant_id, client_id })),
        }
    }

    fn incomplete(self) -> MethodStatus {
        let Self { name, given, missing, unknown, .. } = self;
        MethodStatus::Incomplete(IncompleteMethod { method: Some(name), given, missing, unknown })
    }

    /// `use_oidc is true, and oidc_token, tenant_id and client_id are given`.
    fn reason(&self) -> String {
        let (switches, values): (Vec<&str>, Vec<&str>) =
            self.given.iter().map(|(name, _)| *name).partition(|name| name.starts_with("use_"));
        let switches = switches.iter().map(|name| format!("{name} is true"));
        let values = match values.as_slice() {
            [] => None,
            [value] => Some(format!("{value} is given")),
            values => Some(format!("{} are given", enumerate(values))),
        };
        switches.chain(values).collect::<Vec<_>>().join(", and ")
    }
}

/// `a, b and c`.
fn enumerate(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
