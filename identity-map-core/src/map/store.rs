//! The objects of one model in one map: [`Store`].

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use foldhash::fast::RandomState;

use super::entries::{Entries, Offered, is_alive};
use super::peer_group::{Address, PeerGroup};
use super::peer_groups::PeerGroups;
use super::retain::{Retain, RetainedObjects};
use super::stamp::Stamp;
use super::usage::Usage;
use super::write_stamps::WriteStamps;
use crate::lock::lock;
use crate::model::{Facts, IdentityMapped};

/// The entries of one model, and what is known beside them.
///
/// To drop one of the program's objects runs the program's code, so no lock is held where that may
/// happen.
pub(crate) struct Store<M: IdentityMapped> {
    pub(super) entries: Entries<M>,
    pub(super) peer_groups: PeerGroups<M>,
    /// `None` if the policy keeps nothing.
    retained: Option<Mutex<RetainedObjects<M::Key, M>>>,
    pub(super) write_stamps: WriteStamps<M::Key>,
    /// Read when the store is made, so that the model is known before a statement names its table.
    pub(super) facts: Option<&'static Facts>,
    expired_alive: Mutex<ExpiredAlive<M>>,
    pub(super) closed: AtomicBool,
    pub(super) usage: Usage,
}

/// Objects that were expired while somebody held them, if the model asks to keep unchanged ones.
type ExpiredAlive<M> = HashMap<<M as IdentityMapped>::Key, Weak<M>, RandomState>;

/// What became of an object that was offered to the map.
pub(crate) enum Adopted<M> {
    /// The object that the map now has under the key.
    InMap(Arc<M>),
    /// The offered object, which the map did not take: its row may be older than a write, or the
    /// map is closed.
    KeptOut(Arc<M>),
}

impl<M> Adopted<M> {
    pub(crate) fn object(self) -> Arc<M> {
        let (Self::InMap(object) | Self::KeptOut(object)) = self;
        object
    }
}

impl<M: IdentityMapped> Store<M> {
    pub(super) fn new(retain: Retain) -> Self {
        Self {
            entries: Entries::new(),
            peer_groups: PeerGroups::new(),
            retained: RetainedObjects::new(retain).map(Mutex::new),
            write_stamps: WriteStamps::new(),
            facts: M::__facts(),
            expired_alive: Mutex::default(),
            closed: AtomicBool::new(false),
            usage: Usage::new(),
        }
    }

    /// The live object with this key.
    pub(crate) fn get(&self, key: &M::Key) -> Option<Arc<M>> {
        self.entries.get(key)
    }

    /// Hands the live object of each of these keys to `take`, in their order. `take` must not drop an
    /// object.
    pub(crate) fn get_each(&self, keys: &[M::Key], take: impl FnMut(&M::Key, Option<Arc<M>>)) {
        self.entries.get_each(keys, take);
    }

    /// Puts `fresh` under `key` unless a live object is there, which wins. The row was read from
    /// `since` on; if its key was written meanwhile, `fresh` stays out of the map.
    pub(crate) fn adopt(&self, key: M::Key, fresh: Arc<M>, since: Stamp) -> Adopted<M> {
        if self.is_closed() {
            return Adopted::KeptOut(fresh);
        }
        let fresh = self.unchanged_or(&key, fresh);
        let offered = self.offer(key, &fresh, since);
        self.usage.tick(1);
        self.empty_if_closed();
        match offered {
            Offered::Taken => Adopted::InMap(fresh),
            Offered::Held(held) => Adopted::InMap(held),
            Offered::Outdated => Adopted::KeptOut(fresh),
        }
    }

    /// [`adopt`](Self::adopt)s each of these objects under its own key, in place. Those that were
    /// kept out stay as they are.
    pub(crate) fn adopt_all(&self, objects: &mut [Arc<M>], since: Stamp) {
        if self.is_closed() {
            return;
        }
        self.entries.reserve(objects.len());
        for object in &mut *objects {
            if M::__UNCHANGED.is_some() {
                *object = self.unchanged_or(&object.key(), Arc::clone(object));
            }
            if let Offered::Held(held) = self.offer(object.key(), object, since) {
                *object = held;
            }
        }
        self.usage.tick(objects.len() as u64);
        self.empty_if_closed();
    }

    fn offer(&self, key: M::Key, fresh: &Arc<M>, since: Stamp) -> Offered<M> {
        self.entries.offer(key, fresh, &self.write_stamps, since)
    }

    /// The object that was expired under this key if it equals `fresh`, else `fresh`.
    fn unchanged_or(&self, key: &M::Key, fresh: Arc<M>) -> Arc<M> {
        let Some(unchanged) = M::__UNCHANGED else {
            return fresh;
        };
        let expired = self.expired_alive().remove(key);
        match expired.and_then(|expired| expired.upgrade()) {
            // The comparison is the model's own code, so no lock is held.
            Some(old) if unchanged(&old, &fresh) => old,
            _ => fresh,
        }
    }

    /// The object that is held or was expired under this key, if it equals `fresh`.
    pub(crate) fn find_equal(&self, key: &M::Key, fresh: &M) -> Option<Arc<M>> {
        let unchanged = M::__UNCHANGED?;
        let old = self.get(key).or_else(|| {
            let expired = self.expired_alive().get(key).cloned();
            expired?.upgrade()
        })?;
        unchanged(&old, fresh).then_some(old)
    }

    /// Whether a row of this key that was read from `since` on may be older than a write.
    pub(crate) fn is_written_since(&self, since: Stamp, key: &M::Key) -> bool {
        self.write_stamps.is_written_since(since, key)
    }

