//! The methods of the provider service: each decodes, makes one call to the provider, and encodes.
//!
//! Methods for what this provider does not offer (data sources, ephemeral resources, lists, actions, state stores)
//! are not here, and `build.rs` leaves them out of the server, which answers UNIMPLEMENTED to whatever it does not
//! know. Terraform never calls them, since the schema lists none.

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

use super::dispatch::{self, Answer, CallInfo};
use super::{from_wire, schema_to_wire, stored_state, to_wire};

/// The provider behind the wire.
#[derive(Clone)]
pub struct Service {
    provider: Arc<Provider>,
    schema: Arc<OnceLock<Encoded>>,
}

type Served<A> = Result<Response<A>, Status>;

impl Service {
    /// Serves this provider.
    pub fn new(provider: Provider) -> Self {
        Self { provider: Arc::new(provider), schema: Arc::default() }
    }

    /// The provider of the connection that a request came through. Without a connection, as in a test that calls the
    /// service itself, there is one for all.
    fn provider<T>(&self, request: &Request<T>) -> Arc<Provider> {
        let state = request.extensions().get::<ConnectionState>();
        let of_connection =
            state.and_then(|state| state.get_or_init(|| Arc::new(self.provider.for_another_connection())));
        Arc::clone(of_connection.unwrap_or(&self.provider))
    }

    /// Runs a call that concerns a resource type, or none if `resource_type` is empty. A failure leaves nothing but
    /// its diagnostics in the answer.
    async fn run<A, F>(
        &self,
        rpc: &'static str,
        resource_type: String,
        work: impl FnOnce(Arc<Provider>) -> F,
    ) -> Served<A>
    where
        A: Answer,
        F: Future<Output = Result<A, Diagnostics>> + Send + 'static,
    {
        run_or_keep(A::default(), rpc, resource_type, work(Arc::clone(&self.provider))).await
    }
}

