//! Collects the inputs of one method: which are set, missing or unknown. Does not know which inputs a method needs.

use super::super::method::{Application, SignInMethod};
use super::super::selected_method::{MethodName, SelectedMethod};
use super::configured::{Configured, Flag, Source};
use super::error::{IncompleteMethod, SelectionError};

/// Whether a method can be selected.
#[derive(Debug)]
pub(super) enum MethodStatus {
    /// No input requests the method, or its `use_…` argument is false.
    NotRequested,
    /// The method is requested, but inputs are missing.
    Incomplete(IncompleteMethod),
    /// The method has all its inputs.
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

    /// Marks the method as requested if the condition holds. Missing inputs of a requested method are reported.
    pub(super) fn mark_requested_if(&mut self, is_requested: bool) {
        self.is_requested |= is_requested;
    }

    /// Requires an input. If the input is set, the user has requested the method, and its missing inputs are reported.
    pub(super) fn require_and_mark_requested<T>(
        &mut self,
        configured: Configured<T>,
        hint: &'static str,
    ) -> Option<T> {
        self.is_requested |= !configured.is_missing();
        self.require(configured, hint)
    }

    /// Requires an input. If the input is unset, `hint` is reported as missing.
    pub(super) fn require<T>(&mut self, configured: Configured<T>, hint: &'static str) -> Option<T> {
        if configured.is_missing() {
            self.missing.push(hint);
        }
        self.accept(configured)
    }

    /// Accepts an input that may be unset.
    pub(super) fn accept<T>(&mut self, configured: Configured<T>) -> Option<T> {
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

    /// Requires the tenant and the client ID of an application.
    pub(super) fn require_application(
        &mut self,
        tenant_id: Configured<String>,
        client_id: Configured<String>,
    ) -> Option<Application> {
        self.tenant_id = self.require(tenant_id, "tenant_id");
        self.client_id = self.require(client_id, "client_id or client_id_file_path");
        Some(Application { tenant_id: self.tenant_id.clone()?, client_id: self.client_id.clone()? })
    }

    /// Accepts a tenant, which may be unset.
    pub(super) fn accept_tenant_id(&mut self, tenant_id: Configured<String>) -> Option<String> {
        self.tenant_id = self.accept(tenant_id);
        self.tenant_id.clone()
    }

    /// Accepts the client ID of a user-assigned identity, which may be unset.
    pub(super) fn accept_client_id(&mut self, client_id: Configured<String>) -> Option<String> {
        self.client_id = self.accept(client_id);
        self.client_id.clone()
    }

    /// Determines the status of the method. `method` is `None` if an input is missing or unknown.
    pub(super) fn build(self, method: Option<SignInMethod>) -> Result<MethodStatus, SelectionError> {
        if self.is_disabled || !self.is_requested && !self.missing.is_empty() {
            return Ok(MethodStatus::NotRequested);
        }
        if !self.missing.is_empty() {
            return Ok(self.into_incomplete());
        }
        let reason = self.reason();
        match (method, self.unknown) {
            (Some(method), _) => {
                self.select(method, reason).map(|(method, selected)| MethodStatus::Complete(method, selected))
            }
            (None, Some(argument)) => Err(SelectionError::Unknown(argument)),
            (None, None) => Ok(MethodStatus::NotRequested),
        }
    }

    /// Selects the method. Fails if one of its inputs is unknown.
    pub(super) fn select(
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

    fn into_incomplete(self) -> MethodStatus {
        let Self { name, given, missing, unknown, .. } = self;
        MethodStatus::Incomplete(IncompleteMethod { method: Some(name), given, missing, unknown })
    }

    /// Why the method is selected, such as `use_oidc is true, and oidc_token, tenant_id and client_id are given`.
    fn reason(&self) -> String {
        let (flags, values): (Vec<&str>, Vec<&str>) =
            self.given.iter().map(|(name, _)| *name).partition(|name| name.starts_with("use_"));
        let flags = flags.iter().map(|name| format!("{name} is true"));
        let values = match values.as_slice() {
            [] => None,
            [value] => Some(format!("{value} is given")),
            values => Some(format!("{} are given", join_with_and(values))),
        };
        flags.chain(values).collect::<Vec<_>>().join(", and ")
    }
}

/// Joins names as in `a, b and c`.
fn join_with_and(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
