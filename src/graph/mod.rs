//! Microsoft Graph: requests as values, one place that sends.
