//! Which records are wanted: the log variables of Terraform and of its Go SDK, and what they mean together.

use tracing::Metadata;
use tracing::level_filters::LevelFilter;

/// Our crate, library and binary, in the target of a record.
const OUR_CRATE: &str = "terraform_provider_defender";
/// The part of it that speaks the protocol.
const PROTOCOL_MODULE: &str = "terraform_provider_defender::protocol";

/// What a record is about, as Terraform's users know it from Go providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Module {
    /// The provider's own work.
    Provider,
    /// Calls of the protocol.
    Protocol,
}

impl Module {
    /// The module that a record belongs to; `None` for other crates, whose records nobody asked for.
    pub(super) fn of(metadata: &Metadata<'_>) -> Option<Self> {
        let target = metadata.target();
        if is_within(target, PROTOCOL_MODULE) {
            Some(Self::Protocol)
        } else if is_within(target, OUR_CRATE) {
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

/// The most detailed level that is written, for each module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Levels {
    provider: LevelFilter,
    protocol: LevelFilter,
}

impl Levels {
    /// Reads the variables. `TF_LOG_PROVIDER`, else `TF_LOG`, is what Terraform shows; `TF_LOG_PROVIDER_DEFENDER`
    /// narrows that, or asks by itself if neither is set; `TF_LOG_SDK_PROTO`, else `TF_LOG_SDK`, narrows the protocol's
    /// records further. An empty variable counts as absent.
    pub(super) fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let level = |name: &str| variable(name).filter(|word| !word.is_empty()).map(|word| parse(&word));
        let shown = level("TF_LOG_PROVIDER").or_else(|| level("TF_LOG"));
        let own = level("TF_LOG_PROVIDER_DEFENDER");
        let provider = match (shown, own) {
            (Some(shown), Some(own)) => shown.min(own),
            (shown, own) => shown.or(own).unwrap_or(LevelFilter::OFF),
        };
        let sdk = level("TF_LOG_SDK_PROTO").or_else(|| level("TF_LOG_SDK"));
        Self { provider, protocol: sdk.map_or(provider, |sdk| provider.min(sdk)) }
    }

    /// Whether nothing is wanted at all.
    pub(super) fn are_off(&self) -> bool {
        self.provider == LevelFilter::OFF && self.protocol == LevelFilter::OFF
    }

    /// Whether this record is wanted, or this span. Spans of ours always are, whatever their level: their fields
    /// belong to every record inside.
    pub(super) fn want(&self, metadata: &Metadata<'_>) -> bool {
        let wanted = match Module::of(metadata) {
            None => return false,
            Some(Module::Provider) => self.provider,
            Some(Module::Protocol) => self.protocol,
        };
        metadata.is_span() || *metadata.level() <= wanted
    }
}

/// Terraform's reading of a level: any case, and a word it does not know means everything.
fn parse(word: &str) -> LevelFilter {
    match word.to_ascii_uppercase().as_str() {
        "OFF" => LevelFilter::OFF,
        "ERROR" => LevelFilter::ERROR,
        "WARN" => LevelFilter::WARN,
        "INFO" => LevelFilter::INFO,
        "DEBUG" => LevelFilter::DEBUG,
        // TRACE, JSON (a form of trace), and everything else.
        _ => LevelFilter::TRACE,
    }
}

/// Whether the module path `target` is `module` or inside it.
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
    fn nothing_is_wanted_unless_a_variable_asks() {
        assert_eq!(levels(&[]), both(LevelFilter::OFF));
        assert_eq!(levels(&[("TF_LOG", "")]), both(LevelFilter::OFF));
        assert_eq!(levels(&[("TF_LOG", "off")]), both(LevelFilter::OFF));
        assert_eq!(levels(&[("TF_LOG_CORE", "trace")]), both(LevelFilter::OFF));
        assert_eq!(levels(&[("TF_LOG_SDK_PROTO", "trace")]), both(LevelFilter::OFF));
    }

    #[test]
    fn words_are_read_as_terraform_reads_them() {
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
    fn the_variable_for_providers_wins_over_the_one_for_everything() {
        assert_eq!(levels(&[("TF_LOG", "trace"), ("TF_LOG_PROVIDER", "warn")]), both(LevelFilter::WARN));
        assert_eq!(levels(&[("TF_LOG", "warn"), ("TF_LOG_PROVIDER", "trace")]), both(LevelFilter::TRACE));
        assert_eq!(levels(&[("TF_LOG", "trace"), ("TF_LOG_PROVIDER", "off")]), both(LevelFilter::OFF));
    }

    #[test]
    fn our_own_variable_narrows_and_can_ask_alone() {
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
    fn the_variables_of_the_sdk_narrow_the_protocols_records_only() {
        let trace_without = |protocol| (LevelFilter::TRACE, protocol);
        assert_eq!(levels(&[("TF_LOG", "trace"), ("TF_LOG_SDK", "warn")]), trace_without(LevelFilter::WARN));
        let proto = [("TF_LOG", "trace"), ("TF_LOG_SDK", "warn"), ("TF_LOG_SDK_PROTO", "off")];
        assert_eq!(levels(&proto), trace_without(LevelFilter::OFF));
    }

    #[test]
    fn a_target_belongs_to_a_module_only_by_whole_names() {
        assert!(is_within("terraform_provider_defender::protocol::service", PROTOCOL_MODULE));
        assert!(is_within(PROTOCOL_MODULE, PROTOCOL_MODULE));
        assert!(!is_within("terraform_provider_defender::protocols", PROTOCOL_MODULE));
        assert!(!is_within("terraform_provider_defender_extras", OUR_CRATE));
    }
}
