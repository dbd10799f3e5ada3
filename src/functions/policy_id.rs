//! `policy_id`: finds the id of a policy in the address of its page.

use std::borrow::Cow;
use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

use crate::resources::assignments::validators::NotZeroGuid;
use crate::terraform::diagnostic::{list, quote};
use crate::terraform::function::{Function, FunctionError, Signature};
use crate::terraform::ty::Type;
use crate::terraform::validators::{Validator, guids_in, is_guid};
use crate::terraform::value::Value;

use super::parameters;

/// The name before the id in the addresses of the admin center, in lower case.
const NAME: &str = "policyid";

/// The characters that may enclose a name or an id, as in `"policyId":"…"`.
const ENCLOSING: &[char] = &['"', '\'', '{', '}', '(', ')', ' ', '\t', '\n', '\r'];

/// The characters that may separate the name from the id: `policyId/…`, `policyId~/"…"`, `policyId=…`.
const SEPARATORS: &[char] = &['/', '=', ':', '~'];

/// The maximum number of times that a text is decoded. An address inside another address is percent-encoded twice.
const MAX_DECODINGS: usize = 3;

const ACCEPTED: &str = "Pass the id of a policy, or the address of the policy's page in the Intune admin center. The \
                        address contains the id after \"policyId/\".";

/// The function `policy_id`.
pub struct PolicyId;

impl Function for PolicyId {
    fn signature(&self) -> Signature {
        Signature {
            name: "policy_id",
            parameters: vec![parameters::text(
                "text",
                "The id (GUID) of a policy, or the address of the policy's page in the Intune admin center.",
            )],
            variadic_parameter: None,
            returns: Type::String,
            summary: "Reads the id of a policy from the address of its page in the Intune admin center.",
            description: "Returns the id of the policy in lower case. In an address, the id follows `policyId/`; the \
                          address may be percent-encoded. A text that is already an id is returned in lower case, so \
                          a variable may hold either.\n\nThe function does not guess. An address that contains GUIDs \
                          but no `policyId` is an error; the error lists the GUIDs.",
        }
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let text = arguments.first().and_then(Value::as_str).unwrap_or_default();
        let id = find_id(text).map_err(|problem| {
            FunctionError::at(0, format!("The text is {}. {problem}{ACCEPTED}", quote(text)))
        })?;
        Ok(Value::string(id))
    }
}

/// Finds the id in a text.
///
/// # Errors
/// Describes what the text contains instead, in sentences that end with a space.
fn find_id(text: &str) -> Result<String, String> {
    let text = percent_decode(text);
    let trimmed = text.trim_matches(ENCLOSING);
    let id = if is_guid(trimmed) { trimmed.to_ascii_lowercase() } else { find_in_address(&text)? };
    match NotZeroGuid("Set the id of a policy.").check(&Value::string(&id)) {
        None => Ok(id),
        Some(_) => {
            Err("Its id is the all-zero GUID, which the admin center shows for a policy that does not exist yet. ".to_owned())
        }
    }
}

fn find_in_address(address: &str) -> Result<String, String> {
    let values: Vec<&str> = values_of_policy_id(address).collect();
    if values.is_empty() {
        return Err(describe_missing_policy_id(address));
    }
    let Some(ids) = values.iter().map(|value| leading_guid(value)).collect::<Option<BTreeSet<String>>>()
    else {
        return Err("What follows \"policyId/\" is not a GUID. ".to_owned());
    };
    match ids.first() {
        Some(id) if ids.len() == 1 => Ok(id.clone()),
        _ => Err(list_ids("It has several \"policyId/\" with different ids:", &ids)),
    }
}

fn describe_missing_policy_id(address: &str) -> String {
    let others: BTreeSet<String> = guids_in(address).map(str::to_ascii_lowercase).collect();
    if others.is_empty() {
        "It contains no GUID. ".to_owned()
    } else {
        list_ids("It has no \"policyId/\", and the GUIDs in it may be ids of something else:", &others)
    }
}

fn list_ids(heading: &str, ids: &BTreeSet<String>) -> String {
    format!("{heading}\n{}", list(ids.iter().cloned()))
}

/// The text after each `policyId` and its separators. Longer names, such as `basePolicyId`, do not count.
fn values_of_policy_id(address: &str) -> impl Iterator<Item = &str> {
    let lower = address.to_ascii_lowercase();
    let ends: Vec<(usize, usize)> =
        lower.match_indices(NAME).map(|(start, name)| (start, start + name.len())).collect();
    ends.into_iter().filter_map(move |(start, end)| {
        let before = address.get(..start)?.chars().next_back();
        let rest = address.get(end..)?.trim_start_matches(ENCLOSING);
        let is_named = !before.is_some_and(char::is_alphanumeric) && rest.starts_with(SEPARATORS);
        is_named.then(|| rest.trim_start_matches(SEPARATORS).trim_start_matches(ENCLOSING))
    })
}

/// The GUID at the start of a value, in lower case; `None` if the value starts with another word.
fn leading_guid(value: &str) -> Option<String> {
    let end = value.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(value.len());
    value.get(..end).filter(|word| is_guid(word)).map(str::to_ascii_lowercase)
}

