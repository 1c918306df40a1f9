//! The order of reads and writes over all maps: [`Stamp`].

use std::sync::atomic::{AtomicU64, Ordering};

/// A moment of the program, counted in writes.
///
/// A row may be older than a write of its key if the read began before the write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Stamp(u64);

static CLOCK: AtomicU64 = AtomicU64::new(0);

impl Stamp {
    /// The moment at which a read begins.
    pub(crate) fn now() -> Self {
        Self(CLOCK.load(Ordering::SeqCst))
    }

    /// The moment of a write: later than any `now` before it.
    pub(super) fn of_write() -> Self {
        Self(CLOCK.fetch_add(1, Ordering::SeqCst) + 1)
    }

    pub(super) fn as_u64(self) -> u64 {
        self.0
    }
}

/// The moment of the last write of some kind.
#[derive(Debug, Default)]
pub(crate) struct AtomicStamp(AtomicU64);

impl AtomicStamp {
    pub(super) fn of(stamp: Stamp) -> Self {
        Self(AtomicU64::new(stamp.as_u64()))
    }

    pub(crate) fn note_write(&self) {
        self.0
            .fetch_max(Stamp::of_write().as_u64(), Ordering::SeqCst);
    }

    pub(crate) fn get(&self) -> Stamp {
        Stamp(self.0.load(Ordering::SeqCst))
    }
}
