//! An application of the tenant and its credentials, in the shapes of "application", "passwordCredential",
//! "keyCredential" and "federatedIdentityCredential", Microsoft Graph reference.

use serde_json::Value;

use super::certificate::RegisteredCertificate;
use super::roles;
use super::tenant_secret::TenantSecret;
use crate::emulator::member_reader::{MemberReader, ShapeError};
use crate::emulator::model::{guid, misspelled};
use crate::emulator::random_id::random_guid;

/// The default lifetime of a token in seconds: what Entra usually returns.
const USUAL_LIFETIME: i32 = 3599;

/// One application, with its service principal.
#[derive(Clone, Debug)]
pub struct RegisteredApplication {
    /// The client id.
    pub app_id: String,
    /// The claim `app_displayname` of its tokens.
    pub display_name: String,
    /// The id of its service principal, generated at start.
    pub object_id: String,
    /// Application permissions with consent, by name.
    pub roles: Vec<String>,
    /// Its client secrets.
    pub secrets: Vec<PasswordCredential>,
    /// Its certificates.
    pub certificates: Vec<RegisteredCertificate>,
    /// The issuers whose tokens it accepts as credentials.
    pub federated: Vec<FederatedIdentityCredential>,
    /// Whether it cannot sign in at all.
    pub disabled: bool,
    /// Whether a Conditional Access policy blocks it.
    pub blocked: bool,
    /// In seconds. With zero or less, tokens are expired from the start.
    pub token_lifetime: i64,
}

/// A client secret.
#[derive(Clone, Debug)]
pub struct PasswordCredential {
    /// What the client sends.
    pub secret: TenantSecret,
    /// UTC, to the second, without a zone; none for a secret that does not expire.
    pub end: Option<String>,
}

/// Tokens of another issuer that serve as a credential. The comparison is case-sensitive.
#[derive(Clone, Debug)]
pub struct FederatedIdentityCredential {
    /// The claim `iss`.
    pub issuer: String,
    /// The claim `sub`.
    pub subject: String,
    /// The claim `aud` must contain one of these.
    pub audiences: Vec<String>,
}

impl RegisteredApplication {
    /// Reads an application of the tenant file.
    pub fn from_seed(document: Value, at: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, "application", at)?;
        let app_id = read_required_guid(&mut members, "appId")?;
        let application = Self {
            display_name: members.text("displayName")?.value().unwrap_or_else(|| app_id.clone()),
            object_id: random_guid(),
            roles: read_roles(&mut members)?,
            secrets: read_each(&mut members, "passwordCredentials", PasswordCredential::from_seed)?,
            certificates: read_each(&mut members, "keyCredentials", read_seed_certificate)?,
            federated: read_each(
                &mut members,
                "federatedIdentityCredentials",
                FederatedIdentityCredential::from_seed,
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
    fn from_seed(document: Value, at: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, "passwordCredential", at)?;
        let secret = TenantSecret::new(read_required(&mut members, "secretText")?);
        let end = members.timestamp("endDateTime")?.map(|text| to_the_second(&text));
        members.finish()?;
        Ok(Self { secret, end })
    }
}

impl FederatedIdentityCredential {
    fn from_seed(document: Value, at: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, "federatedIdentityCredential", at)?;
        let credential = Self {
            issuer: read_required(&mut members, "issuer")?,
            subject: read_required(&mut members, "subject")?,
            audiences: members.texts("audiences")?.value().unwrap_or_default(),
        };
        members.finish()?;
        Ok(credential)
    }
}

fn read_seed_certificate(document: Value, at: &str) -> Result<RegisteredCertificate, ShapeError> {
    let mut members = MemberReader::open(document, "keyCredential", at)?;
    let key = read_required(&mut members, "key")?;
    let place = members.place("key");
    members.finish()?;
    RegisteredCertificate::read(&key).map_err(|error| ShapeError::new(&place, error))
}

/// Reads a list whose elements are objects of one type.
pub fn read_each<T>(
    members: &mut MemberReader,
    name: &str,
    read: impl Fn(Value, &str) -> Result<T, ShapeError>,
) -> Result<Vec<T>, ShapeError> {
    let place = members.place(name);
    let documents = members.list(name)?.value().unwrap_or_default();
    let read = |(index, document)| read(document, &format!("{place}[{index}]"));
    documents.into_iter().enumerate().map(read).collect()
}

/// Reads a required string.
pub fn read_required(members: &mut MemberReader, name: &str) -> Result<String, ShapeError> {
    let text = members.text(name)?.value().filter(|text| !text.is_empty());
    text.ok_or_else(|| ShapeError::new(&members.place(name), "This member is required."))
}

/// Reads a required GUID.
pub fn read_required_guid(members: &mut MemberReader, name: &str) -> Result<String, ShapeError> {
    let text = read_required(members, name)?;
    guid(&text).ok_or_else(|| ShapeError::new(&members.place(name), format!("'{text}' is not a GUID.")))
}

/// Reads the names of permissions. Their number is too large to know all, but a name that is nearly one of those that
/// Intune and the directory check, or has not the form of a permission, is a slip.
pub fn read_roles(members: &mut MemberReader) -> Result<Vec<String>, ShapeError> {
    let place = members.place("roles");
    let names = members.texts("roles")?.value().unwrap_or_default();
    for (index, name) in names.iter().enumerate() {
        let at = format!("{place}[{index}]");
        let meant = misspelled(name, roles::known()).filter(|_| !roles::known().any(|known| known == name));
        if let Some(meant) = meant {
            let text = format!("'{name}' is not a permission; did you mean '{meant}'?");
            return Err(ShapeError::new(&at, text));
        }
        let is_part =
            |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
        if !name.contains('.') || !name.split('.').all(is_part) {
            let text = format!("'{name}' is not the name of a permission, such as GroupMember.Read.All.");
            return Err(ShapeError::new(&at, text));
        }
    }
    Ok(names)
}

/// A timestamp without its fraction and its zone. Such texts sort by time.
fn to_the_second(timestamp: &str) -> String {
    timestamp.chars().take("0000-00-00T00:00:00".len()).collect()
}
