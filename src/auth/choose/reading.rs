//! Reads single inputs: trimmed, checked, a value held against its file. Does not know what methods need.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use crate::transport::{Secret, file};

use super::super::arguments as argument;
use super::super::inputs::{Input, Inputs, Origin, Setting};
use super::mistake::{Fact, Mistake};

/// An input's name and where its value came from.
pub(super) type Source = (&'static str, Origin);

/// What is known of something that a method may need.
#[derive(Debug, Clone)]
pub(super) enum Found<T> {
    Missing,
    /// The argument whose value is known after apply only.
    Unknown(&'static str),
    There(T, Vec<Source>),
}

/// Something that may be given as it is or as a file. If it is both, they agree.
pub(super) struct Either {
    pub value: Option<Secret>,
    pub file: Option<PathBuf>,
    /// The file's content as it is now.
    content: Option<Vec<u8>>,
}

/// A truth value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Flag {
    Unset,
    Unknown,
    Is(bool, Origin),
}

impl<T> Found<T> {
    /// The same, made into something else or found wrong.
    pub(super) fn check<U>(
        self,
        name: &'static str,
        check: impl FnOnce(T) -> Result<U, Fact>,
    ) -> Result<Found<U>, Mistake> {
        Ok(match self {
            Self::Missing => Found::Missing,
            Self::Unknown(argument) => Found::Unknown(argument),
            Self::There(value, sources) => match check(value) {
                Ok(checked) => Found::There(checked, sources),
                Err(fact) => {
                    let (argument, origin) =
                        sources.first().copied().unwrap_or((name, Origin::Argument(name)));
                    return Err(Mistake { argument, origin, fact });
                }
            },
        })
    }

    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }
}

impl Either {
    /// Something that was given and not looked at.
    pub(super) fn empty() -> Self {
        Self { value: None, file: None, content: None }
    }

    /// The text, from wherever it is.
    fn text(self) -> Result<Secret, Fact> {
        match (self.value, self.content) {
            (Some(value), _) => Ok(value),
            (None, content) => {
                let text = String::from_utf8(content.unwrap_or_default())
                    .map_err(|_| Fact::Unreadable("it is not UTF-8 text".to_owned()))?;
                match text.trim() {
                    "" => Err(Fact::Unreadable("it is empty".to_owned())),
                    text => Ok(Secret::new(text)),
                }
            }
        }
    }
}

/// The tenant.
pub(super) fn tenant(inputs: &dyn Inputs) -> Result<Found<String>, Mistake> {
    one(inputs, argument::TENANT_ID).check(argument::TENANT_ID, |text| tenant_of(text.expose()))
}

/// The application or user-assigned identity.
pub(super) fn client(inputs: &dyn Inputs) -> Result<Found<String>, Mistake> {
    either(inputs, argument::CLIENT_ID, argument::CLIENT_ID_FILE_PATH, same_text)?
        .check(argument::CLIENT_ID, |id| guid(id.text()?.expose()))
}

/// The application's password.
pub(super) fn client_secret(inputs: &dyn Inputs) -> Result<Found<Secret>, Mistake> {
    either(inputs, argument::CLIENT_SECRET, argument::CLIENT_SECRET_FILE_PATH, same_text)?
        .check(argument::CLIENT_SECRET, Either::text)
}

/// A PFX in base64, without white space in between, or a file.
pub(super) fn client_certificate(inputs: &dyn Inputs) -> Result<Found<Either>, Mistake> {
    either(inputs, argument::CLIENT_CERTIFICATE, argument::CLIENT_CERTIFICATE_PATH, same_bytes)?.check(
        argument::CLIENT_CERTIFICATE,
        |mut certificate| {
            if let Some(value) = certificate.value.take() {
                decode(&value)?;
                certificate.value = Some(Secret::new(without_white_space(&value)));
            }
            Ok(certificate)
        },
    )
}

/// A token of another issuer, or the file that somebody keeps fresh.
pub(super) fn oidc_token(inputs: &dyn Inputs) -> Result<Found<Either>, Mistake> {
    either(inputs, argument::OIDC_TOKEN, argument::OIDC_TOKEN_FILE_PATH, same_text)
}

/// One input, without the white space around it.
pub(super) fn one(inputs: &dyn Inputs, argument: &'static str) -> Found<Secret> {
    match inputs.get(argument) {
        Setting::Unset => Found::Missing,
        Setting::Unknown => Found::Unknown(argument),
        Setting::Given(input) => given(argument, &input),
    }
}

/// One input that was certainly given.
pub(super) fn given(argument: &'static str, input: &Input) -> Found<Secret> {
    Found::There(Secret::new(input.text.expose().trim()), vec![(argument, input.origin)])
}

