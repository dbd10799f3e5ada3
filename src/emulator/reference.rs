//! What the emulator serves, as tables for the reference page (`docs/guides/emulator.md`). Tests call each entry.

/// A row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// A request, or a rule in JSON.
    pub form: &'static str,
    /// What it does.
    pub meaning: &'static str,
}

const fn entry(form: &'static str, meaning: &'static str) -> Entry {
    Entry { form, meaning }
}

/// Requests of Graph. `{version}` is `v1.0` or `beta`.
pub const GRAPH_ROUTES: [Entry; 44] = [
    entry(
        "GET /{version}/deviceManagement/deviceConfigurations",
        "policies; `$filter=displayName eq '…'`, `isof('microsoft.graph.…')` if the choice `typeFilter` accepts it, `$expand=assignments`, `$orderby`, `$count`, `$select`, `$top`",
    ),
    entry("POST /{version}/deviceManagement/deviceConfigurations", "creates a policy"),
    entry(
        "GET /{version}/deviceManagement/deviceConfigurations/{id}",
        "a policy; `$expand=assignments`, `$select`",
    ),
    entry("PATCH /{version}/deviceManagement/deviceConfigurations/{id}", "changes a policy"),
    entry(
        "DELETE /{version}/deviceManagement/deviceConfigurations/{id}",
        "deletes a policy with its assignments",
    ),
    entry(
        "POST /{version}/deviceManagement/deviceConfigurations/{id}/assign",
        "replaces the direct assignments",
    ),
    entry("GET /{version}/deviceManagement/deviceConfigurations/{id}/assignments", "the assignments"),
    entry("POST /{version}/deviceManagement/deviceConfigurations/{id}/assignments", "adds an assignment"),
    entry("GET /{version}/deviceManagement/deviceConfigurations/{id}/assignments/{row}", "an assignment"),
    entry(
        "DELETE /{version}/deviceManagement/deviceConfigurations/{id}/assignments/{row}",
        "removes an assignment",
    ),
    entry(
        "GET /beta/deviceManagement/configurationPolicies",
        "policies of the settings catalog, 25 a page; `$filter=templateReference/templateId eq '…'`, `templateReference/templateFamily eq '…'` or `name eq '…'`, `$expand=settings`, `$count`, `$select`, `$top`; `$expand=assignments` is accepted, but each policy then has an empty list",
    ),
    entry("POST /beta/deviceManagement/configurationPolicies", "creates a policy of the settings catalog"),
    entry(
        "GET /beta/deviceManagement/configurationPolicies/{id}",
        "a policy of the settings catalog; `$expand=settings`, `$select`",
    ),
    entry("PUT /beta/deviceManagement/configurationPolicies/{id}", "replaces the policy and its settings"),
    entry("PATCH /beta/deviceManagement/configurationPolicies/{id}", "changes members other than settings"),
    entry(
        "DELETE /beta/deviceManagement/configurationPolicies/{id}",
        "deletes a policy with its assignments",
    ),
    entry(
        "GET /beta/deviceManagement/configurationPolicies/{id}/settings",
        "the settings, with a reference in place of each secret value",
    ),
    entry("POST /beta/deviceManagement/configurationPolicies/{id}/assign", "replaces the direct assignments"),
    entry("GET /beta/deviceManagement/configurationPolicies/{id}/assignments", "the assignments"),
    entry("POST /beta/deviceManagement/configurationPolicies/{id}/assignments", "adds an assignment"),
    entry(
        "DELETE /beta/deviceManagement/configurationPolicies/{id}/assignments/{row}",
        "removes an assignment",
    ),
    entry("GET /beta/deviceManagement/assignmentFilters", "assignment filters"),
    entry("POST /beta/deviceManagement/assignmentFilters", "creates an assignment filter"),
    entry(
        "GET /beta/deviceManagement/assignmentFilters/{id}",
        "an assignment filter, with its uses in `payloads`",
    ),
    entry(
        "DELETE /beta/deviceManagement/assignmentFilters/{id}",
        "deletes an assignment filter that is not in use",
    ),
    entry("GET /beta/deviceManagement/roleScopeTags", "scope tags"),
    entry("GET /beta/deviceManagement/roleScopeTags/{id}", "a scope tag"),
    entry("GET /beta/deviceManagement/roleScopeTags/{id}/assignments", "always empty"),
    entry(
        "GET /{version}/deviceManagement/deviceConfigurations/{id}/deviceStatusOverview",
        "on how many devices a policy has arrived: zero, until test control or the tenant file sets it; `$select`",
    ),
    entry(
        "GET /beta/deviceManagement/advancedThreatProtectionOnboardingStateSummary",
        "the state of onboarding over all devices, set in the same ways; `$select`",
    ),
    entry(
        "GET /beta/deviceManagement/deviceConfigurationConflictSummary",
        "policies that conflict on devices, set in the same ways; `$select`, `$top`",
    ),
    entry(
        "GET /{version}/deviceManagement/mobileThreatDefenseConnectors",
        "the connectors of threat defense partners: none, until test control or the tenant file sets them; `$select`, `$top`",
    ),
    entry(
        "GET /{version}/deviceManagement/mobileThreatDefenseConnectors/{id}",
        "a connector; Defender's has the id `fc780465-2017-40d4-a0c5-307022471b92`",
    ),
    entry("GET /{version}/groups", "groups; `$filter=displayName eq '…'` or `startswith(displayName,'…')`"),
    entry("POST /{version}/groups", "creates a group"),
    entry("GET /{version}/groups/{id}", "a group"),
    entry("DELETE /{version}/groups/{id}", "deletes a group; assignments to it stay"),
    entry(
        "GET /{version}/groups/{id}/transitiveMembers",
        "always empty: of the members, only the counts are modeled",
    ),
    entry(
        "GET /{version}/groups/{id}/transitiveMembers/$count",
        "the number of members, as text; the header `ConsistencyLevel: eventual` is required",
    ),
    entry(
        "GET /{version}/groups/{id}/transitiveMembers/microsoft.graph.device/$count",
        "the same for the devices among them",
    ),
    entry(
        "GET /{version}/groups/{id}/transitiveMembers/microsoft.graph.user/$count",
        "the same for the users among them",
    ),
    entry("POST /{version}/directoryObjects/getByIds", "groups by id"),
    entry("POST /{version}/$batch", "up to 20 of these requests"),
    entry(
        "POST /{version}/deviceManagement/deviceConfigurations/{id}/microsoft.graph.assign",
        "the same as `assign`",
    ),
];

