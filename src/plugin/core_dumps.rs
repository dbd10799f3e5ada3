//! No core dump of this process and of its children: it would hold the credentials and the tokens in the clear.

/// Switches core dumps off for good. Best effort: a system that refuses leaves them as they are.
#[cfg(unix)]
pub fn switch_off() {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = setrlimit(Resource::Core, none);
}

/// Windows makes none unless an administrator asks for them.
#[cfg(not(unix))]
pub fn switch_off() {}
