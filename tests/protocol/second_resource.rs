//! A second resource type needs the trait and an entry in a list, nothing of the protocol; and a panic in one call
//! stays in that call.

use async_trait::async_trait;
use terraform_provider_defender::protocol::msgpack;
use terraform_provider_defender::provider::Provider;
use terraform_provider_defender::provider::registry::Registry;
use terraform_provider_defender::resources::session::Session;
use terraform_provider_defender::terraform::diagnostic::{Diagnostic, Diagnostics};
use terraform_provider_defender::terraform::managed_resource::{Managed, PRIVATE_MARKER};
use terraform_provider_defender::terraform::resource::{
    ImportTarget, Model, OperationFailure, Resource, ResourceCall,
};
use terraform_provider_defender::terraform::schema::{
    Attribute, Block, IdentityAttribute, IdentitySchema, Presence, Schema,
};
use terraform_provider_defender::terraform::ty::Type;
use terraform_provider_defender::terraform::value::Value;
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::in_process::{Client, client, configure_request};

/// Remembers a name; panics, fails or forgets if the name says so.
struct Note;

struct NoteModel(String);

impl Model for NoteModel {
    fn from_value(value: &Value) -> Result<Self, Diagnostic> {
        let name = value.attribute("name").and_then(Value::as_str);
        name.map(|name| Self(name.to_owned())).ok_or_else(|| Diagnostic::error("No name", ""))
    }

    fn to_value(&self) -> Value {
        Value::object([("name", Value::string(&self.0))])
    }
}

#[async_trait]
impl Resource for Note {
    type Session = Session;
    type Model = NoteModel;

    fn type_name(&self) -> &'static str {
        "defender_note"
    }

    fn schema(&self) -> Schema {
        let attributes = vec![Attribute::new("name", Type::String, Presence::Required, "A name.")];
        Schema { version: 0, block: Block { attributes, ..Block::default() } }
    }

    fn identity_schema(&self) -> IdentitySchema {
        let name = IdentityAttribute {
            name: "name",
            ty: Type::String,
            required_for_import: true,
            description: "The name.",
        };
        IdentitySchema { version: 0, attributes: vec![name] }
    }

    fn identity(&self, state: &Value) -> Value {
        Value::object([("name", state.attribute("name").cloned().unwrap_or(Value::Null))])
    }

    async fn create(
        &self,
        call: &mut ResourceCall<'_, Session>,
        planned: NoteModel,
    ) -> Result<NoteModel, OperationFailure<NoteModel>> {
        assert_ne!(planned.0, "panic", "no such note");
        call.warnings.push(Diagnostic::warning("A note was made", ""));
        if planned.0 == "fail" {
            Err(Diagnostics::from(Diagnostic::error("No note today", "")).into())
        } else {
            Ok(planned)
        }
    }

    async fn read(
        &self,
        _call: &mut ResourceCall<'_, Session>,
        current: NoteModel,
    ) -> Result<Option<NoteModel>, Diagnostics> {
        Ok((current.0 != "gone").then_some(current))
    }

    async fn update(
        &self,
        _call: &mut ResourceCall<'_, Session>,
        _prior: NoteModel,
        planned: NoteModel,
    ) -> Result<NoteModel, OperationFailure<NoteModel>> {
        assert_ne!(planned.0, "panic", "no such note");
        let diagnostics = Diagnostics::from(Diagnostic::error("Half done", ""));
        match planned.0.as_str() {
            "fail" => Err(diagnostics.into()),
            "half" => {
                Err(OperationFailure { diagnostics, state: Some(Box::new(NoteModel("other".to_owned()))) })
            }
            _ => Ok(planned),
        }
    }

    async fn delete(
        &self,
        _call: &mut ResourceCall<'_, Session>,
        prior: NoteModel,
    ) -> Result<(), OperationFailure<NoteModel>> {
        assert_ne!(prior.0, "panic", "no such note");
        if prior.0 == "fail" { Err(Diagnostics::from(Diagnostic::error("Kept", "")).into()) } else { Ok(()) }
    }

    async fn import(
        &self,
        _call: &mut ResourceCall<'_, Session>,
        target: ImportTarget,
    ) -> Result<NoteModel, Diagnostics> {
        match target {
            ImportTarget::Id(id) => Ok(NoteModel(id)),
            ImportTarget::Identity(identity) => NoteModel::from_value(&identity).map_err(Into::into),
        }
    }
}

fn ty() -> Type {
    Type::object([("name", Type::String)])
}

fn note(name: &str) -> wire::DynamicValue {
    let msgpack = msgpack::encode(&NoteModel(name.to_owned()).to_value(), &ty()).unwrap();
    wire::DynamicValue { msgpack, json: Vec::new() }
}

/// The name in a state; `None` for null.
fn name(state: Option<&wire::DynamicValue>) -> Option<String> {
    let value = msgpack::decode(&state?.msgpack, &ty()).unwrap();
    NoteModel::from_value(&value).ok().map(|model| model.0)
}

