//! The messages of failed sign-ins.

use std::sync::Arc;
use std::time::Duration;

use expect_test::{Expect, expect};

use super::*;
use crate::auth::inputs::InputOrigin;

fn selected_method(name: MethodName) -> SelectedMethod {
    SelectedMethod {
        name,
        reason: "client_secret is given".into(),
        inputs: vec![
            ("client_id", InputOrigin::Variable("ARM_CLIENT_ID")),
            ("client_secret", InputOrigin::Argument("client_secret")),
        ],
        tenant_id: Some("contoso.example".into()),
        client_id: Some("2d6d1c6b-0000-4000-8000-000000000001".into()),
    }
}

fn explain_with(method: MethodName, failure: SignInFailure) -> String {
    let explanation = Explanation::from_error(&Error::new(selected_method(method), failure));
    format!("{}\n{explanation}\n", explanation.summary)
}

fn rejected(code: u32, description: &str) -> SignInFailure {
    SignInFailure::Rejected(Box::new(ErrorResponse {
        service: "login.microsoftonline.com".into(),
        status: 401,
        error: "invalid_client".into(),
        description: format!("AADSTS{code}: {description}"),
        codes: vec![code],
        trace_id: Some("t-1".into()),
        correlation_id: Some("c-1".into()),
        timestamp: Some("2026-01-31 09:12:44Z".into()),
        presented_claims: Some(Box::new(Claims {
            iss: Some("https://token.actions.githubusercontent.com".into()),
            sub: Some("repo:contoso/infra:ref:refs/heads/main".into()),
            aud: None,
            ..Claims::default()
        })),
    }))
}

fn check(texts: &[String], expected: &Expect) {
    expected.assert_eq(&texts.join("\n"));
}

