//! How a store counts its uses, and removes the entries of dead objects now and then.

use super::stats::Stats;
use super::store::Store;

impl Store {
    /// Counts what a query found, and sweeps if it is time.
    #[inline]
    pub(crate) fn count_query(&self, hits: u64, misses: u64) {
        self.sweep_if_due(self.usage.count_query(hits, misses));
    }

    /// Counts a use that is no query's, and sweeps if it is time.
    pub(super) fn count_use(&self) {
        self.sweep_if_due(self.usage.tick(1));
    }

    /// About how many objects are alive, estimated by a few entries. If all of these are dead, the
    /// entries are swept, and the number is exact.
    pub(crate) fn about_alive(&self) -> usize {
        let (seen, alive) = self.entries.sample();
        if alive == 0 && seen > 0 {
            self.sweep(self.usage.uses());
            return self.entries.len();
        }
        (self.entries.len() * alive).checked_div(seen).unwrap_or(0)
    }

    pub(super) fn stats(&self) -> Stats {
        self.usage.stats(self.entries.count_alive())
    }

    #[inline]
    fn sweep_if_due(&self, uses: u64) {
        if self.usage.is_sweep_due(uses) {
            self.sweep(uses);
        }
    }

    /// Removes the entries of dead objects, and gives back the memory that they took.
    #[cold]
    fn sweep(&self, uses: u64) {
        if !self.usage.begin_sweep() {
            return;
        }
        let (seen, alive) = self.entries.sample();
        // Where all of some entries are alive, at most a few of all are dead.
        if alive < seen {
            self.entries.remove_dead();
        }
        if let Some(expired) = &self.expired_alive {
            expired.remove_dead();
            expired.shrink();
        }
        self.peer_groups.make_room(&self.entries);
        self.entries.shrink();
        self.usage.end_sweep(uses, self.entries.len());
    }
}