/// Runs a call; a failure leaves `unchanged` with its diagnostics.
async fn run_or_keep<A, F>(unchanged: A, rpc: &'static str, resource_type: String, work: F) -> Served<A>
where
    A: Answer,
    F: Future<Output = Result<A, Diagnostics>> + Send + 'static,
{
    let call = CallInfo { rpc, provider: Provider::ADDRESS, resource_type };
    dispatch::run(call, unchanged, work).await
}

#[async_trait]
impl wire::provider_server::Provider for Service {
    async fn get_metadata(
        &self,
        _request: Request<wire::get_metadata::Request>,
    ) -> Served<wire::get_metadata::Response> {
        self.run("GetMetadata", String::new(), |provider| async move {
            let resources = provider.definitions().map(|definition| wire::get_metadata::ResourceMetadata {
                type_name: definition.type_name.to_owned(),
            });
            Ok(wire::get_metadata::Response {
                server_capabilities: Some(server_capabilities()),
                resources: resources.collect(),
                ..Default::default()
            })
        })
        .await
    }

    async fn get_provider_schema(
        &self,
        _request: Request<wire::get_provider_schema::Request>,
    ) -> Served<Encoded> {
        let encoded = Arc::clone(&self.schema);
        self.run("GetProviderSchema", String::new(), |provider| async move {
            Ok(encoded.get_or_init(|| Encoded::new(&schemas(&provider))).clone())
        })
        .await
    }

    async fn get_resource_identity_schemas(
        &self,
        _request: Request<wire::get_resource_identity_schemas::Request>,
    ) -> Served<wire::get_resource_identity_schemas::Response> {
        self.run("GetResourceIdentitySchemas", String::new(), |provider| async move {
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
    ) -> Served<wire::get_functions::Response> {
        self.run("GetFunctions", String::new(), |_| async { Ok(wire::get_functions::Response::default()) })
            .await
    }

    async fn call_function(
        &self,
        request: Request<wire::call_function::Request>,
    ) -> Served<wire::call_function::Response> {
        let text = format!("This provider has no function named {:?}.", request.into_inner().name);
        let error = Some(wire::FunctionError { text, function_argument: None });
        Ok(Response::new(wire::call_function::Response { result: None, error }))
    }

    async fn validate_provider_config(
        &self,
        request: Request<wire::validate_provider_config::Request>,
    ) -> Served<wire::validate_provider_config::Response> {
        let request = request.into_inner();
        self.run("ValidateProviderConfig", String::new(), |provider| async move {
            let config = from_wire::value(request.config.as_ref(), provider.ty(), "provider configuration")?;
            let diagnostics = dispatch::off_thread(move || provider.validate(&config)).await;
            Ok(wire::validate_provider_config::Response { diagnostics: to_wire::diagnostics(diagnostics) })
        })
        .await
    }

    async fn configure_provider(
        &self,
        request: Request<wire::configure_provider::Request>,
    ) -> Served<wire::configure_provider::Response> {
        let provider = self.provider(&request);
        let request = request.into_inner();
        run_or_keep(
            wire::configure_provider::Response::default(),
            "ConfigureProvider",
            String::new(),
            async move {
                let config =
                    from_wire::value(request.config.as_ref(), provider.ty(), "provider configuration")?;
                let configure = move || provider.configure(&config, &request.terraform_version);
                let diagnostics = dispatch::off_thread(configure).await;
                Ok(wire::configure_provider::Response { diagnostics: to_wire::diagnostics(diagnostics) })
            },
        )
        .await
    }

    async fn validate_resource_config(
        &self,
        request: Request<wire::validate_resource_config::Request>,
    ) -> Served<wire::validate_resource_config::Response> {
        let request = request.into_inner();
        self.run("ValidateResourceConfig", request.type_name.clone(), |provider| async move {
            let resource = provider.resource(&request.type_name)?;
            let config =
                from_wire::value(request.config.as_ref(), &resource.definition().ty, "configuration")?;
            let diagnostics = to_wire::diagnostics(resource.validate(&config));
            Ok(wire::validate_resource_config::Response { diagnostics })
        })
        .await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<wire::upgrade_resource_state::Request>,
    ) -> Served<wire::upgrade_resource_state::Response> {
        let request = request.into_inner();
        self.run("UpgradeResourceState", request.type_name.clone(), |provider| async move {
            stored_state::upgrade(&provider, &request)
        })
        .await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<wire::upgrade_resource_identity::Request>,
    ) -> Served<wire::upgrade_resource_identity::Response> {
        let request = request.into_inner();
        self.run("UpgradeResourceIdentity", request.type_name.clone(), |provider| async move {
            let definition = provider.resource(&request.type_name)?.definition();
            let ty = &definition.identity_ty;
            let identity = from_wire::raw_state(request.raw_identity.as_ref(), ty, "stored identity")?;
            let identity = (!identity.is_null()).then_some(identity);
            let mut diagnostics = Diagnostics::new();
            Ok(wire::upgrade_resource_identity::Response {
                upgraded_identity: to_wire::identity(identity.as_ref(), definition, &mut diagnostics),
                diagnostics: to_wire::diagnostics(diagnostics),
            })
        })
        .await
    }

    async fn read_resource(
        &self,
        request: Request<wire::read_resource::Request>,
    ) -> Served<wire::read_resource::Response> {
        let provider = self.provider(&request);
        let request = request.into_inner();
        let unchanged = wire::read_resource::Response {
            new_state: request.current_state.clone(),
            private: request.private.clone(),
            new_identity: request.current_identity.clone(),
            ..Default::default()
        };
        let stop = provider.stop_signal();
        run_or_keep(unchanged, "ReadResource", request.type_name.clone(), async move {
            let resource = provider.resource(&request.type_name)?;
            let definition = resource.definition();
            let request = from_wire::read_request(request, definition)?;
            let session = provider.session()?;
            let answer = unless_stopped(stop.clone(), resource.read(&session, stop, request)).await?;
            Ok(to_wire::read_response(answer, definition))
        })
        .await
    }

    async fn plan_resource_change(
        &self,
        request: Request<wire::plan_resource_change::Request>,
    ) -> Served<wire::plan_resource_change::Response> {
        let provider = self.provider(&request);
        let request = request.into_inner();
        let stop = provider.stop_signal();
        run_or_keep(
            wire::plan_resource_change::Response::default(),
            "PlanResourceChange",
            request.type_name.clone(),
            async move {
                let resource = provider.resource(&request.type_name)?;
                let definition = resource.definition();
                let request = from_wire::plan_request(request, definition)?;
                // While the provider is not configured, or not completely, a plan says what can be known offline.
                let session = provider.session().ok();
                let plan = resource.plan(session.as_deref(), stop.clone(), request);
                Ok(to_wire::plan_response(unless_stopped(stop, plan).await?, definition))
            },
        )
        .await
    }

    async fn apply_resource_change(
        &self,
        request: Request<wire::apply_resource_change::Request>,
    ) -> Served<wire::apply_resource_change::Response> {
        let provider = self.provider(&request);
        let request = request.into_inner();
        let unchanged = wire::apply_resource_change::Response {
            new_state: request.prior_state.clone(),
            private: PRIVATE_MARKER.to_vec(),
            new_identity: request.planned_identity.clone(),
            ..Default::default()
        };
        let stop = provider.stop_signal();
        run_or_keep(unchanged, "ApplyResourceChange", request.type_name.clone(), async move {
            let resource = provider.resource(&request.type_name)?;
            let definition = resource.definition();
            let request = from_wire::apply_request(request, definition)?;
            let session = provider.session()?;
            let answer = resource.apply(&session, stop, request).await;
            Ok(to_wire::apply_response(answer, definition))
        })
        .await
    }

    async fn import_resource_state(
        &self,
        request: Request<wire::import_resource_state::Request>,
    ) -> Served<wire::import_resource_state::Response> {
        let provider = self.provider(&request);
        let request = request.into_inner();
        let stop = provider.stop_signal();
        run_or_keep(
            wire::import_resource_state::Response::default(),
            "ImportResourceState",
            request.type_name.clone(),
            async move {
                let resource = provider.resource(&request.type_name)?;
                let definition = resource.definition();
                let target = from_wire::import_target(request, definition)?;
                let session = provider.session()?;
                let answer = unless_stopped(stop.clone(), resource.import(&session, stop, target)).await?;
                Ok(to_wire::import_response(answer, definition))
            },
        )
        .await
    }

    async fn move_resource_state(
        &self,
        request: Request<wire::move_resource_state::Request>,
    ) -> Served<wire::move_resource_state::Response> {
        let request = request.into_inner();
        self.run("MoveResourceState", request.target_type_name.clone(), |provider| async move {
            stored_state::take_over(&provider, &request)
        })
        .await
    }

    async fn stop_provider(
        &self,
        request: Request<wire::stop_provider::Request>,
    ) -> Served<wire::stop_provider::Response> {
        tracing::debug!("Terraform asks running calls to stop");
        self.provider(&request).stop();
        Ok(Response::new(wire::stop_provider::Response::default()))
    }
}

/// Reads and plans may be given up at any moment: nothing is lost by asking again.
async fn unless_stopped<T>(mut stop: StopSignal, work: impl Future<Output = T>) -> Result<T, Diagnostics> {
    tokio::select! {
        done = work => Ok(done),
        () = stop.stopped() => Err(Diagnostic::error(
            "The operation was interrupted",
            "Terraform asked the provider to stop. The state is unchanged.",
        )
        .into()),
    }
}

fn schemas(provider: &Provider) -> wire::get_provider_schema::Response {
    let resources = provider
        .definitions()
        .map(|definition| (definition.type_name.to_owned(), schema_to_wire::schema(&definition.schema)));
    wire::get_provider_schema::Response {
        provider: Some(schema_to_wire::schema(provider.schema())),
        resource_schemas: resources.collect(),
        server_capabilities: Some(server_capabilities()),
        ..Default::default()
    }
}

/// `plan_destroy`: a destroy is planned by us too. `move_resource_state`: a configuration may take the provider from
/// another registry host. The schema need not be read first in each process.
fn server_capabilities() -> wire::ServerCapabilities {
    wire::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: false,
    }
}
