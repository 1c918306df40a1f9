//! Which keys of a model were written lately: [`WriteStamps`].

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use super::stamp::Stamp;
use crate::lock::lock;
use crate::model::{HashIsHash, KeyHash};

/// How many keys are noted one by one. More count as writes of all keys: unchanged rows may then come
/// out as new objects, but never a stale one.
const MAX_KEYS: usize = 64;

/// The last writes of a model. A row whose read began before a write is not taken in after it. A key is
/// noted by its hash: a key of the same hash would be read once more.
///
/// A write is noted here *before* the entry is changed, and a row is checked while the lock of its
/// entry is held. So either the check sees the note, or the entry is changed after the check.
#[derive(Debug)]
pub(super) struct WriteStamps {
    last: AtomicU64,
    log: Mutex<StampLog>,
}

#[derive(Debug)]
struct StampLog {
    /// The last write that counts as one of all keys.
    all: Stamp,
    keys: HashMap<KeyHash, Stamp, HashIsHash>,
}

impl WriteStamps {
    pub(super) fn new() -> Self {
        Self {
            last: AtomicU64::new(0),
            log: Mutex::new(StampLog {
                all: Stamp::default(),
                keys: HashMap::default(),
            }),
        }
    }

    pub(super) fn note(&self, key: KeyHash) {
        let mut log = self.log();
        let stamp = Stamp::of_write();
        if log.keys.len() >= MAX_KEYS && !log.keys.contains_key(&key) {
            log.keys.clear();
            log.all = stamp;
        } else {
            log.keys.insert(key, stamp);
        }
        self.last.fetch_max(stamp.as_u64(), Ordering::SeqCst);
    }

    pub(super) fn note_all(&self) {
        self.note_all_at(Stamp::of_write());
    }

    /// Notes that every key may have been written at this moment.
    pub(super) fn note_all_at(&self, at: Stamp) {
        let mut log = self.log();
        if at <= log.all {
            return;
        }
        log.keys.retain(|_, written| *written > at);
        log.all = at;
        self.last.fetch_max(at.as_u64(), Ordering::SeqCst);
    }

    /// Whether a row of this key that was read from `since` on may be older than a write.
    pub(super) fn is_written_since(&self, since: Stamp, key: KeyHash) -> bool {
        if self.last.load(Ordering::SeqCst) <= since.as_u64() {
            return false;
        }
        let log = self.log();
        log.all > since || log.keys.get(&key).is_some_and(|written| *written > since)
    }

    fn log(&self) -> MutexGuard<'_, StampLog> {
        lock(&self.log)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_later_than_the_reads_before_it() {
        let written = WriteStamps::new();
        let before = Stamp::now();
        let [one, other] = [1, 2].map(|key| KeyHash::of(&key));
        written.note(one);
        assert!(written.is_written_since(before, one));
        assert!(!written.is_written_since(before, other));
        assert!(!written.is_written_since(Stamp::now(), one));
    }

    #[test]
    fn many_writes_count_as_all() {
        let written = WriteStamps::new();
        let before = Stamp::now();
        for key in 0..10 * MAX_KEYS {
            written.note(KeyHash::of(&key));
        }
        assert!(written.is_written_since(before, KeyHash::of(&usize::MAX)));
        assert!(!written.is_written_since(Stamp::now(), KeyHash::of(&0_usize)));
        assert!(written.log().keys.len() <= MAX_KEYS);
    }
}
