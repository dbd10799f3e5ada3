//! Compiles `proto/` into the stubs that `src/wire/` includes, with protox: no protoc binary is needed.

use std::error::Error;
use std::path::PathBuf;

use tonic_prost_build::FileDescriptorSet;

const PROTOS: [&str; 3] = ["tfplugin6.proto", "plugin.proto", "health.proto"];

/// Where the modules of `src/wire/` are, for the servers, whose messages are generated elsewhere.
const MESSAGES: [(&str, &str); 4] = [
    (".tfplugin6", "crate::wire::tfplugin6"),
    (".plugin", "crate::wire::go_plugin"),
    (".grpc.health.v1", "crate::wire::health"),
    // The same for the whole life of a process, so it is encoded once.
    (".tfplugin6.GetProviderSchema.Response", "crate::wire::encoded::Encoded"),
];

/// What `src/protocol/service.rs` answers. Any other method, of this version of the protocol or of a later one,
/// answers UNIMPLEMENTED by itself; a stub that says so would cost some ten kilobytes of the binary for each.
const OFFERED: [&str; 16] = [
    "GetMetadata",
    "GetProviderSchema",
    "GetResourceIdentitySchemas",
    "GetFunctions",
    "CallFunction",
    "ValidateProviderConfig",
    "ConfigureProvider",
    "ValidateResourceConfig",
    "UpgradeResourceState",
    "UpgradeResourceIdentity",
    "ReadResource",
    "PlanResourceChange",
    "ApplyResourceChange",
    "ImportResourceState",
    "MoveResourceState",
    "StopProvider",
];

fn main() -> Result<(), Box<dyn Error>> {
    warn_about_jitter_entropy();
    println!("cargo::rerun-if-changed=proto");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let descriptors = protox::compile(PROTOS, ["proto"])?;
    // Clients are for the tests, which talk to the server as Terraform does; none of them dials by itself.
    let stubs = || tonic_prost_build::configure().build_transport(false);
    stubs().build_server(false).compile_fds(descriptors.clone())?;
    let servers = stubs().build_client(false).out_dir(subdirectory(out, "servers")?);
    MESSAGES
        .into_iter()
        .fold(servers, |servers, (proto, module)| servers.extern_path(proto, module))
        .compile_fds(only_offered(descriptors))?;
    Ok(())
}

fn subdirectory(mut path: PathBuf, name: &str) -> std::io::Result<PathBuf> {
    path.push(name);
    std::fs::create_dir_all(&path)?;
    Ok(path)
}

fn only_offered(mut descriptors: FileDescriptorSet) -> FileDescriptorSet {
    let services = descriptors.file.iter_mut().flat_map(|file| &mut file.service);
    for service in services.filter(|service| service.name() == "Provider") {
        service.method.retain(|method| OFFERED.contains(&method.name()));
    }
    descriptors
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
