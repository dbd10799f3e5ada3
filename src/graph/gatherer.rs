//! Gathers work that arrives while a request is in flight, so that the work can share the next request. Used for the
//! reads of a `$batch` and for the look-ups of groups. Sends nothing itself.
//!
//! By default, Terraform works on ten resources at a time. When their responses arrive, the next ten send requests.
//! If no request is in flight, work is flushed (sent) at once. Otherwise, work waits for the response, and then briefly
//! for follow-up work: the next requests of the callers that received the response. As a result, callers whose
//! responses arrive at different times share their next request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::Instrument;

/// The delay before an immediate flush. It is long enough for one caller to add all its reads.
const IMMEDIATE_DELAY: Duration = Duration::from_millis(1);

/// How long work waits after a response for follow-up work. The wait ends early when the expected amount of work has
/// arrived. If no follow-up work came after a response, for example because the callers sent writes, there is no wait
/// after the next response.
const FOLLOW_UP_WINDOW: Duration = Duration::from_millis(15);

/// How long after a response its callers are expected to add follow-up work.
const FOLLOW_UP_TIMEOUT: Duration = Duration::from_millis(200);

/// Work that can share a request with other work.
pub trait QueuedWork: Send + 'static {
    /// How much of a request's capacity the work takes.
    fn size(&self) -> usize;

    /// Whether the caller has stopped waiting for the result.
    fn is_abandoned(&self) -> bool;
}

/// A queue of work. Work that waits at the same time is sent together.
#[derive(Debug)]
pub struct Gatherer<T> {
    /// The total size of the work that one request can hold.
    capacity: usize,
    /// The longest wait for a response to a request in flight; `None` for no limit.
    max_wait: Option<Duration>,
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    waiting: Vec<T>,
    /// The number of requests in flight.
    in_flight: usize,
    last_response: Option<LastResponse>,
    /// Whether work has arrived within [`FOLLOW_UP_WINDOW`] after the last response.
    had_follow_up: bool,
    next_flush: NextFlush,
    /// The number of flushes so far. A timer that was started before the last flush has no effect.
    flush_count: u64,
}

/// The last response.
#[derive(Debug, Clone, Copy)]
struct LastResponse {
    /// The expected size of the follow-up work: the size of the work that the response answered, plus the size of the
    /// work that was waiting when the response arrived.
    expected_size: usize,
    received_at: Instant,
}

/// How soon the waiting work is flushed. Later variants are more urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NextFlush {
    NotScheduled,
    /// After a wait for more work.
    Scheduled,
    Immediate,
}

impl<T: QueuedWork> Gatherer<T> {
    /// Creates an empty queue. Without `max_wait`, only work that fills a request is sent while another request is in
    /// flight.
    pub fn new(capacity: usize, max_wait: Option<Duration>) -> Self {
        let state = State {
            waiting: Vec::new(),
            in_flight: 0,
            last_response: None,
            had_follow_up: true,
            next_flush: NextFlush::NotScheduled,
            flush_count: 0,
        };
        Self { capacity, max_wait, state: Mutex::new(state) }
    }

    /// Adds work. `send` gets the work of one request, runs in its own task, and returns when the response has arrived.
    pub fn add<F>(self: &Arc<Self>, work: T, send: impl Fn(Vec<T>) -> F + Clone + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut state = self.lock();
        state.waiting.push(work);
        state.had_follow_up |=
            state.last_response.is_some_and(|response| response.received_at.elapsed() < FOLLOW_UP_WINDOW);
        let (flush, delay) = if state.waiting_size() >= self.capacity {
            (NextFlush::Immediate, Duration::ZERO)
        } else if state.in_flight > 0 {
            let Some(max_wait) = self.max_wait else { return };
            (NextFlush::Scheduled, max_wait)
        } else if state.waiting_size() >= state.expected_size() {
            (NextFlush::Immediate, IMMEDIATE_DELAY)
        } else {
            (NextFlush::Scheduled, FOLLOW_UP_WINDOW)
        };
        self.schedule(state, flush, delay, send);
    }

