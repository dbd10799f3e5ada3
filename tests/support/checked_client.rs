//! The gRPC client of in-process tests. It checks each response like the newest Terraform before the test sees it, so
//! the tests accept nothing that a client would reject.
//!
//! Like Terraform, it does not check a plan with errors, but always checks a state, because that is stored.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use terraform_provider_defender::protocol::service::ProviderService;
use terraform_provider_defender::protocol::{msgpack, type_json};
use terraform_provider_defender::terraform::ty::Type;
use terraform_provider_defender::terraform::value::Value;
use terraform_provider_defender::wire::tfplugin6 as wire;
use terraform_provider_defender::wire::tfplugin6::diagnostic::Severity;
use terraform_provider_defender::wire::tfplugin6::provider_client::ProviderClient;
use terraform_provider_defender::wire::tfplugin6::provider_server::ProviderServer;
use tokio::sync::OnceCell;
use tonic::{Response, Status};

use super::conformance::{block_type, problems_of_plan, problems_of_result};

type Raw = ProviderClient<ProviderServer<ProviderService>>;
type RpcResult<T> = Result<Response<T>, Status>;

/// A client of one provider. Clones share it.
#[derive(Clone)]
pub struct Client {
    raw: Raw,
    types: Arc<OnceCell<HashMap<String, ResourceType>>>,
}

/// A resource type as the provider describes it.
struct ResourceType {
    block: wire::schema::Block,
    state: Type,
    identity: Type,
    /// The attributes of the identity that an import requires.
    identifying: Vec<String>,
}

impl Client {
    pub fn new(raw: Raw) -> Self {
        Self { raw, types: Arc::default() }
    }

    pub async fn plan_resource_change(
        &mut self,
        request: wire::plan_resource_change::Request,
    ) -> RpcResult<wire::plan_resource_change::Response> {
        let response = self.raw.plan_resource_change(request.clone()).await?;
        if let Some(ty) = self.types().await.get(&request.type_name) {
            ty.check_plan(&request, response.get_ref());
        }
        Ok(response)
    }

    pub async fn apply_resource_change(
        &mut self,
        request: wire::apply_resource_change::Request,
    ) -> RpcResult<wire::apply_resource_change::Response> {
        let response = self.raw.apply_resource_change(request.clone()).await?;
        if let Some(ty) = self.types().await.get(&request.type_name) {
            ty.check_apply(&request, response.get_ref());
        }
        Ok(response)
    }

    pub async fn read_resource(
        &mut self,
        request: wire::read_resource::Request,
    ) -> RpcResult<wire::read_resource::Response> {
        let response = self.raw.read_resource(request.clone()).await?;
        let answer = response.get_ref();
        // A failed read returns the current state.
        let is_kept = answer.new_state == request.current_state && failed(&answer.diagnostics);
        if let Some(ty) = self.types().await.get(&request.type_name).filter(|_| !is_kept) {
            ty.check_state("a read", answer.new_state.as_ref(), answer.new_identity.as_ref());
        }
        Ok(response)
    }

    pub async fn import_resource_state(
        &mut self,
        request: wire::import_resource_state::Request,
    ) -> RpcResult<wire::import_resource_state::Response> {
        let response = self.raw.import_resource_state(request).await?;
        for imported in &response.get_ref().imported_resources {
            let types = self.types().await;
            let ty = types.get(&imported.type_name).expect("an import is of a type of this provider");
            ty.check_state("an import", imported.state.as_ref(), imported.identity.as_ref());
            assert!(imported.identity.is_some(), "an import without identity");
        }
        Ok(response)
    }

    pub async fn upgrade_resource_state(
        &mut self,
        request: wire::upgrade_resource_state::Request,
    ) -> RpcResult<wire::upgrade_resource_state::Response> {
        let response = self.raw.upgrade_resource_state(request.clone()).await?;
        if let Some(ty) = self.types().await.get(&request.type_name) {
            ty.check_state("an upgrade", response.get_ref().upgraded_state.as_ref(), None);
        }
        Ok(response)
    }

    pub async fn move_resource_state(
        &mut self,
        request: wire::move_resource_state::Request,
    ) -> RpcResult<wire::move_resource_state::Response> {
        let response = self.raw.move_resource_state(request.clone()).await?;
        let answer = response.get_ref();
        if let Some(ty) = self.types().await.get(&request.target_type_name) {
            ty.check_state("a move", answer.target_state.as_ref(), answer.target_identity.as_ref());
        }
        let is_moved = answer.target_state.is_some();
        assert_ne!(
            is_moved,
            failed(&answer.diagnostics),
            "Terraform plans a create if a move returns no state"
        );
        Ok(response)
    }

