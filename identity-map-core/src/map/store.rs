//! The objects of one model in one map: [`Store`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use super::entries::{Entries, Offered};
use super::fillers::{Filler, Fillers};
use super::peer_groups::PeerGroups;
use super::retain::{Retain, RetainedObjects};
use super::stamp::Stamp;
use super::usage::Usage;
use super::write_stamps::WriteStamps;
use crate::lock::lock;
use crate::model::{
    Facts, IdentityMapped, KeyHash, KeyRef, ModelType, Object, Objects, ObjectsMut,
};

/// The entries of one model, and what is known beside them. It is the same code for every model.
///
/// To drop one of the program's objects runs the program's code, so no lock is held where that may
/// happen.
pub(crate) struct Store {
    model: ModelType,
    pub(super) entries: Entries,
    pub(super) peer_groups: PeerGroups,
    /// `None` if the policy keeps nothing.
    retained: Option<Mutex<RetainedObjects<KeyHash, dyn Object>>>,
    pub(super) write_stamps: WriteStamps,
    fillers: Fillers,
    /// Read when the store is made, so that the model is known before a statement names its table.
    facts: Option<&'static Facts>,
    /// Objects that were expired while somebody held them, if the model asks to keep unchanged ones.
    pub(super) expired_alive: Option<Entries>,
    pub(super) closed: AtomicBool,
    pub(super) usage: Usage,
}

/// What became of an object that was offered to the map.
pub(crate) enum Adopted {
    /// The object that the map now has under the key.
    InMap(Arc<dyn Object>),
    /// The offered object, which the map did not take: its row may be older than a write, or the
    /// map is closed.
    KeptOut(Arc<dyn Object>),
}

impl Adopted {
    pub(crate) fn object(self) -> Arc<dyn Object> {
        let (Self::InMap(object) | Self::KeptOut(object)) = self;
        object
    }
}

impl Store {
    pub(super) fn new(model: ModelType, retain: Retain) -> Self {
        Self {
            model,
            entries: Entries::new(),
            peer_groups: PeerGroups::new(),
            retained: RetainedObjects::new(retain).map(Mutex::new),
            write_stamps: WriteStamps::new(),
            fillers: Fillers::default(),
            facts: model.facts(),
            expired_alive: model.keeps_unchanged.then(Entries::new),
            closed: AtomicBool::new(false),
            usage: Usage::new(),
        }
    }

    #[inline]
    pub(super) fn model(&self) -> ModelType {
        self.model
    }

