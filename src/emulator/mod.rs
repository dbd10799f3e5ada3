//! An offline Microsoft Graph with real state.
