//! The objects of one model: a `DashMap` of weak references.
//!
//! This is the only module that sees a `DashMap`. No guard leaves it, and none is alive while
//! an object is dropped: what a lock protected is moved out first. (Keys are hashed, compared
//! and dropped under the lock; a key is data.)
#![allow(clippy::disallowed_methods)] // the one place where guards may be taken

use std::any::Any;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use dashmap::{DashMap, Entry};

use super::retain::{Keeper, Retain};
use super::stats::Stats;
use crate::model::IdentityMapped;

/// Few: a map belongs to one request or connection, so threads seldom meet in it, and each
/// shard costs 128 bytes in every scope that uses the model.
const SHARDS: usize = 4;

/// A sweep looks at every entry, so it waits for at least this many uses.
const MIN_USES_BETWEEN_SWEEPS: u64 = 128;

pub(crate) struct Store<M: IdentityMapped> {
    entries: DashMap<M::Key, Weak<M>, foldhash::fast::RandomState>,
    keeper: Option<Mutex<Keeper<M::Key, M>>>,
    closed: AtomicBool,
    hits: AtomicU64,
    misses: AtomicU64,
    expired: AtomicU64,
    /// Entries put in, and the program's own look-ups: with `hits` the clock of the sweeps.
    ticks: AtomicU64,
    sweep_at: AtomicU64,
}

impl<M: IdentityMapped> Store<M> {
    pub(super) fn new(retain: Retain) -> Self {
        Self {
            entries: DashMap::with_hasher_and_shard_amount(
                foldhash::fast::RandomState::default(),
                SHARDS,
            ),
            keeper: Keeper::new(retain).map(Mutex::new),
            closed: AtomicBool::new(false),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            expired: AtomicU64::new(0),
            ticks: AtomicU64::new(0),
            sweep_at: AtomicU64::new(MIN_USES_BETWEEN_SWEEPS),
        }
    }

    /// The live object with this key.
    pub(crate) fn get(&self, key: &M::Key) -> Option<Arc<M>> {
        self.entries.get(key).and_then(|entry| entry.upgrade())
    }

    /// Puts `fresh` under `key`, unless a live object is there: then that one is the answer.
    pub(crate) fn adopt(&self, key: M::Key, fresh: Arc<M>) -> Arc<M> {
        if self.closed.load(Ordering::Acquire) {
            return fresh;
        }
        let held = self.put(key, &fresh);
        self.ticks.fetch_add(1, Ordering::Relaxed);
        self.empty_if_closed();
        held.unwrap_or(fresh)
    }

    /// [`adopt`](Self::adopt)s each of these objects under its own key, in place.
    pub(crate) fn adopt_all(&self, objects: &mut [Arc<M>]) {
        if self.closed.load(Ordering::Acquire) {
            return;
        }
        self.reserve(objects.len());
        for object in &mut *objects {
            if let Some(held) = self.put(object.key(), object) {
                *object = held;
            }
        }
        self.ticks
            .fetch_add(objects.len() as u64, Ordering::Relaxed);
        self.empty_if_closed();
    }

    /// Makes room at once, instead of growing shard by shard and entry by entry.
    fn reserve(&self, more: usize) {
        const WORTH_IT: usize = 64;
        if more < WORTH_IT {
            return;
        }
        let hasher = self.entries.hasher();
        for shard in self.entries.shards() {
            // Shards are not filled evenly; an eighth on top is nearly always enough.
            let share = more / SHARDS + more / (8 * SHARDS);
            shard
                .write()
                .reserve(share, |(key, _)| hasher.hash_one(key));
        }
    }

    /// Returns the live object under `key`, or puts `fresh` there.
    fn put(&self, key: M::Key, fresh: &Arc<M>) -> Option<Arc<M>> {
        match self.entries.entry(key) {
            Entry::Occupied(mut entry) => {
                let held = entry.get().upgrade();
                if held.is_none() {
                    entry.insert(Arc::downgrade(fresh));
                }
                held
            }
            Entry::Vacant(entry) => {
                entry.insert(Arc::downgrade(fresh));
                None
            }
        }
    }

    /// Puts `fresh` under `key`, whatever is there.
    pub(crate) fn replace(&self, key: M::Key, fresh: &Arc<M>) {
        if self.closed.load(Ordering::Acquire) {
            return;
        }
        let kept = self.keeper().and_then(|mut keeper| keeper.forget(&key));
        let old = self.entries.insert(key, Arc::downgrade(fresh));
        self.ticks.fetch_add(1, Ordering::Relaxed);
        if old.is_some_and(|old| old.strong_count() > 0) {
            self.expired.fetch_add(1, Ordering::Relaxed);
        }
        drop(kept);
        self.empty_if_closed();
    }

