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

use std::sync::{Arc, PoisonError, RwLock};

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

/// The provider in one process. In debug mode it is configured again and again; each time replaces the last.
pub struct Provider {
    schema: Schema,
    ty: Type,
    resources: Vec<ResourceType>,
    environment: Environment,
    clock: Arc<dyn Clock>,
    configuration: RwLock<Configuration>,
    stop: StopSource,
}

fn resource_types() -> Vec<ResourceType> {
    vec![Box::new(Managed::new(AtpAssignment::new()))]
}

impl Provider {
    /// Its address in configurations, without registry host, so that it holds for Terraform and OpenTofu.
    pub const ADDRESS: &'static str = "defender-atp/defender";

    /// The provider with all its resource types.
    pub fn new(environment: Environment) -> Self {
        Self::with_resources(environment, resource_types())
    }

    /// A provider with other resource types.
    pub fn with_resources(environment: Environment, resources: Vec<ResourceType>) -> Self {
        let schema = schema::provider();
        Self {
            ty: schema.ty(),
            schema,
            resources,
            environment,
            clock: Arc::new(SystemClock),
            configuration: RwLock::new(Configuration::Missing),
            stop: StopSource::new(),
        }
    }

    /// The same provider by another clock than this machine's.
    #[must_use]
    pub fn by_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The schema of the provider block.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The type of the provider block.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// What is fixed about each resource type.
    pub fn definitions(&self) -> impl Iterator<Item = &Definition> {
        self.resources.iter().map(|resource| resource.definition())
    }

    /// The resource type of this name.
    pub fn resource(&self, type_name: &str) -> Result<&ResourceType, Diagnostics> {
        self.resources.iter().find(|resource| resource.definition().type_name == type_name).ok_or_else(|| {
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
        let mut diagnostics = validate::check(&self.schema.block, config);
        diagnostics.extend(configuration::check(config, &self.schema));
        diagnostics
    }

    /// Takes over the provider block, completed from the environment. Nothing is sent: the first call that needs
    /// Graph connects.
    pub fn configure(&self, config: &Value, terraform_version: &str) -> Diagnostics {
        let (configuration, diagnostics) =
            Configuration::new(config, &self.environment, &self.schema, terraform_version, &self.clock);
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