/// Requests for tokens, and what sign-in libraries read before.
pub const SIGN_IN_ROUTES: [Entry; 9] = [
    entry("POST /{tenant}/oauth2/v2.0/token", "the token endpoint, for `client_credentials`"),
    entry("GET /{tenant}/v2.0/.well-known/openid-configuration", "the OpenID configuration"),
    entry("GET /{tenant}/.well-known/openid-configuration", "the same in version 1.0"),
    entry("GET /{tenant}/discovery/v2.0/keys", "the keys that tokens are signed with"),
    entry("GET /common/discovery/instance", "the hosts of the cloud"),
    entry("GET /metadata/identity/oauth2/token", "the managed identity of a virtual machine"),
    entry(
        "GET /msi/token",
        "the managed identity of App Service; the header `X-IDENTITY-HEADER` must have the value of `identityHeader` in the tenant file",
    ),
    entry(
        "GET /_emulator/oidc/github",
        "`ACTIONS_ID_TOKEN_REQUEST_URL` of a GitHub job, with the `requestToken` of the tenant file as bearer token",
    ),
    entry("POST /_emulator/oidc/azure-devops", "`SYSTEM_OIDCREQUESTURI` of an Azure DevOps pipeline"),
];

/// Requests of test control.
pub const CONTROL_ROUTES: [Entry; 19] = [
    entry(
        "GET /_emulator/calls",
        "the Graph requests answered so far with counters, and the seed; the log keeps the last 20,000 requests and at most 8 MiB",
    ),
    entry("GET /_emulator/tokens", "the token requests so far, with assertions and without secrets"),
    entry("POST /_emulator/tokens/revoke", "makes Graph answer 401 to every token issued so far"),
    entry(
        "GET /_emulator/oidc/token?issuer=…&subject=…",
        "issues a token for a federated credential; `audience` and `lifetimeSeconds` are optional",
    ),
    entry("GET /_emulator/faults", "the active fault rules"),
    entry("POST /_emulator/faults", "adds a rule or an array of rules"),
    entry("DELETE /_emulator/faults", "removes all rules, and all reads are up to date again"),
    entry("GET /_emulator/semantics", "the choices about undocumented behavior"),
    entry("PUT /_emulator/semantics", "changes the choices that are sent"),
    entry(
        "POST /_emulator/reset",
        "restores the tenant file, the choices and the seed; forgets requests, counters and faults; tokens stay valid",
    ),
    entry(
        "GET /_emulator/deviceConfigurations/{id}/assignments",
        "all rows of a policy, even those that a fault rule hides from reads; the same for `configurationPolicies`",
    ),
    entry(
        "PUT /_emulator/deviceConfigurations/{id}/assignments",
        "replaces all rows of a policy, including those of policy sets; the same for `configurationPolicies`",
    ),
    entry(
        "PUT /_emulator/groups/{id}/transitiveMemberCounts",
        "sets the counts of a group's members: `{\"devices\": 412, \"users\": 390}`",
    ),
    entry(
        "PUT /_emulator/deviceConfigurations/{id}/deviceStatusOverview",
        "sets the overview of a policy: `{\"successCount\": 400, \"pendingCount\": 12}`; without `configurationVersion`, it is for the current version",
    ),
    entry(
        "PUT /_emulator/advancedThreatProtectionOnboardingStateSummary",
        "sets the state of onboarding over all devices: `{\"compliantDeviceCount\": 400}`",
    ),
    entry(
        "PUT /_emulator/deviceConfigurationConflictSummary",
        "replaces the conflicts by those of an array: `[{\"conflictingDeviceConfigurations\": [{\"id\": \"…\", \"displayName\": \"…\"}], \"contributingSettings\": [\"…\"], \"deviceCheckinsImpacted\": 3}]`",
    ),
    entry(
        "PUT /_emulator/mobileThreatDefenseConnectors",
        "replaces the connectors by those of an array: `[{\"id\": \"fc780465-2017-40d4-a0c5-307022471b92\", \"partnerState\": \"enabled\"}]`; `id` and `partnerState` are required, the heartbeat is now if it is left out",
    ),
    entry(
        "POST /_emulator/deviceConfigurations",
        "adds a policy; the same for `configurationPolicies`, `groups` and `assignmentFilters`",
    ),
    entry(
        "DELETE /_emulator/deviceConfigurations/{id}",
        "removes a policy; the same for `configurationPolicies`, `groups` and `assignmentFilters`",
    ),
];

