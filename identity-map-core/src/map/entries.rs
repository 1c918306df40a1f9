//! The weak references to the objects of one model, by key: [`Entries`].
//!
//! This is the only module that sees a `DashMap`. No guard leaves it, and none is alive while
//! an object is dropped: what a lock protected is moved out first. (A key is hashed, compared
//! and dropped under the lock, since it is data.)
#![allow(clippy::disallowed_methods)] // the one place where guards may be taken

use std::collections::HashSet;
use std::hash::BuildHasher;
use std::sync::{Arc, Weak};

use dashmap::{DashMap, Entry};
use foldhash::fast::RandomState;

use super::known_groups::LiveEntries;
use super::peer_group::Address;
use super::stamp::Stamp;
use super::write_stamps::WriteStamps;
use crate::model::IdentityMapped;

/// There are few shards: a map belongs to one request or connection, so threads seldom compete for it,
/// and each shard costs 128 bytes in every scope that uses the model.
const SHARDS: usize = 4;

/// How many keys are looked up under one set of locks. A writer may have to wait that long.
const LOOKED_UP_AT_ONCE: usize = 1024;

/// For fewer new entries than this no room is reserved.
const WORTH_RESERVING: usize = 64;

/// How many entries are looked at to estimate how many objects are alive.
const SAMPLE_SIZE: usize = 32;

/// The entries of one model: a weak reference to an object under its key.
pub(super) struct Entries<M: IdentityMapped>(DashMap<M::Key, Weak<M>, RandomState>);

/// What became of an object that was offered under its key.
pub(super) enum Offered<M> {
    /// The entry refers to it now.
    Taken,
    /// The entry refers to a live object, which is this one.
    Held(Arc<M>),
    /// The row may be older than the last write of its key.
    Outdated,
}

impl<M: IdentityMapped> Entries<M> {
    pub(super) fn new() -> Self {
        Self(DashMap::with_hasher_and_shard_amount(
            RandomState::default(),
            SHARDS,
        ))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn capacity(&self) -> usize {
        self.0.capacity()
    }

    /// The live object with this key.
    pub(super) fn get(&self, key: &M::Key) -> Option<Arc<M>> {
        self.0.get(key).and_then(|entry| entry.upgrade())
    }

    /// Hands the live object of each of these keys to `take`, in their order. It holds the locks for
    /// many keys at once, so `take` must not drop an object.
    pub(super) fn get_each(&self, keys: &[M::Key], mut take: impl FnMut(&M::Key, Option<Arc<M>>)) {
        let hasher = self.0.hasher();
        for keys in keys.chunks(LOOKED_UP_AT_ONCE) {
            let shards: Vec<_> = self.0.shards().iter().map(|shard| shard.read()).collect();
            for key in keys {
                let hash = hasher.hash_one(key);
                #[allow(clippy::cast_possible_truncation)] // as `DashMap` does it
                let shard = &shards[self.0.determine_shard(hash as usize)];
                let entry = shard.get(hash, |(known, _)| known == key);
                take(key, entry.and_then(|(_, entry)| entry.get().upgrade()));
            }
        }
    }

    /// Puts `fresh` under `key` unless a live object is there, which wins. The stamps say, under the lock
    /// of the entry, whether the key was written after the row was read, at `since`.
    pub(super) fn offer(
        &self,
        key: M::Key,
        fresh: &Arc<M>,
        write_stamps: &WriteStamps<M::Key>,
        since: Stamp,
    ) -> Offered<M> {
        match self.0.entry(key) {
            Entry::Occupied(mut entry) => match entry.get().upgrade() {
                Some(held) => Offered::Held(held),
                None if write_stamps.is_written_since(since, entry.key()) => Offered::Outdated,
                None => {
                    entry.insert(Arc::downgrade(fresh));
                    Offered::Taken
                }
            },
            Entry::Vacant(entry) => {
                if write_stamps.is_written_since(since, entry.key()) {
                    return Offered::Outdated;
                }
                entry.insert(Arc::downgrade(fresh));
                Offered::Taken
            }
        }
    }

    /// Puts `fresh` under `key`, whatever is there, and gives back what was.
    pub(super) fn replace(&self, key: M::Key, fresh: &Arc<M>) -> Option<Weak<M>> {
        match self.0.entry(key) {
            Entry::Occupied(mut entry) => Some(entry.insert(Arc::downgrade(fresh))),
            Entry::Vacant(entry) => {
                entry.insert(Arc::downgrade(fresh));
                None
            }
        }
    }

    pub(super) fn remove(&self, key: &M::Key) -> Option<Weak<M>> {
        self.0.remove(key).map(|(_, entry)| entry)
    }

    /// Removes every entry, and shows those of live objects to `look`.
    pub(super) fn remove_all(&self, mut look: impl FnMut(&M::Key, &Weak<M>)) {
        self.0.retain(|key, entry| {
            if is_alive(entry) {
                look(key, entry);
            }
            false
        });
        self.0.shrink_to_fit();
    }

    /// Removes the entries of dead objects.
    ///
    /// An entry is judged under the lock of its shard, so it cannot get a live object between the
    /// judgement and the removal.
    pub(super) fn remove_dead(&self) {
        self.0.retain(|_, entry| is_alive(entry));
    }

    /// Gives back memory where much of it is unused.
    pub(super) fn shrink(&self) {
        if self.0.capacity() > 4 * self.0.len().max(16) {
            self.0.shrink_to_fit();
        }
    }

    /// Makes room for so many more entries at once, so that the shards need not grow again and again.
    pub(super) fn reserve(&self, more: usize) {
        if more < WORTH_RESERVING {
            return;
        }
        let hasher = self.0.hasher();
        for shard in self.0.shards() {
            // Shards are not filled evenly; an eighth on top is nearly always enough.
            let share = more / SHARDS + more / (8 * SHARDS);
            shard
                .write()
                .reserve(share, |(key, _)| hasher.hash_one(key));
        }
    }

    pub(super) fn for_each(&self, mut look: impl FnMut(&Weak<M>)) {
        // `retain` takes each lock once; `iter` counts a reference to the lock at every entry.
        self.0.retain(|_, entry| {
            look(entry);
            true
        });
    }

    /// Looks at some entries: how many they are, and how many of them are alive.
    pub(super) fn sample(&self) -> (usize, usize) {
        let (mut seen, mut alive) = (0, 0);
        for entry in self.0.iter().take(SAMPLE_SIZE) {
            seen += 1;
            alive += usize::from(is_alive(&entry));
        }
        (seen, alive)
    }

    pub(super) fn count_alive(&self) -> usize {
        self.0.iter().filter(|entry| is_alive(entry)).count()
    }

    /// Every live object with its key.
    pub(super) fn alive(&self) -> Vec<(M::Key, Arc<M>)> {
        self.0
            .iter()
            .filter_map(|entry| Some((entry.key().clone(), entry.upgrade()?)))
            .collect()
    }
}

impl<M: IdentityMapped> LiveEntries for Entries<M> {
    fn count(&self) -> usize {
        self.len()
    }

    fn addresses(&self) -> HashSet<Address, RandomState> {
        let alive = self.0.iter().filter(|entry| is_alive(entry));
        alive.map(|entry| Address::of(entry.as_ptr())).collect()
    }
}

pub(super) fn is_alive<M>(entry: &Weak<M>) -> bool {
    entry.strong_count() > 0
}
