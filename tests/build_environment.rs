//! Build settings that matter at run time.

/// Without it, each start of the provider takes some 50 ms longer (`.cargo/config.toml` gives the reason).
#[test]
fn the_build_leaves_out_jitter_entropy() {
    assert_eq!(option_env!("AWS_LC_SYS_NO_JITTER_ENTROPY"), Some("1"));
}
