//! Build settings of `.cargo/config.toml`, which gives their reasons.

#[test]
fn the_build_leaves_out_jitter_entropy() {
    assert_eq!(option_env!("AWS_LC_SYS_NO_JITTER_ENTROPY"), Some("1"));
}

#[test]
fn the_build_needs_no_assembler_on_windows() {
    assert_eq!(option_env!("AWS_LC_SYS_PREBUILT_NASM"), Some("1"));
}

#[test]
fn the_build_uses_the_locked_version_of_aws_lc() {
    assert_eq!(option_env!("AWS_LC_SYS_USE_SYSTEM"), Some("0"));
}
