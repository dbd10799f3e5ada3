//! Calls functions with JSON, as Terraform calls them: arguments encoded by the types that the provider announces.

use std::collections::HashMap;

use serde_json::Value as Json;
use terraform_provider_defender::protocol::{json as cty_json, msgpack, type_json};
use terraform_provider_defender::terraform::ty::Type;
use terraform_provider_defender::terraform::value::Value;
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::in_process::{Client, client, configured, provider};

/// Two providers, one of them configured.
pub struct Caller {
    providers: [Client; 2],
    pub functions: HashMap<String, wire::Function>,
}

/// The error of a call.
#[derive(Debug, PartialEq)]
pub struct Refusal {
    pub text: String,
    pub argument: Option<i64>,
}

impl Caller {
    pub async fn new() -> Self {
        let mut unconfigured = client(provider());
        let answer = unconfigured.get_functions(wire::get_functions::Request {}).await.unwrap().into_inner();
        assert_eq!(answer.diagnostics, []);
        // Nothing listens there, so a request would fail.
        let configured = configured("http://127.0.0.1:1").await;
        Self { providers: [unconfigured, configured], functions: answer.functions }
    }

    /// The result as JSON; sets are sorted. Omitted attributes are null.
    pub async fn call(&mut self, name: &str, arguments: &[Json]) -> Result<Json, Refusal> {
        let values = arguments.iter().enumerate().map(|(position, argument)| {
            let ty = self.parameter(name, position);
            cty_json::decode_stored(argument.to_string().as_bytes(), &ty).unwrap()
        });
        let values: Vec<Value> = values.collect();
        let result = self.call_with_values(name, &values).await?;
        let ty = self.result(name);
        Ok(serde_json::from_slice(&cty_json::encode(&result, &ty).unwrap()).unwrap())
    }

    /// The same with values, which may be unknown. Both providers must answer the same.
    pub async fn call_with_values(&mut self, name: &str, arguments: &[Value]) -> Result<Value, Refusal> {
        let encoded = arguments.iter().enumerate().map(|(position, argument)| wire::DynamicValue {
            msgpack: msgpack::encode(argument, &self.parameter(name, position)).unwrap(),
            json: Vec::new(),
        });
        let request = wire::call_function::Request { name: name.to_owned(), arguments: encoded.collect() };
        let ty = self.result(name);
        let [unconfigured, configured] = &mut self.providers;
        let answer = answer(unconfigured, &request).await;
        assert_eq!(answer, self::answer(configured, &request).await, "{name} on a configured provider");
        match answer.error {
            Some(error) => Err(Refusal { text: error.text, argument: error.function_argument }),
            None => Ok(msgpack::decode(&answer.result.unwrap().msgpack, &ty).unwrap()),
        }
    }

    fn parameter(&self, function: &str, position: usize) -> Type {
        let function = &self.functions[function];
        let parameter = function.parameters.get(position).or(function.variadic_parameter.as_ref());
        type_json::decode(&parameter.expect("one argument for each parameter").r#type).unwrap()
    }

    fn result(&self, function: &str) -> Type {
        type_json::decode(&self.functions[function].r#return.as_ref().unwrap().r#type).unwrap()
    }
}

async fn answer(
    client: &mut Client,
    request: &wire::call_function::Request,
) -> wire::call_function::Response {
    client.call_function(request.clone()).await.unwrap().into_inner()
}
