//! The meaning of Entra's error codes ("Microsoft Entra authentication and authorization error codes"). Contains only
//! codes whose meaning is certain; for other codes, the message shows Entra's own text.

/// The meaning of an error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::auth) struct CodeMeaning {
    /// The text after "Sign-in failed:".
    pub(in crate::auth) fact: &'static str,
    /// The text after "Next:".
    pub(in crate::auth) next: &'static str,
    /// Whether the presented claims help to find the cause. The message then shows the claims.
    pub(in crate::auth) is_about_claims: bool,
}

/// The meaning of the first known code.
pub(in crate::auth) fn code_meaning(codes: &[u32]) -> Option<CodeMeaning> {
    codes.iter().find_map(|code| find_meaning(*code))
}

const CHECK_FEDERATION: &str = "compare the federated identity credential of the application with the presented claims: \
    issuer, subject and audience must match exactly. In a pipeline the subject depends on branch, tag, environment and \
    pull request.";
const CHECK_TENANT: &str = "check tenant_id (the GUID of the tenant or one of its domain names), and environment if the \
    tenant is in a national cloud.";
const GRANT_CONSENT: &str = "grant the required Microsoft Graph permissions to the application, and give admin consent in the tenant.";
const SIGN_IN_AGAIN: &str = "run \"az login\" again, or sign in as an application. This provider cannot sign in with a user name and password.";

fn find_meaning(code: u32) -> Option<CodeMeaning> {
    let (fact, next) = match code {
        7_000_215 => (
            "the client secret is wrong",
            "set client_secret to the value of the secret, not to its ID (the portal shows the value only once, in the \
             column \"Value\"), and check that it belongs to this application.",
        ),
        7_000_222 => (
            "the client secret has expired",
            "create a new client secret for the application and configure its value, or sign in with a certificate or \
             OIDC.",
        ),
        7_000_216 | 7_000_218 => (
            "the application presented no credential",
            "set client_secret, client_certificate or an OIDC token, and check that it is not empty.",
        ),
        700_016 => (
            "the application does not exist in the tenant",
            "check that client_id is the application (client) ID, not the object ID, and that the application exists in \
             this tenant.",
        ),
        7_000_112 => {
            ("the application is disabled", "enable it in Entra, under Enterprise applications, Properties.")
        }
        90_002 => ("the tenant was not found", CHECK_TENANT),
        900_021 | 900_023 => ("tenant_id does not identify a tenant", CHECK_TENANT),
        70_021 | 700_211 | 700_212 | 700_213 => {
            ("no federated identity credential matches the OIDC token", CHECK_FEDERATION)
        }
        700_024 => (
            "the assertion is not valid at this time",
            "check the clock of this machine. An OIDC token in oidc_token expires within minutes; use a file or a request \
             URL instead.",
        ),
        700_027 => (
            "the certificate is not registered with the application",
            "upload the public part of this certificate to the application in Entra (Certificates & secrets), and \
             check that it has not expired. The assertion was signed as PS256 with x5t#S256 and as RS256 with x5t.",
        ),
        5_002_730 => (
            "the authority rejected the signature of the assertion",
            "check that the certificate has an RSA key and is the one registered with the application at this authority. \
             The assertion was signed as PS256 and as RS256, and both were rejected.",
        ),
        53_003 | 530_003 | 50_005 | 53_000 | 53_001 => (
            "a Conditional Access policy blocks the sign-in",
            "ask your Conditional Access administrator: policies for workload identities can restrict the IP \
             addresses from which an application signs in. The Entra sign-in log shows this attempt under the \
             correlation ID.",
        ),
        50_034 => ("the user does not exist in the tenant", SIGN_IN_AGAIN),
        50_126 => ("the user name or password is wrong", SIGN_IN_AGAIN),
        50_076 | 50_079 | 50_173 => ("the user has to sign in again", SIGN_IN_AGAIN),
        65_001 | 650_053 => ("consent is missing", GRANT_CONSENT),
        70_011 => ("the scope does not exist in this cloud", "check environment and graph_endpoint."),
        500_011 => (
            "Microsoft Graph at this address is unknown in the tenant",
            "check environment: the tenant is in another cloud.",
        ),
        90_033 | 90_037 => ("Entra is not available", "run the command again in a minute."),
        _ => return None,
    };
    // For 700024, the claims show which token was presented at the wrong time.
    Some(CodeMeaning { fact, next, is_about_claims: matches!(code, 70_021 | 700_211..=700_213 | 700_024) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_code_is_used() {
        assert_eq!(code_meaning(&[1, 7_000_222, 7_000_215]).unwrap().fact, "the client secret has expired");
        assert_eq!(code_meaning(&[1, 2]), None);
    }

    #[test]
    fn federation_errors_show_the_presented_claims() {
        for code in [70_021, 700_211, 700_212, 700_213] {
            assert!(code_meaning(&[code]).unwrap().is_about_claims, "{code}");
        }
        assert!(!code_meaning(&[7_000_215]).unwrap().is_about_claims);
    }
}
