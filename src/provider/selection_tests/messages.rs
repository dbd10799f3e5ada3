//! The messages if no method can be selected.

use expect_test::{Expect, expect};

use super::super::configuration::{from_environment, prepare};
use super::super::settings::Environment;
use super::notation::Scenario;
use crate::auth::selected_method::MethodName;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};

fn check(row: &str, expected: &Expect) {
    let scenario = Scenario::parse(row);
    let found = prepare(&scenario.settings(), "").err().unwrap().into_diagnostics();
    expected.assert_eq(&scenario.shorten(&printed(&found)));
}

fn printed(diagnostics: &Diagnostics) -> String {
    let one = |diagnostic: &Diagnostic| {
        let path = diagnostic.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
        format!("{path}{}\n{}\n", diagnostic.summary, diagnostic.detail)
    };
    diagnostics.iter().map(one).collect::<Vec<_>>().join("\n")
}

#[test]
fn incomplete_methods_show_missing_inputs_and_sources() {
    check(
        "ARM_CLIENT_SECRET=hunter2 client_id=C ARM_USE_OIDC=true",
        &expect![[r#"
            No sign-in method is complete
            Inputs are missing:
            - client secret: missing tenant_id. Given: client_secret (the environment variable ARM_CLIENT_SECRET), client_id (in the provider block).
            - OIDC token: missing oidc_token or oidc_token_file_path (or oidc_request_url with oidc_request_token, which GitHub Actions sets for jobs with the permission id-token: write); tenant_id. Given: use_oidc (the environment variable ARM_USE_OIDC), client_id (in the provider block).

            Add what is missing. To sign in with the Azure CLI instead, set use_cli = true or ARM_USE_CLI=true. Nothing was sent.
        "#]],
    );
}

#[test]
fn an_application_without_credential_shows_the_choices() {
    check(
        "ARM_CLIENT_ID=C ARM_TENANT_ID=T",
        &expect![[r#"
            No sign-in method is complete
            Inputs are missing:
            - an application: missing client_secret, client_certificate, use_oidc, use_aks_workload_identity or use_msi. Given: client_id (the environment variable ARM_CLIENT_ID).

            Add what is missing. To sign in with the Azure CLI instead, set use_cli = true or ARM_USE_CLI=true. Nothing was sent.
        "#]],
    );
}

#[test]
fn a_disabled_azure_cli_shows_how_to_configure_credentials() {
    check(
        "ARM_USE_CLI=false",
        &expect![[r#"
            No credentials are configured
            No sign-in method is configured, and the environment variable ARM_USE_CLI disables the Azure CLI. Nothing was sent.
            Next: set tenant_id and client_id (or ARM_TENANT_ID and ARM_CLIENT_ID), and one of client_secret (ARM_CLIENT_SECRET), client_certificate_path (ARM_CLIENT_CERTIFICATE_PATH) or use_oidc (ARM_USE_OIDC). On an Azure machine with a managed identity, use_msi (ARM_USE_MSI) is enough. To try the provider offline, start the emulator and set DEFENDER_GRAPH_ENDPOINT=http://127.0.0.1:8400 and DEFENDER_ACCESS_TOKEN=offline-token.
        "#]],
    );
}

#[test]
fn an_unknown_value_is_named() {
    check(
        "client_secret=? client_id=C tenant_id=T",
        &expect![[r#"
            client_secret: client_secret is not known yet
            The argument client_secret of the provider block depends on a value that is known only after apply, and this operation needs Microsoft Graph now. First apply what it depends on (with -target), or set a known value.
        "#]],
    );
}

#[test]
fn values_in_conflict_are_named_and_not_shown() {
    check(
        "client_secret=hunter2 client_secret_file_path=@correcthorse client_id=C tenant_id=T",
        &expect![[r#"
            client_secret: client_secret conflicts with client_secret_file_path
            The other value comes from the argument client_secret_file_path. Remove one of the two, or make them the same. Nothing was sent.
        "#]],
    );
}

#[test]
fn a_conflict_with_a_variable_of_the_pod_is_named() {
    check(
        "use_aks_workload_identity=true ARM_CLIENT_ID=C AZURE_CLIENT_ID=C2 AZURE_TENANT_ID=T AZURE_FEDERATED_TOKEN_FILE=@t",
        &expect![[r#"
            client_id conflicts with AZURE_CLIENT_ID
            The other value comes from the environment variable AZURE_CLIENT_ID. Remove one of the two, or make them the same. Nothing was sent.

            The value comes from the environment variable ARM_CLIENT_ID.
        "#]],
    );
}

#[test]
fn all_invalid_values_are_reported_at_once_with_their_source() {
    check(
        "tenant_id=hunter2! ARM_CLIENT_ID=hunter2 ARM_USE_MSI=hunter2 ARM_PARTNER_ID=hunter2 graph_endpoint=http://x",
        &expect![[r#"
            graph_endpoint: graph_endpoint is not the root of Microsoft Graph
            The value cannot be used: plain http is possible on loopback only (127.0.0.0/8, ::1, localhost), not to "x"; use https.

            Remove it to use the cloud's address, or set "http://127.0.0.1:8400" for an emulator on this machine. For an emulator on another host, set the environment variable DEFENDER_ALLOW_HTTP_HOST to that host.

            partner_id is not a GUID
            A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a". Names are not accepted here. Nothing was sent.

            The value comes from the environment variable ARM_PARTNER_ID.

            tenant_id: tenant_id is neither a tenant ID nor a domain name
            Use the tenant's GUID or one of its domain names, such as "T2": letters, digits, dots and hyphens. Nothing was sent.

            client_id is not a GUID
            A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a". Names are not accepted here. Nothing was sent.

            The value comes from the environment variable ARM_CLIENT_ID.

            use_msi is neither true nor false
            Write true or false. 1, t, T, TRUE, True and 0, f, F, FALSE, False are accepted too. Nothing was sent.

            The value comes from the environment variable ARM_USE_MSI.
        "#]],
    );
}

#[test]
fn invalid_choices_and_addresses_show_the_rule() {
    for (row, expected) in [
        (
            "AZURE_CLOUD=moon",
            expect![[r#"
            environment is not the name of a cloud
            The clouds are: global (or public), usgovernment (or usgovernmentl4), dod (or usgovernmentl5), china. Nothing was sent.

            The value comes from the environment variable AZURE_CLOUD.
        "#]],
        ),
        (
            "ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST=http://x",
            expect![[r#"
                authority_host is not a valid address
                The value cannot be used: plain http is possible on loopback only (127.0.0.0/8, ::1, localhost), not to "x"; use https. Nothing was sent.

                The value comes from the environment variable ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST.
            "#]],
        ),
        (
            "use_msi=true msi_endpoint=https://x",
            expect![[r#"
                msi_endpoint: msi_endpoint is not a valid address
                The value cannot be used: it must be the complete address, with path and without query, such as http://169.254.169.254/metadata/identity/oauth2/token. Nothing was sent.
            "#]],
        ),
        (
            "client_certificate=hunter2! tenant_id=T client_id=C",
            expect![[r#"
                client_certificate: client_certificate is not valid base64
                It accepts a PFX file in base64, as printed by `base64 -w0 FILE`. To use a file, set its name in client_certificate_path. Nothing was sent.
            "#]],
        ),
        (
            "DEFENDER_PREFLIGHT=loud",
            expect![[r#"
            preflight is not one of the allowed values
            The value is "loud". The choices are: error, warn, off. Nothing was sent.

            The value comes from the environment variable DEFENDER_PREFLIGHT.
        "#]],
        ),
    ] {
        check(row, &expected);
    }
}

#[test]
fn an_unreadable_file_shows_the_reason() {
    let scenario = Scenario::parse("client_secret_file_path=@! tenant_id=T client_id=C");
    let found = printed(&prepare(&scenario.settings(), "").err().unwrap().into_diagnostics());
    // The operating system words the reason.
    assert!(found.contains("The file cannot be read: ") && found.contains("os error"), "{found}");
}

#[test]
fn the_reason_of_a_selection_is_a_clause() {
    for (row, expected) in [
        ("", "no other method is configured, and use_cli is true by default"),
        ("use_cli=true ARM_CLIENT_ID=C", "use_cli is true, and no other method is complete"),
        ("ARM_USE_MSI=1", "use_msi is true"),
        ("access_token=t", "access_token is given, which takes precedence over every other method"),
        ("client_secret=s tenant_id=T client_id=C", "client_secret, tenant_id and client_id are given"),
        (
            "use_oidc=true oidc_token_file_path=@t ARM_TENANT_ID=T client_id=C",
            "use_oidc is true, and oidc_token_file_path, tenant_id and client_id are given",
        ),
    ] {
        let scenario = Scenario::parse(row);
        assert_eq!(prepare(&scenario.settings(), "").ok().unwrap().selected_method.reason, expected, "{row}");
    }
}

#[test]
fn the_environment_alone_is_enough() {
    let environment = |name: &str| (name == "DEFENDER_ACCESS_TOKEN").then(|| "t".to_owned());
    let prepared = from_environment(&(Box::new(environment) as Environment)).ok().unwrap();
    assert_eq!(prepared.selected_method.name, MethodName::AccessToken);
    let off: Environment = Box::new(|name| (name == "ARM_USE_CLI").then(|| "0".to_owned()));
    let problems = from_environment(&off).err().unwrap();
    assert!(problems.iter().any(|problem| problem.summary == "No credentials are configured"));
}

#[test]
fn the_block_is_checked_offline() {
    for (row, expected) in [
        ("client_id=x tenant_id=a/b authority_host=http://x graph_endpoint=x partner_id=x msi_endpoint=x", 6),
        ("client_secret=a client_secret_file_path=@b client_id=C client_id_file_path=@C2", 2),
        ("client_certificate=*", 1),
        ("oidc_request_url=http://x", 1),
        // Not reported: missing values, files of another machine, unknown values.
        ("client_secret=s client_id_file_path=@!", 0),
        ("client_id=? tenant_id=? graph_endpoint=? client_secret=?", 0),
        ("ARM_CLIENT_ID=x ARM_USE_MSI=x", 0),
        ("tenant_id=_ client_id=_ partner_id=_ msi_endpoint=_", 0),
    ] {
        let found = Scenario::parse(row).check();
        assert_eq!(found.iter().count(), expected, "{row}: {}", printed(&found));
        assert!(found.iter().all(|diagnostic| diagnostic.path.is_some()), "{row}");
    }
}
