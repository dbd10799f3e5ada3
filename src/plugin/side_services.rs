//! The services that go-plugin, Terraform's plugin library, expects in addition to the provider: controller, stdio,
//! broker and health. None of them uses the provider.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio_stream::Stream;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, Streaming};

use crate::plugin::shutdown::ShutdownSignal;
use crate::wire::go_plugin::grpc_broker_server::{GrpcBroker, GrpcBrokerServer};
use crate::wire::go_plugin::grpc_controller_server::{GrpcController, GrpcControllerServer};
use crate::wire::go_plugin::grpc_stdio_server::{GrpcStdio, GrpcStdioServer};
use crate::wire::go_plugin::{ConnInfo, Empty, StdioData};
use crate::wire::health::health_check_response::ServingStatus;
use crate::wire::health::health_server::{Health, HealthServer};
use crate::wire::health::{HealthCheckRequest, HealthCheckResponse};

/// The service name in go-plugin's health checks.
const PLUGIN_SERVICE: &str = "plugin";

/// The service with which Terraform ends the process.
pub fn controller(shutdown: &ShutdownSignal) -> GrpcControllerServer<Controller> {
    GrpcControllerServer::new(Controller(shutdown.clone()))
}

/// The stream for a plugin's output. Terraform opens it and reports any message as unexpected, so none is sent.
pub fn stdio(shutdown: &ShutdownSignal) -> GrpcStdioServer<Stdio> {
    GrpcStdioServer::new(Stdio(shutdown.clone()))
}

/// The stream for further connections. Terraform opens it and never uses it for providers.
pub fn broker(shutdown: &ShutdownSignal) -> GrpcBrokerServer<Broker> {
    GrpcBrokerServer::new(Broker(shutdown.clone()))
}

/// The service that answers health checks.
pub fn health(shutdown: &ShutdownSignal) -> HealthServer<PluginHealth> {
    HealthServer::new(PluginHealth(shutdown.clone()))
}

/// `plugin.GRPCController`
pub struct Controller(ShutdownSignal);

#[tonic::async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.0.trigger();
        Ok(Response::new(Empty {}))
    }
}

/// `plugin.GRPCStdio`
pub struct Stdio(ShutdownSignal);

#[tonic::async_trait]
impl GrpcStdio for Stdio {
    type StreamStdioStream = BoxStream<StdioData>;

    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<BoxStream<StdioData>>, Status> {
        Ok(Response::new(Box::pin(OpenUntilShutdown::silent(&self.0, ()))))
    }
}

/// `plugin.GRPCBroker`
pub struct Broker(ShutdownSignal);

#[tonic::async_trait]
impl GrpcBroker for Broker {
    type StartStreamStream = BoxStream<ConnInfo>;

    async fn start_stream(
        &self,
        request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<BoxStream<ConnInfo>>, Status> {
        // Dropping the client's half would reset the stream, which the client expects to stay open.
        Ok(Response::new(Box::pin(OpenUntilShutdown::silent(&self.0, request.into_inner()))))
    }
}

/// `grpc.health.v1.Health`
pub struct PluginHealth(ShutdownSignal);

#[tonic::async_trait]
impl Health for PluginHealth {
    type WatchStream = BoxStream<HealthCheckResponse>;

    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        match serving_status(&request.get_ref().service) {
            ServingStatus::ServiceUnknown => Err(Status::not_found("the only service is \"plugin\"")),
            status => Ok(Response::new(HealthCheckResponse { status: status.into() })),
        }
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<BoxStream<HealthCheckResponse>>, Status> {
        let status = serving_status(&request.get_ref().service).into();
        Ok(Response::new(Box::pin(OpenUntilShutdown::after(HealthCheckResponse { status }, &self.0))))
    }
}

/// The empty name means the whole server.
fn serving_status(service: &str) -> ServingStatus {
    match service {
        "" | PLUGIN_SERVICE => ServingStatus::Serving,
        _ => ServingStatus::ServiceUnknown,
    }
}

/// A stream that stays open until the shutdown, with at most one message at its start. It has to end then, because
/// the server waits for open streams before it closes a connection.
struct OpenUntilShutdown<T, K> {
    first: Option<T>,
    stopped: Pin<Box<dyn Future<Output = ()> + Send>>,
    // Dropped with the stream.
    _kept: K,
}

impl<T, K> OpenUntilShutdown<T, K> {
    fn silent(shutdown: &ShutdownSignal, kept: K) -> Self {
        Self { first: None, stopped: Box::pin(shutdown.triggered()), _kept: kept }
    }
}

impl<T> OpenUntilShutdown<T, ()> {
    fn after(first: T, shutdown: &ShutdownSignal) -> Self {
        Self { first: Some(first), stopped: Box::pin(shutdown.triggered()), _kept: () }
    }
}

impl<T: Unpin, K: Unpin> Stream for OpenUntilShutdown<T, K> {
    type Item = Result<T, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        self.stopped.as_mut().poll(cx).map(|()| None)
    }
}
