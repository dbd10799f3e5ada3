//! The data sources: each reads something from Graph and changes nothing.
