//! The provider functions: pure, offline, on targets in the shape of the resources.
