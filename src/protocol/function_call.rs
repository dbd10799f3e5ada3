//! CallFunction: decodes the arguments by the function's signature, makes the call, and encodes the result. Its errors
//! are texts that may point at an argument, not diagnostics.

use crate::provider::Provider;
use crate::terraform::diagnostic::Diagnostics;
use crate::terraform::function::{Function, FunctionError, Signature};
use crate::terraform::value::Value;
use crate::wire::tfplugin6 as wire;

use super::terminal::sanitize;
use super::{from_wire, to_wire};

/// Calls the function that the request names.
pub(super) fn call(
    provider: &Provider,
    request: &wire::call_function::Request,
) -> wire::call_function::Response {
    match result(provider, request) {
        Ok(result) => wire::call_function::Response { result: Some(result), error: None },
        Err(error) => wire::call_function::Response { result: None, error: Some(to_wire_error(error)) },
    }
}

fn result(
    provider: &Provider,
    request: &wire::call_function::Request,
) -> Result<wire::DynamicValue, FunctionError> {
    let function = provider.function(&request.name).ok_or_else(|| {
        FunctionError::new(format!(
            "The Defender provider has no function {:?}. Check the spelling, or use the provider version that the \
             configuration was written for.",
            request.name
        ))
    })?;
    let signature = function.signature();
    let arguments = arguments(&signature, &request.arguments)?;
    encode(&signature, &call_known(function, &arguments)?)
}

/// Terraform does not call a function with unknown arguments. A client that does gets an unknown result, as from
/// Terraform.
fn call_known(function: &dyn Function, arguments: &[Value]) -> Result<Value, FunctionError> {
    if arguments.iter().all(Value::is_wholly_known) { function.call(arguments) } else { Ok(Value::unknown()) }
}

fn arguments(signature: &Signature, arguments: &[wire::DynamicValue]) -> Result<Vec<Value>, FunctionError> {
    if !signature.accepts(arguments.len()) {
        return Err(FunctionError::new(format!(
            "{} does not take {} arguments.",
            signature.name,
            arguments.len()
        )));
    }
    let decode = |(position, argument): (usize, &wire::DynamicValue)| {
        let parameter = signature.parameter(position);
        let parameter = parameter.ok_or_else(|| FunctionError::new("There are too many arguments."))?;
        let value = from_wire::value(Some(argument), &parameter.ty, "argument")
            .map_err(|errors| FunctionError::at(position, text_of(&errors)))?;
        if value.is_null() {
            return Err(FunctionError::at(position, format!("{} must not be null.", parameter.name)));
        }
        Ok(value)
    };
    arguments.iter().enumerate().map(decode).collect()
}

fn encode(signature: &Signature, result: &Value) -> Result<wire::DynamicValue, FunctionError> {
    let mut errors = Diagnostics::new();
    let encoded = to_wire::value(result, &signature.returns, "result", &mut errors);
    encoded.ok_or_else(|| FunctionError::new(text_of(&errors)))
}

/// Terraform puts the text into a sentence of its own, to which it adds a period.
fn to_wire_error(error: FunctionError) -> wire::FunctionError {
    let function_argument = error.argument.and_then(|position| i64::try_from(position).ok());
    let mut text = sanitize(error.text);
    if text.ends_with('.') {
        text.pop();
    }
    wire::FunctionError { text, function_argument }
}

fn text_of(errors: &Diagnostics) -> String {
    errors.iter().map(|error| format!("{}. {}", error.summary, error.detail)).collect::<Vec<_>>().join("\n")
}
