//! What the provider offers: its resource types, data sources and functions. A new one needs an entry here.

use crate::data_sources::assignment_filter::FilterDataSource;
use crate::data_sources::assignments::AssignmentsDataSource;
use crate::data_sources::atp_configuration::AtpConfigurationDataSource;
use crate::data_sources::atp_configurations::AtpConfigurationsDataSource;
use crate::data_sources::edr_policies::EdrPoliciesDataSource;
use crate::data_sources::edr_policy::EdrPolicyDataSource;
use crate::data_sources::group::GroupDataSource;
use crate::data_sources::onboarding_status::OnboardingStatusDataSource;
use crate::data_sources::policy_conflicts::PolicyConflictsDataSource;
use crate::data_sources::policy_status::PolicyStatusDataSource;
use crate::functions::{Combine, PolicyId, Targets, WithFilter};
use crate::resources::assignments::kind::Kind;
use crate::resources::atp_assignment::{AtpAssignment, AtpKind};
use crate::resources::atp_configuration::AtpConfigurationResource;
use crate::resources::edr_assignment::{EdrAssignment, EdrKind};
use crate::resources::session::Session;
use crate::terraform::data_source::RegisteredDataSource;
use crate::terraform::function::Function;
use crate::terraform::managed_resource::{Managed, ManagedResource};

/// A resource type as this provider runs it.
pub type ResourceType = Box<dyn ManagedResource<Session>>;

/// A data source as this provider runs it.
pub type DataSourceType = RegisteredDataSource<Session>;

/// The resource types, data sources and functions of a provider.
#[derive(Default)]
pub struct Registry {
    /// The resource types.
    pub resources: Vec<ResourceType>,
    /// The data sources.
    pub data_sources: Vec<DataSourceType>,
    /// The functions.
    pub functions: Vec<Box<dyn Function>>,
}

impl Registry {
    /// What this provider offers.
    pub(super) fn complete() -> Self {
        Self { resources: resources(), data_sources: data_sources(), functions: functions() }
    }
}

fn resources() -> Vec<ResourceType> {
    vec![
        Box::new(Managed::new(AtpAssignment::new())),
        Box::new(Managed::new(AtpConfigurationResource)),
        Box::new(Managed::new(EdrAssignment::new())),
    ]
}

fn data_sources() -> Vec<DataSourceType> {
    vec![
        RegisteredDataSource::new(AssignmentsDataSource::new(AtpKind::KIND)),
        RegisteredDataSource::new(AssignmentsDataSource::new(EdrKind::KIND)),
        RegisteredDataSource::new(AtpConfigurationDataSource),
        RegisteredDataSource::new(AtpConfigurationsDataSource::new()),
        RegisteredDataSource::new(EdrPolicyDataSource),
        RegisteredDataSource::new(EdrPoliciesDataSource::new()),
        RegisteredDataSource::new(FilterDataSource),
        RegisteredDataSource::new(GroupDataSource),
        RegisteredDataSource::new(PolicyStatusDataSource),
        RegisteredDataSource::new(OnboardingStatusDataSource),
        RegisteredDataSource::new(PolicyConflictsDataSource),
    ]
}

fn functions() -> Vec<Box<dyn Function>> {
    vec![Box::new(Combine), Box::new(PolicyId), Box::new(Targets), Box::new(WithFilter)]
}
