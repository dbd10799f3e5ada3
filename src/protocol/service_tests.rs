//! The schema is encoded once. Its content is tested through the protocol.

use prost::Message;
use tonic::Request;

use crate::provider::Provider;
use crate::wire::encoded::Encoded;
use crate::wire::tfplugin6 as wire;
use crate::wire::tfplugin6::provider_server::Provider as _;

use super::service::ProviderService;

async fn schema(service: &ProviderService) -> Encoded {
    let answer = service.get_provider_schema(Request::new(wire::get_provider_schema::Request {})).await;
    answer.unwrap().into_inner()
}

#[tokio::test]
async fn the_schema_is_encoded_once_and_for_all_connections() {
    let service = ProviderService::new(Provider::new(Box::new(|_| None)));
    let (first, second) = (schema(&service).await, schema(&service.clone()).await);
    assert_eq!(first.bytes().as_ptr(), second.bytes().as_ptr());
    let read = wire::get_provider_schema::Response::decode(first.bytes()).unwrap();
    assert_eq!(read.resource_schemas.len(), 3);
}

#[tokio::test]
async fn a_panic_in_the_schema_is_a_diagnostic_each_time() {
    let service = ProviderService::new(Provider::with_registry(Box::new(|_| None), || panic!("a bug")));
    for _ in 0..2 {
        let read = wire::get_provider_schema::Response::decode(schema(&service).await.bytes()).unwrap();
        assert_eq!(read.diagnostics.len(), 1);
        assert_eq!(read.diagnostics[0].summary, "The provider has a bug");
    }
}
