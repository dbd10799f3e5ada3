//! The stubs that `build.rs` generates from `proto/`, the one message that replaces a generated one, and the state of
//! a connection.
//!
//! Only `plugin` and `protocol` use these types. The server stubs are generated separately, with only the methods
//! that the provider offers.

// Generated code follows the rules of its generator.
#![allow(missing_docs, clippy::all, clippy::pedantic, clippy::restriction)]

pub mod connection_state;
pub mod encoded;

/// Terraform plugin protocol 6 (`proto/tfplugin6.proto`).
pub mod tfplugin6 {
    tonic::include_proto!("tfplugin6");
    include!(concat!(env!("OUT_DIR"), "/servers/tfplugin6.rs"));
}

/// The services of go-plugin (`proto/plugin.proto`).
pub mod go_plugin {
    tonic::include_proto!("plugin");
    include!(concat!(env!("OUT_DIR"), "/servers/plugin.rs"));
}

/// The health service of gRPC (`proto/health.proto`).
pub mod health {
    tonic::include_proto!("grpc.health.v1");
    include!(concat!(env!("OUT_DIR"), "/servers/grpc.health.v1.rs"));
}
