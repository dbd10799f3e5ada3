//! A list of objects of the tenant that look-ups share. It is fetched once, used for a short time, and fetched again
//! if it may be out of date.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::graph::{self, Clock};

/// The maximum age of a list when it is used.
const MAX_AGE: Duration = Duration::from_secs(30);

/// The number of look-ups that send individual requests before the list is fetched. Terraform runs ten operations at
/// once by default.
const LOOKUPS_BEFORE_LIST: usize = 10;

/// A list that is fetched when it is needed.
#[derive(Debug)]
pub(crate) struct SharedList<T> {
    lookups: AtomicUsize,
    state: Mutex<State<T>>,
}

/// The elements of a list.
pub(crate) type Elements<T> = Arc<Vec<T>>;

/// The requirements of a look-up: how current a list must be.
#[derive(Clone, Copy)]
pub(crate) struct ListLookup<'a> {
    /// The session's clock.
    pub(crate) clock: &'a dyn Clock,
    /// When the caller began its look-up.
    pub(crate) began: Instant,
    /// The number of writes of the session at the time of the look-up.
    pub(crate) writes: u64,
    /// Whether the request for the list must have begun after the look-up. A caller sets this flag if an older list
    /// lacks the element.
    pub(crate) must_be_newer: bool,
}

#[derive(Debug)]
enum State<T> {
    NotFetched,
    Fetched {
        /// When the request for the list began.
        began: Instant,
        /// The number of writes of the session before the request.
        writes: u64,
        elements: Elements<T>,
    },
    Failed {
        /// When the request for the list failed.
        ended: Instant,
        error: graph::Error,
    },
}

impl<T> Default for SharedList<T> {
    fn default() -> Self {
        Self { lookups: AtomicUsize::new(0), state: Mutex::new(State::NotFetched) }
    }
}

impl<T> SharedList<T> {
    /// Counts a look-up. Returns whether it is one of many, and should use the list instead of an individual request.
    pub(crate) fn is_one_of_many(&self) -> bool {
        self.lookups.fetch_add(1, Ordering::Relaxed) >= LOOKUPS_BEFORE_LIST
    }

    /// The elements, from a list that is at most [`MAX_AGE`] old and shows the session's own writes. The first caller
    /// fetches the list; the others wait for its result.
    ///
    /// # Errors
    /// The request for the list failed: the request of this caller, the request of another caller whose result this
    /// caller waited for, or an earlier request that Graph refused permanently.
    pub(crate) async fn get(
        &self,
        lookup: ListLookup<'_>,
        fetch: impl Future<Output = Result<Vec<T>, graph::Error>>,
    ) -> Result<Elements<T>, graph::Error> {
        let mut state = self.state.lock().await;
        let now = lookup.clock.now();
        match &*state {
            State::Fetched { began, writes, elements }
                if *writes >= lookup.writes
                    && now.saturating_duration_since(*began) <= MAX_AGE
                    && (!lookup.must_be_newer || *began >= lookup.began) =>
            {
                return Ok(Arc::clone(elements));
            }
            State::Failed { ended, error } if *ended >= lookup.began || is_refused(error) => {
                return Err(error.clone());
            }
            _ => {}
        }
        let fetched = fetch.await.map(Arc::new);
        *state = match &fetched {
            Ok(elements) => {
                State::Fetched { began: now, writes: lookup.writes, elements: Arc::clone(elements) }
            }
            Err(error) => State::Failed { ended: lookup.clock.now(), error: error.clone() },
        };
        fetched
    }
}

/// Whether every later request would fail for the same reason.
fn is_refused(error: &graph::Error) -> bool {
    error.is_forbidden() || error.is_unauthorized() || matches!(error, graph::Error::NotSignedIn(_))
}