    pub(crate) fn expire(&self, key: &M::Key) {
        let gone = self.entries.remove(key);
        if gone.is_some_and(|(_, old)| old.strong_count() > 0) {
            self.expired.fetch_add(1, Ordering::Relaxed);
        }
        let kept = self.keeper().and_then(|mut keeper| keeper.forget(key));
        drop(kept);
    }

    /// Keeps these objects alive if the retention policy says so.
    pub(crate) fn keep(&self, objects: &[Arc<M>]) {
        if self.keeper.is_none() || self.closed.load(Ordering::Acquire) {
            return;
        }
        for object in objects {
            let key = object.key();
            let fell_out = self
                .keeper()
                .and_then(|mut keeper| keeper.keep(key, object));
            drop(fell_out);
        }
    }

    /// Counts what a query found, and sweeps if it is time.
    pub(crate) fn used(&self, hits: u64, misses: u64) {
        let hits = self.hits.fetch_add(hits, Ordering::Relaxed) + hits;
        if misses > 0 {
            self.misses.fetch_add(misses, Ordering::Relaxed);
        }
        self.sweep_if_due(hits + self.ticks.load(Ordering::Relaxed));
    }

    /// Counts a use that is no query's.
    pub(super) fn touched(&self) {
        let ticks = self.ticks.fetch_add(1, Ordering::Relaxed);
        self.sweep_if_due(ticks + self.hits.load(Ordering::Relaxed));
    }

    fn sweep_if_due(&self, uses: u64) {
        if uses >= self.sweep_at.load(Ordering::Relaxed) {
            self.sweep(uses);
        }
    }

    /// About how many objects are alive, judged by a few of the entries. Where all of those are
    /// dead, the entries are swept: the answer is then exact, and nothing if nothing is alive.
    pub(crate) fn about_alive(&self) -> usize {
        const SAMPLE: usize = 32;
        let mut alive = 0;
        let mut seen = 0;
        for entry in self.entries.iter().take(SAMPLE) {
            seen += 1;
            alive += usize::from(entry.strong_count() > 0);
        }
        if alive == 0 && seen > 0 {
            self.sweep(self.ticks.load(Ordering::Relaxed) + self.hits.load(Ordering::Relaxed));
            return self.entries.len();
        }
        (self.entries.len() * alive).checked_div(seen).unwrap_or(0)
    }

    pub(super) fn capacity(&self) -> usize {
        self.entries.capacity()
    }

    pub(super) fn alive(&self) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.strong_count() > 0)
            .count()
    }

    /// Removes the entries of dead objects, and gives back the memory they took.
    ///
    /// An entry is judged under its shard's lock, so the successor of a dead object, which
    /// replaced the reference in place, is never taken for it.
    fn sweep(&self, uses: u64) {
        // Whoever moves the mark does the work; it moves again below, when the size is known.
        if self.sweep_at.swap(u64::MAX, Ordering::Relaxed) == u64::MAX {
            return;
        }
        self.entries.retain(|_, entry| entry.strong_count() > 0);
        let left = self.entries.len();
        if self.entries.capacity() > 4 * left.max(16) {
            self.entries.shrink_to_fit();
        }
        let wait = MIN_USES_BETWEEN_SWEEPS.max(left as u64);
        self.sweep_at.store(uses + wait, Ordering::Relaxed);
    }

    fn keeper(&self) -> Option<MutexGuard<'_, Keeper<M::Key, M>>> {
        let keeper = self.keeper.as_ref()?;
        Some(keeper.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// An object may slip in while the map is being closed; whoever put it there sees the mark.
    fn empty_if_closed(&self) {
        if self.closed.load(Ordering::Acquire) {
            AnyStore::clear(self);
        }
    }
}

/// What the map asks of its stores whatever their model.
pub(super) trait AnyStore: Any + Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn clear(&self);
    fn close(&self);
    fn add_to(&self, stats: &mut Stats);
}

impl<M: IdentityMapped> AnyStore for Store<M> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn clear(&self) {
        let mut expired = 0;
        self.entries.retain(|_, entry| {
            expired += u64::from(entry.strong_count() > 0);
            false
        });
        self.entries.shrink_to_fit();
        self.expired.fetch_add(expired, Ordering::Relaxed);
        let kept = self.keeper().map(|mut keeper| keeper.take_all());
        drop(kept);
    }

    fn close(&self) {
        if !self.closed.swap(true, Ordering::AcqRel) {
            self.clear();
        }
    }

    fn add_to(&self, stats: &mut Stats) {
        *stats += Stats {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            statements: 0,
            expired: self.expired.load(Ordering::Relaxed),
            alive: self.alive(),
        };
    }
}

impl<M: IdentityMapped> Store<M> {
    pub(crate) fn clear(&self) {
        AnyStore::clear(self);
    }

    pub(super) fn close(&self) {
        AnyStore::close(self);
    }
}
