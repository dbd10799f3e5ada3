//! The parts of OData that Graph speaks in addresses: paths, query options, pages. Knows no entity.

pub mod page;
pub mod path;
pub mod query;
mod skip_token;
