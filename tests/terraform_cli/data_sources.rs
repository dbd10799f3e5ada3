//! Data sources with real Terraform: what they find, what they refuse, and when Terraform reads them.

mod found;
mod refused;
mod requests;
mod tenant;
mod timing;

pub use self::found::*;
pub use self::refused::*;
pub use self::requests::*;
pub use self::timing::*;
