//! A policy by its id or its name, for both kinds. A name is looked up in the list of all policies, which the look-ups
//! of a plan share, because it is not known how Intune compares names. An id is looked up individually while there are
//! few.

use async_trait::async_trait;

use crate::graph;
use crate::resources::graph_operation::capitalize;
use crate::resources::shared_list::{Elements, SharedList};
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};

use super::id_or_name::{ID, IdOrName, LookupKey, is_same_name};
use super::read_context::{INTUNE_PERMISSION, ReadContext, Subject};

/// How one kind of policy is looked up.
#[async_trait]
pub(super) trait PolicyLookup: Send + Sync {
    /// The type of a policy.
    type Policy: Clone + Send + Sync;

    /// The texts of the look-up.
    const TEXTS: IdOrName;

    /// The id and the name of a policy.
    fn id_and_name(policy: &Self::Policy) -> (&str, &str);

    /// The list that all look-ups share.
    fn shared_list<'a>(context: &ReadContext<'a>) -> &'a SharedList<Self::Policy>;

    /// All policies of the kind.
    async fn list(client: &graph::Client) -> Result<Vec<Self::Policy>, graph::Error>;

    /// The policy with this id.
    async fn get(client: &graph::Client, id: &str) -> Result<ById<Self::Policy>, graph::Error>;
}

/// A policy that was read by its id.
pub(super) enum ById<P> {
    /// The policy is of this kind.
    Found(P),
    /// The policy is of another kind.
    OtherKind(OtherPolicy),
}

/// A policy of another kind.
pub(super) struct OtherPolicy {
    /// Completes "It is": `of the type windows10GeneralConfiguration`.
    pub(super) found: String,
    /// Completes "This data source reads": `policies of the type …`.
    pub(super) wanted: &'static str,
}

/// Looks up the policy with the id or name in the configuration.
pub(super) async fn look_up<L: PolicyLookup>(
    context: &ReadContext<'_>,
    key: &LookupKey,
) -> Result<L::Policy, Diagnostics> {
    match key {
        LookupKey::Id(id) => by_id::<L>(context, key, id).await,
        LookupKey::Name(_) => by_name::<L>(context, key).await,
    }
}

/// The policies of the list, which may be older than this read.
async fn listed<L: PolicyLookup>(
    context: &ReadContext<'_>,
    key: &LookupKey,
    must_be_newer: bool,
) -> Result<Elements<L::Policy>, Diagnostics> {
    let (list, fetch) = (L::shared_list(context), L::list(&context.client));
    let policies =
        if must_be_newer { context.newer_list(list, fetch).await } else { context.list(list, fetch).await };
    let object = L::TEXTS.described(key);
    policies.map_err(|error| context.failed(subject(&object), &error))
}

async fn by_id<L: PolicyLookup>(
    context: &ReadContext<'_>,
    key: &LookupKey,
    id: &str,
) -> Result<L::Policy, Diagnostics> {
    if L::shared_list(context).is_one_of_many()
        && let Some(policy) = select::<L>(key, &listed::<L>(context, key, false).await?)?
    {
        return Ok(policy);
    }
    match L::get(&context.client, id).await {
        Ok(ById::Found(policy)) => Ok(policy),
        Ok(ById::OtherKind(other)) => Err(of_other_kind(L::TEXTS, key, &other).into()),
        Err(error) if error.is_resource_not_found() => Err(L::TEXTS.none_found(key, &[])),
        Err(error) => Err(context.failed(subject(&L::TEXTS.described(key)), &error)),
    }
}

async fn by_name<L: PolicyLookup>(
    context: &ReadContext<'_>,
    key: &LookupKey,
) -> Result<L::Policy, Diagnostics> {
    if let Some(policy) = select::<L>(key, &listed::<L>(context, key, false).await?)? {
        return Ok(policy);
    }
    // The policy may be newer than the list.
    let policies = listed::<L>(context, key, true).await?;
    let names: Vec<&str> = policies.iter().map(|policy| L::id_and_name(policy).1).collect();
    select::<L>(key, &policies)?.ok_or_else(|| L::TEXTS.none_found(key, &names))
}

/// The only matching policy; `None` if there is none.
///
/// # Errors
/// There are several.
fn select<L: PolicyLookup>(
    key: &LookupKey,
    policies: &[L::Policy],
) -> Result<Option<L::Policy>, Diagnostics> {
    let matches = |policy: &&L::Policy| {
        let (id, name) = L::id_and_name(policy);
        match key {
            LookupKey::Id(key) => id.eq_ignore_ascii_case(key),
            LookupKey::Name(key) => is_same_name(Some(name), key),
        }
    };
    let found: Vec<L::Policy> = policies.iter().filter(matches).cloned().collect();
    if found.is_empty() {
        return Ok(None);
    }
    L::TEXTS.only(key, found, L::id_and_name).map(Some)
}

fn of_other_kind(texts: IdOrName, key: &LookupKey, other: &OtherPolicy) -> Diagnostic {
    Diagnostic::error(
        format!("{} is of another kind", capitalize(&texts.described(key))),
        format!(
            "It is {}. This data source reads {} only.\nNext: use the id of such a policy.",
            other.found, other.wanted
        ),
    )
    .at(AttributePath::root(ID))
}

fn subject(object: &str) -> Subject<'_> {
    Subject { object, permission: INTUNE_PERMISSION }
}
