//! The weak references to the objects of one model: [`Entries`].
//!
//! This is the only module that sees a `DashMap` ([`shard_locks`](super::shard_locks) takes all its locks at
//! once). An entry has no key beside the reference: a live object knows its key, and an entry whose object is
//! dead is looked up by nobody. So an entry takes two words, whatever the key.
//!
//! No guard leaves the two, and no object is dropped under a lock. To compare a key under the lock
//! takes a reference to the object, which may turn out to be the last one. The object is then moved out,
//! and dropped once the lock is released. (A key is hashed, compared and dropped under the lock, since it
//! is data.)
#![allow(clippy::disallowed_methods)] // the one place where guards may be taken

use std::collections::HashSet;
use std::hash::BuildHasher;
use std::sync::{Arc, Weak};

use dashmap::{DashMap, SharedValue};
use foldhash::fast::RandomState;

use super::drop_later::DropLater;
use super::known_groups::LiveEntries;
use super::shard_locks::{SHARDS, read_all, write_all};
use super::stamp::Stamp;
use super::write_stamps::WriteStamps;
use crate::model::{Address, IdentityMapped, KeyHash, KeyRef, Object, ObjectsMut, address_of};

/// How many keys are looked up under one set of locks. A writer may have to wait that long.
const LOOKED_UP_AT_ONCE: usize = 1024;

/// How many objects are offered under one set of locks. A reader may have to wait that long.
const OFFERED_AT_ONCE: usize = 1024;

/// For fewer new entries than this no room is reserved.
const WORTH_RESERVING: usize = 64;

/// How many entries are looked at to estimate how many objects are alive.
const SAMPLE_SIZE: usize = 32;

/// The entries of one model, each a weak reference to an object. `DashMap` itself hashes nothing: an entry
/// stands in its shards by the hash of its object's key.
pub(super) struct Entries(DashMap<(), Weak<dyn Object>, RandomState>);

/// What became of an object that was offered to the map.
pub(super) enum Offered {
    /// An entry refers to it now.
    Taken,
    /// An entry refers to a live object with its key, which is this one.
    Held(Arc<dyn Object>),
    /// The row may be older than the last write of its key.
    Outdated,
}

impl Entries {
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
    #[allow(clippy::inline_always)] // a call is 25 instructions for each hit
    #[inline(always)]
    pub(super) fn get<M: IdentityMapped>(&self, key: &M::Key) -> Option<Arc<M>> {
        let later = DropLater::default();
        let hash = KeyHash::of(key).as_u64();
        let shard = self.0.shards()[self.shard_of(hash)].read();
        let mut found = None;
        shard.get(hash, |((), entry)| {
            found = later.model_if(entry.get(), key);
            found.is_some()
        });
        drop(shard);
        found
    }

    /// Hands the live object of each of these keys to `take`, with the key's position. It holds the locks
    /// for many keys at once, so `take` must not drop an object.
    pub(super) fn get_each<M: IdentityMapped>(
        &self,
        keys: &[M::Key],
        mut take: impl FnMut(usize, Option<Arc<M>>),
    ) {
        let hasher = KeyHash::hasher();
        let mut position = 0;
        for keys in keys.chunks(LOOKED_UP_AT_ONCE) {
            let later = DropLater::default();
            let shards = read_all(self.0.shards());
            for key in keys {
                let hash = hasher.hash_one(key);
                let mut found = None;
                shards[self.shard_of(hash) % SHARDS].get(hash, |((), entry)| {
                    found = later.model_if(entry.get(), key);
                    found.is_some()
                });
                take(position, found);
                position += 1;
            }
            drop(shards);
        }
    }

    /// The live object with this key, of whatever model.
    pub(super) fn get_object(&self, key: KeyRef<'_>) -> Option<Arc<dyn Object>> {
        self.find(key.hash, |object| object.has_key(key.key))
    }