    /// Fetches the schemas once, like Terraform.
    async fn types(&self) -> &HashMap<String, ResourceType> {
        self.types.get_or_init(|| types(self.raw.clone())).await
    }
}

impl Deref for Client {
    type Target = Raw;

    fn deref(&self) -> &Raw {
        &self.raw
    }
}

impl DerefMut for Client {
    fn deref_mut(&mut self) -> &mut Raw {
        &mut self.raw
    }
}

async fn types(mut raw: Raw) -> HashMap<String, ResourceType> {
    let schemas = raw.get_provider_schema(wire::get_provider_schema::Request {}).await.unwrap().into_inner();
    let identities = wire::get_resource_identity_schemas::Request {};
    let mut identities =
        raw.get_resource_identity_schemas(identities).await.unwrap().into_inner().identity_schemas;
    let described = schemas.resource_schemas.into_iter().map(|(name, schema)| {
        let identity = identities.remove(&name).expect("every resource type has an identity");
        let ty = ResourceType::new(schema.block.expect("every schema has a block"), &identity);
        (name, ty)
    });
    described.collect()
}

impl ResourceType {
    fn new(block: wire::schema::Block, identity: &wire::ResourceIdentitySchema) -> Self {
        let attributes = &identity.identity_attributes;
        let members = attributes.iter().map(|part| (&part.name, type_json::decode(&part.r#type).unwrap()));
        let identifying = attributes.iter().filter(|part| part.required_for_import);
        Self {
            state: block_type(&block),
            identity: Type::object(members),
            identifying: identifying.map(|part| part.name.clone()).collect(),
            block,
        }
    }

    fn check_plan(
        &self,
        request: &wire::plan_resource_change::Request,
        answer: &wire::plan_resource_change::Response,
    ) {
        self.check_identity("a plan", answer.planned_identity.as_ref());
        assert!(!answer.legacy_type_system, "the legacy type system disables Terraform's checks");
        if failed(&answer.diagnostics) {
            return;
        }
        let [prior, config] = [&request.prior_state, &request.config].map(|value| self.value(value.as_ref()));
        let planned = self.value(answer.planned_state.as_ref());
        assert_no_problems("a plan", &problems_of_plan(&self.block, &prior, &config, &planned));
        for path in &answer.requires_replace {
            let step = path.steps.first().and_then(|step| step.selector.as_ref());
            let Some(wire::attribute_path::step::Selector::AttributeName(name)) = step else {
                panic!("a path of requires_replace begins with an attribute, not {step:?}")
            };
            assert!(planned.attribute(name).is_some(), "{name} of requires_replace does not exist");
        }
    }

    fn check_apply(
        &self,
        request: &wire::apply_resource_change::Request,
        answer: &wire::apply_resource_change::Response,
    ) {
        let is_kept = answer.new_state == request.prior_state && failed(&answer.diagnostics);
        if is_kept {
            return;
        }
        self.check_state("an apply", answer.new_state.as_ref(), answer.new_identity.as_ref());
        if !failed(&answer.diagnostics) {
            let planned = self.value(request.planned_state.as_ref());
            assert_no_problems(
                "an apply",
                &problems_of_result(&planned, &self.value(answer.new_state.as_ref())),
            );
        }
    }

    fn check_state(
        &self,
        of: &str,
        state: Option<&wire::DynamicValue>,
        identity: Option<&wire::ResourceIdentityData>,
    ) {
        let value = self.value(state);
        assert!(value.is_wholly_known(), "the state of {of} must be wholly known: {value:?}");
        self.check_identity(of, identity);
    }

    /// Terraform accepts unknown attributes of an identity in the plan of a create, but then cannot store them.
    /// OpenTofu rejects them.
    fn check_identity(&self, of: &str, identity: Option<&wire::ResourceIdentityData>) {
        let Some(data) = identity.and_then(|identity| identity.identity_data.as_ref()) else { return };
        let value =
            msgpack::decode(&data.msgpack, &self.identity).expect("an identity conforms to its schema");
        assert!(value.is_wholly_known(), "the identity of {of} must be null or wholly known: {value:?}");
        for name in &self.identifying {
            let part = value.attribute(name);
            assert!(
                part.is_none_or(|part| !part.is_null()),
                "{name} in the identity of {of} must not be null"
            );
        }
    }

    fn value(&self, value: Option<&wire::DynamicValue>) -> Value {
        let decoded = value.map(|value| msgpack::decode(&value.msgpack, &self.state));
        decoded.map_or(Value::Null, |decoded| decoded.expect("a value conforms to its schema"))
    }
}

fn failed(diagnostics: &[wire::Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity() == Severity::Error)
}

fn assert_no_problems(of: &str, problems: &[String]) {
    assert!(problems.is_empty(), "Terraform would reject {of}:\n{}", problems.join("\n"));
}
