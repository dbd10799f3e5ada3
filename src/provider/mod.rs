//! The provider: its block, its resource types, and the session that it passes to them. Knows nothing of the wire.
//!
//! A new resource type needs only an entry in [`resource_types`] here.

mod configuration;
mod schema;
mod selection_diagnostics;
#[cfg(test)]
mod selection_tests;
mod settings;
mod user_agent;

use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::graph::{Clock, SystemClock};
use crate::resources::atp_assignment::AtpAssignment;
use crate::resources::edr_assignment::EdrAssignment;
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

/// The provider of one connection. Each ConfigureProvider replaces the previous configuration.
pub struct Provider {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    configuration: RwLock<Configuration>,
    stop: StopSource,
}

/// What all connections share. It includes the resource types, and with them the locks of writers.
struct Shared {
    definitions: LazyLock<Definitions, Box<dyn FnOnce() -> Definitions + Send>>,
    environment: Environment,
}

/// The schema and the resource types. Created by the first call that needs them, since Terraform waits for the handshake
/// line.
struct Definitions {
    schema: Schema,
    ty: Type,
    resources: Vec<ResourceType>,
}

fn resource_types() -> Vec<ResourceType> {
    vec![Box::new(Managed::new(AtpAssignment::new())), Box::new(Managed::new(EdrAssignment::new()))]
}

impl Provider {
    /// Its source address without registry host, which is the same for Terraform and OpenTofu.
    pub const ADDRESS: &'static str = "defender-atp/defender";

    /// The provider with all its resource types.
    pub fn new(environment: Environment) -> Self {
        Self::with_resources(environment, resource_types)
    }

    /// A provider with other resource types, which are created by the first call that needs them.
    pub fn with_resources(
        environment: Environment,
        resources: impl FnOnce() -> Vec<ResourceType> + Send + 'static,
    ) -> Self {
        let create: Box<dyn FnOnce() -> Definitions + Send> = Box::new(|| Definitions::new(resources()));
        let shared = Shared { definitions: LazyLock::new(create), environment };
        Self::unconfigured(Arc::new(shared), Arc::new(SystemClock))
    }

    /// The same provider for another connection, with its own configuration and stop signal. In debug mode, each
    /// provider alias is a connection to the same process.
    #[must_use]
    pub fn for_another_connection(&self) -> Self {
        Self::unconfigured(Arc::clone(&self.shared), Arc::clone(&self.clock))
    }

    fn unconfigured(shared: Arc<Shared>, clock: Arc<dyn Clock>) -> Self {
        let configuration = RwLock::new(Configuration::Missing);
        Self { shared, clock, configuration, stop: StopSource::new() }
    }

    /// Replaces the system clock.
    #[must_use]
    pub fn by_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The schema of the provider block.
    pub fn schema(&self) -> &Schema {
        &self.shared.definitions.schema
    }

    /// The type of the provider block.
    pub fn ty(&self) -> &Type {
        &self.shared.definitions.ty
    }

    /// The definition of each resource type.
    pub fn definitions(&self) -> impl Iterator<Item = &Definition> {
        self.shared.definitions.resources.iter().map(|resource| resource.definition())
    }

    /// The resource type of this name.
    pub fn resource(&self, type_name: &str) -> Result<&ResourceType, Diagnostics> {
        self.shared.definitions.resources.iter().find(|resource| resource.definition().type_name == type_name).ok_or_else(|| {
            Diagnostic::error(
                format!("Resource type {type_name:?} does not exist"),
                "This version of the Defender provider does not have this resource type. Check the spelling, or use the \
                 provider version that the configuration was written for.",
            )
            .into()
        })
    }

    /// Checks the provider block offline.
    pub fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = validate::check(&self.schema().block, config);
        diagnostics.extend(configuration::check(config, &self.shared.environment, self.schema()));
        diagnostics
    }

    /// Configures the provider from the block and the environment. Nothing is sent: the first call that needs Graph
    /// connects.
    pub fn configure(&self, config: &Value, terraform_version: &str) -> Diagnostics {
        let (configuration, diagnostics) = Configuration::new(
            config,
            &self.shared.environment,
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
    /// The provider has not been configured, or a required value is missing or unknown.
    pub fn session(&self) -> Result<Arc<Session>, Diagnostics> {
        self.configuration.read().unwrap_or_else(PoisonError::into_inner).session()
    }

    /// Asks all running calls to stop. Later calls are not affected.
    pub fn stop(&self) {
        self.stop.stop();
    }

    /// The stop signal for a call that starts now.
    pub fn stop_signal(&self) -> StopSignal {
        self.stop.signal()
    }
}

impl Definitions {
    fn new(resources: Vec<ResourceType>) -> Self {
        let schema = schema::provider();
        Self { ty: schema.ty(), schema, resources }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_created_or_read_before_a_call_needs_it() {
        let read: Environment = Box::new(|name| panic!("{name} was read"));
        let provider = Provider::with_resources(read, || panic!("the resources were created"));
        provider.stop();
        assert!(provider.session().is_err());
    }
}