    pub(super) fn facts(&self) -> Option<&'static Facts> {
        self.facts
    }

    /// The live object with this key. It is compiled once for each model.
    #[inline(never)]
    pub(crate) fn get<M: IdentityMapped>(&self, key: &M::Key) -> Option<Arc<M>> {
        self.entries.get(key)
    }

    /// Hands the live object of each of these keys to `take`, with the key's position. `take` must not
    /// drop an object.
    #[inline]
    pub(crate) fn get_each<M: IdentityMapped>(
        &self,
        keys: &[M::Key],
        take: impl FnMut(usize, Option<Arc<M>>),
    ) {
        self.entries.get_each(keys, take);
    }

    /// [`get`](Self::get) of a model that is not known by its type.
    pub(crate) fn get_object(&self, key: KeyRef<'_>) -> Option<Arc<dyn Object>> {
        self.entries.get_object(key)
    }

    /// The live object with the key of `object`.
    pub(crate) fn get_same(&self, object: &dyn Object) -> Option<Arc<dyn Object>> {
        self.entries.get_same(object.key_hash(), object)
    }

    /// Takes `fresh` in unless a live object has its key, which wins. The row was read from `since` on;
    /// if its key was written meanwhile, `fresh` stays out of the map.
    pub(crate) fn adopt(&self, fresh: Arc<dyn Object>, since: Stamp) -> Adopted {
        if self.is_closed() {
            return Adopted::KeptOut(fresh);
        }
        let adopted = self.offer(fresh, since);
        self.usage.tick(1);
        self.empty_if_closed();
        adopted
    }

    /// [`adopt`](Self::adopt)s each of these objects, in place. Those that were kept out stay as they
    /// are.
    pub(crate) fn adopt_all(&self, objects: &mut dyn ObjectsMut, since: Stamp) {
        if self.is_closed() {
            return;
        }
        let count = objects.count();
        self.entries.reserve(count);
        if self.model.keeps_unchanged {
            for at in 0..count {
                let fresh = objects.get(at);
                objects.set(at, self.unchanged_or(fresh.key_hash(), fresh));
            }
        }
        let mut held = Vec::new();
        self.entries
            .offer(objects, &self.write_stamps, since, |at, offered| {
                if let Offered::Held(object) = offered {
                    held.push((at, object));
                }
            });
        // What an object replaces is dropped, so no lock is held.
        for (at, object) in held {
            objects.set(at, object);
        }
        self.usage.tick(count as u64);
        self.empty_if_closed();
    }

    #[inline]
    fn offer(&self, fresh: Arc<dyn Object>, since: Stamp) -> Adopted {
        let key = fresh.key_hash();
        let fresh = self.unchanged_or(key, fresh);
        let mut became = Offered::Taken;
        self.entries
            .offer(&fresh, &self.write_stamps, since, |_, offered| {
                became = offered;
            });
        match became {
            Offered::Taken => Adopted::InMap(fresh),
            Offered::Held(held) => Adopted::InMap(held),
            Offered::Outdated => Adopted::KeptOut(fresh),
        }
    }

    /// The object that was expired under this key if it equals `fresh`, else `fresh`.
    fn unchanged_or(&self, key: KeyHash, fresh: Arc<dyn Object>) -> Arc<dyn Object> {
        let expired = self.expired_alive.as_ref();
        let expired = expired.and_then(|expired| expired.remove_same(key, &*fresh));
        match expired {
            // The comparison is the model's own code, so no lock is held.
            Some(old) if old.is_unchanged(&*fresh) => old,
            _ => fresh,
        }
    }

    /// The object that is held or was expired under the key of `fresh`, if it equals `fresh`.
    pub(crate) fn find_equal(&self, fresh: &dyn Object) -> Option<Arc<dyn Object>> {
        let key = fresh.key_hash();
        let held = self.entries.get_same(key, fresh);
        let old = held.or_else(|| self.expired_alive.as_ref()?.get_same(key, fresh))?;
        old.is_unchanged(fresh).then_some(old)
    }

    /// Whether a row of this key that was read from `since` on may be older than a write.
    pub(crate) fn is_written_since(&self, since: Stamp, key: KeyHash) -> bool {
        self.write_stamps.is_written_since(since, key)
    }

    /// Notes that every row may have been written at this moment.
    pub(super) fn note_all_written(&self, at: Stamp) {
        self.write_stamps.note_all_at(at);
    }

    /// Notes who puts objects in from now on.
    pub(crate) fn note_filler(&self, filler: Filler) {
        self.fillers.note(filler);
    }

    /// Whether any other than `filler` has put objects in since this moment.
    pub(crate) fn is_filled_by_others_since(&self, filler: Filler, since: Stamp) -> bool {
        self.fillers.has_others_since(filler, since)
    }

    /// Takes `fresh` in, whatever object has its key. It joins the peer groups of the object that it
    /// replaces.
    pub(crate) fn replace(&self, fresh: &Arc<dyn Object>) {
        if self.is_closed() {
            return;
        }
        let key = fresh.key_hash();
        let retained = self.forget_retained(key);
        self.write_stamps.note(key);
        let old = self.entries.replace(key, fresh);
        self.usage.tick(1);
        if let Some(old) = &old {
            self.peer_groups.replace_member(old, fresh);
            if !Arc::ptr_eq(old, fresh) {
                self.usage.count_expired(1);
            }
        }
        drop((old, retained));
        self.empty_if_closed();
    }

    /// Forgets the object with this key.
    pub(crate) fn expire(&self, key: KeyRef<'_>) {
        self.write_stamps.note(key.hash);
        self.forget(key.hash, self.entries.remove(key));
    }

    /// Forgets the object with the key of `object`.
    pub(crate) fn expire_same(&self, object: &dyn Object) {
        let key = object.key_hash();
        self.write_stamps.note(key);
        self.forget(key, self.entries.remove_same(key, object));
    }

    fn forget(&self, key: KeyHash, removed: Option<Arc<dyn Object>>) {
        if let Some(old) = &removed {
            self.usage.count_expired(1);
            self.note_expired(old);
        }
        drop((removed, self.forget_retained(key)));
    }

    fn note_expired(&self, old: &Arc<dyn Object>) {
        if let Some(expired) = &self.expired_alive {
            drop(expired.replace(old.key_hash(), old));
        }
    }

    /// Forgets every object.
    pub(crate) fn clear(&self) {
        self.write_stamps.note_all();
        let mut expired = 0;
        let mut alive = Vec::new();
        self.entries.remove_all(&mut |entry| {
            expired += 1;
            if self.model.keeps_unchanged {
                alive.extend(entry.upgrade());
            }
        });
        self.peer_groups.clear();
        self.usage.count_expired(expired);
        for object in &alive {
            self.note_expired(object);
        }
        let retained = self.retained().map(|mut retained| retained.take_all());
        drop((alive, retained));
    }

    /// Forgets every object, and takes none in any more.
    pub(super) fn close(&self) {
        if !self.closed.swap(true, Ordering::AcqRel) {
            self.clear();
            if let Some(expired) = &self.expired_alive {
                expired.remove_all(&mut |_| ());
            }
        }
    }

    /// Keeps these objects alive if the retention policy says so.
    #[inline]
    pub(crate) fn keep(&self, objects: &dyn Objects) {
        // Each hit comes by here, and most maps retain nothing.
        if self.retained.is_some() {
            self.retain(objects);
        }
    }

    fn retain(&self, objects: &dyn Objects) {
        if self.is_closed() {
            return;
        }
        for at in 0..objects.count() {
            let object = objects.get(at);
            let key = object.key_hash();
            let fell_out = self
                .retained()
                .and_then(|mut retained| retained.keep(key, &object));
            drop(fell_out);
        }
    }

    fn forget_retained(&self, key: KeyHash) -> Option<Arc<dyn Object>> {
        self.retained()?.forget(&key)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Empties the store if it was closed while an object was put into it.
    fn empty_if_closed(&self) {
        if self.is_closed() {
            self.clear();
        }
    }

    fn retained(&self) -> Option<MutexGuard<'_, RetainedObjects<KeyHash, dyn Object>>> {
        Some(lock(self.retained.as_ref()?))
    }
}