    /// The live object with the same key as `other`, whose hash is given.
    pub(super) fn get_same(&self, key: KeyHash, other: &dyn Object) -> Option<Arc<dyn Object>> {
        self.find(key, |object| object.has_same_key(other))
    }

    #[inline]
    fn find(&self, key: KeyHash, is_it: impl Fn(&dyn Object) -> bool) -> Option<Arc<dyn Object>> {
        let later = DropLater::default();
        let hash = key.as_u64();
        let shard = self.0.shards()[self.shard_of(hash)].read();
        let mut found = None;
        shard.get(hash, |((), entry)| {
            found = later.object_if(entry.get(), &is_it);
            found.is_some()
        });
        drop(shard);
        found
    }

    /// Takes in each of these objects, unless a live object has its key, which wins. The stamps say, under the
    /// lock of the entry, whether the key was written after the row was read, at `since`. What became of each is told to
    /// `take`, with the object's position. It holds the locks for many objects at once, so `take` must not drop an object.
    pub(super) fn offer(
        &self,
        objects: &dyn ObjectsMut,
        write_stamps: &WriteStamps,
        since: Stamp,
        mut take: impl FnMut(usize, Offered),
    ) {
        let count = objects.count();
        let mut start = 0;
        while start < count {
            let end = count.min(start + OFFERED_AT_ONCE);
            let later = DropLater::default();
            // One object needs one lock. For more all are taken, always in the same order.
            let mut shards = if end - start == 1 {
                [const { None }; SHARDS]
            } else {
                write_all(self.0.shards())
            };
            for at in start..end {
                let fresh = objects.borrow(at);
                let key = fresh.key_hash();
                let hash = key.as_u64();
                let shard = self.shard_of(hash);
                let shard =
                    shards[shard % SHARDS].get_or_insert_with(|| self.0.shards()[shard].write());
                let mut held = None;
                let mut has_dead = false;
                shard.get(hash, |((), entry)| {
                    has_dead |= !is_alive(entry.get());
                    held = later.object_if(entry.get(), |object| object.has_same_key(fresh));
                    held.is_some()
                });
                if let Some(held) = held {
                    take(at, Offered::Held(held));
                    continue;
                }
                if write_stamps.is_written_since(since, key) {
                    take(at, Offered::Outdated);
                    continue;
                }
                let entry = SharedValue::new(objects.downgrade(at));
                // The place of a dead object on the way to this hash is as good as an empty one.
                let dead = if has_dead {
                    shard.get_mut(hash, |((), entry)| !is_alive(entry.get()))
                } else {
                    None
                };
                if let Some(((), dead)) = dead {
                    *dead = entry;
                } else {
                    let _ =
                        shard.insert(hash, ((), entry), |((), entry)| later.hash_of(entry.get()));
                }
                take(at, Offered::Taken);
            }
            drop(shards);
            start = end;
        }
    }

    /// Takes `fresh` in, in place of the live object with its key, which is given back.
    pub(super) fn replace(&self, key: KeyHash, fresh: &Arc<dyn Object>) -> Option<Arc<dyn Object>> {
        let later = DropLater::default();
        let hash = key.as_u64();
        let mut shard = self.0.shards()[self.shard_of(hash)].write();
        let mut held = None;
        let entry = shard.get_mut(hash, |((), entry)| {
            held = later.object_if(entry.get(), |object| object.has_same_key(&**fresh));
            held.is_some()
        });
        let fresh = SharedValue::new(Arc::downgrade(fresh));
        if let Some(((), entry)) = entry {
            *entry = fresh;
        } else {
            let _ = shard.insert(hash, ((), fresh), |((), entry)| later.hash_of(entry.get()));
        }
        drop(shard);
        held
    }

    /// Removes the live object with this key, and gives it back.
    pub(super) fn remove(&self, key: KeyRef<'_>) -> Option<Arc<dyn Object>> {
        self.remove_if(key.hash, |object| object.has_key(key.key))
    }

