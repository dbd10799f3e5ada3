//! The trait that a data source implements, and the rules that Terraform sets for every data source.

use std::sync::OnceLock;

use async_trait::async_trait;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::schema::Schema;
use super::stop::StopSignal;
use super::ty::Type;
use super::validate;
use super::value::Value;

/// A data source.
#[async_trait]
pub trait DataSource: Send + Sync + 'static {
    /// What is available once the provider is configured.
    type Session: Send + Sync + 'static;

    /// The full type name, including the provider's prefix.
    fn type_name(&self) -> &'static str;

    /// The schema of its configuration and of its result.
    fn schema(&self) -> Schema;

    /// Validates rules between attributes, offline. Unknown values are skipped.
    fn validate(&self, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    /// Reads the result for a configuration that is wholly known. It has the configured values in the spelling of the
    /// configuration, and no unknown values.
    async fn read(
        &self,
        call: &mut DataSourceCall<'_, Self::Session>,
        config: &Value,
    ) -> Result<Value, Diagnostics>;
}

/// The inputs of one read, and the warnings that it adds.
#[derive(Debug)]
pub struct DataSourceCall<'a, S> {
    /// The session of the configured provider.
    pub session: &'a S,
    /// Ends every wait of the call.
    pub stop: StopSignal,
    /// Warnings that are reported with the result.
    pub warnings: Diagnostics,
}

/// The static properties of a data source.
#[derive(Debug)]
pub struct DataSourceDefinition {
    /// The full type name, including the provider's prefix.
    pub type_name: &'static str,
    /// The schema.
    pub schema: Schema,
    ty: OnceLock<Type>,
}

impl DataSourceDefinition {
    /// The type of the configuration and of the result.
    pub fn ty(&self) -> &Type {
        self.ty.get_or_init(|| self.schema.ty())
    }
}

/// The response to a read.
#[derive(Debug, Clone)]
pub struct DataSourceResponse {
    /// The result; null only with an error.
    pub state: Value,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// A data source with its definition, as the provider runs it.
pub struct RegisteredDataSource<S> {
    source: Box<dyn DataSource<Session = S>>,
    definition: DataSourceDefinition,
}

impl<S: Send + Sync + 'static> RegisteredDataSource<S> {
    /// Registers a data source.
    pub fn new(source: impl DataSource<Session = S>) -> Self {
        let definition = DataSourceDefinition {
            type_name: source.type_name(),
            schema: source.schema(),
            ty: OnceLock::new(),
        };
        Self { source: Box::new(source), definition }
    }

    /// The static properties.
    pub fn definition(&self) -> &DataSourceDefinition {
        &self.definition
    }

    /// Validates a configuration offline.
    pub fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = validate::check(&self.definition.schema.block, config);
        diagnostics.extend(self.source.validate(config));
        diagnostics
    }

    /// Reads the result for a configuration.
    pub async fn read(&self, session: &S, stop: StopSignal, config: Value) -> DataSourceResponse {
        if !config.is_wholly_known() {
            return DataSourceResponse {
                state: Value::Null,
                diagnostics: self.unknown_configuration().into(),
            };
        }
        let mut call = DataSourceCall { session, stop, warnings: Diagnostics::new() };
        let read = self.source.read(&mut call, &config).await;
        let mut diagnostics = call.warnings;
        let state = read.unwrap_or_else(|errors| {
            diagnostics.extend(errors);
            Value::Null
        });
        DataSourceResponse { state, diagnostics }
    }

    /// Terraform reads a data source once its configuration is known.
    fn unknown_configuration(&self) -> Diagnostic {
        Diagnostic::error(
            format!("The configuration of {} is not known yet", self.definition.type_name),
            "Terraform asked for a read although an argument is unknown. This is a bug in Terraform, or in the tool that \
             called the provider.",
        )
    }
}
