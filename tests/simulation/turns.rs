//! In which order the calls of different addresses come. Terraform promises none: either they take turns that the seed
//! draws, one call at a time, or they run at once.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::task::Poll;

use fastrand::Rng;
use tokio::sync::oneshot;

/// Work on one address.
pub type Work<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Hands out the turns of one walk.
pub struct Turns<'a> {
    /// Absent if calls run at once.
    rng: Option<RefCell<Rng>>,
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
    running: Cell<bool>,
    /// How many addresses have work left.
    live: Cell<usize>,
    /// Called before each turn.
    before: Box<dyn Fn() + 'a>,
}

/// Leave to make one call; dropping it ends the turn.
pub struct Turn<'t, 'a>(&'t Turns<'a>);

impl<'a> Turns<'a> {
    pub fn new(rng: Option<Rng>, before: Box<dyn Fn() + 'a>) -> Self {
        Self {
            rng: rng.map(RefCell::new),
            waiting: RefCell::default(),
            running: Cell::new(false),
            live: Cell::new(0),
            before,
        }
    }

    /// Waits for the turn to make a call.
    pub async fn turn(&self) -> Turn<'_, 'a> {
        if self.rng.is_some() {
            let (go, gone) = oneshot::channel();
            self.waiting.borrow_mut().push(go);
            self.next();
            gone.await.unwrap();
        }
        Turn(self)
    }

    /// Does all the work.
    pub async fn run(&self, mut work: Vec<Work<'_>>) {
        self.live.set(work.len());
        std::future::poll_fn(|context| {
            work.retain_mut(|one| {
                let is_done = one.as_mut().poll(context).is_ready();
                if is_done {
                    self.live.set(self.live.get() - 1);
                    self.next();
                }
                !is_done
            });
            if work.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Gives the turn to one of those who wait, once all do.
    fn next(&self) {
        let Some(rng) = &self.rng else { return };
        let mut waiting = self.waiting.borrow_mut();
        if self.running.get() || waiting.is_empty() || waiting.len() < self.live.get() {
            return;
        }
        (self.before)();
        self.running.set(true);
        let chosen = rng.borrow_mut().usize(..waiting.len());
        let _ = waiting.swap_remove(chosen).send(());
    }
}

impl Drop for Turn<'_, '_> {
    fn drop(&mut self) {
        self.0.running.set(false);
        self.0.next();
    }
}
