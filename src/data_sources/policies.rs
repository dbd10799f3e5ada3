//! The data sources that list policies: each policy with its id, its name and the number of its assignments.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use async_trait::async_trait;
use tokio::task::JoinSet;
use tracing::Instrument;

use crate::resources::assignments::kind::PolicyKind;
use crate::resources::assignments::observe::{self, AssignmentCounts};
use crate::resources::session::Session;
use crate::terraform::data_source::{DataSource, DataSourceCall};
use crate::terraform::diagnostic::Diagnostics;
use crate::terraform::schema::{Attribute, Nesting, Presence, Schema};
use crate::terraform::ty::Type;
use crate::terraform::value::Value;

use super::attributes::{computed_number, computed_text, schema};
use super::policy_list::PolicyLookup;
use super::read_context::{INTUNE_PERMISSION, ReadContext, Subject};
use super::values::{complete, configured, count};

const NAME_PREFIX: &str = "name_prefix";

/// The number of policies whose assignments are counted at the same time. Requests for 20 policies fill a `$batch`.
const CONCURRENT_COUNTS: usize = 40;

/// A kind of policy that can be listed.
pub(super) trait PolicyListing: Send + Sync + 'static {
    /// How the policies are fetched.
    type Lookup: PolicyLookup;
    /// The kind of policy, which determines how assignments are read.
    const KIND: &'static PolicyKind;
    /// The type name of the data source.
    const TYPE_NAME: &'static str;
    /// The attribute that holds the list.
    const LIST_ATTRIBUTE: &'static str;
    /// The description of the data source.
    const DESCRIPTION: &'static str;
    /// The policies in messages: `onboarding policies`.
    const OBJECTS: &'static str;
}

/// Lists the policies of one kind.
#[derive(Debug)]
pub struct PoliciesDataSource<L>(PhantomData<fn() -> L>);

impl<L> PoliciesDataSource<L> {
    /// The data source.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

#[async_trait]
impl<L: PolicyListing> DataSource for PoliciesDataSource<L> {
    type Session = Session;

    fn type_name(&self) -> &'static str {
        L::TYPE_NAME
    }

    fn schema(&self) -> Schema {
        let policy = vec![
            computed_text("id", "Id (GUID) of the policy, in lower case."),
            computed_text(L::Lookup::TEXTS.name_attribute, "Name of the policy. Names are not unique."),
            computed_number("direct_assignment_count", "How many direct assignments the policy has."),
            computed_number(
                "inherited_assignment_count",
                "How many assignments the policy has from policy sets.",
            ),
        ];
        let attributes = vec![
            Attribute::new(
                NAME_PREFIX,
                Type::String,
                Presence::Optional,
                "Only policies whose names begin with this text (case-insensitive). Default: all policies.",
            ),
            Attribute::nested(
                L::LIST_ATTRIBUTE,
                Nesting::List,
                policy,
                Presence::Computed,
                "The policies, ordered by name and then by id. May be empty.",
            ),
        ];
        schema(L::DESCRIPTION, attributes)
    }

    async fn read(
        &self,
        call: &mut DataSourceCall<'_, Session>,
        config: &Value,
    ) -> Result<Value, Diagnostics> {
        let context = ReadContext::new(call, config);
        let subject = Subject { object: L::OBJECTS, permission: INTUNE_PERMISSION };
        let prefix = configured(config, NAME_PREFIX).unwrap_or_default().to_lowercase();
        let policies = context.within_deadline(subject, list::<L>(&context, subject, &prefix)).await?;
        Ok(complete(config, [(L::LIST_ATTRIBUTE, Value::list(policies))]))
    }
}

async fn list<L: PolicyListing>(
    context: &ReadContext<'_>,
    subject: Subject<'_>,
    prefix: &str,
) -> Result<Vec<Value>, Diagnostics> {
    let shared = L::Lookup::shared_list(context);
    // The result must show the policies at the time of this read, so an older list is not used.
    let policies = context.newer_list(shared, L::Lookup::list(&context.client)).await;
    let policies = policies.map_err(|error| context.request_failed(subject, &error))?;
    let mut names_and_ids: Vec<(String, String)> = policies
        .iter()
        .map(L::Lookup::id_and_name)
        .filter(|(_, name)| name.to_lowercase().starts_with(prefix))
        .map(|(id, name)| (name.to_owned(), id.to_ascii_lowercase()))
        .collect();
    names_and_ids.sort_unstable();
    let mut elements = Vec::with_capacity(names_and_ids.len());
    for chunk in names_and_ids.chunks(CONCURRENT_COUNTS) {
        elements.extend(count_assignments::<L>(context, subject, chunk).await?);
    }
    Ok(elements)
}

/// Counts the assignments of each policy, and returns the elements of the list. `policies` are names and ids.
async fn count_assignments<L: PolicyListing>(
    context: &ReadContext<'_>,
    subject: Subject<'_>,
    policies: &[(String, String)],
) -> Result<Vec<Value>, Diagnostics> {
    let mut tasks = JoinSet::new();
    for (position, (_, id)) in policies.iter().enumerate() {
        let (client, id) = (context.client.clone(), id.clone());
        let count = async move { (position, observe::count(&client, L::KIND, &id).await) };
        tasks.spawn(count.in_current_span());
    }
    let by_position: BTreeMap<_, _> = tasks.join_all().await.into_iter().collect();
    let rows = policies.iter().zip(by_position.into_values()).map(|((name, id), counts)| {
        let counts = counts.map_err(|error| context.request_failed(subject, &error))?;
        Ok(to_value::<L>(name, id, counts))
    });
    rows.collect()
}

fn to_value<L: PolicyListing>(name: &str, id: &str, counts: AssignmentCounts) -> Value {
    Value::object([
        ("id", Value::string(id)),
        (L::Lookup::TEXTS.name_attribute, Value::string(name)),
        ("direct_assignment_count", count(counts.direct)),
        ("inherited_assignment_count", count(counts.inherited)),
    ])
}
