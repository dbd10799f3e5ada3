//! Compiles `proto/` into the stubs that `src/wire/` includes. Uses protox, so no protoc binary is needed.

use std::error::Error;
use std::path::PathBuf;

use tonic_prost_build::FileDescriptorSet;

const PROTOS: [&str; 3] = ["tfplugin6.proto", "plugin.proto", "health.proto"];

/// The message types of the server stubs, which are generated separately.
const MESSAGE_PATHS: [(&str, &str); 4] = [
    (".tfplugin6", "crate::wire::tfplugin6"),
    (".plugin", "crate::wire::go_plugin"),
    (".grpc.health.v1", "crate::wire::health"),
    // The schema never changes during the life of a process, so it is encoded once.
    (".tfplugin6.GetProviderSchema.Response", "crate::wire::encoded::Encoded"),
];

/// The methods that `src/protocol/service.rs` implements. The server answers UNIMPLEMENTED to any other method; a
/// stub for each would add some ten kilobytes to the binary.
const IMPLEMENTED: [&str; 18] = [
    "GetMetadata",
    "GetProviderSchema",
    "GetResourceIdentitySchemas",
    "GetFunctions",
    "CallFunction",
    "ValidateProviderConfig",
    "ConfigureProvider",
    "ValidateResourceConfig",
    "ValidateDataResourceConfig",
    "ReadDataSource",
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
    // The client stubs are for tests. They connect themselves, so the transport is omitted.
    let stubs = || tonic_prost_build::configure().build_transport(false);
    stubs().build_server(false).compile_fds(descriptors.clone())?;
    let servers = stubs().build_client(false).out_dir(subdirectory(out, "servers")?);
    MESSAGE_PATHS
        .into_iter()
        .fold(servers, |servers, (proto, module)| servers.extern_path(proto, module))
        .compile_fds(retain_implemented(descriptors))?;
    Ok(())
}

fn subdirectory(mut path: PathBuf, name: &str) -> std::io::Result<PathBuf> {
    path.push(name);
    std::fs::create_dir_all(&path)?;
    Ok(path)
}

fn retain_implemented(mut descriptors: FileDescriptorSet) -> FileDescriptorSet {
    let services = descriptors.file.iter_mut().flat_map(|file| &mut file.service);
    for service in services.filter(|service| service.name() == "Provider") {
        service.method.retain(|method| IMPLEMENTED.contains(&method.name()));
    }
    descriptors
}

/// `.cargo/config.toml` sets the variable. A build from another directory may lack it, and each start of the provider
/// would then take some 50 ms longer.
fn warn_about_jitter_entropy() {
    println!("cargo::rerun-if-env-changed=AWS_LC_SYS_NO_JITTER_ENTROPY");
    if std::env::var_os("AWS_LC_SYS_NO_JITTER_ENTROPY").is_none_or(|value| value != "1") {
        println!(
            "cargo::warning=AWS_LC_SYS_NO_JITTER_ENTROPY=1 is not set: each start of the provider will take some \
             50 ms longer. Build inside the repository, or copy the [env] section of .cargo/config.toml."
        );
    }
}
