//! The provider: its block, what it offers, and the session that it passes to resources and data sources. Knows
//! nothing of the wire.

mod configuration;
pub mod registry;
mod schema;
mod selection_diagnostics;
#[cfg(test)]
mod selection_tests;
mod settings;
mod user_agent;

use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::graph::{Clock, SystemClock};
use crate::resources::session::Session;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::function::Function;
use crate::terraform::managed_resource::Definition;
use crate::terraform::schema::Schema;
use crate::terraform::stop::{StopSignal, StopSource};
use crate::terraform::ty::Type;
use crate::terraform::validate;
use crate::terraform::value::Value;

use self::configuration::Configuration;
use self::registry::{DataSourceType, Registry, ResourceType};

pub use self::configuration::{Prepared, from_environment};
pub use self::settings::Environment;

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

/// The schema of the provider block, and what the provider offers. Created by the first call that needs them, since
/// Terraform waits for the handshake line.
struct Definitions {
    schema: Schema,
    ty: Type,
    registry: Registry,
}

impl Provider {
    /// Its source address without registry host, which is the same for Terraform and OpenTofu.
    pub const ADDRESS: &'static str = "defender-atp/defender";

    /// The provider with everything that it offers.
    pub fn new(environment: Environment) -> Self {
        Self::with_registry(environment, Registry::complete)
    }

    /// A provider that offers something else, which is created by the first call that needs it.
    pub fn with_registry(
        environment: Environment,
        registry: impl FnOnce() -> Registry + Send + 'static,
    ) -> Self {
        let create: Box<dyn FnOnce() -> Definitions + Send> = Box::new(|| Definitions::new(registry()));
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
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
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
        self.registry().resources.iter().map(|resource| resource.definition())
    }

    /// The data sources.
    pub fn data_sources(&self) -> &[DataSourceType] {
        &self.registry().data_sources
    }

    /// The functions.
    pub fn functions(&self) -> &[Box<dyn Function>] {
        &self.registry().functions
    }

    /// The resource type of this name.
    pub fn resource(&self, type_name: &str) -> Result<&ResourceType, Diagnostics> {
        let mut resources = self.registry().resources.iter();
        let named = resources.find(|resource| resource.definition().type_name == type_name);
        named.ok_or_else(|| not_offered("Resource type", type_name, "resource type"))
    }

    /// The data source of this name.
    pub fn data_source(&self, type_name: &str) -> Result<&DataSourceType, Diagnostics> {
        let mut sources = self.registry().data_sources.iter();
        let named = sources.find(|source| source.definition().type_name == type_name);
        named.ok_or_else(|| not_offered("Data source", type_name, "data source"))
    }

    /// The function of this name.
    pub fn function(&self, name: &str) -> Option<&dyn Function> {
        let named = self.registry().functions.iter().find(|function| function.signature().name == name);
        named.map(AsRef::as_ref)
    }

    fn registry(&self) -> &Registry {
        &self.shared.definitions.registry
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
    fn new(registry: Registry) -> Self {
        let schema = schema::provider();
        Self { ty: schema.ty(), schema, registry }
    }
}

/// Terraform asks for something that this version does not have.
fn not_offered(subject: &str, name: &str, kind: &str) -> Diagnostics {
    Diagnostic::error(
        format!("{subject} {name:?} does not exist"),
        format!(
            "This version of the Defender provider does not have this {kind}. Check the spelling, or use the provider \
             version that the configuration was written for."
        ),
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_created_or_read_before_a_call_needs_it() {
        let read: Environment = Box::new(|name| panic!("{name} was read"));
        let provider = Provider::with_registry(read, || panic!("the registry was created"));
        provider.stop();
        assert!(provider.session().is_err());
    }
}