#[test]
fn a_rejection_shows_method_inputs_identity_and_ids() {
    check(
        &[
            explain_with(
                MethodName::ClientSecret,
                rejected(7_000_222, "The provided client secret keys are expired."),
            ),
            explain_with(
                MethodName::GitHubActions,
                rejected(700_213, "No matching federated identity record found."),
            ),
            explain_with(MethodName::ClientSecret, rejected(1, "Something new.")),
        ],
        &expect![[r#"
            Sign-in failed: the client secret has expired
            login.microsoftonline.com refused the sign-in with client secret. Its message: "AADSTS7000222: The provided client secret keys are expired."
            Method: client secret (client_secret is given).
            Inputs: client_id from the environment variable ARM_CLIENT_ID, client_secret from the argument client_secret.
            Identity: tenant contoso.example, client 2d6d1c6b-0000-4000-8000-000000000001.
            Response: status 401, invalid_client, AADSTS7000222, trace id t-1, correlation id c-1, 2026-01-31 09:12:44Z.
            Next: create a new client secret for the application and configure its value, or sign in with a certificate or OIDC.

            Sign-in failed: no federated identity credential matches the OIDC token
            login.microsoftonline.com refused the sign-in with GitHub Actions OIDC. Its message: "AADSTS700213: No matching federated identity record found."
            Method: GitHub Actions OIDC (client_secret is given).
            Inputs: client_id from the environment variable ARM_CLIENT_ID, client_secret from the argument client_secret.
            Identity: tenant contoso.example, client 2d6d1c6b-0000-4000-8000-000000000001.
            Presented: issuer "https://token.actions.githubusercontent.com", subject "repo:contoso/infra:ref:refs/heads/main", audience none.
            Response: status 401, invalid_client, AADSTS700213, trace id t-1, correlation id c-1, 2026-01-31 09:12:44Z.
            Next: compare the federated identity credential of the application with the presented claims: issuer, subject and audience must match exactly. In a pipeline the subject depends on branch, tag, environment and pull request.

            Sign-in failed: login.microsoftonline.com refused the sign-in
            login.microsoftonline.com refused the sign-in with client secret. Its message: "AADSTS1: Something new."
            Method: client secret (client_secret is given).
            Inputs: client_id from the environment variable ARM_CLIENT_ID, client_secret from the argument client_secret.
            Identity: tenant contoso.example, client 2d6d1c6b-0000-4000-8000-000000000001.
            Response: status 401, invalid_client, AADSTS1, trace id t-1, correlation id c-1, 2026-01-31 09:12:44Z.
            Next: fix the cause that the message names. The sign-in log of Entra shows this attempt under the correlation id.
        "#]],
    );
}

#[test]
fn an_unreachable_service_shows_the_likely_cause() {
    let tls = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
    let untrusted = transport::TransportError::NotReached(Arc::new(std::io::Error::other(tls)));
    let service = || "login.microsoftonline.com".to_owned();
    check(
        &[
            explain_with(
                MethodName::ClientSecret,
                SignInFailure::NoResponse { service: service(), cause: untrusted },
            ),
            explain_with(
                MethodName::ClientSecret,
                SignInFailure::UnexpectedResponse {
                    service: service(),
                    status: 403,
                    excerpt: "<html> Blocked".into(),
                },
            ),
            explain_with(
                MethodName::ManagedIdentity,
                SignInFailure::TimedOut { service: "169.254.169.254".into(), limit: Duration::from_secs(30) },
            ),
        ],
        &expect![[r#"
            Sign-in failed: the certificate of login.microsoftonline.com is not trusted
            login.microsoftonline.com did not answer: invalid peer certificate: UnknownIssuer.
            Method: client secret (client_secret is given).
            Inputs: client_id from the environment variable ARM_CLIENT_ID, client_secret from the argument client_secret.
            Identity: tenant contoso.example, client 2d6d1c6b-0000-4000-8000-000000000001.
            Next: does a proxy inspect TLS on the way? If so, set the environment variable SSL_CERT_FILE to a PEM file that holds its CA certificate beside the usual ones.

            Sign-in failed: login.microsoftonline.com sent an unexpected response
            login.microsoftonline.com answered with status 403 and "<html> Blocked".
            Method: client secret (client_secret is given).
            Inputs: client_id from the environment variable ARM_CLIENT_ID, client_secret from the argument client_secret.
            Identity: tenant contoso.example, client 2d6d1c6b-0000-4000-8000-000000000001.
            Next: a proxy or gateway may have answered instead; check the network path, then run the command again.

            Sign-in failed: 169.254.169.254 did not answer in time
            169.254.169.254 did not answer within 30 seconds.
            Method: managed identity (client_secret is given).
            Inputs: client_id from the environment variable ARM_CLIENT_ID, client_secret from the argument client_secret.
            Identity: tenant contoso.example, client 2d6d1c6b-0000-4000-8000-000000000001.
            Next: use_msi works only on Azure machines that have a managed identity; configure another method elsewhere. Check msi_endpoint if it is given.
        "#]],
    );
}

#[test]
fn the_azure_cli_selected_by_use_cli_has_its_own_advice() {
    let mut method = selected_method(MethodName::AzureCli);
    method.inputs.push(("use_cli", InputOrigin::Argument("use_cli")));
    let failure = SignInFailure::ProgramFailed { program: "az", message: "it was not found on PATH".into() };
    let explanation = Explanation::from_error(&Error::new(method, failure));
    assert_eq!(explanation.summary, "Sign-in failed: the Azure CLI was not found");
    assert_eq!(explanation.next, "install the Azure CLI, or configure another method.");
}

#[test]
fn pipelines_programs_and_inputs_have_their_own_advice() {
    let denied = |service: &str| {
        Box::new(SignInFailure::UnexpectedResponse {
            service: service.into(),
            status: 403,
            excerpt: "denied".into(),
        })
    };
    check(
        &[
            explain_with(
                MethodName::GitHubActions,
                SignInFailure::NoOidcToken { provider: "GitHub Actions", cause: denied("pipelines.example") },
            ),
            explain_with(
                MethodName::AzureDevOps,
                SignInFailure::NoOidcToken { provider: "Azure DevOps", cause: denied("dev.example") },
            ),
            explain_with(
                MethodName::AzureCli,
                SignInFailure::ProgramFailed {
                    program: "az",
                    message: "Please run \"az login\" to setup account.".into(),
                },
            ),
            explain_with(
                MethodName::OidcToken,
                SignInFailure::InvalidInput {
                    input: "oidc_token",
                    reason: "it expired at 2026-01-31T09:12:44Z".into(),
                },
            ),
        ],
        &expect![[r#"
            Sign-in failed: GitHub Actions issued no OIDC token
            pipelines.example answered with status 403 and "denied".
            Method: GitHub Actions OIDC (client_secret is given).
            Inputs: client_id from the environment variable ARM_CLIENT_ID, client_secret from the argument client_secret.
            Identity: tenant contoso.example, client 2d6d1c6b-0000-4000-8000-000000000001.
            Next: give the job the permission to request an OIDC token (permissions: id-token: write), and run the provider in the job that received the request URL and token.

            Sign-in failed: Azure DevOps issued no OIDC token
            dev.example answered with status 403 and "denied".
            Method: Azure DevOps OIDC (client_secret is given).
            Inputs: client_id from the environment variable ARM_CLIENT_ID, client_secret from the argument client_secret.
            Identity: tenant contoso.example, client 2d6d1c6b-0000-4000-8000-000000000001.
            Next: map SYSTEM_ACCESSTOKEN into the environment of the step (env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)), and check that the service connection ID exists and that the pipeline is authorized to use it.

            Sign-in failed: no credentials are configured, and the Azure CLI is not signed in
            az: Please run "az login" to setup account.
            Method: Azure CLI (client_secret is given).
            Inputs: client_id from the environment variable ARM_CLIENT_ID, client_secret from the argument client_secret.
            Identity: tenant contoso.example, client 2d6d1c6b-0000-4000-8000-000000000001.
            Next: set tenant_id and client_id (or ARM_TENANT_ID and ARM_CLIENT_ID), and one of client_secret (ARM_CLIENT_SECRET), client_certificate_path (ARM_CLIENT_CERTIFICATE_PATH) or use_oidc (ARM_USE_OIDC). On an Azure machine with a managed identity, use_msi (ARM_USE_MSI) is enough. To try the provider offline, start the emulator and set DEFENDER_GRAPH_ENDPOINT=http://127.0.0.1:8400 and DEFENDER_ACCESS_TOKEN=offline-token. For the Azure CLI: run "az login" (with "--tenant" for a tenant other than its default), or configure another method.

            Sign-in failed: oidc_token cannot be used
            oidc_token cannot be used: it expired at 2026-01-31T09:12:44Z. Nothing was sent.
            Method: OIDC token (client_secret is given).
            Inputs: client_id from the environment variable ARM_CLIENT_ID, client_secret from the argument client_secret.
            Identity: tenant contoso.example, client 2d6d1c6b-0000-4000-8000-000000000001.
            Next: correct oidc_token, then run the command again.
        "#]],
    );
}
