//! Gathers work that arrives while an answer is under way, so that it shares the next request: the one mechanism for the
//! reads of a `$batch` and for look-ups of groups. Sends nothing itself.
//!
//! Terraform works on ten resources at once, and asks for ten more when those are answered. So what arrives while nothing
//! is under way leaves at once; the rest waits for the answer, and for the requests that follow from it. Two groups of
//! callers whose answers arrive at different times thereby become one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::Instrument;

/// How long work waits if it leaves at once: long enough for everything that one caller asks for together.
const PROMPT: Duration = Duration::from_millis(1);

/// How long work waits after an answer for follow-up work, unless as much as expected has gathered sooner. If nothing
/// followed the previous answer, for example because its callers wrote first, work does not wait.
const AFTER_ANSWER: Duration = Duration::from_millis(15);

/// How long the callers of an answered request may take to ask for more.
const RECENT: Duration = Duration::from_millis(200);

/// Something to gather.
pub trait Gathered: Send + 'static {
    /// Its share of the capacity of one request.
    fn size(&self) -> usize;

    /// Whether its caller has stopped waiting.
    fn is_abandoned(&self) -> bool;
}

/// Work of one kind, waiting or under way.
#[derive(Debug)]
pub struct Gatherer<T> {
    /// The size of the work that one request can hold.
    capacity: usize,
    /// The longest wait for an answer that is under way; `None` for no limit.
    max_wait: Option<Duration>,
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    waiting: Vec<T>,
    /// The requests without an answer yet.
    under_way: usize,
    /// The last answer.
    answer: Option<Answer>,
    /// Whether work has arrived soon after the last answer.
    was_followed: bool,
    /// When the waiting work will leave.
    departure: Departure,
    /// The departures so far. A timer that was set before the last of them is void.
    departures: u64,
}

/// The last answer.
#[derive(Debug, Clone, Copy)]
struct Answer {
    /// The size of what was answered and of what was waiting then: all of these callers can share the next request.
    expected: usize,
    at: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Departure {
    NotPlanned,
    /// After a wait for more work.
    Planned,
    /// At once.
    Imminent,
}

impl<T: Gathered> Gatherer<T> {
    /// A gatherer without work. Without `max_wait`, one request is under way at a time, unless work fills another.
    pub fn new(capacity: usize, max_wait: Option<Duration>) -> Self {
        let state = State {
            waiting: Vec::new(),
            under_way: 0,
            answer: None,
            was_followed: true,
            departure: Departure::NotPlanned,
            departures: 0,
        };
        Self { capacity, max_wait, state: Mutex::new(state) }
    }

    /// Adds work. `send` gets the work that leaves together, in a task of its own, and returns when that is answered.
    pub fn add<F>(self: &Arc<Self>, work: T, send: impl Fn(Vec<T>) -> F + Clone + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut state = self.lock();
        state.waiting.push(work);
        state.was_followed |= state.answer.is_some_and(|answer| answer.at.elapsed() < AFTER_ANSWER);
        let (departure, delay) = if state.size() >= self.capacity {
            (Departure::Imminent, Duration::ZERO)
        } else if state.under_way > 0 {
            let Some(max_wait) = self.max_wait else { return };
            (Departure::Planned, max_wait)
        } else if state.size() >= state.expected() {
            (Departure::Imminent, PROMPT)
        } else {
            (Departure::Planned, AFTER_ANSWER)
        };
        self.plan(state, departure, delay, send);
    }

    /// Plans a departure, unless one is planned that is at least as early.
    fn plan<F>(
        self: &Arc<Self>,
        mut state: MutexGuard<'_, State<T>>,
        departure: Departure,
        delay: Duration,
        send: impl Fn(Vec<T>) -> F + Clone + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        if departure <= state.departure && !delay.is_zero() {
            return;
        }
        state.departure = departure;
        let (gatherer, departures) = (Arc::clone(self), state.departures);
        drop(state);
        let leave = async move {
            if !delay.is_zero() {
                sleep(delay).await;
            }
            for work in gatherer.take(departures) {
                tokio::spawn(Arc::clone(&gatherer).send(work, send.clone()).in_current_span());
            }
            gatherer.plan_for_rest(send);
        };
        tokio::spawn(leave.in_current_span());
    }

    /// Sends work. After the answer, the waiting work may leave.
    async fn send<F>(self: Arc<Self>, work: Vec<T>, send: impl Fn(Vec<T>) -> F + Clone + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let size = size_of(&work);
        send(work).await;
        let mut state = self.lock();
        state.under_way = state.under_way.saturating_sub(1);
        state.answer = Some(Answer { expected: size + state.size(), at: Instant::now() });
        if state.under_way > 0 {
            return;
        }
        let is_followed = std::mem::replace(&mut state.was_followed, false);
        let (departure, delay) = if is_followed || state.waiting.is_empty() {
            // Replaces the wait for the answer.
            state.departure = Departure::NotPlanned;
            (Departure::Planned, AFTER_ANSWER)
        } else {
            (Departure::Imminent, PROMPT)
        };
        self.plan(state, departure, delay, send);
    }

