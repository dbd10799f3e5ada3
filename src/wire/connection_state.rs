//! What a service keeps for one connection. It is dropped with the connection.

use std::any::Any;
use std::sync::{Arc, OnceLock};

/// A place for one value of the service's own type. The edge of the process puts it into each request of a connection
/// without knowing what the service keeps there.
#[derive(Clone, Default)]
pub struct ConnectionState(Arc<OnceLock<Box<dyn Any + Send + Sync>>>);

impl ConnectionState {
    /// The value, made at the first call. `None` if the place holds a value of another type.
    pub fn get_or_init<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Option<&T> {
        self.0.get_or_init(|| Box::new(make())).downcast_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_stays() {
        let state = ConnectionState::default();
        assert_eq!(state.get_or_init(|| 1), Some(&1));
        assert_eq!(state.clone().get_or_init(|| 2), Some(&1));
        assert_eq!(state.get_or_init(|| "text"), None);
    }
}
