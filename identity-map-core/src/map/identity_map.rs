//! The map as programs and queries use it: [`IdentityMap`].

use std::any::TypeId;
use std::cell::Cell;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use super::fillers::Filler;
use super::invalidation::Invalidation;
use super::peers::Peers;
use super::prefetches::Prefetches;
use super::retain::Retain;
use super::stamp::{AtomicStamp, Stamp};
use super::stats::Stats;
use super::store::Store;
use super::type_map::TypeMap;
use crate::database::{KnownCatalogue, Realm};
use crate::error::IdentityMapError;
use crate::model::{IdentityMapped, KeyRef, ModelType, Object, downcast};

/// A handle to a map of live objects; clones share the map.
///
/// One map serves one database. It is bound to the first database whose rows it takes in, and
/// a query on another one is refused ([`IdentityMapError::WrongDatabase`]).
///
/// What a transaction reads after it wrote stands beside the map, for its connection alone, and
/// joins it when the transaction commits: until then [`get`](Self::get), [`len`](Self::len) and
/// [`stats`](Self::stats) do not tell of it.
///
/// An empty map is one allocation; a model's part of it is made when the model is first used.
#[derive(Clone, Default)]
pub struct IdentityMap {
    pub(super) inner: Arc<Inner>,
}

#[derive(Default)]
pub(super) struct Inner {
    pub(super) stores: TypeMap,
    pub(super) retain: Retain,
    pub(super) peers: Peers,
    pub(super) realm: OnceLock<Realm>,
    pub(super) closed: AtomicBool,
    pub(super) statements: AtomicU64,
    pub(super) prefetches: Prefetches,
    /// The maps of open transactions' layers that are looked up before this one.
    pub(super) layer_maps: Mutex<Vec<Weak<Inner>>>,
    /// The map of a layer whose transaction reads what others commit meanwhile.
    pub(super) follows_commits: bool,
    /// When anything was invalidated last. A store that is made later takes this for a write to all of its
    /// rows: a load that began before may have read them.
    pub(super) invalidated_at: AtomicStamp,
    /// The catalogue by which a connection judges what it writes; one that is never read, if any connection
    /// has such a one.
    pub(super) catalogue: Mutex<Option<Arc<KnownCatalogue>>>,
    /// The version of the schema was compared for it.
    pub(super) is_version_compared: AtomicBool,
}

