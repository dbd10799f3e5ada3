//! The user agent: the versions of this provider and of Terraform, a partner ID, and the user's own suffix.

/// azuread's variable for the same purpose.
pub(super) const SUFFIX_VARIABLE: &str = "TF_APPEND_USER_AGENT";

const MAX_SUFFIX_CHARACTERS: usize = 256;

/// `terraform-provider-defender/0.1.0 Terraform/1.11.4 pid-GUID suffix`; unknown parts are left out.
pub(super) fn user_agent(terraform_version: &str, partner_id: Option<&str>, suffix: Option<&str>) -> String {
    // All of these come from outside, and a header must be visible ASCII.
    let version: String = terraform_version.chars().filter(char::is_ascii_graphic).take(64).collect();
    let suffix: String = suffix
        .unwrap_or_default()
        .chars()
        .filter(|character| *character == ' ' || character.is_ascii_graphic())
        .take(MAX_SUFFIX_CHARACTERS)
        .collect();
    let parts = [
        concat!("terraform-provider-defender/", env!("CARGO_PKG_VERSION")).to_owned(),
        if version.is_empty() { version } else { format!("Terraform/{version}") },
        partner_id.map(|id| format!("pid-{id}")).unwrap_or_default(),
        suffix.trim().to_owned(),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDER: &str = concat!("terraform-provider-defender/", env!("CARGO_PKG_VERSION"));

    #[test]
    fn the_user_agent_has_the_known_parts() {
        for (version, partner_id, suffix, expected) in [
            ("", None, None, ""),
            ("1.11.4", None, None, " Terraform/1.11.4"),
            ("1.11.4", Some("ID"), Some(" ci/1 (x; y) "), " Terraform/1.11.4 pid-ID ci/1 (x; y)"),
            ("", None, Some("\r\n\u{fc}"), ""),
        ] {
            assert_eq!(user_agent(version, partner_id, suffix), format!("{PROVIDER}{expected}"));
        }
    }

    #[test]
    fn characters_that_are_not_visible_ascii_are_removed() {
        let header = user_agent("1.11.4\r\nX: y", None, Some("a\r\nX: y"));
        assert_eq!(header, format!("{PROVIDER} Terraform/1.11.4X:y aX: y"));
    }

    #[test]
    fn a_suffix_is_truncated() {
        assert_eq!(
            user_agent("", None, Some(&"x".repeat(5000))).len(),
            PROVIDER.len() + 1 + MAX_SUFFIX_CHARACTERS
        );
    }
}
