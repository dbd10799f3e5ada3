//! The stubs that `build.rs` generates from `proto/`, the one message that takes the place of a generated one, and the
//! state that goes with a connection.
//!
//! Only `plugin` and `protocol` name these types. The servers come from a generation of their own, which knows only
//! the methods that we offer.

// Generated code follows its generator's rules, not ours.
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
