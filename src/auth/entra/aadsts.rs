//! What Entra's error numbers mean for an application that signs in ("Microsoft Entra authentication and
//! authorization error codes"). Numbers that we are not sure of are left to Entra's own text.

/// A number in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::auth) struct Meaning {
    /// Continues "Sign-in failed:".
    pub(in crate::auth) fact: &'static str,
    /// Continues "Next:".
    pub(in crate::auth) next: &'static str,
    /// Whether the claims that were presented are what is wrong, so that they have to be told.
    pub(in crate::auth) about_claims: bool,
}

/// The meaning of the first number that is known.
pub(in crate::auth) fn meaning(codes: &[u32]) -> Option<Meaning> {
    codes.iter().find_map(|code| of(*code))
}

const FEDERATION: &str = "compare the federated identity credential of the application with what was presented: \
    issuer, subject and audience must match letter for letter. In a pipeline the subject changes with branch, tag, \
    environment and pull request.";
const TENANT: &str = "check tenant_id (the GUID of the tenant or one of its domain names), and environment if the \
    tenant is in a national cloud.";
const CONSENT: &str =
    "grant the application permissions of Microsoft Graph and give admin consent in the tenant.";
const USER: &str = "this provider signs in applications, managed identities and the Azure CLI; run \"az login\" again, \
    or use an application.";

fn of(code: u32) -> Option<Meaning> {
    let (fact, next) = match code {
        7_000_215 => (
            "the client secret is wrong",
            "give the value of the client secret, not its ID (the portal shows the value only once, in the column \
             \"Value\"), and check that it belongs to this application.",
        ),
        7_000_222 => (
            "the client secret has expired",
            "make a new client secret for the application, or sign in with a certificate or OIDC, and give the new \
             value.",
        ),
        7_000_216 | 7_000_218 => (
            "the application presented no credential",
            "give client_secret, client_certificate or an OIDC token; check that it is not empty.",
        ),
        700_016 => (
            "the tenant does not know the application",
            "check client_id (the application's ID, not the object ID), and that the application is installed in this \
             tenant.",
        ),
        7_000_112 => {
            ("the application is disabled", "enable it in Entra, under Enterprise applications, Properties.")
        }
        90_002 => ("the tenant was not found", TENANT),
        900_021 | 900_023 => ("tenant_id is not the name of a tenant", TENANT),
        70_021 | 700_211 | 700_212 | 700_213 => {
            ("no federated identity credential matches the OIDC token", FEDERATION)
        }
        700_024 => (
            "the assertion is not valid at this time",
            "check the clock of this machine; an OIDC token that was given as text expires within minutes, so use a \
             file or a request URL instead.",
        ),
        700_027 => (
            "the certificate is not one of the application's",
            "upload the public part of this certificate to the application in Entra (Certificates & secrets), and \
             check that it has not expired. It was presented as PS256 with x5t#S256 and as RS256 with x5t.",
        ),
        5_002_730 => (
            "the authority does not take the signature of the assertion",
            "the assertion was signed as PS256 and as RS256, and neither was taken: check that the certificate has an \
             RSA key, and that the application's certificate at this authority is the same one.",
        ),
        53_003 | 530_003 | 50_005 | 53_000 | 53_001 => (
            "a Conditional Access policy blocks the sign-in",
            "ask whoever manages Conditional Access: policies for workload identities can limit from which addresses \
             an application signs in. The sign-in log of Entra has this attempt under the correlation id.",
        ),
        50_034 => ("the user does not exist in the tenant", USER),
        50_126 => ("user name or password are wrong", USER),
        50_076 | 50_079 | 50_173 => ("the person has to sign in again", USER),
        65_001 | 650_053 => ("consent is missing", CONSENT),
        70_011 => ("the scope is not one of this cloud", "check environment and graph_endpoint."),
        500_011 => (
            "the tenant does not know Microsoft Graph by this address",
            "check environment: the token is asked for from another cloud than the tenant's.",
        ),
        90_033 | 90_037 => ("Entra is not available", "run the command again in a minute."),
        _ => return None,
    };
    Some(Meaning { fact, next, about_claims: matches!(code, 70_021 | 700_211..=700_213 | 700_024) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_number_counts() {
        assert_eq!(meaning(&[1, 7_000_222, 7_000_215]).unwrap().fact, "the client secret has expired");
        assert_eq!(meaning(&[1, 2]), None);
    }

    #[test]
    fn whoever_federates_is_told_what_was_presented() {
        for code in [70_021, 700_211, 700_212, 700_213] {
            assert!(meaning(&[code]).unwrap().about_claims, "{code}");
        }
        assert!(!meaning(&[7_000_215]).unwrap().about_claims);
    }
}
