//! A request as a handler sees it: address and query are parsed.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::faults::{CreateFault, FaultEffect, Rewrite};
use super::model::guid;
use super::model::policy_collection::PolicyCollection;
use super::odata::page::{CollectionPage, CollectionRow, next_link};
use super::odata::path::{ODataAddress, VersionRoot};
use super::odata::query::QueryOptions;
use super::options::Options;
use super::request::IncomingRequest;
use super::response::ServiceResponse;
use super::semantics::{DeleteAnswer, NonGuidKey, Semantics};
use super::service_error::ServiceError;

/// A request with parsed address and query.
#[derive(Debug)]
pub struct RoutedRequest<'a> {
    /// The request as it came in.
    pub incoming: &'a IncomingRequest,
    /// The address in parts.
    pub address: &'a ODataAddress,
    /// The query options.
    pub query: QueryOptions,
    /// The emulator's settings.
    pub options: &'a Options,
    /// The current choices for open questions about the service.
    pub semantics: Semantics,
    /// The effect of the test fault that matched the request.
    pub effect: Option<&'a FaultEffect>,
}

impl RoutedRequest<'_> {
    /// The API version of the address.
    pub fn version(&self) -> VersionRoot {
        self.address.version
    }

    /// The choices for open questions.
    pub fn semantics(&self) -> &Semantics {
        &self.semantics
    }

    /// The change that a test fault makes to the set of an `assign`.
    pub fn rewrite(&self) -> Option<&Rewrite> {
        match self.effect {
            Some(FaultEffect::Rewrite(rewrite)) => Some(rewrite),
            _ => None,
        }
    }

    /// Whether a test fault lets a create take effect twice.
    pub fn is_repeated(&self) -> bool {
        matches!(self.effect, Some(FaultEffect::Create(CreateFault { repeated: true, .. })))
    }

    /// Whether a test fault hides groups of the directory.
    pub fn hides_groups(&self) -> bool {
        matches!(self.effect, Some(FaultEffect::HideGroups(_)))
    }

    /// The error text for a group that is not in the tenant.
    pub fn unknown_group_message(&self, id: &str) -> String {
        let place = match &self.options.tenant_file {
            Some(file) => format!("the tenant file {}", file.display()),
            None => "the tenant: the emulator was started without a tenant file".to_owned(),
        };
        format!(
            "The group {id} is not in {place}. The emulator has no other groups; add it under \"groups\"."
        )
    }

    /// Refuses a key that is not a GUID, if that is the choice.
    pub fn check_key(&self, key: &str) -> Result<(), ServiceError> {
        if self.semantics.non_guid_key == NonGuidKey::Refuse && guid(key).is_none() {
            return Err(ServiceError::intune_bad_request(format!("The key '{key}' is not a GUID.")));
        }
        Ok(())
    }

    /// The response to a DELETE of an Intune object.
    pub fn deleted(&self) -> ServiceResponse {
        match self.semantics.delete_answer {
            DeleteAnswer::NoContent => ServiceResponse::no_content(),
            DeleteAnswer::Ok => ServiceResponse::empty(200),
        }
    }

    /// Whether a test fault makes `assign` return the previous rows.
    pub fn answers_old_rows(&self) -> bool {
        matches!(self.effect, Some(FaultEffect::Stale { answer_old: true, .. }))
    }

    /// Whether the request is a read that shows assignments of policies.
    pub fn shows_rows(&self) -> bool {
        let parts = self.address.as_strs();
        let rows = PolicyCollection::of_address(&parts).is_some()
            && (parts.contains(&"assignments") || self.query.expands("assignments"));
        rows && self.incoming.method == Method::GET
    }

    /// The error for an address or a method that Intune does not route.
    pub fn route_error(&self) -> ServiceError {
        ServiceError::no_route(self.incoming.method.as_str(), self.address)
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<Value, ServiceError> {
        let media_type = self.incoming.content_type.as_deref().and_then(|header| header.split(';').next());
        match media_type.map(|name| name.trim().to_ascii_lowercase()).as_deref() {
            Some("application/json") => {}
            None => {
                return Err(ServiceError::bad_request(
                    "Write requests (excluding DELETE) must contain the Content-Type header declaration.",
                ));
            }
            Some(other) => {
                return Err(ServiceError::plain(
                    415,
                    "UnsupportedMediaType",
                    format!("A body of type '{other}' is not supported; send application/json."),
                ));
            }
        }
        serde_json::from_slice(&self.incoming.body).map_err(|_| {
            ServiceError::bad_request(
                "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid \
                 JSON format.",
            )
        })
    }

    /// The value of `@odata.context` for `fragment`.
    pub fn context(&self, fragment: &str) -> String {
        format!("{}/{}/$metadata#{fragment}", self.incoming.origin, self.version())
    }

    /// One page of a collection, with an absolute link to the next.
    pub fn collection(
        &self,
        fragment: &str,
        rows: Vec<CollectionRow>,
        default_size: usize,
    ) -> ServiceResponse {
        let mut members = Map::new();
        if self.query.count {
            members.insert("@odata.count".to_owned(), json!(rows.len()));
        }
        let page = CollectionPage::select(rows, &self.query, self.page_size(default_size));
        if let Some(token) = page.next {
            let link = next_link(&self.incoming.origin, self.incoming.path(), &self.query, token);
            members.insert("@odata.nextLink".to_owned(), json!(link));
        }
        members.insert(
            "value".to_owned(),
            page.rows.into_iter().map(|row| Value::Object(row.members)).collect(),
        );
        ServiceResponse::entity(200, self.context(fragment), members)
    }

    /// The page size: `$top` if it is smaller than the default.
    fn page_size(&self, default_size: usize) -> usize {
        let size = self.options.page_size.unwrap_or(default_size);
        self.query.top.map_or(size, |top| top.min(size))
    }
}
