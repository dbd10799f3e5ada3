//! How this provider introduces itself: its version, Terraform's, a partner, and what the user adds.

/// azuread's variable for the same purpose.
pub(super) const APPENDIX_VARIABLE: &str = "TF_APPEND_USER_AGENT";

const LONGEST_APPENDIX: usize = 256;

/// `terraform-provider-defender/0.1.0 Terraform/1.11.4 pid-GUID appendix`; what is not known is left out.
pub(super) fn user_agent(
    terraform_version: &str,
    partner_id: Option<&str>,
    appendix: Option<&str>,
) -> String {
    // A header takes visible ASCII only, and all of these come from outside.
    let version: String = terraform_version.chars().filter(char::is_ascii_graphic).take(64).collect();
    let appendix: String = appendix
        .unwrap_or_default()
        .chars()
        .filter(|character| *character == ' ' || character.is_ascii_graphic())
        .take(LONGEST_APPENDIX)
        .collect();
    let parts = [
        concat!("terraform-provider-defender/", env!("CARGO_PKG_VERSION")).to_owned(),
        if version.is_empty() { version } else { format!("Terraform/{version}") },
        partner_id.map(|id| format!("pid-{id}")).unwrap_or_default(),
        appendix.trim().to_owned(),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDER: &str = concat!("terraform-provider-defender/", env!("CARGO_PKG_VERSION"));

    #[test]
    fn the_user_agent_has_what_is_known() {
        for (version, partner_id, appendix, expected) in [
            ("", None, None, ""),
            ("1.11.4", None, None, " Terraform/1.11.4"),
            ("1.11.4", Some("ID"), Some(" ci/1 (x; y) "), " Terraform/1.11.4 pid-ID ci/1 (x; y)"),
            ("", None, Some("\r\n\u{fc}"), ""),
        ] {
            assert_eq!(user_agent(version, partner_id, appendix), format!("{PROVIDER}{expected}"));
        }
    }

    #[test]
    fn the_user_agent_takes_no_odd_characters_from_outside() {
        let header = user_agent("1.11.4\r\nX: y", None, Some("a\r\nX: y"));
        assert_eq!(header, format!("{PROVIDER} Terraform/1.11.4X:y aX: y"));
    }

    #[test]
    fn an_appendix_is_bounded() {
        assert_eq!(
            user_agent("", None, Some(&"x".repeat(5000))).len(),
            PROVIDER.len() + 1 + LONGEST_APPENDIX
        );
    }
}
