//! Plugin protocol 6: decode, call, encode.