    /// Schedules a flush, unless a flush that is at least as urgent is already scheduled. A flush without delay always
    /// runs.
    fn schedule<F>(
        self: &Arc<Self>,
        mut state: MutexGuard<'_, State<T>>,
        flush: NextFlush,
        delay: Duration,
        send: impl Fn(Vec<T>) -> F + Clone + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        if flush <= state.next_flush && !delay.is_zero() {
            return;
        }
        state.next_flush = flush;
        let (gatherer, flush_count) = (Arc::clone(self), state.flush_count);
        drop(state);
        let flush = async move {
            if !delay.is_zero() {
                sleep(delay).await;
            }
            for work in gatherer.remove_waiting(flush_count) {
                tokio::spawn(Arc::clone(&gatherer).send(work, send.clone()).in_current_span());
            }
            gatherer.schedule_remaining(send);
        };
        tokio::spawn(flush.in_current_span());
    }

    /// Sends the work of one request. After the response, schedules a flush of the waiting work.
    async fn send<F>(self: Arc<Self>, work: Vec<T>, send: impl Fn(Vec<T>) -> F + Clone + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let size = size_of(&work);
        send(work).await;
        let mut state = self.lock();
        state.in_flight = state.in_flight.saturating_sub(1);
        let expected_size = size + state.waiting_size();
        state.last_response = Some(LastResponse { expected_size, received_at: Instant::now() });
        if state.in_flight > 0 {
            return;
        }
        let had_follow_up = std::mem::replace(&mut state.had_follow_up, false);
        let (flush, delay) = if had_follow_up || state.waiting.is_empty() {
            // Allows this flush although a later one is scheduled, at the end of the longest wait for a response.
            state.next_flush = NextFlush::NotScheduled;
            (NextFlush::Scheduled, FOLLOW_UP_WINDOW)
        } else {
            (NextFlush::Immediate, IMMEDIATE_DELAY)
        };
        self.schedule(state, flush, delay, send);
    }

    /// Removes the waiting work and divides it among requests. If there are several requests and the last is not full,
    /// the work of the last request keeps waiting. Removes nothing if the number of flushes is no longer `flush_count`,
    /// because the caller's timer is then out of date.
    fn remove_waiting(&self, flush_count: u64) -> Vec<Vec<T>> {
        let mut state = self.lock();
        if state.flush_count != flush_count {
            return Vec::new();
        }
        state.flush_count += 1;
        state.next_flush = NextFlush::NotScheduled;
        let mut requests = divide(std::mem::take(&mut state.waiting), self.capacity);
        if requests.len() > 1 {
            state.waiting = requests.pop_if(|last| size_of(last) < self.capacity).unwrap_or_default();
        }
        state.in_flight += requests.len();
        requests
    }

