//! A policy by its id or its name, for both kinds. A name is looked up in the list of all policies, which the look-ups
//! of a plan share, because it is not known how Intune compares names. An id is looked up individually while there are
//! few.

use async_trait::async_trait;

use crate::graph;
use crate::resources::graph_operation::capitalize;
use crate::resources::shared_list::{Elements, SharedList};
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};

use super::id_or_name::{ID, IdOrName, Wanted, is_same_name};
use super::read_context::{INTUNE_PERMISSION, ReadContext, Subject};

/// How one kind of policy is looked up.
#[async_trait]
pub(super) trait PolicyLookup: Send + Sync {
    /// The policy with what the data source shows.
    type Policy: Clone + Send + Sync;

    /// The words of the look-up.
    const WORDS: IdOrName;

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
    /// It is of the kind.
    Found(P),
    /// It is of another kind, which is described.
    OtherKind(OtherPolicy),
}

/// A policy of another kind.
pub(super) struct OtherPolicy {
    /// What it is: `of the type windows10GeneralConfiguration`.
    pub(super) found: String,
    /// What it should be: `policies of the type …`.
    pub(super) wanted: &'static str,
}

/// The policy that the configuration asks for.
pub(super) async fn look_up<L: PolicyLookup>(
    context: &ReadContext<'_>,
    wanted: &Wanted,
) -> Result<L::Policy, Diagnostics> {
    match wanted {
        Wanted::Id(id) => by_id::<L>(context, wanted, id).await,
        Wanted::Name(_) => by_name::<L>(context, wanted).await,
    }
}

/// The policies of the list, which may be older than this read.
async fn listed<L: PolicyLookup>(
    context: &ReadContext<'_>,
    wanted: &Wanted,
    must_be_newer: bool,
) -> Result<Elements<L::Policy>, Diagnostics> {
    let (list, fetch) = (L::shared_list(context), L::list(&context.client));
    let policies =
        if must_be_newer { context.newer_list(list, fetch).await } else { context.list(list, fetch).await };
    let object = L::WORDS.described(wanted);
    policies.map_err(|error| context.failed(subject(&object), &error))
}

async fn by_id<L: PolicyLookup>(
    context: &ReadContext<'_>,
    wanted: &Wanted,
    id: &str,
) -> Result<L::Policy, Diagnostics> {
    if L::shared_list(context).is_one_of_many()
        && let Some(policy) = select::<L>(wanted, &listed::<L>(context, wanted, false).await?)?
    {
        return Ok(policy);
    }
    match L::get(&context.client, id).await {
        Ok(ById::Found(policy)) => Ok(policy),
        Ok(ById::OtherKind(other)) => Err(of_other_kind(L::WORDS, wanted, &other).into()),
        Err(error) if error.is_resource_not_found() => Err(L::WORDS.none_found(wanted, &[])),
        Err(error) => Err(context.failed(subject(&L::WORDS.described(wanted)), &error)),
    }
}

async fn by_name<L: PolicyLookup>(
    context: &ReadContext<'_>,
    wanted: &Wanted,
) -> Result<L::Policy, Diagnostics> {
    if let Some(policy) = select::<L>(wanted, &listed::<L>(context, wanted, false).await?)? {
        return Ok(policy);
    }
    // The policy may be newer than the list.
    let policies = listed::<L>(context, wanted, true).await?;
    let names: Vec<&str> = policies.iter().map(|policy| L::id_and_name(policy).1).collect();
    select::<L>(wanted, &policies)?.ok_or_else(|| L::WORDS.none_found(wanted, &names))
}

/// The only matching policy; `None` if there is none.
///
/// # Errors
/// There are several.
fn select<L: PolicyLookup>(
    wanted: &Wanted,
    policies: &[L::Policy],
) -> Result<Option<L::Policy>, Diagnostics> {
    let matches = |policy: &&L::Policy| {
        let (id, name) = L::id_and_name(policy);
        match wanted {
            Wanted::Id(wanted) => id.eq_ignore_ascii_case(wanted),
            Wanted::Name(wanted) => is_same_name(Some(name), wanted),
        }
    };
    let found: Vec<L::Policy> = policies.iter().filter(matches).cloned().collect();
    if found.is_empty() {
        return Ok(None);
    }
    L::WORDS.only(wanted, found, L::id_and_name).map(Some)
}

fn of_other_kind(words: IdOrName, wanted: &Wanted, other: &OtherPolicy) -> Diagnostic {
    Diagnostic::error(
        format!("{} is of another kind", capitalize(&words.described(wanted))),
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