/// A truth value, as Go's `strconv.ParseBool` reads it, since azuread does so.
pub(super) fn flag(inputs: &dyn Inputs, argument: &'static str) -> Result<Flag, Mistake> {
    let Setting::Given(input) = inputs.get(argument) else {
        return Ok(if matches!(inputs.get(argument), Setting::Unknown) {
            Flag::Unknown
        } else {
            Flag::Unset
        });
    };
    match input.text.expose().trim() {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(Flag::Is(true, input.origin)),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(Flag::Is(false, input.origin)),
        _ => Err(Mistake { argument, origin: input.origin, fact: Fact::NotBool }),
    }
}

/// A GUID, as it is.
pub(super) fn guid(text: &str) -> Result<String, Fact> {
    // Of the forms that the parser takes, only the usual one has this length.
    let is_guid = text.len() == 36 && Uuid::try_parse(text).is_ok();
    if is_guid { Ok(text.to_owned()) } else { Err(Fact::NotGuid) }
}

pub(super) fn tenant_of(text: &str) -> Result<String, Fact> {
    // It becomes a part of a path; these are also the characters that the Azure SDKs accept.
    let fits = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    if fits && text.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
        Ok(text.to_owned())
    } else {
        Err(Fact::NotTenant)
    }
}

/// A value and its file. Configuration beats environment also between the two: only what comes from the same side is
/// compared.
fn either(
    inputs: &dyn Inputs,
    value: &'static str,
    file: &'static str,
    agree: fn(&Secret, &[u8]) -> Result<bool, Fact>,
) -> Result<Found<Either>, Mistake> {
    let (mut value, mut path) = (one(inputs, value), one(inputs, file));
    match (in_block(&value), in_block(&path)) {
        (true, false) => path = Found::Missing,
        (false, true) => value = Found::Missing,
        _ => {}
    }
    match (value, path) {
        (Found::Unknown(argument), _) | (_, Found::Unknown(argument)) => Ok(Found::Unknown(argument)),
        (Found::Missing, Found::Missing) => Ok(Found::Missing),
        (Found::There(value, sources), Found::Missing) => {
            Ok(Found::There(Either { value: Some(value), file: None, content: None }, sources))
        }
        (Found::Missing, Found::There(path, sources)) => {
            let content = Some(read(&path, &sources)?);
            Ok(Found::There(Either { value: None, file: Some(path.expose().into()), content }, sources))
        }
        (Found::There(value, sources), Found::There(path, file_sources)) => {
            let content = read(&path, &file_sources)?;
            compare(&value, &sources, &content, &file_sources, agree)?;
            let both =
                Either { value: Some(value), file: Some(path.expose().into()), content: Some(content) };
            Ok(Found::There(both, [sources, file_sources].concat()))
        }
    }
}

/// Unknown values come from the block alone.
fn in_block<T>(found: &Found<T>) -> bool {
    match found {
        Found::Missing => false,
        Found::Unknown(_) => true,
        Found::There(_, sources) => sources.iter().any(|(_, origin)| matches!(origin, Origin::Argument(_))),
    }
}

fn read(path: &Secret, sources: &[Source]) -> Result<Vec<u8>, Mistake> {
    file::read(Path::new(path.expose()))
        .map_err(|problem| wrong(sources, Fact::Unreadable(problem.to_string())))
}

fn compare(
    value: &Secret,
    sources: &[Source],
    content: &[u8],
    file_sources: &[Source],
    agree: fn(&Secret, &[u8]) -> Result<bool, Fact>,
) -> Result<(), Mistake> {
    let fact = match (agree(value, content), file_sources.first()) {
        (Err(fact), _) => fact,
        (Ok(false), Some((other, origin))) => Fact::Disagrees { other, origin: *origin },
        _ => return Ok(()),
    };
    Err(wrong(sources, fact))
}

fn wrong(sources: &[Source], fact: Fact) -> Mistake {
    let (argument, origin) = sources.first().copied().unwrap_or(("", Origin::Argument("")));
    Mistake { argument, origin, fact }
}

#[allow(clippy::unnecessary_wraps, reason = "the other comparison can fail")]
fn same_text(value: &Secret, content: &[u8]) -> Result<bool, Fact> {
    Ok(value.expose().as_bytes() == content.trim_ascii())
}

fn same_bytes(value: &Secret, content: &[u8]) -> Result<bool, Fact> {
    Ok(decode(value)? == content)
}

fn decode(value: &Secret) -> Result<Vec<u8>, Fact> {
    STANDARD.decode(without_white_space(value)).map_err(|_| Fact::NotBase64)
}

fn without_white_space(value: &Secret) -> String {
    value.expose().split_whitespace().collect()
}
