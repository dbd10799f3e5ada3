//! Looks up a policy of either kind by its id or its name. A look-up by name searches the list of all policies instead
//! of filtering by name, because it is not known how Intune compares names. The look-ups of a plan share this list. A
//! look-up by id requests the policy individually, but searches the list first after many look-ups.

use async_trait::async_trait;

use crate::graph;
use crate::resources::graph_operation::capitalize;
use crate::resources::shared_list::{Elements, SharedList};
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};

use super::id_or_name::{ID, LookupKey, LookupTexts, is_same_name};
use super::read_context::{INTUNE_PERMISSION, ReadContext, Subject};

/// How one kind of policy is looked up.
#[async_trait]
pub(super) trait PolicyLookup: Send + Sync {
    /// The type of a policy.
    type Policy: Clone + Send + Sync;

    /// The texts of the look-up.
    const TEXTS: LookupTexts;

    /// The id and the name of a policy.
    fn id_and_name(policy: &Self::Policy) -> (&str, &str);

    /// The list that all look-ups share.
    fn shared_list<'a>(context: &ReadContext<'a>) -> &'a SharedList<Self::Policy>;

    /// All policies of the kind.
    async fn list(client: &graph::Client) -> Result<Vec<Self::Policy>, graph::Error>;

    /// The policy with this id.
    async fn get(client: &graph::Client, id: &str) -> Result<PolicyById<Self::Policy>, graph::Error>;
}

/// A policy that was read by its id.
pub(super) enum PolicyById<P> {
    /// The policy is of this kind.
    Found(P),
    /// The policy is of another type.
    WrongType(WrongPolicy),
}

/// A policy of another type, for the message.
pub(super) struct WrongPolicy {
    /// Completes "It is": `of the type windows10GeneralConfiguration`.
    pub(super) actual: String,
    /// Completes "This data source reads": `policies of the type …`.
    pub(super) expected: &'static str,
}

/// Looks up the policy with the id or name in the configuration.
pub(super) async fn look_up<L: PolicyLookup>(
    context: &ReadContext<'_>,
    key: &LookupKey,
) -> Result<L::Policy, Diagnostics> {
    match key {
        LookupKey::Id(id) => find_by_id::<L>(context, key, id).await,
        LookupKey::Name(_) => find_by_name::<L>(context, key).await,
    }
}

/// Fetches the shared list of policies. If `must_be_newer` is not set, the list may be older than this read.
async fn fetch_list<L: PolicyLookup>(
    context: &ReadContext<'_>,
    key: &LookupKey,
    must_be_newer: bool,
) -> Result<Elements<L::Policy>, Diagnostics> {
    let (list, fetch) = (L::shared_list(context), L::list(&context.client));
    let policies =
        if must_be_newer { context.newer_list(list, fetch).await } else { context.list(list, fetch).await };
    let object = L::TEXTS.describe(key);
    policies.map_err(|error| context.request_failed(subject(&object), &error))
}

async fn find_by_id<L: PolicyLookup>(
    context: &ReadContext<'_>,
    key: &LookupKey,
    id: &str,
) -> Result<L::Policy, Diagnostics> {
    if L::shared_list(context).is_one_of_many()
        && let Some(policy) = find_matching::<L>(key, &fetch_list::<L>(context, key, false).await?)?
    {
        return Ok(policy);
    }
    match L::get(&context.client, id).await {
        Ok(PolicyById::Found(policy)) => Ok(policy),
        Ok(PolicyById::WrongType(other)) => Err(wrong_type(L::TEXTS, key, &other).into()),
        Err(error) if error.is_resource_not_found() => Err(L::TEXTS.not_found(key, &[])),
        Err(error) => Err(context.request_failed(subject(&L::TEXTS.describe(key)), &error)),
    }
}

async fn find_by_name<L: PolicyLookup>(
    context: &ReadContext<'_>,
    key: &LookupKey,
) -> Result<L::Policy, Diagnostics> {
    if let Some(policy) = find_matching::<L>(key, &fetch_list::<L>(context, key, false).await?)? {
        return Ok(policy);
    }
    // The policy may be newer than the list.
    let policies = fetch_list::<L>(context, key, true).await?;
    let names: Vec<&str> = policies.iter().map(|policy| L::id_and_name(policy).1).collect();
    find_matching::<L>(key, &policies)?.ok_or_else(|| L::TEXTS.not_found(key, &names))
}

/// The only matching policy; `None` if there is none.
///
/// # Errors
/// Several policies match.
fn find_matching<L: PolicyLookup>(
    key: &LookupKey,
    policies: &[L::Policy],
) -> Result<Option<L::Policy>, Diagnostics> {
    let matches = |policy: &&L::Policy| {
        let (id, name) = L::id_and_name(policy);
        match key {
            LookupKey::Id(wanted) => id.eq_ignore_ascii_case(wanted),
            LookupKey::Name(wanted) => is_same_name(Some(name), wanted),
        }
    };
    let found: Vec<L::Policy> = policies.iter().filter(matches).cloned().collect();
    if found.is_empty() {
        return Ok(None);
    }
    L::TEXTS.require_one(key, found, L::id_and_name).map(Some)
}

fn wrong_type(texts: LookupTexts, key: &LookupKey, other: &WrongPolicy) -> Diagnostic {
    Diagnostic::error(
        format!("{} is of another type", capitalize(&texts.describe(key))),
        format!(
            "The policy is {}. This data source reads only {}.\nNext: use the id of a policy of this kind.",
            other.actual, other.expected
        ),
    )
    .at(AttributePath::root(ID))
}

fn subject(object: &str) -> Subject<'_> {
    Subject { object, permission: INTUNE_PERMISSION }
}