    /// Schedules a flush of the work that the last flush left in the queue.
    fn schedule_remaining<F>(self: &Arc<Self>, send: impl Fn(Vec<T>) -> F + Clone + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let state = self.lock();
        if let Some(max_wait) = self.max_wait.filter(|_| !state.waiting.is_empty()) {
            self.schedule(state, NextFlush::Scheduled, max_wait, send);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: QueuedWork> State<T> {
    fn waiting_size(&self) -> usize {
        size_of(&self.waiting)
    }

    /// The size of the work that is expected to arrive after the last response.
    fn expected_size(&self) -> usize {
        let recent = self.last_response.filter(|response| response.received_at.elapsed() < FOLLOW_UP_TIMEOUT);
        recent.map_or(0, |response| response.expected_size)
    }
}

fn size_of<T: QueuedWork>(work: &[T]) -> usize {
    work.iter().map(T::size).sum()
}

/// Divides work among requests of at most `capacity` each. A piece of work that exceeds `capacity` gets its own
/// request. Drops work whose callers have stopped waiting.
fn divide<T: QueuedWork>(work: Vec<T>, capacity: usize) -> Vec<Vec<T>> {
    let mut requests: Vec<Vec<T>> = Vec::new();
    let mut size = 0;
    for work in work.into_iter().filter(|work| !work.is_abandoned()) {
        match requests.last_mut() {
            Some(request) if size + work.size() <= capacity => {
                size += work.size();
                request.push(work);
            }
            _ => {
                size = work.size();
                requests.push(vec![work]);
            }
        }
    }
    requests
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const MAX_WAIT: Duration = Duration::from_millis(100);

    struct Work(usize);

    impl QueuedWork for Work {
        fn size(&self) -> usize {
            self.0
        }

        fn is_abandoned(&self) -> bool {
            self.0 == 0
        }
    }

    /// Adds work at these times to a gatherer whose responses take 50 ms. Returns the time and the size of each
    /// request. Times are in milliseconds.
    async fn send_and_record(capacity: usize, arrivals: &[(u64, usize)]) -> Vec<(u64, usize)> {
        let gatherer = Arc::new(Gatherer::new(capacity, Some(MAX_WAIT)));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let start = Instant::now();
        let log = Arc::clone(&requests);
        let send = move |work: Vec<Work>| {
            let size = work.iter().map(Work::size).sum();
            log.lock().unwrap().push((u64::try_from(start.elapsed().as_millis()).unwrap(), size));
            sleep(Duration::from_millis(50))
        };
        for (at, size) in arrivals {
            tokio::time::sleep_until(start + Duration::from_millis(*at)).await;
            gatherer.add(Work(*size), send.clone());
        }
        sleep(Duration::from_secs(1)).await;
        requests.lock().unwrap().clone()
    }

    #[tokio::test(start_paused = true)]
    async fn work_is_flushed_at_once_if_no_request_is_in_flight() {
        assert_eq!(send_and_record(20, &[(0, 1), (0, 1), (0, 1)]).await, [(1, 3)]);
        assert_eq!(send_and_record(20, &[(0, 1), (200, 1)]).await, [(1, 1), (201, 1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn work_waits_for_the_response_and_for_follow_up_work() {
        let all_callers = send_and_record(20, &[(0, 1), (10, 4), (60, 1)]).await;
        assert_eq!(all_callers, [(1, 1), (61, 5)], "after follow-up work of all callers");
        let some_callers = send_and_record(20, &[(0, 5), (10, 2), (55, 1), (60, 2)]).await;
        assert_eq!(some_callers, [(1, 5), (66, 5)], "after follow-up work of only some callers");
        let no_callers = send_and_record(20, &[(0, 1), (10, 1), (90, 1), (150, 1)]).await;
        assert_eq!(
            no_callers,
            [(1, 1), (66, 1), (117, 1), (168, 1)],
            "no wait after the first response without follow-up work"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn two_groups_of_callers_become_one() {
        let sent = send_and_record(20, &[(0, 20), (5, 20), (10, 5), (30, 5), (58, 5)]).await;
        assert_eq!(sent, [(0, 20), (5, 20), (70, 15)], "after both responses");
    }

    #[tokio::test(start_paused = true)]
    async fn full_requests_do_not_wait() {
        assert_eq!(send_and_record(20, &[(0, 1), (10, 15), (12, 15)]).await, [(1, 1), (12, 15), (77, 15)]);
        assert_eq!(send_and_record(2, &[(0, 5), (0, 0), (0, 1)]).await, [(0, 5), (65, 1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_for_a_response_that_never_comes_ends_at_its_limit() {
        for (max_wait, expected) in [(Some(MAX_WAIT), 2), (None, 1)] {
            let requests = Arc::new(AtomicUsize::new(0));
            let gatherer = Arc::new(Gatherer::new(20, max_wait));
            let count = Arc::clone(&requests);
            let send = move |_: Vec<Work>| {
                count.fetch_add(1, Ordering::Relaxed);
                std::future::pending()
            };
            gatherer.add(Work(1), send.clone());
            sleep(Duration::from_millis(10)).await;
            gatherer.add(Work(1), send);
            sleep(MAX_WAIT + IMMEDIATE_DELAY).await;
            assert_eq!(requests.load(Ordering::Relaxed), expected);
        }
    }
}
