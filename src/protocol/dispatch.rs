//! Runs one RPC: its span and log records, its errors as diagnostics, and the containment of a panic.

use std::any::Any;
use std::future::Future;
use std::time::Instant;

use tonic::{Response, Status};
use tracing::{Instrument, Span, debug, error, trace, warn};
use uuid::Uuid;

use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::wire::encoded::Encoded;
use crate::wire::tfplugin6 as wire;

use super::to_wire;

/// The version in log records. The minor version is not part of the wire protocol.
const PROTOCOL_VERSION: &str = "6.11";

/// A response with diagnostics.
pub(super) trait RpcResponse: Default + Send + 'static {
    /// The diagnostics.
    fn diagnostics(&self) -> &[wire::Diagnostic];
    /// Replaces the diagnostics.
    fn set_diagnostics(&mut self, diagnostics: Vec<wire::Diagnostic>);
}

/// What log records say about an RPC.
pub(super) struct CallInfo {
    /// The method's name.
    pub rpc: &'static str,
    /// The provider's address, `NAMESPACE/TYPE`.
    pub provider: &'static str,
    /// What the method concerns, if it is one thing.
    pub subject: Option<Subject>,
}

/// What a call concerns, by its name in the configuration.
pub(super) enum Subject {
    /// A resource type.
    Resource(String),
    /// A data source.
    DataSource(String),
    /// A function, without the provider's prefix.
    Function(String),
}

impl CallInfo {
    /// The fields have the names of Terraform's plugin SDK, so that the usual log filters work.
    fn span(&self) -> Span {
        let span = tracing::error_span!(
            "rpc",
            tf_req_id = %Uuid::new_v4(),
            tf_rpc = self.rpc,
            tf_provider_addr = self.provider,
            tf_proto_version = PROTOCOL_VERSION,
            tf_resource_type = tracing::field::Empty,
            tf_data_source_type = tracing::field::Empty,
            tf_function_name = tracing::field::Empty,
        );
        let (field, name) = match &self.subject {
            None => return span,
            Some(Subject::Resource(name)) => ("tf_resource_type", name),
            Some(Subject::DataSource(name)) => ("tf_data_source_type", name),
            Some(Subject::Function(name)) => ("tf_function_name", name),
        };
        span.record(field, name.as_str());
        span
    }
}

/// Runs `work` as a separate task, so that a panic affects no other call. If it fails, the response is `unchanged`
/// with the diagnostics.
pub(super) async fn run<A: RpcResponse>(
    call: CallInfo,
    unchanged: A,
    work: impl Future<Output = Result<A, Diagnostics>> + Send + 'static,
) -> Result<Response<A>, Status> {
    let span = call.span();
    let started = Instant::now();
    span.in_scope(|| trace!("received request"));
    let outcome = tokio::spawn(work.instrument(span.clone())).await;
    let response = match outcome {
        Ok(Ok(response)) => response,
        Ok(Err(diagnostics)) => with_diagnostics(unchanged, diagnostics),
        Err(join) if join.is_panic() => {
            with_diagnostics(unchanged, panic_diagnostic(call.rpc, join.into_panic().as_ref()).into())
        }
        Err(_) => return Err(Status::cancelled("the provider is shutting down")),
    };
    span.in_scope(|| log_response(&response, started));
    Ok(Response::new(response))
}

/// Runs work that may read files on the blocking pool, because a network drive can hang. A panic is resumed in the
/// calling task.
pub(super) async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        // The runtime is shutting down and drops this task.
        Err(Err(_)) => std::future::pending().await,
    }
}

fn with_diagnostics<A: RpcResponse>(mut unchanged: A, diagnostics: Diagnostics) -> A {
    unchanged.set_diagnostics(to_wire::diagnostics(diagnostics));
    unchanged
}

fn panic_diagnostic(rpc: &str, panic: &(dyn Any + Send)) -> Diagnostic {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Diagnostic::error(
        "The provider has a bug",
        format!(
            "It panicked in {rpc}: {message}\n\nOther operations of this run are not affected. It is unknown what \
             this operation had already written, so run plan before the next apply.\n\nPlease report it with the \
             provider's version ({}) and the configuration of this resource.",
            env!("CARGO_PKG_VERSION")
        ),
    )
}

fn log_response<A: RpcResponse>(response: &A, started: Instant) {
    let count = |severity: wire::diagnostic::Severity| {
        response.diagnostics().iter().filter(|diagnostic| diagnostic.severity == i32::from(severity)).count()
    };
    let errors = count(wire::diagnostic::Severity::Error);
    let warnings = count(wire::diagnostic::Severity::Warning);
    for diagnostic in response.diagnostics() {
        log_diagnostic(diagnostic);
    }
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    trace!(
        tf_req_duration_ms = milliseconds,
        diagnostic_error_count = errors,
        diagnostic_warning_count = warnings,
        "served request"
    );
}

fn log_diagnostic(diagnostic: &wire::Diagnostic) {
    let summary = diagnostic.summary.as_str();
    let detail = diagnostic.detail.as_str();
    match wire::diagnostic::Severity::try_from(diagnostic.severity) {
        Ok(wire::diagnostic::Severity::Error) => {
            error!(
                diagnostic_severity = "ERROR",
                diagnostic_summary = summary,
                diagnostic_detail = detail,
                "answered with an error"
            );
        }
        Ok(wire::diagnostic::Severity::Warning) => {
            warn!(
                diagnostic_severity = "WARNING",
                diagnostic_summary = summary,
                diagnostic_detail = detail,
                "answered with a warning"
            );
        }
        _ => debug!(diagnostic_summary = summary, "answered with a diagnostic without severity"),
    }
}

/// The schema response. Only a panic can add diagnostics to it.
impl RpcResponse for Encoded {
    fn diagnostics(&self) -> &[wire::Diagnostic] {
        &[]
    }

    fn set_diagnostics(&mut self, diagnostics: Vec<wire::Diagnostic>) {
        *self = Self::new(&wire::get_provider_schema::Response { diagnostics, ..Default::default() });
    }
}

/// The response of a function has one error, without a summary.
impl RpcResponse for wire::call_function::Response {
    fn diagnostics(&self) -> &[wire::Diagnostic] {
        &[]
    }

    fn set_diagnostics(&mut self, diagnostics: Vec<wire::Diagnostic>) {
        let texts =
            diagnostics.iter().map(|diagnostic| format!("{}. {}", diagnostic.summary, diagnostic.detail));
        let text = texts.collect::<Vec<_>>().join("\n");
        *self = Self { result: None, error: Some(wire::FunctionError { text, function_argument: None }) };
    }
}

macro_rules! impl_rpc_response {
    ($($response:path),+ $(,)?) => {
        $(impl RpcResponse for $response {
            fn diagnostics(&self) -> &[wire::Diagnostic] {
                &self.diagnostics
            }

            fn set_diagnostics(&mut self, diagnostics: Vec<wire::Diagnostic>) {
                self.diagnostics = diagnostics;
            }
        })+
    };
}

impl_rpc_response!(
    wire::get_metadata::Response,
    wire::get_resource_identity_schemas::Response,
    wire::get_functions::Response,
    wire::validate_provider_config::Response,
    wire::validate_resource_config::Response,
    wire::validate_data_resource_config::Response,
    wire::read_data_source::Response,
    wire::upgrade_resource_state::Response,
    wire::upgrade_resource_identity::Response,
    wire::configure_provider::Response,
    wire::read_resource::Response,
    wire::plan_resource_change::Response,
    wire::apply_resource_change::Response,
    wire::import_resource_state::Response,
    wire::move_resource_state::Response,
);