    /// Puts `fresh` under `key`, whatever is there. It joins the peer groups of the object that it
    /// replaces.
    pub(crate) fn replace(&self, key: M::Key, fresh: &Arc<M>) {
        if self.is_closed() {
            return;
        }
        let retained = self
            .retained()
            .and_then(|mut retained| retained.forget(&key));
        self.write_stamps.note(&key);
        let old = self.entries.replace(key, fresh);
        self.usage.tick(1);
        if let Some(old) = old {
            self.peer_groups.replace_member(&old, fresh);
            if is_alive(&old) && old.as_ptr() != Arc::as_ptr(fresh) {
                self.usage.count_expired(1);
            }
        }
        drop(retained);
        self.empty_if_closed();
    }

    /// Forgets the object with this key.
    pub(crate) fn expire(&self, key: &M::Key) {
        self.write_stamps.note(key);
        if let Some(old) = self.entries.remove(key).filter(is_alive) {
            self.usage.count_expired(1);
            if M::__UNCHANGED.is_some() {
                self.expired_alive().insert(key.clone(), old);
            }
        }
        let retained = self
            .retained()
            .and_then(|mut retained| retained.forget(key));
        drop(retained);
    }

    /// Forgets every object.
    pub(crate) fn clear(&self) {
        self.write_stamps.note_all();
        let mut expired = 0;
        let mut alive = M::__UNCHANGED.map(|_| Vec::new());
        self.entries.remove_all(|key, entry| {
            expired += 1;
            if let Some(alive) = &mut alive {
                alive.push((key.clone(), entry.clone()));
            }
        });
        self.peer_groups.clear();
        self.usage.count_expired(expired);
        if let Some(alive) = alive {
            self.expired_alive().extend(alive);
        }
        let retained = self.retained().map(|mut retained| retained.take_all());
        drop(retained);
    }

    /// Forgets every object, and takes none in any more.
    pub(super) fn close(&self) {
        if !self.closed.swap(true, Ordering::AcqRel) {
            self.clear();
            *self.expired_alive() = HashMap::default();
        }
    }

    /// Keeps these objects alive if the retention policy says so.
    #[inline]
    pub(crate) fn keep(&self, objects: &[Arc<M>]) {
        // Each hit comes by here, and most maps retain nothing.
        if self.retained.is_some() {
            self.retain(objects);
        }
    }

    fn retain(&self, objects: &[Arc<M>]) {
        if self.is_closed() {
            return;
        }
        for object in objects {
            let key = object.key();
            let fell_out = self
                .retained()
                .and_then(|mut retained| retained.keep(key, object));
            drop(fell_out);
        }
    }

    /// Puts objects that this map holds into a peer group. With `are_new` they were made just now, so
    /// they are taken out of the groups of earlier objects at their addresses.
    pub(crate) fn join_group(&self, group: PeerGroup, objects: &[Arc<M>], are_new: bool) {
        if self.is_closed() {
            return;
        }
        if group != PeerGroup::NONE {
            self.peer_groups.put(group, objects, &self.entries);
        } else if are_new {
            for object in objects {
                self.peer_groups.forget(object);
            }
        }
    }

    /// The peer group of an object.
    pub(crate) fn group_of(&self, object: &Arc<M>) -> PeerGroup {
        self.peer_groups.of(object)
    }

    /// Adds the addresses of a peer group's members to `addresses`.
    pub(crate) fn add_addresses(
        &self,
        group: PeerGroup,
        addresses: &mut HashSet<Address, RandomState>,
    ) {
        self.peer_groups.add_addresses(group, addresses);
    }

    /// Adds the live objects at these addresses to `peers`.
    pub(crate) fn add_peers(
        &self,
        addresses: &HashSet<Address, RandomState>,
        peers: &mut Vec<Arc<M>>,
    ) {
        self.entries.for_each(|entry| {
            if addresses.contains(&Address::of(entry.as_ptr())) {
                peers.extend(entry.upgrade());
            }
        });
    }

    /// All live objects, if the map holds nothing but this group, as in a loop over one load. That is
    /// judged by the numbers, so a later object in place of a dropped one may be among them.
    pub(crate) fn peers_if_only_group(&self, group: PeerGroup) -> Option<Vec<Arc<M>>> {
        let count = self.entries.len();
        if !self.peer_groups.is_only_group(group, count) {
            return None;
        }
        let mut peers = Vec::with_capacity(count);
        self.entries.for_each(|entry| peers.extend(entry.upgrade()));
        Some(peers)
    }

    /// Counts what a query found, and sweeps if it is time.
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

    fn sweep_if_due(&self, uses: u64) {
        if self.usage.is_sweep_due(uses) {
            self.sweep(uses);
        }
    }

    /// Removes the entries of dead objects, and gives back the memory that they took.
    fn sweep(&self, uses: u64) {
        if !self.usage.begin_sweep() {
            return;
        }
        self.entries.remove_dead();
        if M::__UNCHANGED.is_some() {
            let mut expired = self.expired_alive();
            expired.retain(|_, entry| is_alive(entry));
            expired.shrink_to_fit();
        }
        self.peer_groups.make_room(&self.entries);
        self.entries.shrink();
        self.usage.end_sweep(uses, self.entries.len());
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Empties the store if it was closed while an object was put into it.
    fn empty_if_closed(&self) {
        if self.is_closed() {
            self.clear();
        }
    }

    fn retained(&self) -> Option<MutexGuard<'_, RetainedObjects<M::Key, M>>> {
        Some(lock(self.retained.as_ref()?))
    }

    fn expired_alive(&self) -> MutexGuard<'_, ExpiredAlive<M>> {
        lock(&self.expired_alive)
    }
}
