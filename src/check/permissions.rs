//! What a token may do against what the provider needs ("deviceConfiguration resource type", "Get group", permissions;
//! Microsoft Graph beta reference). Asks nobody: a token says itself what it may.

use crate::auth::claims::Claims;

/// What the identity is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Plans and applies.
    Applies,
    /// Plans alone.
    Plans,
}

/// What cannot be done without a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Neither plans nor applies.
    Plan,
    /// Applies.
    Apply,
    /// Nothing that matters.
    Optional,
}

/// What one part of the provider's work needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// What cannot be done without it.
    pub purpose: &'static str,
    /// What cannot be done without it.
    pub weight: Weight,
    /// Any one of these is enough; the first is the least.
    pub any_of: &'static [&'static str],
}

/// Everything that the provider needs, most important first.
pub const NEEDS: &[Need] = &[
    Need {
        purpose: "terraform plan: read policies, assignments and filters",
        weight: Weight::Plan,
        any_of: &["DeviceManagementConfiguration.Read.All", "DeviceManagementConfiguration.ReadWrite.All"],
    },
    Need {
        purpose: "terraform apply: write assignments",
        weight: Weight::Apply,
        any_of: &["DeviceManagementConfiguration.ReadWrite.All"],
    },
    Need {
        purpose: "preflight: tell at plan time that a group does not exist",
        weight: Weight::Optional,
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

/// The permissions that a token carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permissions {
    /// Of an application: `roles`.
    Application(Vec<String>),
    /// Of a person: `scp`.
    Delegated(Vec<String>),
    /// The token is opaque.
    NotTold,
}

/// How one need is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Met {
    /// By this permission.
    By(String),
    /// Not at all.
    Missing,
    /// The token does not say.
    NotTold,
}

impl Need {
    /// Whether an identity that is for this is of no use without it.
    pub fn is_required(&self, scope: Scope) -> bool {
        match self.weight {
            Weight::Plan => true,
            Weight::Apply => scope == Scope::Applies,
            Weight::Optional => false,
        }
    }
}

impl Permissions {
    /// Reads them from the claims of a token; a token without claims tells nothing. A token that has both kinds is a
    /// person's.
    pub fn of(claims: Option<&Claims>) -> Self {
        match claims {
            None => Self::NotTold,
            Some(Claims { scp: Some(scopes), .. }) => {
                Self::Delegated(scopes.split_whitespace().map(str::to_owned).collect())
            }
            Some(claims) => Self::Application(claims.roles.clone()),
        }
    }

    /// How a need is met.
    pub fn meet(&self, need: &Need) -> Met {
        let (Self::Application(granted) | Self::Delegated(granted)) = self else { return Met::NotTold };
        let wanted =
            |permission: &&String| need.any_of.iter().any(|name| permission.eq_ignore_ascii_case(name));
        granted.iter().find(wanted).map_or(Met::Missing, |permission| Met::By(permission.clone()))
    }

    /// The needs without which the identity is of no use and that are not met for certain.
    pub fn missing(&self, scope: Scope) -> impl Iterator<Item = &'static Need> {
        NEEDS.iter().filter(move |need| need.is_required(scope) && self.meet(need) == Met::Missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(claims: Option<&Claims>) -> Vec<&'static str> {
        missing_for(Scope::Applies, claims)
    }

    fn missing_for(scope: Scope, claims: Option<&Claims>) -> Vec<&'static str> {
        Permissions::of(claims).missing(scope).map(|need| need.any_of[0]).collect()
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
    fn a_read_only_application_is_all_that_a_plan_needs() {
        let reading = roles(&["DeviceManagementConfiguration.Read.All"]);
        assert!(missing_for(Scope::Plans, Some(&reading)).is_empty());
        let found = missing_for(Scope::Plans, Some(&roles(&["GroupMember.Read.All"])));
        assert_eq!(found, ["DeviceManagementConfiguration.Read.All"]);
    }

    #[test]
    fn a_token_without_roles_may_nothing_and_an_opaque_one_is_not_judged() {
        assert_eq!(missing(Some(&roles(&[]))).len(), 2);
        assert!(missing(None).is_empty());
    }

    #[test]
    fn the_scopes_of_a_person_count_as_well() {
        let scp = Some("openid DeviceManagementConfiguration.ReadWrite.All".to_owned());
        assert!(missing(Some(&Claims { scp, ..Claims::default() })).is_empty());
    }
}
