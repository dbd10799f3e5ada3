//! Reads and checks individual inputs, and compares a value with the content of its file. Does not know which inputs a
//! method needs.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use crate::transport::{Secret, file};

use super::super::arguments as argument;
use super::super::inputs::{Input, InputOrigin, Inputs, Setting};
use super::configured::{Configured, Flag, Source, ValueOrFile};
use super::input_error::{InputError, InputErrorKind};

/// Compares a value with the content of its file. Returns whether they are the same.
type Compare = fn(&Secret, &[u8]) -> Result<bool, InputErrorKind>;

/// Reads the tenant.
pub(super) fn read_tenant_id(inputs: &dyn Inputs) -> Result<Configured<String>, InputError> {
    read_value(inputs, argument::TENANT_ID).try_map(argument::TENANT_ID, |text| parse_tenant(text.expose()))
}

/// Reads the client ID of the application or of the user-assigned identity.
pub(super) fn read_client_id(inputs: &dyn Inputs) -> Result<Configured<String>, InputError> {
    read_value_or_file(inputs, argument::CLIENT_ID, argument::CLIENT_ID_FILE_PATH, is_same_text)?
        .try_map(argument::CLIENT_ID, |id| parse_guid(id.into_text()?.expose()))
}

/// Reads the client secret of the application.
pub(super) fn read_client_secret(inputs: &dyn Inputs) -> Result<Configured<Secret>, InputError> {
    read_value_or_file(inputs, argument::CLIENT_SECRET, argument::CLIENT_SECRET_FILE_PATH, is_same_text)?
        .try_map(argument::CLIENT_SECRET, ValueOrFile::into_text)
}

/// Reads the client certificate: the path of a file, or a PFX in base64, from which white space is removed.
pub(super) fn read_client_certificate(inputs: &dyn Inputs) -> Result<Configured<ValueOrFile>, InputError> {
    let (value, file) = (argument::CLIENT_CERTIFICATE, argument::CLIENT_CERTIFICATE_PATH);
    read_value_or_file(inputs, value, file, is_same_pfx)?.try_map(value, |mut certificate| {
        if let Some(value) = certificate.value.take() {
            decode_base64(&value)?;
            certificate.value = Some(Secret::new(without_white_space(&value)));
        }
        Ok(certificate)
    })
}

/// Reads the OIDC token of another issuer, or the path of a token file that another program refreshes.
pub(super) fn read_oidc_token(inputs: &dyn Inputs) -> Result<Configured<ValueOrFile>, InputError> {
    read_value_or_file(inputs, argument::OIDC_TOKEN, argument::OIDC_TOKEN_FILE_PATH, is_same_text)
}

/// Reads one value and trims it.
pub(super) fn read_value(inputs: &dyn Inputs, argument: &'static str) -> Configured<Secret> {
    match inputs.get(argument) {
        Setting::Unset => Configured::Missing,
        Setting::Unknown => Configured::Unknown(argument),
        Setting::Set(input) => trimmed_value(argument, &input),
    }
}

/// The trimmed value of an input.
pub(super) fn trimmed_value(argument: &'static str, input: &Input) -> Configured<Secret> {
    Configured::Known(Secret::new(input.text.expose().trim()), vec![(argument, input.origin)])
}

/// Reads a boolean in the spellings of Go's `strconv.ParseBool`, which azuread uses.
pub(super) fn read_flag(inputs: &dyn Inputs, argument: &'static str) -> Result<Flag, InputError> {
    let input = match inputs.get(argument) {
        Setting::Unset => return Ok(Flag::Unset),
        Setting::Unknown => return Ok(Flag::Unknown),
        Setting::Set(input) => input,
    };
    match input.text.expose().trim() {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(Flag::Set(true, input.origin)),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(Flag::Set(false, input.origin)),
        _ => Err(InputError::at((argument, input.origin), InputErrorKind::NotBool)),
    }
}

