//! The methods of the provider service: each decodes the request, makes one call to the provider, and encodes the
//! response.
//!
//! Methods for features that this provider does not offer (ephemeral resources, lists, actions, state stores) are
//! missing. `build.rs` omits them from the server, which answers UNIMPLEMENTED. Terraform never calls
//! them, because the schema lists no such feature.

use std::future::Future;
use std::sync::{Arc, OnceLock};

use tonic::{Request, Response, Status, async_trait};

use crate::provider::Provider;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::managed_resource::PRIVATE_MARKER;
use crate::terraform::stop::StopSignal;
use crate::wire::connection_state::ConnectionState;
use crate::wire::encoded::Encoded;
use crate::wire::tfplugin6 as wire;

use super::dispatch::{self, CallInfo, RpcResponse, Subject};
use super::{from_wire, function_call, offered, schema_to_wire, stored_state, to_wire};

/// The gRPC service of a provider.
#[derive(Clone)]
pub struct ProviderService {
    provider: Arc<Provider>,
    schema: Arc<OnceLock<Encoded>>,
}

type RpcResult<A> = Result<Response<A>, Status>;

impl ProviderService {
    /// A service for this provider.
    pub fn new(provider: Provider) -> Self {
        Self { provider: Arc::new(provider), schema: Arc::default() }
    }

    /// The provider of the request's connection. Requests without a connection, as in tests that call the service
    /// directly, share one provider.
    fn provider<T>(&self, request: &Request<T>) -> Arc<Provider> {
        let state = request.extensions().get::<ConnectionState>();
        let per_connection =
            state.and_then(|state| state.get_or_init(|| Arc::new(self.provider.for_another_connection())));
        Arc::clone(per_connection.unwrap_or(&self.provider))
    }

    /// Runs an RPC whose response, if it fails, contains nothing but diagnostics.
    async fn run<A, F>(
        &self,
        rpc: &'static str,
        subject: Option<Subject>,
        work: impl FnOnce(Arc<Provider>) -> F,
    ) -> RpcResult<A>
    where
        A: RpcResponse,
        F: Future<Output = Result<A, Diagnostics>> + Send + 'static,
    {
        run_or_keep(A::default(), rpc, subject, work(Arc::clone(&self.provider))).await
    }
}

