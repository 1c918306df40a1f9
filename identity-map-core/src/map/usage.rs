//! Counts the uses of one model's objects, and says when their entries are swept: [`Usage`].

use std::sync::atomic::{AtomicU64, Ordering};

use super::stats::Stats;

/// A sweep looks at every entry, so it waits for at least this many uses.
const MIN_USES_BETWEEN_SWEEPS: u64 = 128;

/// How many uses a sweep waits for, for each entry that the last one left.
const USES_PER_ENTRY: u64 = 2;

/// The counters of one model. Hits and ticks together are the clock of the sweeps.
pub(super) struct Usage {
    hits: AtomicU64,
    misses: AtomicU64,
    expired: AtomicU64,
    /// Entries put in, and the program's own look-ups.
    ticks: AtomicU64,
    sweep_at: AtomicU64,
}

impl Usage {
    pub(super) fn new() -> Self {
        Self {
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            expired: AtomicU64::new(0),
            ticks: AtomicU64::new(0),
            sweep_at: AtomicU64::new(MIN_USES_BETWEEN_SWEEPS),
        }
    }

    /// Counts what a query found, and says how many uses there were.
    #[inline]
    pub(super) fn count_query(&self, hits: u64, misses: u64) -> u64 {
        let hits = self.hits.fetch_add(hits, Ordering::Relaxed) + hits;
        if misses > 0 {
            self.misses.fetch_add(misses, Ordering::Relaxed);
        }
        hits + self.ticks.load(Ordering::Relaxed)
    }

    /// Counts uses that are no query's, and says how many uses there were.
    #[inline]
    pub(super) fn tick(&self, times: u64) -> u64 {
        let ticks = self.ticks.fetch_add(times, Ordering::Relaxed);
        ticks + self.hits.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn count_expired(&self, expired: u64) {
        self.expired.fetch_add(expired, Ordering::Relaxed);
    }

    pub(super) fn uses(&self) -> u64 {
        self.ticks.load(Ordering::Relaxed) + self.hits.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn is_sweep_due(&self, uses: u64) -> bool {
        uses >= self.sweep_at.load(Ordering::Relaxed)
    }

    /// Begins a sweep, unless another thread has begun one.
    pub(super) fn begin_sweep(&self) -> bool {
        self.sweep_at.swap(u64::MAX, Ordering::Relaxed) != u64::MAX
    }

    /// Ends a sweep that was due at so many uses and has left so many entries.
    pub(super) fn end_sweep(&self, uses: u64, left: usize) {
        let wait = MIN_USES_BETWEEN_SWEEPS.max(USES_PER_ENTRY * left as u64);
        self.sweep_at.store(uses + wait, Ordering::Relaxed);
    }

    /// The counts. `alive` is counted by the caller, who has the entries.
    pub(super) fn stats(&self, alive: usize) -> Stats {
        Stats {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            statements: 0,
            expired: self.expired.load(Ordering::Relaxed),
            alive,
            without_catalogue: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_waits_for_twice_as_many_uses_as_there_are_entries() {
        let usage = Usage::new();
        assert!(!usage.is_sweep_due(usage.tick(MIN_USES_BETWEEN_SWEEPS - 1)));
        let uses = usage.count_query(1, 0);
        assert!(usage.is_sweep_due(uses));
        assert!(usage.begin_sweep());
        assert!(!usage.begin_sweep(), "one thread sweeps");
        usage.end_sweep(uses, 1000);
        assert!(!usage.is_sweep_due(uses + 1999));
        assert!(usage.is_sweep_due(uses + 2000));
    }
}
