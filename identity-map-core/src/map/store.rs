//! The objects of one model: a `DashMap` of weak references.
//!
//! This is the only module that sees a `DashMap`. No guard leaves it, and none is alive while
//! an object is dropped: what a lock protected is moved out first. (Keys are hashed, compared
//! and dropped under the lock; a key is data.)
#![allow(clippy::disallowed_methods)] // the one place where guards may be taken

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use dashmap::{DashMap, Entry};

use super::IdentityMap;
use super::clock::Stamp;
use super::list::{Entries, List, Lists, Place};
use super::retain::{Keeper, Retain};
use super::stats::Stats;
use super::written::Written;
use crate::connection::Touched;
use crate::model::{Facts, IdentityMapped, KeyType};

/// Few: a map belongs to one request or connection, so threads seldom meet in it, and each
/// shard costs 128 bytes in every scope that uses the model.
const SHARDS: usize = 4;

/// A sweep looks at every entry, so it waits for at least this many uses.
const MIN_USES_BETWEEN_SWEEPS: u64 = 128;

pub(crate) struct Store<M: IdentityMapped> {
    entries: DashMap<M::Key, Weak<M>, foldhash::fast::RandomState>,
    lists: Lists<M>,
    keeper: Option<Mutex<Keeper<M::Key, M>>>,
    written: Written<M::Key>,
    /// Asked for at once, so that the model is known before a statement names its table.
    facts: Option<&'static Facts>,
    /// Objects that were expired while somebody held them, where the model wants those back that
    /// turn out unchanged.
    expired_alive: Mutex<HashMap<M::Key, Weak<M>, foldhash::fast::RandomState>>,
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
            lists: Lists::new(),
            keeper: Keeper::new(retain).map(Mutex::new),
            written: Written::new(),
            facts: M::__facts(),
            expired_alive: Mutex::default(),
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

    /// [`get`](Self::get) for each of these keys, in their order; takes each lock once for many.
    pub(crate) fn get_each(&self, keys: &[M::Key], mut take: impl FnMut(&M::Key, Option<Arc<M>>)) {
        /// As long others wait who want to write.
        const AT_ONCE: usize = 1024;
        let hasher = self.entries.hasher();
        for keys in keys.chunks(AT_ONCE) {
            let shards: Vec<_> = self
                .entries
                .shards()
                .iter()
                .map(|shard| shard.read())
                .collect();
            for key in keys {
                let hash = hasher.hash_one(key);
                #[allow(clippy::cast_possible_truncation)] // as `DashMap` does it
                let shard = &shards[self.entries.determine_shard(hash as usize)];
                let entry = shard.get(hash, |(known, _)| known == key);
                take(key, entry.and_then(|(_, entry)| entry.get().upgrade()));
            }
        }
    }

    /// Puts objects that this map holds into a list. New ones (`made`) are in no other.
    pub(crate) fn enlist(&self, list: List, objects: &[Arc<M>], made: bool) {
        if self.closed.load(Ordering::Acquire) {
            return;
        }
        if list != List::NONE {
            self.lists.put(list, objects, &self.entries);
        } else if made {
            for object in objects {
                self.lists.forget(object);
            }
        }
    }

    /// The list of an object.
    pub(crate) fn list_of(&self, object: &Arc<M>) -> List {
        self.lists.of(object)
    }

    /// Adds where the objects of a list are.
    pub(crate) fn add_places(
        &self,
        list: List,
        places: &mut HashSet<Place, foldhash::fast::RandomState>,
    ) {
        self.lists.add_places(list, places);
    }

    /// Adds the live objects at these places.
    pub(crate) fn add_peers(
        &self,
        places: &HashSet<Place, foldhash::fast::RandomState>,
        peers: &mut Vec<Arc<M>>,
    ) {
        self.each(|entry| {
            if places.contains(&Place::of(entry.as_ptr())) {
                peers.extend(entry.upgrade());
            }
        });
    }

    /// All live objects, if it is one list that they came in: the usual loop has loaded nothing else. (As
    /// far as numbers tell: another object may be among them, as it may have taken a place.)
    pub(crate) fn peers_if_all(&self, list: List) -> Option<Vec<Arc<M>>> {
        let count = self.entries.len();
        if !self.lists.is_all(list, count) {
            return None;
        }
        let mut peers = Vec::with_capacity(count);
        self.each(|entry| peers.extend(entry.upgrade()));
        Some(peers)
    }

    fn each(&self, mut look: impl FnMut(&Weak<M>)) {
        // `retain` takes each lock once; `iter` counts a reference to it at every entry.
        self.entries.retain(|_, entry| {
            look(entry);
            true
        });
    }

