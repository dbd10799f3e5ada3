//! A policy by its id or its name, for both kinds: individually while there are few look-ups, and from one list that all
//! share once there are many.

use async_trait::async_trait;

use crate::graph;
use crate::resources::shared_list::SharedList;
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

    /// The policies that the service finds by this name; `None` if it is not known to search by name.
    async fn find(client: &graph::Client, name: &str) -> Option<Result<Vec<Self::Policy>, graph::Error>>;
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
    let list = L::shared_list(context);
    let is_one_of_many = list.is_one_of_many();
    if is_one_of_many {
        let policies = listed::<L>(context, wanted, false).await?;
        if let Some(policy) = select::<L>(wanted, &policies)? {
            return Ok(policy);
        }
    }
    match wanted {
        Wanted::Id(id) => by_id::<L>(context, wanted, id).await,
        Wanted::Name(name) => by_name::<L>(context, wanted, name, is_one_of_many).await,
    }
}

/// The policies of the list, which may be older than this read.
pub(super) async fn listed<L: PolicyLookup>(
    context: &ReadContext<'_>,
    wanted: &Wanted,
    must_be_newer: bool,
) -> Result<Vec<L::Policy>, Diagnostics> {
    let (list, fetch) = (L::shared_list(context), L::list(&context.client));
    let policies =
        if must_be_newer { context.newer_list(list, fetch).await } else { context.list(list, fetch).await };
    let object = L::WORDS.described(wanted);
    policies.map(|policies| policies.to_vec()).map_err(|error| context.failed(subject(&object), &error))
}

async fn by_id<L: PolicyLookup>(
    context: &ReadContext<'_>,
    wanted: &Wanted,
    id: &str,
) -> Result<L::Policy, Diagnostics> {
    match L::get(&context.client, id).await {
        Ok(ById::Found(policy)) => Ok(policy),
        Ok(ById::OtherKind(other)) => Err(of_other_kind(L::WORDS, wanted, &other).into()),
        Err(error) if error.is_resource_not_found() => Err(L::WORDS.none_found(wanted, &[])),
        Err(error) => Err(context.failed(subject(&L::WORDS.described(wanted)), &error)),
    }
}

/// Asks the service for the name, and trusts a negative answer only if a new list confirms it.
async fn by_name<L: PolicyLookup>(
    context: &ReadContext<'_>,
    wanted: &Wanted,
    name: &str,
    was_listed: bool,
) -> Result<L::Policy, Diagnostics> {
    if !was_listed {
        let found = match L::find(&context.client, name).await {
            // A service that does not search by name may refuse to.
            Some(found) => found.unwrap_or_default(),
            None => listed::<L>(context, wanted, false).await?,
        };
        if let Some(policy) = select::<L>(wanted, &found)? {
            return Ok(policy);
        }
    }
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
        format!(
            "{} is of another kind",
            crate::resources::graph_operation::capitalize(&words.described(wanted))
        ),
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
