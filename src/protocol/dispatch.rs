//! Runs one call: its span and log records, its failure as diagnostics, and a panic kept to itself.

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

/// The minor version that logs name; it is nowhere on the wire.
const PROTOCOL_VERSION: &str = "6.11";

/// A response that carries diagnostics.
pub(super) trait Answer: Default + Send + 'static {
    /// All diagnostics.
    fn diagnostics(&self) -> &[wire::Diagnostic];
    /// Replaces them.
    fn set_diagnostics(&mut self, diagnostics: Vec<wire::Diagnostic>);
}

/// One call, for logs.
pub(super) struct CallInfo {
    /// The method's name.
    pub rpc: &'static str,
    /// The address of the provider.
    pub provider: &'static str,
    /// The resource type concerned, or nothing.
    pub resource_type: String,
}

impl CallInfo {
    /// The fields are those of Terraform's own plugin SDK, so that the usual log filters work.
    fn span(&self) -> Span {
        let span = tracing::error_span!(
            "rpc",
            tf_req_id = %Uuid::new_v4(),
            tf_rpc = self.rpc,
            tf_provider_addr = self.provider,
            tf_proto_version = PROTOCOL_VERSION,
            tf_resource_type = tracing::field::Empty,
        );
        if !self.resource_type.is_empty() {
            span.record("tf_resource_type", self.resource_type.as_str());
        }
        span
    }
}

/// Runs `work` as a task of its own, so that a panic in it ends nothing else. If it fails, the answer is `unchanged`
/// with the diagnostics: what was there before stays.
pub(super) async fn run<A: Answer>(
    call: CallInfo,
    unchanged: A,
    work: impl Future<Output = Result<A, Diagnostics>> + Send + 'static,
) -> Result<Response<A>, Status> {
    let span = call.span();
    let started = Instant::now();
    span.in_scope(|| trace!("received request"));
    let outcome = tokio::spawn(work.instrument(span.clone())).await;
    let answer = match outcome {
        Ok(Ok(answer)) => answer,
        Ok(Err(diagnostics)) => failed(unchanged, diagnostics),
        Err(join) if join.is_panic() => {
            failed(unchanged, panicked(call.rpc, join.into_panic().as_ref()).into())
        }
        Err(_) => return Err(Status::cancelled("the provider is shutting down")),
    };
    span.in_scope(|| log_answer(&answer, started));
    Ok(Response::new(answer))
}

/// Work that may read files, off the thread that serves all calls: a network drive may have gone away. A panic in it is
/// the call's own.
pub(super) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        // The runtime is ending, and this call with it.
        Err(Err(_)) => std::future::pending().await,
    }
}

fn failed<A: Answer>(mut unchanged: A, diagnostics: Diagnostics) -> A {
    unchanged.set_diagnostics(to_wire::diagnostics(diagnostics));
    unchanged
}

fn panicked(rpc: &str, panic: &(dyn Any + Send)) -> Diagnostic {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Diagnostic::error(
        "The provider has a bug",
        format!(
            "It panicked in {rpc}: {message}\n\nOther operations of this run are not concerned. What this operation \
             had already written is unknown, so run plan before the next apply.\n\nPlease report it with the \
             provider's version ({}) and the configuration of this resource.",
            env!("CARGO_PKG_VERSION")
        ),
    )
}

fn log_answer<A: Answer>(answer: &A, started: Instant) {
    let count = |severity: wire::diagnostic::Severity| {
        answer.diagnostics().iter().filter(|diagnostic| diagnostic.severity == i32::from(severity)).count()
    };
    let errors = count(wire::diagnostic::Severity::Error);
    let warnings = count(wire::diagnostic::Severity::Warning);
    for diagnostic in answer.diagnostics() {
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
        _ => debug!(diagnostic_summary = summary, "answered with a diagnostic of no severity"),
    }
}

/// The schema. It is known when it is compiled, so nothing but a panic can make it fail.
impl Answer for Encoded {
    fn diagnostics(&self) -> &[wire::Diagnostic] {
        &[]
    }

    fn set_diagnostics(&mut self, diagnostics: Vec<wire::Diagnostic>) {
        *self = Self::new(&wire::get_provider_schema::Response { diagnostics, ..Default::default() });
    }
}

macro_rules! answers {
    ($($response:path),+ $(,)?) => {
        $(impl Answer for $response {
            fn diagnostics(&self) -> &[wire::Diagnostic] {
                &self.diagnostics
            }

            fn set_diagnostics(&mut self, diagnostics: Vec<wire::Diagnostic>) {
                self.diagnostics = diagnostics;
            }
        })+
    };
}

answers!(
    wire::get_metadata::Response,
    wire::get_resource_identity_schemas::Response,
    wire::get_functions::Response,
    wire::validate_provider_config::Response,
    wire::validate_resource_config::Response,
    wire::upgrade_resource_state::Response,
    wire::upgrade_resource_identity::Response,
    wire::configure_provider::Response,
    wire::read_resource::Response,
    wire::plan_resource_change::Response,
    wire::apply_resource_change::Response,
    wire::import_resource_state::Response,
    wire::move_resource_state::Response,
);
