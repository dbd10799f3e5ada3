//! Who calls Graph, by its bearer token, and whether that one may. Nothing here issues tokens.
//!
//! A token of this emulator is good until it expires or is revoked. Another JWT, which a test may have made, is
//! believed: its `roles` and `scp` count, its `exp` and `aud` too, its signature does not. A text that is no JWT
//! stands for every permission, so that Graph can be tried without signing in. With the option
//! `require_sign_in` only tokens of this emulator are good.

use axum::http::Method;

use super::access_token::{is_graph, now};
use super::jwt::Jwt;
use super::roles::{self, Service};
use super::state::Entra;
use crate::emulator::errors::{Refusal, Shape};
use crate::emulator::odata::path::Address;

/// The one who calls.
#[derive(Debug)]
pub struct Caller {
    /// The client id, or the token where it names none.
    pub application: String,
    /// Names of permissions; `None` is all of them.
    permissions: Option<Vec<String>>,
}

impl Caller {
    /// Reads a bearer token.
    pub fn of(bearer: &str, entra: &Entra, require_sign_in: bool) -> Result<Self, Refusal> {
        let Some(token) = Jwt::parse(bearer) else {
            return if require_sign_in {
                Err(invalid("IDX14100: JWT is not well formed, there are no dots (.)."))
            } else {
                Ok(Self { application: bearer.to_owned(), permissions: None })
            };
        };
        check_signature(&token, entra, require_sign_in)?;
        let audiences = token.texts("aud");
        if !audiences.is_empty() && !audiences.into_iter().any(is_graph) {
            return Err(invalid("Access token validation failure. Invalid audience."));
        }
        if token.moment("exp").is_some_and(|expiry| expiry <= now()) {
            return Err(invalid("Lifetime validation failed, the token is expired."));
        }
        let scopes = token.claim("scp").unwrap_or_default().split_whitespace();
        let permissions = token.texts("roles").into_iter().chain(scopes).map(str::to_owned).collect();
        let application = token.claim("appid").unwrap_or(bearer).to_owned();
        Ok(Self { application, permissions: Some(permissions) })
    }

    /// Refuses a call that none of the permissions allows, in the words of the service that is called.
    pub fn check(&self, method: &Method, address: &Address) -> Result<(), Refusal> {
        let Some(permissions) = &self.permissions else { return Ok(()) };
        let Some(need) = roles::needed(method, address) else { return Ok(()) };
        if permissions.iter().any(|permission| need.any_of.contains(&permission.as_str())) {
            return Ok(());
        }
        Err(match need.service {
            Service::Intune => Refusal::plain(
                403,
                "Forbidden",
                format!(
                    "Application is not authorized to perform this operation. Application must have one of the following \
                     scopes: {}",
                    need.any_of.join(", ")
                ),
            )
            .shaped(Shape::Intune),
            Service::Directory => Refusal::plain(
                403,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation.",
            ),
        })
    }
}

fn check_signature(token: &Jwt, entra: &Entra, require_sign_in: bool) -> Result<(), Refusal> {
    if entra.is_revoked(token) {
        return Err(invalid(
            "Continuous access evaluation resulted in challenge with code: TokenIssuedBeforeRevocationTimestamp.",
        ));
    }
    let own = entra.tokens.is_named_by(token);
    if own && entra.tokens.has_signed(token) || !own && !require_sign_in {
        return Ok(());
    }
    Err(invalid("Access token validation failure. Invalid signature."))
}

fn invalid(text: &str) -> Refusal {
    Refusal::challenged("InvalidAuthenticationToken", text)
}