    /// The waiting work, in parts that fill a request. What is left over stays, unless it is all there is. Nothing if
    /// other work has left since `departures`.
    fn take(&self, departures: u64) -> Vec<Vec<T>> {
        let mut state = self.lock();
        if state.departures != departures {
            return Vec::new();
        }
        state.departures += 1;
        state.departure = Departure::NotPlanned;
        let mut parts = parts(std::mem::take(&mut state.waiting), self.capacity);
        if parts.len() > 1 {
            state.waiting = parts.pop_if(|rest| size_of(rest) < self.capacity).unwrap_or_default();
        }
        state.under_way += parts.len();
        parts
    }

    /// Plans the departure of what a departure has left over.
    fn plan_for_rest<F>(self: &Arc<Self>, send: impl Fn(Vec<T>) -> F + Clone + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let state = self.lock();
        if let Some(max_wait) = self.max_wait.filter(|_| !state.waiting.is_empty()) {
            self.plan(state, Departure::Planned, max_wait, send);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Gathered> State<T> {
    fn size(&self) -> usize {
        size_of(&self.waiting)
    }

    /// How much is likely to gather after the last answer.
    fn expected(&self) -> usize {
        self.answer.filter(|answer| answer.at.elapsed() < RECENT).map_or(0, |answer| answer.expected)
    }
}

fn size_of<T: Gathered>(work: &[T]) -> usize {
    work.iter().map(T::size).sum()
}

/// Work whose callers still wait, in parts of at most `capacity`. Larger work is a part of its own.
fn parts<T: Gathered>(work: Vec<T>, capacity: usize) -> Vec<Vec<T>> {
    let mut parts: Vec<Vec<T>> = Vec::new();
    let mut size = 0;
    for work in work.into_iter().filter(|work| !work.is_abandoned()) {
        match parts.last_mut() {
            Some(part) if size + work.size() <= capacity => {
                size += work.size();
                part.push(work);
            }
            _ => {
                size = work.size();
                parts.push(vec![work]);
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const MAX_WAIT: Duration = Duration::from_millis(100);

    struct Work(usize);

    impl Gathered for Work {
        fn size(&self) -> usize {
            self.0
        }

        fn is_abandoned(&self) -> bool {
            self.0 == 0
        }
    }

    /// Adds work at these milliseconds to a gatherer whose answers take 50 ms. Returns when work left, and how much.
    async fn departures(capacity: usize, arrivals: &[(u64, usize)]) -> Vec<(u64, usize)> {
        let gatherer = Arc::new(Gatherer::new(capacity, Some(MAX_WAIT)));
        let left = Arc::new(Mutex::new(Vec::new()));
        let start = Instant::now();
        let noted = Arc::clone(&left);
        let send = move |work: Vec<Work>| {
            let size = work.iter().map(Work::size).sum();
            noted.lock().unwrap().push((u64::try_from(start.elapsed().as_millis()).unwrap(), size));
            sleep(Duration::from_millis(50))
        };
        for (at, size) in arrivals {
            tokio::time::sleep_until(start + Duration::from_millis(*at)).await;
            gatherer.add(Work(*size), send.clone());
        }
        sleep(Duration::from_secs(1)).await;
        left.lock().unwrap().clone()
    }

    #[tokio::test(start_paused = true)]
    async fn work_leaves_at_once_if_nothing_is_under_way() {
        assert_eq!(departures(20, &[(0, 1), (0, 1), (0, 1)]).await, [(1, 3)]);
        assert_eq!(departures(20, &[(0, 1), (200, 1)]).await, [(1, 1), (201, 1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn work_waits_for_the_answer_and_for_what_follows_from_it() {
        let all = departures(20, &[(0, 1), (10, 4), (60, 1)]).await;
        assert_eq!(all, [(1, 1), (61, 5)], "all callers");
        let few = departures(20, &[(0, 5), (10, 2), (55, 1), (60, 2)]).await;
        assert_eq!(few, [(1, 5), (66, 5)], "not all");
        let none = departures(20, &[(0, 1), (10, 1), (90, 1), (150, 1)]).await;
        assert_eq!(
            none,
            [(1, 1), (66, 1), (117, 1), (168, 1)],
            "no wait after the first answer without followers"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn two_groups_of_callers_become_one() {
        let left = departures(20, &[(0, 20), (5, 20), (10, 5), (30, 5), (58, 5)]).await;
        assert_eq!(left, [(0, 20), (5, 20), (70, 15)], "after both answers");
    }

    #[tokio::test(start_paused = true)]
    async fn full_requests_do_not_wait_and_no_wait_is_long() {
        assert_eq!(departures(20, &[(0, 1), (10, 15), (12, 15)]).await, [(1, 1), (12, 15), (77, 15)]);
        assert_eq!(departures(2, &[(0, 5), (0, 0), (0, 1)]).await, [(0, 5), (65, 1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_never_comes_is_waited_for_as_long_as_the_limit_says() {
        for (max_wait, departed) in [(Some(MAX_WAIT), 2), (None, 1)] {
            let answers = Arc::new(AtomicUsize::new(0));
            let gatherer = Arc::new(Gatherer::new(20, max_wait));
            let count = Arc::clone(&answers);
            let send = move |_: Vec<Work>| {
                count.fetch_add(1, Ordering::Relaxed);
                std::future::pending()
            };
            gatherer.add(Work(1), send.clone());
            sleep(Duration::from_millis(10)).await;
            gatherer.add(Work(1), send);
            sleep(MAX_WAIT + PROMPT).await;
            assert_eq!(answers.load(Ordering::Relaxed), departed);
        }
    }
}
