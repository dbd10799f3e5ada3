//! The services that go-plugin, the library on Terraform's side, expects beside the provider: controller, stdio,
//! broker and health. None of them touches the provider.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio_stream::Stream;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, Streaming};

use crate::plugin::stop::Stop;
use crate::wire::go_plugin::grpc_broker_server::{GrpcBroker, GrpcBrokerServer};
use crate::wire::go_plugin::grpc_controller_server::{GrpcController, GrpcControllerServer};
use crate::wire::go_plugin::grpc_stdio_server::{GrpcStdio, GrpcStdioServer};
use crate::wire::go_plugin::{ConnInfo, Empty, StdioData};
use crate::wire::health::health_check_response::ServingStatus;
use crate::wire::health::health_server::{Health, HealthServer};
use crate::wire::health::{HealthCheckRequest, HealthCheckResponse};

/// The name by which go-plugin asks for the plugin's health.
const PLUGIN_SERVICE: &str = "plugin";

/// Ends the process when Terraform is done with it.
pub fn controller(stop: &Stop) -> GrpcControllerServer<Controller> {
    GrpcControllerServer::new(Controller(stop.clone()))
}

/// Would carry what a plugin prints. Terraform opens it, and reports anything that arrives as unexpected.
pub fn stdio(stop: &Stop) -> GrpcStdioServer<Stdio> {
    GrpcStdioServer::new(Stdio(stop.clone()))
}

/// Would open further connections. Terraform opens it and never uses it for providers.
pub fn broker(stop: &Stop) -> GrpcBrokerServer<Broker> {
    GrpcBrokerServer::new(Broker(stop.clone()))
}

/// Answers explicit pings.
pub fn health(stop: &Stop) -> HealthServer<HealthOfPlugin> {
    HealthServer::new(HealthOfPlugin(stop.clone()))
}

/// `plugin.GRPCController`
pub struct Controller(Stop);

#[tonic::async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.0.request();
        Ok(Response::new(Empty {}))
    }
}

/// `plugin.GRPCStdio`
pub struct Stdio(Stop);

#[tonic::async_trait]
impl GrpcStdio for Stdio {
    type StreamStdioStream = BoxStream<StdioData>;

    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<BoxStream<StdioData>>, Status> {
        Ok(Response::new(Box::pin(OpenUntilStop::silent(&self.0, ()))))
    }
}

/// `plugin.GRPCBroker`
pub struct Broker(Stop);

#[tonic::async_trait]
impl GrpcBroker for Broker {
    type StartStreamStream = BoxStream<ConnInfo>;

    async fn start_stream(
        &self,
        request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<BoxStream<ConnInfo>>, Status> {
        // The client's half is kept: dropping it would reset the stream that the client expects to stay.
        Ok(Response::new(Box::pin(OpenUntilStop::silent(&self.0, request.into_inner()))))
    }
}

/// `grpc.health.v1.Health`
pub struct HealthOfPlugin(Stop);

#[tonic::async_trait]
impl Health for HealthOfPlugin {
    type WatchStream = BoxStream<HealthCheckResponse>;

    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        match status_of(&request.get_ref().service) {
            ServingStatus::ServiceUnknown => Err(Status::not_found("only the service \"plugin\" is known")),
            status => Ok(Response::new(HealthCheckResponse { status: status.into() })),
        }
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<BoxStream<HealthCheckResponse>>, Status> {
        let status = status_of(&request.get_ref().service).into();
        Ok(Response::new(Box::pin(OpenUntilStop::after(HealthCheckResponse { status }, &self.0))))
    }
}

/// The empty name stands for the server as a whole.
fn status_of(service: &str) -> ServingStatus {
    match service {
        "" | PLUGIN_SERVICE => ServingStatus::Serving,
        _ => ServingStatus::ServiceUnknown,
    }
}

/// A stream that stays open until the process ends, with at most one message at its start. Its end matters: the
/// server waits for open streams before it lets go of a connection.
struct OpenUntilStop<T, K> {
    first: Option<T>,
    stopped: Pin<Box<dyn Future<Output = ()> + Send>>,
    // Lives as long as the stream.
    _kept: K,
}

impl<T, K> OpenUntilStop<T, K> {
    fn silent(stop: &Stop, kept: K) -> Self {
        Self { first: None, stopped: Box::pin(stop.requested()), _kept: kept }
    }
}

impl<T> OpenUntilStop<T, ()> {
    fn after(first: T, stop: &Stop) -> Self {
        Self { first: Some(first), stopped: Box::pin(stop.requested()), _kept: () }
    }
}

impl<T: Unpin, K: Unpin> Stream for OpenUntilStop<T, K> {
    type Item = Result<T, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        self.stopped.as_mut().poll(cx).map(|()| None)
    }
}
