//! Compiles `proto/` into the stubs that `src/wire/` includes, with protox: no protoc binary is needed.

use std::error::Error;

const PROTOS: [&str; 3] = ["tfplugin6.proto", "plugin.proto", "health.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    warn_about_jitter_entropy();
    println!("cargo::rerun-if-changed=proto");
    let descriptors = protox::compile(PROTOS, ["proto"])?;
    tonic_prost_build::configure()
        // Clients are for the tests, which talk to the server as Terraform does; none of them dials by itself.
        .build_transport(false)
        // A method that we do not offer answers UNIMPLEMENTED, also one that a later protocol version adds.
        .generate_default_stubs(true)
        .compile_fds(descriptors)?;
    Ok(())
}

/// `.cargo/config.toml` sets the variable; a build from another place may have lost it, and each start of the
/// provider would then take some 50 ms longer.
fn warn_about_jitter_entropy() {
    println!("cargo::rerun-if-env-changed=AWS_LC_SYS_NO_JITTER_ENTROPY");
    if std::env::var_os("AWS_LC_SYS_NO_JITTER_ENTROPY").is_none_or(|value| value != "1") {
        println!(
            "cargo::warning=AWS_LC_SYS_NO_JITTER_ENTROPY=1 is not set: each start of the provider will take some \
             50 ms longer. Build inside the repository, or copy the [env] part of .cargo/config.toml."
        );
    }
}
