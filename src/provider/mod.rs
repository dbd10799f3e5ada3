//! The provider block, and which resource is meant.
