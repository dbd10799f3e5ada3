//! Who calls Graph, according to the bearer token, and what the caller may do. Issues no tokens.
//!
//! A token of this emulator is valid until it expires or is revoked. Any other JWT, which a test may have made,
//! is trusted: its `roles`, `scp`, `exp` and `aud` count, its signature is not checked. A token that is no JWT
//! has every permission, so that Graph can be tried without signing in. With the option `require_sign_in` only
//! tokens of this emulator are valid.

use axum::http::Method;

use super::access_token::{is_graph, now};
use super::jwt::Jwt;
use super::roles::{self, RequiredPermission, Workload};
use super::state::EntraState;
use crate::emulator::odata::path::ODataAddress;
use crate::emulator::semantics::Semantics;
use crate::emulator::service_error::{ErrorShape, ServiceError};

/// The caller of a request.
#[derive(Debug)]
pub struct Caller {
    /// The client id, or the token itself if it names none.
    pub application: String,
    /// Names of permissions; `None` means all of them.
    permissions: Option<Vec<String>>,
}

impl Caller {
    /// Checks a bearer token and reads its permissions.
    pub fn authenticate(
        bearer: &str,
        entra: &EntraState,
        require_sign_in: bool,
    ) -> Result<Self, ServiceError> {
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

    /// Refuses a call that the permissions do not allow, with the error of the workload that serves it.
    pub fn check(
        &self,
        method: &Method,
        address: &ODataAddress,
        semantics: &Semantics,
    ) -> Result<(), ServiceError> {
        let Some(permissions) = &self.permissions else { return Ok(()) };
        let needed = roles::required_permissions(method, address, semantics);
        let lacks =
            |need: &RequiredPermission| !permissions.iter().any(|held| need.any_of.contains(&held.as_str()));
        needed.into_iter().find(lacks).map_or(Ok(()), |lacking| Err(lacking.refusal()))
    }
}

impl RequiredPermission {
    /// The 403 of a call that lacks it.
    fn refusal(&self) -> ServiceError {
        match self.service {
            Workload::Intune => ServiceError::plain(
                403,
                "Forbidden",
                format!(
                    "Application is not authorized to perform this operation. Application must have one of the following \
                     scopes: {}",
                    self.any_of.join(", ")
                ),
            )
            .with_shape(ErrorShape::Intune),
            Workload::Directory => ServiceError::plain(
                403,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation.",
            ),
        }
    }
}

fn check_signature(token: &Jwt, entra: &EntraState, require_sign_in: bool) -> Result<(), ServiceError> {
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

fn invalid(text: &str) -> ServiceError {
    ServiceError::unauthorized("InvalidAuthenticationToken", text)
}