/// Checks that the text is a GUID, and returns it unchanged.
pub(super) fn parse_guid(text: &str) -> Result<String, InputErrorKind> {
    // The parser accepts several notations. Only the one with hyphens has this length.
    let is_guid = text.len() == 36 && Uuid::try_parse(text).is_ok();
    if is_guid { Ok(text.to_owned()) } else { Err(InputErrorKind::NotGuid) }
}

/// Checks that the text can be a tenant's GUID or domain name, and returns it unchanged.
pub(super) fn parse_tenant(text: &str) -> Result<String, InputErrorKind> {
    // The tenant becomes a segment of a URL. The Azure SDKs accept the same characters.
    let is_valid = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    if is_valid && text.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
        Ok(text.to_owned())
    } else {
        Err(InputErrorKind::NotTenant)
    }
}

/// Reads an input that can be set as a value or as a file. If the provider block sets only one of the two, the
/// environment variable of the other is ignored. Otherwise, a value and a file must have the same content.
fn read_value_or_file(
    inputs: &dyn Inputs,
    value: &'static str,
    file: &'static str,
    compare: Compare,
) -> Result<Configured<ValueOrFile>, InputError> {
    let (mut value, mut path) = (read_value(inputs, value), read_value(inputs, file));
    match (value.is_in_block(), path.is_in_block()) {
        (true, false) => path = Configured::Missing,
        (false, true) => value = Configured::Missing,
        _ => {}
    }
    match (value, path) {
        (Configured::Unknown(argument), _) | (_, Configured::Unknown(argument)) => {
            Ok(Configured::Unknown(argument))
        }
        (Configured::Missing, Configured::Missing) => Ok(Configured::Missing),
        (Configured::Known(value, sources), Configured::Missing) => {
            Ok(Configured::Known(ValueOrFile { value: Some(value), ..ValueOrFile::empty() }, sources))
        }
        (Configured::Missing, Configured::Known(path, sources)) => {
            let content = Some(read_file(&path, &sources)?);
            let file = Some(path.expose().into());
            Ok(Configured::Known(ValueOrFile { value: None, file, content }, sources))
        }
        (Configured::Known(value, sources), Configured::Known(path, file_sources)) => {
            let content = read_file(&path, &file_sources)?;
            require_same(&value, &sources, &content, &file_sources, compare)?;
            let file = Some(path.expose().into());
            let both = ValueOrFile { value: Some(value), file, content: Some(content) };
            Ok(Configured::Known(both, [sources, file_sources].concat()))
        }
    }
}

fn read_file(path: &Secret, sources: &[Source]) -> Result<Vec<u8>, InputError> {
    file::read(Path::new(path.expose()))
        .map_err(|problem| error_at(sources, InputErrorKind::Unreadable(problem.to_string())))
}

fn require_same(
    value: &Secret,
    sources: &[Source],
    content: &[u8],
    file_sources: &[Source],
    compare: Compare,
) -> Result<(), InputError> {
    let kind = match (compare(value, content), file_sources.first()) {
        (Err(kind), _) => kind,
        (Ok(false), Some((other, origin))) => InputErrorKind::Conflict { other, origin: *origin },
        _ => return Ok(()),
    };
    Err(error_at(sources, kind))
}

fn error_at(sources: &[Source], kind: InputErrorKind) -> InputError {
    InputError::at(sources.first().copied().unwrap_or(("", InputOrigin::Argument(""))), kind)
}

#[allow(clippy::unnecessary_wraps, reason = "the other comparison can fail")]
fn is_same_text(value: &Secret, content: &[u8]) -> Result<bool, InputErrorKind> {
    Ok(value.expose().as_bytes() == content.trim_ascii())
}

fn is_same_pfx(value: &Secret, content: &[u8]) -> Result<bool, InputErrorKind> {
    Ok(decode_base64(value)? == content)
}

fn decode_base64(value: &Secret) -> Result<Vec<u8>, InputErrorKind> {
    STANDARD.decode(without_white_space(value)).map_err(|_| InputErrorKind::NotBase64)
}

fn without_white_space(value: &Secret) -> String {
    value.expose().split_whitespace().collect()
}
