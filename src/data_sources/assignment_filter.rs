//! `defender_assignment_filter`: an assignment filter by its id or its name. All look-ups share one list.

use async_trait::async_trait;

use crate::graph::types::AssignmentFilter;
use crate::resources::session::Session;
use crate::terraform::data_source::{DataSource, DataSourceCall};
use crate::terraform::diagnostic::Diagnostics;
use crate::terraform::schema::Schema;
use crate::terraform::value::Value;

use super::attributes::{computed_text, schema};
use super::id_or_name::{ID, LookupKey, LookupTexts, is_same_name};
use super::read_context::{INTUNE_PERMISSION, ReadContext, Subject};
use super::values::{complete, configured, text};

const DISPLAY_NAME: &str = "display_name";

const TEXTS: LookupTexts = LookupTexts {
    object: "assignment filter",
    objects: "assignment filters",
    name_attribute: DISPLAY_NAME,
    place: "Intune",
    id_source: "The Intune admin center shows it in the address of the filter's page (Tenant administration, \
                Filters), after \"assignmentFilterId/\". To look up the filter by its name, set display_name instead.",
};

/// The data source.
#[derive(Debug)]
pub struct FilterDataSource;

#[async_trait]
impl DataSource for FilterDataSource {
    type Session = Session;

    fn type_name(&self) -> &'static str {
        "defender_assignment_filter"
    }

    fn schema(&self) -> Schema {
        let [id, name] = TEXTS.attributes(
            "Id (GUID) of the filter. Set either `id` or `display_name`.",
            "Name of the filter (case-insensitive). Set either `id` or `display_name`.",
        );
        schema(
            "Finds an Intune assignment filter by its name or its id. The look-up fails if no filter or more than one \
             has that name, so that a filter never disappears from an assignment unnoticed.\n\nAll filter look-ups of \
             a plan share one list.\n\nLeast permission: `DeviceManagementConfiguration.Read.All`.",
            vec![
                id,
                name,
                computed_text(
                    "platform",
                    "The platform whose policies may use the filter, as Graph names it, such as `windows10AndLater`.",
                ),
                computed_text("rule", "The rule that a device must match."),
            ],
        )
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        TEXTS.validate(config)
    }

    async fn read(
        &self,
        call: &mut DataSourceCall<'_, Session>,
        config: &Value,
    ) -> Result<Value, Diagnostics> {
        let key = TEXTS.lookup_key(config);
        let context = ReadContext::new(call, config);
        let object = TEXTS.describe(&key);
        let subject = Subject { object: &object, permission: INTUNE_PERMISSION };
        let filter = context.within_deadline(subject, look_up(&context, subject, &key)).await?;
        Ok(complete(
            config,
            [
                (ID, Value::string(configured(config, ID).unwrap_or(&filter.id))),
                (DISPLAY_NAME, text(configured(config, DISPLAY_NAME).or(filter.display_name.as_deref()))),
                ("platform", text(filter.platform.as_deref())),
                ("rule", text(filter.rule.as_deref())),
            ],
        ))
    }
}

async fn look_up(
    context: &ReadContext<'_>,
    subject: Subject<'_>,
    key: &LookupKey,
) -> Result<AssignmentFilter, Diagnostics> {
    let list = &context.session.lists.filters;
    let fetch = || context.client.list_assignment_filters();
    let failed = |error| context.request_failed(subject, &error);
    let filters = context.list(list, fetch()).await.map_err(failed)?;
    let found = find_matching(key, &filters);
    if !found.is_empty() {
        return TEXTS.require_one(key, found, id_and_name);
    }
    // The filter may be newer than the list.
    let filters = context.newer_list(list, fetch()).await.map_err(failed)?;
    let found = find_matching(key, &filters);
    if found.is_empty() {
        let names: Vec<&str> = filters.iter().map(|filter| id_and_name(filter).1).collect();
        return Err(TEXTS.not_found(key, &names));
    }
    TEXTS.require_one(key, found, id_and_name)
}

fn find_matching(key: &LookupKey, filters: &[AssignmentFilter]) -> Vec<AssignmentFilter> {
    let matches = |filter: &&AssignmentFilter| match key {
        LookupKey::Id(id) => filter.id.eq_ignore_ascii_case(id),
        LookupKey::Name(name) => is_same_name(filter.display_name.as_deref(), name),
    };
    filters.iter().filter(matches).cloned().collect()
}

fn id_and_name(filter: &AssignmentFilter) -> (&str, &str) {
    (&filter.id, filter.display_name.as_deref().unwrap_or_default())
}
