//! The provider: its block, its resource types, and the session that it hands to them once configured.
//!
//! Knows nothing of the wire. Which resources exist is listed in [`resource_types`]; that is all a new one needs here.

#[cfg(test)]
mod choice_tests;
mod configuration;
mod not_chosen;
mod schema;
mod settings;
mod user_agent;

use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::graph::{Clock, SystemClock};
use crate::resources::atp_assignment::AtpAssignment;
use crate::resources::session::Session;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::managed_resource::{Definition, Managed, ManagedResource};
use crate::terraform::schema::Schema;
use crate::terraform::stop::{StopSignal, StopSource};
use crate::terraform::ty::Type;
use crate::terraform::validate;
use crate::terraform::value::Value;

use self::configuration::Configuration;

pub use self::configuration::{Prepared, from_environment};
pub use self::settings::Environment;

/// A resource type as this provider runs it.
pub type ResourceType = Box<dyn ManagedResource<Session>>;

/// The provider as one connection sees it. Each ConfigureProvider replaces the configuration before it.
pub struct Provider {
    process: Arc<Process>,
    clock: Arc<dyn Clock>,
    configuration: RwLock<Configuration>,
    stop: StopSource,
}

/// What all connections share. The resource types are among it, and with them the locks of writers.
struct Process {
    fixed: LazyLock<Fixed, Box<dyn FnOnce() -> Fixed + Send>>,
    environment: Environment,
}

/// What is the same in every process. Made when the first call needs it, since Terraform waits for the handshake line.
struct Fixed {
    schema: Schema,
    ty: Type,
    resources: Vec<ResourceType>,
}

fn resource_types() -> Vec<ResourceType> {
    vec![Box::new(Managed::new(AtpAssignment::new()))]
}

impl Provider {
    /// Its address in configurations, without registry host, so that it holds for Terraform and OpenTofu.
    pub const ADDRESS: &'static str = "defender-atp/defender";

    /// The provider with all its resource types.
    pub fn new(environment: Environment) -> Self {
        Self::with_resources(environment, resource_types)
    }

    /// A provider with other resource types, which are not made before a call needs them.
    pub fn with_resources(
        environment: Environment,
        resources: impl FnOnce() -> Vec<ResourceType> + Send + 'static,
    ) -> Self {
        let fixed = LazyLock::new(Box::new(|| Fixed::new(resources())) as Box<dyn FnOnce() -> Fixed + Send>);
        Self::unconfigured(Arc::new(Process { fixed, environment }), Arc::new(SystemClock))
    }

    /// The same provider for another connection, which configures and stops it for itself. In debug mode each alias
    /// of a configuration is a connection to the same process.
    #[must_use]
    pub fn for_another_connection(&self) -> Self {
        Self::unconfigured(Arc::clone(&self.process), Arc::clone(&self.clock))
    }

    fn unconfigured(process: Arc<Process>, clock: Arc<dyn Clock>) -> Self {
        let configuration = RwLock::new(Configuration::Missing);
        Self { process, clock, configuration, stop: StopSource::new() }
    }

    /// The same provider by another clock than this machine's.
    #[must_use]
    pub fn by_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The schema of the provider block.
    pub fn schema(&self) -> &Schema {
        &self.process.fixed.schema
    }

    /// The type of the provider block.
    pub fn ty(&self) -> &Type {
        &self.process.fixed.ty
    }

    /// What is fixed about each resource type.
    pub fn definitions(&self) -> impl Iterator<Item = &Definition> {
        self.process.fixed.resources.iter().map(|resource| resource.definition())
    }

    /// The resource type of this name.
    pub fn resource(&self, type_name: &str) -> Result<&ResourceType, Diagnostics> {
        self.process.fixed.resources.iter().find(|resource| resource.definition().type_name == type_name).ok_or_else(|| {
            Diagnostic::error(
                format!("Resource type {type_name:?} does not exist"),
                "This version of the Defender provider does not have it. Check the spelling, or use the version of \
                 the provider that the configuration was written for.",
            )
            .into()
        })
    }

    /// Everything that can be found wrong with the provider block offline.
    pub fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = validate::check(&self.schema().block, config);
        diagnostics.extend(configuration::check(config, self.schema()));
        diagnostics
    }

    /// Takes over the provider block, completed from the environment. Nothing is sent: the first call that needs
    /// Graph connects.
    pub fn configure(&self, config: &Value, terraform_version: &str) -> Diagnostics {
        let (configuration, diagnostics) = Configuration::new(
            config,
            &self.process.environment,
            self.schema(),
            terraform_version,
            &self.clock,
        );
        *self.configuration.write().unwrap_or_else(PoisonError::into_inner) = configuration;
        diagnostics
    }

    /// The session, once the configuration is complete.
    ///
    /// # Errors
    /// The provider has not been configured, or a value that is needed now is missing or not known yet.
    pub fn session(&self) -> Result<Arc<Session>, Diagnostics> {
        self.configuration.read().unwrap_or_else(PoisonError::into_inner).session()
    }

    /// Asks all running calls to stop; later ones are not concerned.
    pub fn stop(&self) {
        self.stop.stop();
    }

    /// What a call that begins now listens to.
    pub fn stop_signal(&self) -> StopSignal {
        self.stop.signal()
    }
}

impl Fixed {
    fn new(resources: Vec<ResourceType>) -> Self {
        let schema = schema::provider();
        Self { ty: schema.ty(), schema, resources }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_made_or_read_before_a_call_needs_it() {
        let read: Environment = Box::new(|name| panic!("{name} was read"));
        let provider = Provider::with_resources(read, || panic!("the resources were made"));
        provider.stop();
        assert!(provider.session().is_err());
    }
}
