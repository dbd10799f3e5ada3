//! The state that a service keeps for one connection. It is dropped with the connection.

use std::any::Any;
use std::sync::{Arc, OnceLock};

/// A slot for one value of a type that the service chooses. `plugin` adds it to each request of a connection without
/// knowing the value.
#[derive(Clone, Default)]
pub struct ConnectionState(Arc<OnceLock<Box<dyn Any + Send + Sync>>>);

impl ConnectionState {
    /// The value, which the first call creates. `None` if the slot contains a value of another type.
    pub fn get_or_init<T: Any + Send + Sync>(&self, init: impl FnOnce() -> T) -> Option<&T> {
        self.0.get_or_init(|| Box::new(init())).downcast_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_is_kept() {
        let state = ConnectionState::default();
        assert_eq!(state.get_or_init(|| 1), Some(&1));
        assert_eq!(state.clone().get_or_init(|| 2), Some(&1));
        assert_eq!(state.get_or_init(|| "text"), None);
    }
}