    /// Puts `fresh` under `key`, unless a live object is there: then that one is the answer. The
    /// row was read from `since` on; if its key was written meanwhile, it stays an object of its
    /// own.
    pub(crate) fn adopt(&self, key: M::Key, fresh: Arc<M>, since: Stamp) -> Landed<M> {
        if self.closed.load(Ordering::Acquire) {
            return Landed::KeptOut(fresh);
        }
        let fresh = self.as_it_was(&key, fresh);
        let put = self.put(key, &fresh, since);
        self.ticks.fetch_add(1, Ordering::Relaxed);
        self.empty_if_closed();
        match put {
            Put::Taken => Landed::There(fresh),
            Put::Held(held) => Landed::There(held),
            Put::KeptOut => Landed::KeptOut(fresh),
        }
    }

    /// [`adopt`](Self::adopt)s each of these objects under its own key, in place. Those that were
    /// kept out stay as they are.
    pub(crate) fn adopt_all(&self, objects: &mut [Arc<M>], since: Stamp) {
        if self.closed.load(Ordering::Acquire) {
            return;
        }
        self.reserve(objects.len());
        for object in &mut *objects {
            if M::__UNCHANGED.is_some() {
                *object = self.as_it_was(&object.key(), Arc::clone(object));
            }
            if let Put::Held(held) = self.put(object.key(), object, since) {
                *object = held;
            }
        }
        self.ticks
            .fetch_add(objects.len() as u64, Ordering::Relaxed);
        self.empty_if_closed();
    }

    /// The object that was expired under this key, if it turns out to be as `fresh` is.
    fn as_it_was(&self, key: &M::Key, fresh: Arc<M>) -> Arc<M> {
        let Some(unchanged) = M::__UNCHANGED else {
            return fresh;
        };
        let expired = self.expired_alive().remove(key);
        match expired.and_then(|expired| expired.upgrade()) {
            // The model's own code, so no lock is held.
            Some(old) if unchanged(&old, &fresh) => old,
            _ => fresh,
        }
    }

    /// The object that is known, or was, under the key of `fresh`, if it equals it.
    pub(crate) fn equal_to(&self, key: &M::Key, fresh: &M) -> Option<Arc<M>> {
        let unchanged = M::__UNCHANGED?;
        let old = self.get(key).or_else(|| {
            let expired = self.expired_alive().get(key).cloned();
            expired?.upgrade()
        })?;
        unchanged(&old, fresh).then_some(old)
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

    /// Finds the live object under `key`, or puts `fresh` there.
    fn put(&self, key: M::Key, fresh: &Arc<M>, since: Stamp) -> Put<M> {
        match self.entries.entry(key) {
            Entry::Occupied(mut entry) => match entry.get().upgrade() {
                Some(held) => Put::Held(held),
                None if self.written.since(since, entry.key()) => Put::KeptOut,
                None => {
                    entry.insert(Arc::downgrade(fresh));
                    Put::Taken
                }
            },
            Entry::Vacant(entry) => {
                if self.written.since(since, entry.key()) {
                    return Put::KeptOut;
                }
                entry.insert(Arc::downgrade(fresh));
                Put::Taken
            }
        }
    }

    /// Whether a row of this key that was read from `since` on may be older than a write.
    pub(crate) fn written_since(&self, since: Stamp, key: &M::Key) -> bool {
        self.written.since(since, key)
    }

    /// Puts `fresh` under `key`, whatever is there. It joins the lists of the object it replaces.
    pub(crate) fn replace(&self, key: M::Key, fresh: &Arc<M>) {
        if self.closed.load(Ordering::Acquire) {
            return;
        }
        let kept = self.keeper().and_then(|mut keeper| keeper.forget(&key));
        self.written.note(&key);
        let old = match self.entries.entry(key) {
            Entry::Occupied(mut entry) => Some(entry.insert(Arc::downgrade(fresh))),
            Entry::Vacant(entry) => {
                entry.insert(Arc::downgrade(fresh));
                None
            }
        };
        self.ticks.fetch_add(1, Ordering::Relaxed);
        if let Some(old) = old {
            self.lists.succeed(&old, fresh);
            if is_alive(&old) && old.as_ptr() != Arc::as_ptr(fresh) {
                self.expired.fetch_add(1, Ordering::Relaxed);
            }
        }
        drop(kept);
        self.empty_if_closed();
    }

    pub(crate) fn expire(&self, key: &M::Key) {
        self.written.note(key);
        let gone = self.entries.remove(key);
        if let Some((_, old)) = gone.filter(|(_, old)| is_alive(old)) {
            self.expired.fetch_add(1, Ordering::Relaxed);
            if M::__UNCHANGED.is_some() {
                self.expired_alive().insert(key.clone(), old);
            }
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
            alive += usize::from(is_alive(&entry));
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
        let entries = self.entries.iter();
        entries.filter(|entry| is_alive(entry)).count()
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
        self.entries.retain(|_, entry| is_alive(entry));
        if M::__UNCHANGED.is_some() {
            let mut expired = self.expired_alive();
            expired.retain(|_, entry| entry.strong_count() > 0);
            expired.shrink_to_fit();
        }
        self.lists.make_room(&self.entries);
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

    fn expired_alive(
        &self,
    ) -> MutexGuard<'_, HashMap<M::Key, Weak<M>, foldhash::fast::RandomState>> {
        self.expired_alive
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// An object may slip in while the map is being closed; whoever put it there sees the mark.
    fn empty_if_closed(&self) {
        if self.closed.load(Ordering::Acquire) {
            AnyStore::clear(self);
        }
    }
}

impl<K: KeyType, M, S: BuildHasher + Clone> Entries for DashMap<K, Weak<M>, S> {
    fn count(&self) -> usize {
        self.len()
    }

    fn places(&self) -> HashSet<Place, foldhash::fast::RandomState> {
        let alive = self.iter().filter(|entry| is_alive(entry));
        alive.map(|entry| Place::of(entry.as_ptr())).collect()
    }
}

fn is_alive<M>(entry: &Weak<M>) -> bool {
    entry.strong_count() > 0
}

/// What became of a row that was offered to the map.
pub(crate) enum Landed<M> {
    /// The object that the map now has under the key.
    There(Arc<M>),
    /// The map did not take it: it may be older than a write, or the map is closed.
    KeptOut(Arc<M>),
}

enum Put<M> {
    Taken,
    Held(Arc<M>),
    KeptOut,
}

/// What the map asks of its stores whatever their model.
pub(super) trait AnyStore: Any + Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn facts(&self) -> Option<&'static Facts>;
    fn clear(&self);
    fn close(&self);
    fn add_to(&self, stats: &mut Stats);
    /// Prepares the objects that are alive, read from `since` on, to be handed over to `target`,
    /// which is done by the answer. What may be older than a write of somebody else stays out.
    fn pour(&self, target: &IdentityMap, touched: &Touched, since: Stamp) -> Box<dyn FnOnce()>;
}

impl<M: IdentityMapped> AnyStore for Store<M> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn facts(&self) -> Option<&'static Facts> {
        self.facts
    }

