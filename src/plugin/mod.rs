//! The edge of the process: handshake, mutual TLS, side services, life and death.
