//! What the provider offers: its resource types, data sources and functions. A new one needs an entry here.

use crate::functions::{Combine, PolicyId, Targets, WithFilter};
use crate::resources::atp_assignment::AtpAssignment;
use crate::resources::edr_assignment::EdrAssignment;
use crate::resources::session::Session;
use crate::terraform::data_source::RegisteredDataSource;
use crate::terraform::function::Function;
use crate::terraform::managed_resource::{Managed, ManagedResource};

/// A resource type as this provider runs it.
pub type ResourceType = Box<dyn ManagedResource<Session>>;

/// A data source as this provider runs it.
pub type DataSourceType = RegisteredDataSource<Session>;

/// Everything that a provider offers.
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
    vec![Box::new(Managed::new(AtpAssignment::new())), Box::new(Managed::new(EdrAssignment::new()))]
}

fn data_sources() -> Vec<DataSourceType> {
    vec![]
}

fn functions() -> Vec<Box<dyn Function>> {
    vec![Box::new(Combine), Box::new(PolicyId), Box::new(Targets), Box::new(WithFilter)]
}
