//! The stubs that `build.rs` generates from `proto/`, and nothing else.
//!
//! Only `plugin` and `protocol` name these types.

// Generated code follows its generator's rules, not ours.
#![allow(missing_docs, clippy::all, clippy::pedantic, clippy::restriction)]

/// Terraform plugin protocol 6 (`proto/tfplugin6.proto`).
pub mod tfplugin6 {
    tonic::include_proto!("tfplugin6");
}

/// The services of go-plugin (`proto/plugin.proto`).
pub mod go_plugin {
    tonic::include_proto!("plugin");
}

/// The health service of gRPC (`proto/health.proto`).
pub mod health {
    tonic::include_proto!("grpc.health.v1");
}