    /// Removes the live object with the same key as `other`, whose hash is given.
    pub(super) fn remove_same(&self, key: KeyHash, other: &dyn Object) -> Option<Arc<dyn Object>> {
        self.remove_if(key, |object| object.has_same_key(other))
    }

    fn remove_if(
        &self,
        key: KeyHash,
        is_it: impl Fn(&dyn Object) -> bool,
    ) -> Option<Arc<dyn Object>> {
        let later = DropLater::default();
        let hash = key.as_u64();
        let mut shard = self.0.shards()[self.shard_of(hash)].write();
        let mut held = None;
        let _ = shard.remove_entry(hash, |((), entry)| {
            held = later.object_if(entry.get(), &is_it);
            held.is_some()
        });
        drop(shard);
        held
    }

    /// Removes every entry, and shows those of live objects to `look`.
    pub(super) fn remove_all(&self, look: &mut dyn FnMut(&Weak<dyn Object>)) {
        self.0.retain(|(), entry| {
            if is_alive(entry) {
                look(entry);
            }
            false
        });
        self.shrink_to_fit();
    }

    /// Removes the entries of dead objects.
    ///
    /// An entry is judged under the lock of its shard, so it cannot get a live object between the
    /// judgement and the removal.
    pub(super) fn remove_dead(&self) {
        self.0.retain(|(), entry| is_alive(entry));
    }

    /// Gives back memory where much of it is unused.
    pub(super) fn shrink(&self) {
        if self.0.capacity() > 4 * self.0.len().max(16) {
            self.shrink_to_fit();
        }
    }

    fn shrink_to_fit(&self) {
        let later = DropLater::default();
        for shard in self.0.shards() {
            let mut shard = shard.write();
            shard.shrink_to(0, |((), entry)| later.hash_of(entry.get()));
        }
    }

    /// Makes room for so many more entries at once, so that the shards need not grow again and again.
    pub(super) fn reserve(&self, more: usize) {
        if more < WORTH_RESERVING {
            return;
        }
        let later = DropLater::default();
        // Shards are not filled evenly; an eighth on top is nearly always enough.
        let more = more / SHARDS + more / (8 * SHARDS);
        for shard in self.0.shards() {
            let mut shard = shard.write();
            shard.reserve(more, |((), entry)| later.hash_of(entry.get()));
        }
    }

    pub(super) fn for_each(&self, look: &mut dyn FnMut(&Weak<dyn Object>)) {
        // `retain` takes each lock once; `iter` counts a reference to the lock at every entry.
        self.0.retain(|(), entry| {
            look(entry);
            true
        });
    }

    /// Looks at some entries, any of them: how many they are, and how many of them are alive.
    pub(super) fn sample(&self) -> (usize, usize) {
        let (mut seen, mut alive) = (0, 0);
        for entry in self.0.iter().take(SAMPLE_SIZE) {
            seen += 1;
            alive += usize::from(is_alive(&entry));
        }
        (seen, alive)
    }

    pub(super) fn count_alive(&self) -> usize {
        let mut alive = 0;
        self.for_each(&mut |entry| alive += usize::from(is_alive(entry)));
        alive
    }

    /// Every live object.
    pub(super) fn alive(&self) -> Vec<Arc<dyn Object>> {
        let mut alive = Vec::new();
        self.for_each(&mut |entry| alive.extend(entry.upgrade()));
        alive
    }

    #[inline]
    fn shard_of(&self, hash: u64) -> usize {
        #[allow(clippy::cast_possible_truncation)] // as `DashMap` does it
        self.0.determine_shard(hash as usize)
    }
}

impl LiveEntries for Entries {
    fn count(&self) -> usize {
        self.len()
    }

    fn addresses(&self) -> HashSet<Address, RandomState> {
        let mut addresses = HashSet::default();
        self.for_each(&mut |entry| {
            if is_alive(entry) {
                addresses.insert(address_of(entry.as_ptr()));
            }
        });
        addresses
    }
}

#[inline]
pub(super) fn is_alive(entry: &Weak<dyn Object>) -> bool {
    entry.strong_count() > 0
}
