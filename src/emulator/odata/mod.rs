//! The parts of OData that Graph uses in addresses: paths, query options, pages. Knows no entity.

pub mod filter;
pub mod page;
pub mod path;
pub mod query;
mod skip_token;