async fn configured() -> Client {
    let provider = Provider::with_registry(Box::new(|_| None), || Registry {
        resources: vec![Box::new(Managed::new(Note))],
        ..Registry::default()
    });
    let mut client = client(provider);
    let config = serde_json::json!({"access_token": "token", "graph_endpoint": "http://127.0.0.1:9"});
    client.configure_provider(configure_request(&config)).await.unwrap();
    client
}

async fn apply(prior: Option<&str>, planned: Option<&str>) -> wire::apply_resource_change::Response {
    let request = wire::apply_resource_change::Request {
        type_name: "defender_note".into(),
        prior_state: prior.map(note),
        planned_state: planned.map(note),
        planned_private: b"private".to_vec(),
        ..Default::default()
    };
    configured().await.apply_resource_change(request).await.unwrap().into_inner()
}

fn summaries(diagnostics: &[wire::Diagnostic]) -> Vec<&str> {
    diagnostics.iter().map(|diagnostic| diagnostic.summary.as_str()).collect()
}

#[tokio::test]
async fn a_second_resource_is_created_beside_its_warnings() {
    let answer = apply(None, Some("a")).await;
    assert_eq!(name(answer.new_state.as_ref()).as_deref(), Some("a"));
    assert_eq!(summaries(&answer.diagnostics), ["A note was made"]);
    assert_eq!(answer.private, PRIVATE_MARKER, "the plan's private data is not stored");
    assert!(answer.new_identity.is_some());
}

#[tokio::test]
async fn a_failed_create_leaves_nothing_behind() {
    let answer = apply(None, Some("fail")).await;
    assert_eq!(name(answer.new_state.as_ref()), None);
    assert_eq!(summaries(&answer.diagnostics), ["A note was made", "No note today"]);
    assert_eq!(answer.new_identity, None);
}

#[tokio::test]
async fn a_failed_update_leaves_what_is_really_there() {
    assert_eq!(name(apply(Some("a"), Some("fail")).await.new_state.as_ref()).as_deref(), Some("a"));
    assert_eq!(name(apply(Some("a"), Some("half")).await.new_state.as_ref()).as_deref(), Some("other"));
}

#[tokio::test]
async fn a_failed_delete_keeps_the_state_and_a_good_one_clears_it() {
    assert_eq!(name(apply(Some("fail"), None).await.new_state.as_ref()).as_deref(), Some("fail"));
    assert_eq!(name(apply(Some("a"), None).await.new_state.as_ref()), None);
}

#[tokio::test]
async fn only_a_read_that_finds_nothing_clears_the_state() {
    let mut client = configured().await;
    for (stored, expected) in [("a", Some("a")), ("gone", None)] {
        let request = wire::read_resource::Request {
            type_name: "defender_note".into(),
            current_state: Some(note(stored)),
            private: b"private".to_vec(),
            ..Default::default()
        };
        let answer = client.read_resource(request).await.unwrap().into_inner();
        assert_eq!(name(answer.new_state.as_ref()).as_deref(), expected);
        assert_eq!(answer.private, b"private");
    }
}

#[tokio::test]
async fn a_panic_is_a_diagnostic_of_its_call_and_the_service_lives() {
    let mut client = configured().await;
    let create = |name| wire::apply_resource_change::Request {
        type_name: "defender_note".into(),
        planned_state: Some(note(name)),
        ..Default::default()
    };
    let answer = client.apply_resource_change(create("panic")).await.unwrap().into_inner();
    assert_eq!(summaries(&answer.diagnostics), ["The provider has a bug"]);
    assert!(answer.diagnostics[0].detail.contains("no such note"), "{}", answer.diagnostics[0].detail);
    let answer = client.apply_resource_change(create("a")).await.unwrap().into_inner();
    assert_eq!(name(answer.new_state.as_ref()).as_deref(), Some("a"));
}

#[tokio::test]
async fn a_panic_in_an_apply_leaves_the_state_before() {
    for (prior, planned) in [(None, Some("panic")), (Some("a"), Some("panic")), (Some("panic"), None)] {
        let answer = apply(prior, planned).await;
        assert_eq!(summaries(&answer.diagnostics), ["The provider has a bug"]);
        assert_eq!(name(answer.new_state.as_ref()).as_deref(), prior);
    }
}

#[tokio::test]
async fn an_import_by_identity_finds_the_object() {
    let identity = Some(wire::ResourceIdentityData { identity_data: Some(note("a")) });
    let request = wire::import_resource_state::Request {
        type_name: "defender_note".into(),
        identity,
        ..Default::default()
    };
    let answer = configured().await.import_resource_state(request).await.unwrap().into_inner();
    assert_eq!(name(answer.imported_resources[0].state.as_ref()).as_deref(), Some("a"));
    assert!(answer.imported_resources[0].identity.is_some());
}
