//! The provider's binary: arguments, log set-up, one call to serve. Everything else is in the library.

use std::process::ExitCode;

use terraform_provider_defender::plugin::arguments::{self, Request};
use terraform_provider_defender::plugin::{self, help, log};

/// The provider in Terraform and in OpenTofu, each of which puts its own registry in front.
const SOURCE_ADDRESS: &str = "defender-atp/defender";

fn main() -> ExitCode {
    match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Request::Serve(mode)) => {
            log::install();
            plugin::serve(mode, SOURCE_ADDRESS, stand_in::Service)
        }
        Ok(Request::Help) => help::print(&help::usage()),
        Ok(Request::Version) => help::print(&help::version()),
        Err(unknown) => help::refuse(&unknown),
    }
}

/// A provider that offers nothing, so that the host can be tried before the protocol layer is in its place.
mod stand_in {
    use terraform_provider_defender::wire::tfplugin6::provider_server::Provider;
    use terraform_provider_defender::wire::tfplugin6::{
        Schema, ServerCapabilities, get_provider_schema, schema, stop_provider,
    };
    use tonic::{Request, Response, Status};

    pub struct Service;

    #[tonic::async_trait]
    impl Provider for Service {
        async fn get_provider_schema(
            &self,
            _: Request<get_provider_schema::Request>,
        ) -> Result<Response<get_provider_schema::Response>, Status> {
            tracing::debug!("Answering with the schema of a provider that offers nothing");
            let provider = Schema { block: Some(schema::Block::default()), ..Schema::default() };
            Ok(Response::new(get_provider_schema::Response {
                provider: Some(provider),
                server_capabilities: Some(ServerCapabilities {
                    get_provider_schema_optional: true,
                    ..ServerCapabilities::default()
                }),
                ..get_provider_schema::Response::default()
            }))
        }

        async fn stop_provider(
            &self,
            _: Request<stop_provider::Request>,
        ) -> Result<Response<stop_provider::Response>, Status> {
            Ok(Response::new(stop_provider::Response::default()))
        }
    }
}
