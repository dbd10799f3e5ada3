//! Compares the permissions in a token with those that the provider requires ("deviceConfiguration resource type", "Get
//! group", permissions; Microsoft Graph beta reference). Sends nothing.

use crate::auth::claims::Claims;

/// What the identity is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// `terraform plan` and `terraform apply`.
    PlanAndApply,
    /// `terraform plan` only.
    PlanOnly,
}

/// What requires a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequiredFor {
    /// `terraform plan`, and therefore `terraform apply`.
    Plan,
    /// `terraform apply`.
    Apply,
    /// Neither.
    Nothing,
}

/// A permission that the provider uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// What the provider uses it for.
    pub usage: &'static str,
    /// What requires it.
    pub required_for: RequiredFor,
    /// Any one of these is enough. The first is the least privileged.
    pub any_of: &'static [&'static str],
}

/// All permissions that the provider uses, most important first.
pub const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        usage: "terraform plan: read policies, assignments and filters",
        required_for: RequiredFor::Plan,
        any_of: &["DeviceManagementConfiguration.Read.All", "DeviceManagementConfiguration.ReadWrite.All"],
    },
    Requirement {
        usage: "terraform apply: write assignments",
        required_for: RequiredFor::Apply,
        any_of: &["DeviceManagementConfiguration.ReadWrite.All"],
    },
    Requirement {
        usage: "preflight: detect at plan time that a group does not exist",
        required_for: RequiredFor::Nothing,
        any_of: &[
            "GroupMember.Read.All",
            "GroupMember.ReadWrite.All",
            "Group.Read.All",
            "Group.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
    },
];

/// The permissions in a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permissions {
    /// The `roles` of an application.
    Application(Vec<String>),
    /// The `scp` of a user.
    Delegated(Vec<String>),
    /// The token is opaque.
    Unknown,
}

/// Whether a requirement is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// By this permission.
    Granted(String),
    /// Not met.
    Missing,
    /// The token is opaque.
    Unknown,
}

impl Requirement {
    /// Whether an identity for this purpose needs the permission.
    pub fn is_required(&self, purpose: Purpose) -> bool {
        match self.required_for {
            RequiredFor::Plan => true,
            RequiredFor::Apply => purpose == Purpose::PlanAndApply,
            RequiredFor::Nothing => false,
        }
    }
}

impl Permissions {
    /// Reads the claims of a token. A token with both kinds is a delegated one.
    pub fn from_claims(claims: Option<&Claims>) -> Self {
        match claims {
            None => Self::Unknown,
            Some(Claims { scp: Some(scopes), .. }) => {
                Self::Delegated(scopes.split_whitespace().map(str::to_owned).collect())
            }
            Some(claims) => Self::Application(claims.roles.clone()),
        }
    }

    /// Whether a requirement is met.
    pub fn check(&self, requirement: &Requirement) -> Grant {
        let (Self::Application(granted) | Self::Delegated(granted)) = self else { return Grant::Unknown };
        let is_enough = |name: &&String| requirement.any_of.iter().any(|any| name.eq_ignore_ascii_case(any));
        granted.iter().find(is_enough).map_or(Grant::Missing, |name| Grant::Granted(name.clone()))
    }

    /// The required permissions that are certainly missing.
    pub fn missing(&self, purpose: Purpose) -> impl Iterator<Item = &'static Requirement> {
        let is_missing = move |requirement: &&Requirement| {
            requirement.is_required(purpose) && self.check(requirement) == Grant::Missing
        };
        REQUIREMENTS.iter().filter(is_missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(claims: Option<&Claims>) -> Vec<&'static str> {
        missing_for(Purpose::PlanAndApply, claims)
    }

    fn missing_for(purpose: Purpose, claims: Option<&Claims>) -> Vec<&'static str> {
        Permissions::from_claims(claims).missing(purpose).map(|missing| missing.any_of[0]).collect()
    }

    fn roles(names: &[&str]) -> Claims {
        let roles = names.iter().map(|name| (*name).to_owned()).collect();
        Claims { roles, ..Claims::default() }
    }

    #[test]
    fn writing_includes_reading() {
        assert!(missing(Some(&roles(&["DeviceManagementConfiguration.ReadWrite.All"]))).is_empty());
    }

    #[test]
    fn a_read_only_application_cannot_apply() {
        let found =
            missing(Some(&roles(&["DeviceManagementConfiguration.Read.All", "GroupMember.Read.All"])));
        assert_eq!(found, ["DeviceManagementConfiguration.ReadWrite.All"]);
    }

    #[test]
    fn a_read_only_application_is_enough_for_a_plan() {
        let reading = roles(&["DeviceManagementConfiguration.Read.All"]);
        assert!(missing_for(Purpose::PlanOnly, Some(&reading)).is_empty());
        let found = missing_for(Purpose::PlanOnly, Some(&roles(&["GroupMember.Read.All"])));
        assert_eq!(found, ["DeviceManagementConfiguration.Read.All"]);
    }

    #[test]
    fn a_token_without_roles_lacks_everything_and_an_opaque_one_is_unknown() {
        assert_eq!(missing(Some(&roles(&[]))).len(), 2);
        assert!(missing(None).is_empty());
    }

    #[test]
    fn delegated_permissions_are_checked_too() {
        let scp = Some("openid DeviceManagementConfiguration.ReadWrite.All".to_owned());
        assert!(missing(Some(&Claims { scp, ..Claims::default() })).is_empty());
    }
}
