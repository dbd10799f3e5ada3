//! A log bounded in entries and in bytes: an emulator may run for days, and a request may be of any size. Does
//! not know what an entry is.

use std::collections::VecDeque;

use serde::Serialize;

/// The maximum size of all entries of a log as JSON.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// The latest entries, oldest first.
#[derive(Debug)]
pub struct BoundedLog<T> {
    entries: VecDeque<(usize, T)>,
    bytes: usize,
    most: usize,
}

impl<T: Serialize> BoundedLog<T> {
    /// An empty log that keeps at most this many entries.
    pub fn new(most: usize) -> Self {
        Self { entries: VecDeque::new(), bytes: 0, most }
    }

    /// Adds an entry, and drops the oldest entries if there is no room.
    pub fn push(&mut self, entry: T) {
        let bytes = serde_json::to_string(&entry).map_or(MAX_BYTES, |text| text.len());
        self.bytes += bytes;
        self.entries.push_back((bytes, entry));
        while self.entries.len() > self.most || self.bytes > MAX_BYTES {
            let Some((bytes, _)) = self.entries.pop_front() else { return };
            self.bytes -= bytes;
        }
    }

    /// The kept entries, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, entry)| entry)
    }

    /// Drops all entries.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entries_go_when_there_are_too_many() {
        let mut log = BoundedLog::new(2);
        (0..3).for_each(|number| log.push(number));
        assert!(log.iter().eq([&1, &2]));
        log.clear();
        assert!(log.iter().next().is_none());
    }

    #[test]
    fn large_entries_push_others_out_and_one_that_is_larger_than_all_is_not_kept() {
        let large = "x".repeat(MAX_BYTES / 3);
        let mut log = BoundedLog::new(100);
        (0..10).for_each(|_| log.push(large.clone()));
        assert_eq!(log.iter().count(), 2);
        log.push("x".repeat(MAX_BYTES));
        assert_eq!(log.iter().count(), 0);
        log.push("y".to_owned());
        assert!(log.iter().eq(["y"]));
    }
}
