//! Disables core dumps of this process and its children, which would contain credentials and tokens in clear text.

/// Disables core dumps permanently. Best effort: a failure is ignored.
#[cfg(unix)]
pub fn disable() {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = setrlimit(Resource::Core, none);
}

/// Windows writes none unless an administrator enables them.
#[cfg(not(unix))]
pub fn disable() {}
