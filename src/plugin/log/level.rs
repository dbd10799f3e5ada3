//! The enabled log levels, from the log variables of Terraform and its Go SDK.

use tracing::Metadata;
use tracing::level_filters::LevelFilter;

/// The target of records from this crate, library and binary.
const CRATE: &str = "terraform_provider_defender";
/// The target of records from the protocol module.
const PROTOCOL_MODULE: &str = "terraform_provider_defender::protocol";

/// The value of `@module`, as in Go providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Module {
    /// Records of the provider.
    Provider,
    /// Records of protocol calls.
    Protocol,
}

impl Module {
    /// The module of a record; `None` for records of other crates, which are dropped.
    pub(super) fn from_metadata(metadata: &Metadata<'_>) -> Option<Self> {
        let target = metadata.target();
        if is_within(target, PROTOCOL_MODULE) {
            Some(Self::Protocol)
        } else if is_within(target, CRATE) {
            Some(Self::Provider)
        } else {
            None
        }
    }

    /// The value of `@module`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Protocol => "sdk.proto",
        }
    }
}

/// The most verbose level that is enabled, for each module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Levels {
    provider: LevelFilter,
    protocol: LevelFilter,
}

impl Levels {
    /// Reads the variables. `TF_LOG_PROVIDER`, or else `TF_LOG`, sets the level that Terraform shows.
    /// `TF_LOG_PROVIDER_DEFENDER` limits it further, or sets the level if neither is set. `TF_LOG_SDK_PROTO`, or else
    /// `TF_LOG_SDK`, limits the protocol's records further. An empty variable counts as unset.
    pub(super) fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let level = |name: &str| variable(name).filter(|level| !level.is_empty()).map(|level| parse(&level));
        let shown = level("TF_LOG_PROVIDER").or_else(|| level("TF_LOG"));
        let defender = level("TF_LOG_PROVIDER_DEFENDER");
        let provider = match (shown, defender) {
            (Some(shown), Some(defender)) => shown.min(defender),
            (shown, defender) => shown.or(defender).unwrap_or(LevelFilter::OFF),
        };
        let sdk = level("TF_LOG_SDK_PROTO").or_else(|| level("TF_LOG_SDK"));
        Self { provider, protocol: sdk.map_or(provider, |sdk| provider.min(sdk)) }
    }

    /// Whether no level is enabled.
    pub(super) fn are_all_off(&self) -> bool {
        self.provider == LevelFilter::OFF && self.protocol == LevelFilter::OFF
    }

    /// Whether a record or span is enabled. This crate's spans always are, because their fields belong to every
    /// record inside.
    pub(super) fn enables(&self, metadata: &Metadata<'_>) -> bool {
        let level = match Module::from_metadata(metadata) {
            None => return false,
            Some(Module::Provider) => self.provider,
            Some(Module::Protocol) => self.protocol,
        };
        metadata.is_span() || *metadata.level() <= level
    }
}

/// Parses a level like Terraform: in any case, and an unknown level means TRACE.
fn parse(level: &str) -> LevelFilter {
    match level.to_ascii_uppercase().as_str() {
        "OFF" => LevelFilter::OFF,
        "ERROR" => LevelFilter::ERROR,
        "WARN" => LevelFilter::WARN,
        "INFO" => LevelFilter::INFO,
        "DEBUG" => LevelFilter::DEBUG,
        // TRACE, JSON (TRACE in JSON format), and everything else.
        _ => LevelFilter::TRACE,
    }
}

/// Whether `target` is `module` or a module inside it.
fn is_within(target: &str, module: &str) -> bool {
    target.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(variables: &[(&str, &str)]) -> (LevelFilter, LevelFilter) {
        let levels = Levels::from_variables(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        });
        (levels.provider, levels.protocol)
    }

    const fn both(level: LevelFilter) -> (LevelFilter, LevelFilter) {
        (level, level)
    }

    #[test]
    fn no_level_is_enabled_without_a_variable() {
        assert_eq!(levels(&[]), both(LevelFilter::OFF));
        assert_eq!(levels(&[("TF_LOG", "")]), both(LevelFilter::OFF));
        assert_eq!(levels(&[("TF_LOG", "off")]), both(LevelFilter::OFF));
        assert_eq!(levels(&[("TF_LOG_CORE", "trace")]), both(LevelFilter::OFF));
        assert_eq!(levels(&[("TF_LOG_SDK_PROTO", "trace")]), both(LevelFilter::OFF));
    }

    #[test]
    fn levels_are_parsed_like_terraform() {
        let expected = [
            ("TRACE", LevelFilter::TRACE),
            ("debug", LevelFilter::DEBUG),
            ("Info", LevelFilter::INFO),
            ("WARN", LevelFilter::WARN),
            ("error", LevelFilter::ERROR),
            ("JSON", LevelFilter::TRACE),
            ("1", LevelFilter::TRACE),
        ];
        for (word, level) in expected {
            assert_eq!(levels(&[("TF_LOG", word)]), both(level), "{word}");
        }
    }

    #[test]
    fn the_provider_variable_overrides_the_general_one() {
        assert_eq!(levels(&[("TF_LOG", "trace"), ("TF_LOG_PROVIDER", "warn")]), both(LevelFilter::WARN));
        assert_eq!(levels(&[("TF_LOG", "warn"), ("TF_LOG_PROVIDER", "trace")]), both(LevelFilter::TRACE));
        assert_eq!(levels(&[("TF_LOG", "trace"), ("TF_LOG_PROVIDER", "off")]), both(LevelFilter::OFF));
    }

    #[test]
    fn the_defender_variable_limits_the_level_or_sets_it_alone() {
        assert_eq!(
            levels(&[("TF_LOG", "trace"), ("TF_LOG_PROVIDER_DEFENDER", "info")]),
            both(LevelFilter::INFO)
        );
        assert_eq!(
            levels(&[("TF_LOG", "warn"), ("TF_LOG_PROVIDER_DEFENDER", "trace")]),
            both(LevelFilter::WARN)
        );
        assert_eq!(levels(&[("TF_LOG_PROVIDER_DEFENDER", "debug")]), both(LevelFilter::DEBUG));
    }

    #[test]
    fn the_sdk_variables_limit_only_protocol_records() {
        let trace_without = |protocol| (LevelFilter::TRACE, protocol);
        assert_eq!(levels(&[("TF_LOG", "trace"), ("TF_LOG_SDK", "warn")]), trace_without(LevelFilter::WARN));
        let proto = [("TF_LOG", "trace"), ("TF_LOG_SDK", "warn"), ("TF_LOG_SDK_PROTO", "off")];
        assert_eq!(levels(&proto), trace_without(LevelFilter::OFF));
    }

    #[test]
    fn a_target_matches_a_module_by_whole_names() {
        assert!(is_within("terraform_provider_defender::protocol::service", PROTOCOL_MODULE));
        assert!(is_within(PROTOCOL_MODULE, PROTOCOL_MODULE));
        assert!(!is_within("terraform_provider_defender::protocols", PROTOCOL_MODULE));
        assert!(!is_within("terraform_provider_defender_extras", CRATE));
    }
}