/// Runs an RPC whose response, if it fails, is `unchanged` with the diagnostics.
async fn run_or_keep<A, F>(unchanged: A, rpc: &'static str, subject: Option<Subject>, work: F) -> RpcResult<A>
where
    A: RpcResponse,
    F: Future<Output = Result<A, Diagnostics>> + Send + 'static,
{
    let call = CallInfo { rpc, provider: Provider::ADDRESS, subject };
    dispatch::run(call, unchanged, work).await
}

#[async_trait]
impl wire::provider_server::Provider for ProviderService {
    async fn get_metadata(
        &self,
        _request: Request<wire::get_metadata::Request>,
    ) -> RpcResult<wire::get_metadata::Response> {
        self.run("GetMetadata", None, |provider| async move { Ok(offered::metadata(&provider)) }).await
    }

    async fn get_provider_schema(
        &self,
        _request: Request<wire::get_provider_schema::Request>,
    ) -> RpcResult<Encoded> {
        let encoded = Arc::clone(&self.schema);
        self.run("GetProviderSchema", None, |provider| async move {
            Ok(encoded.get_or_init(|| Encoded::new(&offered::schemas(&provider))).clone())
        })
        .await
    }

    async fn get_resource_identity_schemas(
        &self,
        _request: Request<wire::get_resource_identity_schemas::Request>,
    ) -> RpcResult<wire::get_resource_identity_schemas::Response> {
        self.run("GetResourceIdentitySchemas", None, |provider| async move {
            let schemas = provider.definitions().map(|definition| {
                (
                    definition.type_name.to_owned(),
                    schema_to_wire::identity_schema(&definition.identity_schema),
                )
            });
            Ok(wire::get_resource_identity_schemas::Response {
                identity_schemas: schemas.collect(),
                ..Default::default()
            })
        })
        .await
    }

    async fn get_functions(
        &self,
        _request: Request<wire::get_functions::Request>,
    ) -> RpcResult<wire::get_functions::Response> {
        self.run("GetFunctions", None, |provider| async move {
            Ok(wire::get_functions::Response {
                functions: offered::functions(&provider),
                ..Default::default()
            })
        })
        .await
    }

    async fn call_function(
        &self,
        request: Request<wire::call_function::Request>,
    ) -> RpcResult<wire::call_function::Response> {
        let request = request.into_inner();
        self.run("CallFunction", Some(Subject::Function(request.name.clone())), |provider| async move {
            Ok(function_call::call(&provider, &request))
        })
        .await
    }

    async fn validate_provider_config(
        &self,
        request: Request<wire::validate_provider_config::Request>,
    ) -> RpcResult<wire::validate_provider_config::Response> {
        let request = request.into_inner();
        self.run("ValidateProviderConfig", None, |provider| async move {
            let config = from_wire::value(request.config.as_ref(), provider.ty(), "provider configuration")?;
            let diagnostics = dispatch::run_blocking(move || provider.validate(&config)).await;
            Ok(wire::validate_provider_config::Response { diagnostics: to_wire::diagnostics(diagnostics) })
        })
        .await
    }

    async fn configure_provider(
        &self,
        request: Request<wire::configure_provider::Request>,
    ) -> RpcResult<wire::configure_provider::Response> {
        let provider = self.provider(&request);
        let request = request.into_inner();
        run_or_keep(wire::configure_provider::Response::default(), "ConfigureProvider", None, async move {
            let config = from_wire::value(request.config.as_ref(), provider.ty(), "provider configuration")?;
            let configure = move || provider.configure(&config, &request.terraform_version);
            let diagnostics = dispatch::run_blocking(configure).await;
            Ok(wire::configure_provider::Response { diagnostics: to_wire::diagnostics(diagnostics) })
        })
        .await
    }

    async fn validate_resource_config(
        &self,
        request: Request<wire::validate_resource_config::Request>,
    ) -> RpcResult<wire::validate_resource_config::Response> {
        let request = request.into_inner();
        self.run(
            "ValidateResourceConfig",
            Some(Subject::Resource(request.type_name.clone())),
            |provider| async move {
                let resource = provider.resource(&request.type_name)?;
                let config =
                    from_wire::value(request.config.as_ref(), resource.definition().ty(), "configuration")?;
                let diagnostics =
                    to_wire::diagnostics(resource.validate(
                        &config,
                        from_wire::client_capabilities(request.client_capabilities.as_ref()),
                    ));
                Ok(wire::validate_resource_config::Response { diagnostics })
            },
        )
        .await
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<wire::validate_data_resource_config::Request>,
    ) -> RpcResult<wire::validate_data_resource_config::Response> {
        let request = request.into_inner();
        let subject = Some(Subject::DataSource(request.type_name.clone()));
        self.run("ValidateDataResourceConfig", subject, |provider| async move {
            let source = provider.data_source(&request.type_name)?;
            let config =
                from_wire::value(request.config.as_ref(), source.definition().ty(), "configuration")?;
            let diagnostics = to_wire::diagnostics(source.validate(&config));
            Ok(wire::validate_data_resource_config::Response { diagnostics })
        })
        .await
    }

    async fn read_data_source(
        &self,
        request: Request<wire::read_data_source::Request>,
    ) -> RpcResult<wire::read_data_source::Response> {
        let provider = self.provider(&request);
        let request = request.into_inner();
        let subject = Some(Subject::DataSource(request.type_name.clone()));
        let stop = provider.stop_signal();
        run_or_keep(wire::read_data_source::Response::default(), "ReadDataSource", subject, async move {
            let source = provider.data_source(&request.type_name)?;
            let definition = source.definition();
            let config = from_wire::value(request.config.as_ref(), definition.ty(), "configuration")?;
            let session = provider.session()?;
            let response = cancel_on_stop(stop.clone(), source.read(&session, stop, config)).await?;
            Ok(to_wire::data_source_response(response, definition))
        })
        .await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<wire::upgrade_resource_state::Request>,
    ) -> RpcResult<wire::upgrade_resource_state::Response> {
        let request = request.into_inner();
        self.run(
            "UpgradeResourceState",
            Some(Subject::Resource(request.type_name.clone())),
            |provider| async move { stored_state::upgrade(&provider, &request) },
        )
        .await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<wire::upgrade_resource_identity::Request>,
    ) -> RpcResult<wire::upgrade_resource_identity::Response> {
        let request = request.into_inner();
        self.run(
            "UpgradeResourceIdentity",
            Some(Subject::Resource(request.type_name.clone())),
            |provider| async move {
                let definition = provider.resource(&request.type_name)?.definition();
                let ty = &definition.identity_ty;
                let identity = from_wire::raw_state(request.raw_identity.as_ref(), ty, "stored identity")?;
                let identity = (!identity.is_null()).then_some(identity);
                let mut diagnostics = Diagnostics::new();
                Ok(wire::upgrade_resource_identity::Response {
                    upgraded_identity: to_wire::identity(identity.as_ref(), definition, &mut diagnostics),
                    diagnostics: to_wire::diagnostics(diagnostics),
                })
            },
        )
        .await
    }

    async fn read_resource(
        &self,
        request: Request<wire::read_resource::Request>,
    ) -> RpcResult<wire::read_resource::Response> {
        let provider = self.provider(&request);
        let request = request.into_inner();
        let unchanged = wire::read_resource::Response {
            new_state: request.current_state.clone(),
            private: request.private.clone(),
            new_identity: request.current_identity.clone(),
            ..Default::default()
        };
        let stop = provider.stop_signal();
        run_or_keep(
            unchanged,
            "ReadResource",
            Some(Subject::Resource(request.type_name.clone())),
            async move {
                let resource = provider.resource(&request.type_name)?;
                let definition = resource.definition();
                let request = from_wire::read_request(request, definition)?;
                let session = provider.session()?;
                let response = cancel_on_stop(stop.clone(), resource.read(&session, stop, request)).await?;
                Ok(to_wire::read_response(response, definition))
            },
        )
        .await
    }

    async fn plan_resource_change(
        &self,
        request: Request<wire::plan_resource_change::Request>,
    ) -> RpcResult<wire::plan_resource_change::Response> {
        let provider = self.provider(&request);
        let request = request.into_inner();
        let stop = provider.stop_signal();
        run_or_keep(
            wire::plan_resource_change::Response::default(),
            "PlanResourceChange",
            Some(Subject::Resource(request.type_name.clone())),
            async move {
                let resource = provider.resource(&request.type_name)?;
                let definition = resource.definition();
                let request = from_wire::plan_request(request, definition)?;
                // Terraform also plans while the provider is not, or not completely, configured.
                let session = provider.session().ok();
                let plan = resource.plan(session.as_deref(), stop.clone(), request);
                Ok(to_wire::plan_response(cancel_on_stop(stop, plan).await?, definition))
            },
        )
        .await
    }

    async fn apply_resource_change(
        &self,
        request: Request<wire::apply_resource_change::Request>,
    ) -> RpcResult<wire::apply_resource_change::Response> {
        let provider = self.provider(&request);
        let request = request.into_inner();
        let unchanged = wire::apply_resource_change::Response {
            new_state: request.prior_state.clone(),
            private: PRIVATE_MARKER.to_vec(),
            new_identity: request.planned_identity.clone(),
            ..Default::default()
        };
        let stop = provider.stop_signal();
        run_or_keep(
            unchanged,
            "ApplyResourceChange",
            Some(Subject::Resource(request.type_name.clone())),
            async move {
                let resource = provider.resource(&request.type_name)?;
                let definition = resource.definition();
                let request = from_wire::apply_request(request, definition)?;
                let session = provider.session()?;
                let response = resource.apply(&session, stop, request).await;
                Ok(to_wire::apply_response(response, definition))
            },
        )
        .await
    }

    async fn import_resource_state(
        &self,
        request: Request<wire::import_resource_state::Request>,
    ) -> RpcResult<wire::import_resource_state::Response> {
        let provider = self.provider(&request);
        let request = request.into_inner();
        let stop = provider.stop_signal();
        run_or_keep(
            wire::import_resource_state::Response::default(),
            "ImportResourceState",
            Some(Subject::Resource(request.type_name.clone())),
            async move {
                let resource = provider.resource(&request.type_name)?;
                let definition = resource.definition();
                let target = from_wire::import_target(request, definition)?;
                let session = provider.session()?;
                let response = cancel_on_stop(stop.clone(), resource.import(&session, stop, target)).await?;
                Ok(to_wire::import_response(response, definition))
            },
        )
        .await
    }

    async fn move_resource_state(
        &self,
        request: Request<wire::move_resource_state::Request>,
    ) -> RpcResult<wire::move_resource_state::Response> {
        let request = request.into_inner();
        self.run(
            "MoveResourceState",
            Some(Subject::Resource(request.target_type_name.clone())),
            |provider| async move { stored_state::move_state(&provider, &request) },
        )
        .await
    }

    async fn stop_provider(
        &self,
        request: Request<wire::stop_provider::Request>,
    ) -> RpcResult<wire::stop_provider::Response> {
        tracing::debug!("Terraform asks running calls to stop");
        self.provider(&request).stop();
        Ok(Response::new(wire::stop_provider::Response::default()))
    }
}

/// Cancels `work` when Terraform asks to stop. Only for reads, plans and imports, which can be repeated safely.
async fn cancel_on_stop<T>(mut stop: StopSignal, work: impl Future<Output = T>) -> Result<T, Diagnostics> {
    tokio::select! {
        done = work => Ok(done),
        () = stop.stopped() => Err(Diagnostic::error(
            "The operation was interrupted",
            "Terraform asked the provider to stop. The state is unchanged.",
        )
        .into()),
    }
}