/// Decodes percent-encoding until the text no longer changes, at most [`MAX_DECODINGS`] times.
fn percent_decode(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..MAX_DECODINGS {
        match percent_decode_str(&text).decode_utf8_lossy() {
            Cow::Owned(decoded) if decoded != text => text = decoded,
            _ => break,
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    const ID: &str = "0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294";
    const OTHER: &str = "6e2f9c17-d03b-4a85-b1c4-97a5d8e60f3b";
    const PAGE: &str =
        "https://intune.microsoft.com/#view/Microsoft_Intune_DeviceSettings/PolicySummaryBlade";

    #[test]
    fn ids_are_found_alone_and_in_addresses() {
        let upper = ID.to_uppercase();
        for text in [
            ID.to_owned(),
            upper.clone(),
            format!(" {ID}\n"),
            format!("{{{ID}}}"),
            format!("\"{ID}\""),
            format!("{PAGE}/policyId/{ID}"),
            format!("{PAGE}/policyId/{upper}/policyName/A%20name/templateId/{OTHER}_1"),
            format!("{PAGE}/templateId/{OTHER}/policyId/{ID}/isAssigned~/true"),
            format!("{PAGE}/policyId~/%22{ID}%22/platformName/windows10"),
            format!("{PAGE}/policyId/'{ID}'"),
            format!("{PAGE}%2FpolicyId%2F{ID}%2FplatformName"),
            format!("{PAGE}%252FpolicyId%252F{ID}%252FplatformName"),
            format!("{PAGE}?PolicyID={ID}&groupId={OTHER}"),
            format!("{PAGE}/~/%7B%22policyId%22%3A%22{ID}%22%7D"),
            format!("{PAGE}/policyId/{ID}?policyId={upper}"),
        ] {
            assert_eq!(find_id(&text).as_deref(), Ok(ID), "{text}");
        }
    }

    fn check_refused(text: &str, expected: &Expect) {
        let error = PolicyId.call(&[Value::string(text)]).unwrap_err();
        assert_eq!(error.argument, Some(0));
        expected.assert_eq(&error.text);
    }

    #[test]
    fn nothing_is_guessed() {
        check_refused(
            "MDE onboarding",
            &expect![[
                r#"The text is "MDE onboarding". It contains no GUID. Pass the id of a policy, or the address of the policy's page in the Intune admin center. The address contains the id after "policyId/"."#
            ]],
        );
        check_refused(
            "",
            &expect![[
                r#"The text is "". It contains no GUID. Pass the id of a policy, or the address of the policy's page in the Intune admin center. The address contains the id after "policyId/"."#
            ]],
        );
        check_refused(
            &format!("{PAGE}/groupId/{ID}"),
            &expect![[r#"
                The text is "https://intune.microsoft.com/#view/Microsoft_Intune_DeviceSettings/PolicySummaryBlade/groupId/0b8a3d"… (130 bytes). It has no "policyId/", and the GUIDs in it may be ids of something else:
                - 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294
                Pass the id of a policy, or the address of the policy's page in the Intune admin center. The address contains the id after "policyId/"."#]],
        );
        check_refused(
            &format!("{PAGE}/groupId/{OTHER}/basePolicyId/{ID}"),
            &expect![[r#"
                The text is "https://intune.microsoft.com/#view/Microsoft_Intune_DeviceSettings/PolicySummaryBlade/groupId/6e2f9c"… (180 bytes). It has no "policyId/", and the GUIDs in it may be ids of something else:
                - 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294
                - 6e2f9c17-d03b-4a85-b1c4-97a5d8e60f3b
                Pass the id of a policy, or the address of the policy's page in the Intune admin center. The address contains the id after "policyId/"."#]],
        );
        check_refused(
            &format!("policyId/{ID}/policyId/none"),
            &expect![[
                r#"The text is "policyId/0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294/policyId/none". What follows "policyId/" is not a GUID. Pass the id of a policy, or the address of the policy's page in the Intune admin center. The address contains the id after "policyId/"."#
            ]],
        );
        check_refused(
            &format!("{ID} {OTHER}"),
            &expect![[r#"
                The text is "0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294 6e2f9c17-d03b-4a85-b1c4-97a5d8e60f3b". It has no "policyId/", and the GUIDs in it may be ids of something else:
                - 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294
                - 6e2f9c17-d03b-4a85-b1c4-97a5d8e60f3b
                Pass the id of a policy, or the address of the policy's page in the Intune admin center. The address contains the id after "policyId/"."#]],
        );
        check_refused(
            &format!("policyId/{ID}/policyId/{OTHER}"),
            &expect![[r#"
                The text is "policyId/0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294/policyId/6e2f9c17-d03b-4a85-b1c4-97a5d8e60f3b". It has several "policyId/" with different ids:
                - 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294
                - 6e2f9c17-d03b-4a85-b1c4-97a5d8e60f3b
                Pass the id of a policy, or the address of the policy's page in the Intune admin center. The address contains the id after "policyId/"."#]],
        );
        check_refused(
            "policyId/All%20devices",
            &expect![[
                r#"The text is "policyId/All%20devices". What follows "policyId/" is not a GUID. Pass the id of a policy, or the address of the policy's page in the Intune admin center. The address contains the id after "policyId/"."#
            ]],
        );
        check_refused(
            &format!("policyId/{ID}_1"),
            &expect![[
                r#"The text is "policyId/0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294_1". What follows "policyId/" is not a GUID. Pass the id of a policy, or the address of the policy's page in the Intune admin center. The address contains the id after "policyId/"."#
            ]],
        );
        check_refused(
            &format!("policyId {ID}"),
            &expect![[r#"
                The text is "policyId 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294". It has no "policyId/", and the GUIDs in it may be ids of something else:
                - 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294
                Pass the id of a policy, or the address of the policy's page in the Intune admin center. The address contains the id after "policyId/"."#]],
        );
        check_refused(
            "policyId/00000000-0000-0000-0000-000000000000/",
            &expect![[
                r#"The text is "policyId/00000000-0000-0000-0000-000000000000/". Its id is the all-zero GUID, which the admin center shows for a policy that does not exist yet. Pass the id of a policy, or the address of the policy's page in the Intune admin center. The address contains the id after "policyId/"."#
            ]],
        );
    }
}