    fn clear(&self) {
        self.written.note_all();
        let mut expired = 0;
        let mut alive = M::__UNCHANGED.map(|_| Vec::new());
        self.entries.retain(|key, entry| {
            if is_alive(entry) {
                expired += 1;
                if let Some(alive) = &mut alive {
                    alive.push((key.clone(), entry.clone()));
                }
            }
            false
        });
        self.entries.shrink_to_fit();
        self.lists.clear();
        self.expired.fetch_add(expired, Ordering::Relaxed);
        if let Some(alive) = alive {
            self.expired_alive().extend(alive);
        }
        let kept = self.keeper().map(|mut keeper| keeper.take_all());
        drop(kept);
    }

    fn close(&self) {
        if !self.closed.swap(true, Ordering::AcqRel) {
            self.clear();
            *self.expired_alive() = HashMap::default();
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

    fn pour(&self, target: &IdentityMap, touched: &Touched, since: Stamp) -> Box<dyn FnOnce()> {
        let target = target.clone();
        let store = target.store::<M>();
        let keys = touched.keys_of::<M>();
        let whole = touched.covers(self.facts);
        let mut replacing = Vec::new();
        let mut joining = Vec::new();
        // All of them first: an object may have to be dropped, and no lock is held then.
        let alive: Vec<(M::Key, Arc<M>)> = self
            .entries
            .iter()
            .filter_map(|entry| Some((entry.key().clone(), entry.upgrade()?)))
            .collect();
        for (key, object) in alive {
            let written = keys.as_ref().is_some_and(|keys| keys.contains(&key));
            if !written && store.written_since(since, &key) {
                continue;
            }
            // What replaced another object here does so there.
            if written || whole || self.written_since(Stamp::default(), &key) {
                replacing.push((key, object));
            } else {
                joining.push((key, object));
            }
        }
        Box::new(move || {
            let store = target.store::<M>();
            for (key, object) in replacing {
                store.replace(key, &object);
                store.keep(&[object]);
            }
            for (key, object) in joining {
                if let Landed::There(object) = store.adopt(key, object, since) {
                    store.keep(&[object]);
                }
            }
        })
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