impl IdentityMap {
    /// An empty map that keeps nothing alive.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn for_realm(realm: Realm, retain: Retain, peers: Peers) -> Self {
        Self::written_until(Stamp::default(), realm, retain, peers)
    }

    /// A map that is made after writes which it has not heard of, the last one at `written`.
    pub(crate) fn written_until(
        written: Stamp,
        realm: Realm,
        retain: Retain,
        peers: Peers,
    ) -> Self {
        let inner = Inner {
            invalidated_at: AtomicStamp::of(written),
            retain,
            peers,
            realm: OnceLock::from(realm),
            ..Inner::default()
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The object with this key, if somebody holds it.
    ///
    /// **Locking behaviour:** reads one shard; the lock is released before this returns.
    #[must_use]
    pub fn get<M: IdentityMapped>(&self, key: &M::Key) -> Option<Arc<M>> {
        self.inner.prefetches.sweep_some();
        let store = self.inner.stores.get(TypeId::of::<M>())?;
        let held = store.get(key)?;
        store.count_use();
        store.keep(&held);
        Some(held)
    }

    /// Takes an object in. If one with its key is alive already, that one is returned and the
    /// new one dropped: the held one wins.
    ///
    /// **Locking behaviour:** writes one shard; released before `model` could be dropped.
    pub fn adopt<M: IdentityMapped>(&self, model: M) -> Arc<M> {
        let fresh = Arc::new(model);
        let adopted = self.adopt_object(ModelType::of::<M>(), Arc::clone(&fresh) as _);
        downcast(adopted).unwrap_or(fresh)
    }

    fn adopt_object(&self, model: ModelType, fresh: Arc<dyn Object>) -> Arc<dyn Object> {
        let store = self.store(model);
        store.note_filler(Filler::PROGRAM);
        let adopted = store.adopt(fresh, Stamp::now()).object();
        store.count_use();
        store.keep(&adopted);
        adopted
    }

    /// Takes an object in, in place of the one that the map knew under its key. Whoever holds
    /// the old one keeps it, unchanged; whoever asks again gets the new one.
    ///
    /// **Locking behaviour:** writes one shard; released before the old object could be dropped.
    pub fn replace<M: IdentityMapped>(&self, model: M) -> Arc<M> {
        let fresh = Arc::new(model);
        self.replace_object(ModelType::of::<M>(), &(Arc::clone(&fresh) as _));
        fresh
    }

    fn replace_object(&self, model: ModelType, fresh: &Arc<dyn Object>) {
        let store = self.store(model);
        store.note_filler(Filler::PROGRAM);
        store.replace(fresh);
        store.count_use();
        store.keep(fresh);
    }

    /// Forgets the object with this key, so that the next load reads its row again.
    ///
    /// **Locking behaviour:** writes one shard.
    pub fn expire<M: IdentityMapped>(&self, key: &M::Key) {
        self.expire_key(ModelType::of::<M>(), KeyRef::of(key));
    }

    fn expire_key(&self, model: ModelType, key: KeyRef<'_>) {
        self.store(model).expire(key);
        for layer_map in self.layer_maps() {
            layer_map.expire_key(model, key);
        }
    }

    /// Forgets every object of a model.
    ///
    /// **Locking behaviour:** writes the shards of the model, one after the other.
    pub fn expire_all<M: IdentityMapped>(&self) {
        self.expire_model(ModelType::of::<M>());
    }

    fn expire_model(&self, model: ModelType) {
        self.store(model).clear();
        for layer_map in self.layer_maps() {
            layer_map.expire_model(model);
        }
    }

    /// Forgets everything.
    ///
    /// **Locking behaviour:** writes the shards of every model, one after the other.
    pub fn clear(&self) {
        self.inner.stores.iter().for_each(Store::clear);
        self.inner.prefetches.clear();
        self.layer_maps().iter().for_each(Self::clear);
    }

    /// How many objects of a model are alive in this map.
    ///
    /// **Locking behaviour:** reads the shards of the model, one after the other.
    #[must_use]
    pub fn len<M: IdentityMapped>(&self) -> usize {
        self.inner.prefetches.sweep_all();
        self.inner
            .stores
            .get(TypeId::of::<M>())
            .map_or(0, |store| store.entries.count_alive())
    }

    /// Whether no object of a model is alive in this map.
    ///
    /// **Locking behaviour:** as [`len`](Self::len).
    #[must_use]
    pub fn is_empty<M: IdentityMapped>(&self) -> bool {
        self.len::<M>() == 0
    }

    /// How many entries of a model the map has room for: its own memory, apart from the
    /// objects. It shrinks as the map is used, some time after objects were dropped.
    ///
    /// **Locking behaviour:** reads the shards of the model, one after the other.
    #[must_use]
    pub fn footprint<M: IdentityMapped>(&self) -> usize {
        self.inner
            .stores
            .get(TypeId::of::<M>())
            .map_or(0, |store| store.entries.capacity())
    }

    /// What this map has done so far.
    ///
    /// **Locking behaviour:** reads the shards of every model, one after the other.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.inner.prefetches.sweep_all();
        let mut stats = Stats {
            statements: self.inner.statements.load(Ordering::Relaxed),
            without_catalogue: usize::from(self.has_no_catalogue()),
            ..Stats::default()
        };
        for store in self.inner.stores.iter() {
            stats += store.stats();
        }
        stats
    }

    /// The store of a model, made if there is none.
    #[inline]
    pub(crate) fn store(&self, model: ModelType) -> &Store {
        let is_new = Cell::new(false);
        let store = self.inner.stores.get_or_insert(model, || {
            is_new.set(true);
            Store::new(model, self.inner.retain)
        });
        if is_new.get() {
            // It is among the stores now, so that it hears of every later write.
            store.note_all_written(self.inner.invalidated_at.get());
        }
        if self.inner.closed.load(Ordering::Acquire) {
            store.close();
        }
        store
    }

    /// The store of a model, if the map has one.
    #[inline]
    pub(crate) fn known_store(&self, model: TypeId) -> Option<&Store> {
        self.inner.stores.get(model)
    }

    /// Expires what a statement or a transaction may have changed, also in the layers of transactions
    /// that read what others commit.
    pub(crate) fn invalidate(&self, invalidation: &Invalidation) {
        self.inner.invalidated_at.note_write();
        invalidation.expire_in(&self.inner.stores, self.inner.retain);
        for layer_map in self.layer_maps() {
            if layer_map.inner.follows_commits {
                layer_map.invalidate(invalidation);
            }
        }
    }

    pub(crate) fn prefetches(&self) -> &Prefetches {
        &self.inner.prefetches
    }

    /// The default for queries that say nothing of peers.
    pub(crate) fn peers(&self) -> Peers {
        self.inner.peers
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// Whether no connection can come to be in the realm: the only copies of it are this map's and
    /// the one that is given.
    pub(crate) fn is_orphan(&self, realm: &Realm) -> bool {
        realm.is_orphan(1 + usize::from(self.inner.realm.get() == Some(realm)))
    }

    pub(crate) fn count_statement(&self) {
        self.inner.statements.fetch_add(1, Ordering::Relaxed);
    }

    /// The realm that the map is bound to.
    pub(crate) fn realm(&self) -> Option<&Realm> {
        self.inner.realm.get()
    }

    /// This map, if it is bound to that realm.
    #[inline]
    pub(crate) fn of_realm(&self, realm: &Realm) -> Option<&Self> {
        (self.realm()? == realm).then_some(self)
    }

    /// Whether a hit may drop objects, which may run the program's code.
    #[inline]
    pub(crate) fn retains(&self) -> bool {
        self.inner.retain != Retain::WhileHeld
    }

    /// Whether its connection sees what others have not committed yet.
    pub(crate) fn reads_uncommitted(&self) -> bool {
        self.realm().is_some_and(Realm::reads_uncommitted)
    }

    /// Binds the map to a database, or says that it belongs to another.
    pub(crate) fn bind(&self, realm: &Realm, model: &'static str) -> Result<(), IdentityMapError> {
        if self.inner.realm.get_or_init(|| realm.clone()) == realm {
            Ok(())
        } else {
            Err(IdentityMapError::WrongDatabase { model })
        }
    }

    /// Empties the map for good: rows that arrive later come out as objects of their own.
    pub(crate) fn close(&self) {
        self.inner.closed.store(true, Ordering::Release);
        self.inner.stores.iter().for_each(Store::close);
        self.inner.prefetches.clear();
        self.layer_maps().iter().for_each(Self::close);
    }
}

impl fmt::Debug for IdentityMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityMap")
            .field("retain", &self.inner.retain)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
