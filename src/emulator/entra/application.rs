//! An application of the tenant and its credentials, in the shapes of "application", "passwordCredential",
//! "keyCredential" and "federatedIdentityCredential", Microsoft Graph reference.

use serde_json::Value;
use uuid::Uuid;

use super::certificate::Certificate;
use super::hidden::Hidden;
use crate::emulator::members::{Members, ShapeError};
use crate::emulator::model::guid;

/// How long a token lives unless the application says otherwise, in seconds: what Entra mostly answers.
const USUAL_LIFETIME: i32 = 3599;

/// One application, with its service principal.
#[derive(Clone, Debug)]
pub struct Application {
    /// The client id.
    pub app_id: String,
    /// Stands in its tokens.
    pub display_name: String,
    /// The id of its service principal, made at the start.
    pub object_id: String,
    /// Application permissions with consent, by name.
    pub roles: Vec<String>,
    /// Its client secrets.
    pub secrets: Vec<PasswordCredential>,
    /// Its certificates.
    pub certificates: Vec<Certificate>,
    /// Whose tokens it takes for its own.
    pub federated: Vec<FederatedIdentityCredential>,
    /// Whether it cannot sign in at all.
    pub disabled: bool,
    /// Whether a Conditional Access policy keeps it out.
    pub blocked: bool,
    /// In seconds; zero or less gives tokens that have expired already.
    pub token_lifetime: i64,
}

/// A client secret.
#[derive(Clone, Debug)]
pub struct PasswordCredential {
    /// What the client sends.
    pub secret: Hidden,
    /// UTC, to the second, without a zone; none for a secret that does not expire.
    pub end: Option<String>,
}

/// Tokens of another issuer that stand for a credential. Compared case-sensitively.
#[derive(Clone, Debug)]
pub struct FederatedIdentityCredential {
    /// The claim `iss`.
    pub issuer: String,
    /// The claim `sub`.
    pub subject: String,
    /// One of these is in the claim `aud`.
    pub audiences: Vec<String>,
}

impl Application {
    /// Reads an application of the tenant file.
    pub fn seeded(document: Value, at: &str) -> Result<Self, ShapeError> {
        let mut members = Members::of(document, "application", at)?;
        let app_id = required_guid(&mut members, "appId")?;
        let application = Self {
            display_name: members.text("displayName")?.value().unwrap_or_else(|| app_id.clone()),
            object_id: Uuid::new_v4().to_string(),
            roles: members.texts("roles")?.value().unwrap_or_default(),
            secrets: each(&mut members, "passwordCredentials", PasswordCredential::seeded)?,
            certificates: each(&mut members, "keyCredentials", seeded_certificate)?,
            federated: each(
                &mut members,
                "federatedIdentityCredentials",
                FederatedIdentityCredential::seeded,
            )?,
            disabled: members.boolean("disabled")?.value().unwrap_or(false),
            blocked: members.boolean("blockedByConditionalAccess")?.value().unwrap_or(false),
            token_lifetime: members.integer("tokenLifetimeSeconds")?.value().unwrap_or(USUAL_LIFETIME).into(),
            app_id,
        };
        members.finish()?;
        Ok(application)
    }
}

impl PasswordCredential {
    fn seeded(document: Value, at: &str) -> Result<Self, ShapeError> {
        let mut members = Members::of(document, "passwordCredential", at)?;
        let secret = Hidden::new(required(&mut members, "secretText")?);
        let place = members.place("endDateTime");
        let end = members.text("endDateTime")?.value().map(|text| utc(&text, &place)).transpose()?;
        members.finish()?;
        Ok(Self { secret, end })
    }
}

impl FederatedIdentityCredential {
    fn seeded(document: Value, at: &str) -> Result<Self, ShapeError> {
        let mut members = Members::of(document, "federatedIdentityCredential", at)?;
        let credential = Self {
            issuer: required(&mut members, "issuer")?,
            subject: required(&mut members, "subject")?,
            audiences: members.texts("audiences")?.value().unwrap_or_default(),
        };
        members.finish()?;
        Ok(credential)
    }
}

fn seeded_certificate(document: Value, at: &str) -> Result<Certificate, ShapeError> {
    let mut members = Members::of(document, "keyCredential", at)?;
    let key = required(&mut members, "key")?;
    let place = members.place("key");
    members.finish()?;
    Certificate::read(&key).map_err(|error| ShapeError::new(&place, error))
}

/// Reads a list whose elements are objects of one type.
pub fn each<T>(
    members: &mut Members,
    name: &str,
    read: impl Fn(Value, &str) -> Result<T, ShapeError>,
) -> Result<Vec<T>, ShapeError> {
    let place = members.place(name);
    let documents = members.list(name)?.value().unwrap_or_default();
    let read = |(index, document)| read(document, &format!("{place}[{index}]"));
    documents.into_iter().enumerate().map(read).collect()
}

/// A string that must be there.
pub fn required(members: &mut Members, name: &str) -> Result<String, ShapeError> {
    let text = members.text(name)?.value().filter(|text| !text.is_empty());
    text.ok_or_else(|| ShapeError::new(&members.place(name), "It is needed here."))
}

/// A GUID that must be there.
pub fn required_guid(members: &mut Members, name: &str) -> Result<String, ShapeError> {
    let text = required(members, name)?;
    guid(&text).ok_or_else(|| ShapeError::new(&members.place(name), format!("'{text}' is not a GUID.")))
}

/// Without its fraction and its zone, which must be UTC: such texts sort as the moments do.
fn utc(text: &str, place: &str) -> Result<String, ShapeError> {
    const FORM: &str = "0000-00-00T00:00:00";
    let fits = |(sent, form): (char, char)| if form == '0' { sent.is_ascii_digit() } else { sent == form };
    let moment = text.get(..FORM.len()).filter(|moment| moment.chars().zip(FORM.chars()).all(fits));
    moment.filter(|_| text.ends_with('Z')).map(str::to_owned).ok_or_else(|| {
        ShapeError::new(place, format!("'{text}' is not a moment such as 2026-01-31T09:12:44Z."))
    })
}