/// Effects of fault rules.
pub const FAULT_EFFECTS: [Entry; 13] = [
    entry(
        r#"{"status": 503}"#,
        "the emulator answers with an error; `retryAfter` (`\"2\"`, `\"0.5\"`, a date, `\"now+2s\"`), `code`, `message`, `shape` (`plain`, `intune`, `nested`), `body` and `contentType` describe it, and `afterEffect` lets the request take effect first",
    ),
    entry(r#"{"cut": "before"}"#, "the connection is closed before the request takes effect"),
    entry(r#"{"cut": "after"}"#, "the connection is closed after the request has taken effect"),
    entry(r#"{"delay": "500ms"}"#, "the request is delayed, or with `afterEffect` its answer"),
    entry(
        r#"{"drip": "2s"}"#,
        "the request takes effect; its answer never ends, one space every two seconds",
    ),
    entry(
        r#"{"dropTargets": ["groupAssignmentTarget/5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c11"]}"#,
        "`assign` stores fewer rows than it was sent",
    ),
    entry(
        r##"{"addTargets": [{"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}]}"##,
        "`assign` stores more rows than it was sent",
    ),
    entry(
        r#"{"stale": 2}"#,
        "this many reads after an `assign` show the rows from before it; with `\"answer\": \"old\"` the `assign` answers with them, too",
    ),
    entry(
        r#"{"hide": 2}"#,
        "after the request, this many calls to its policy, or to the policy that it has created, are answered 404; lists still show the policy",
    ),
    entry(
        r#"{"hideCreated": 2}"#,
        "this many reads after a create do not show the new policy: lists lack it, and calls to it are answered 404",
    ),
    entry(
        r#"{"repeat": true}"#,
        "a create takes effect twice, and its answer is about the second policy. `repeat` and `hideCreated` can be combined with each other, and also with one of these: `\"cut\": \"after\"`, `status` with `afterEffect`, `delay`",
    ),
    entry(
        r#"{"hideGroups": ["5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c11"]}"#,
        "the directory does not know these groups",
    ),
    entry(
        r#"{"item": "missing"}"#,
        "an item of a batch is not answered; with `\"repeated\"` it is answered twice",
    ),
];
