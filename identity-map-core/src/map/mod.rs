//! The map itself: [`IdentityMap`], a set of weak references to the objects that are alive.
//!
//! It is not a cache: it keeps nothing alive (unless a [`Retain`] policy asks for it), it only
//! knows what the program holds. It knows nothing of SQL either; queries fill it.
//!
//! ```
//! # use identity_map_core::{IdentityMap, IdentityMapped, Cached, model};
//! # struct User { id: i32, name: &'static str }
//! # impl IdentityMapped for User {
//! #     type Key = i32; type Table = (); type Query = ();
//! #     fn key(&self) -> i32 { self.id }
//! #     fn cached() -> Cached<Self, ()> { unreachable!() }
//! # }
//! let map = IdentityMap::new();
//! let ada = map.adopt(User { id: 1, name: "Ada" });
//! let same = map.adopt(User { id: 1, name: "somebody else" });
//! assert_eq!(same.name, "Ada"); // the held object wins
//! assert_eq!(map.len::<User>(), 1);
//!
//! drop((ada, same));
//! assert!(map.get::<User>(&1).is_none()); // nobody holds it, so it is gone
//! ```

mod awaited;
mod clock;
mod list;
mod peers;
mod retain;
mod shelves;
mod stats;
mod store;
mod written;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use crate::connection::{Realm, Touched};
use crate::error::IdentityMapError;
use crate::model::IdentityMapped;

pub(crate) use awaited::{AllAwaited, Awaited, Relation};
pub(crate) use clock::Stamp;
pub(crate) use list::List;
use shelves::Shelves;
pub(crate) use store::{Landed, Store};

pub use peers::Peers;
pub use retain::Retain;
pub use stats::Stats;

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
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    shelves: Shelves,
    retain: Retain,
    peers: Peers,
    realm: OnceLock<Realm>,
    closed: AtomicBool,
    statements: AtomicU64,
    awaited: AllAwaited,
    /// What open transactions hold for this map, beside it.
    overlays: Mutex<Vec<Weak<Inner>>>,
}

impl IdentityMap {
    /// An empty map that keeps nothing alive.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn for_realm(realm: Realm, retain: Retain, peers: Peers) -> Self {
        let inner = Inner {
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
        self.inner.awaited.let_go(false);
        let store = self.inner.shelves.get::<M>()?;
        let held = store.get(key)?;
        store.touched();
        store.keep(std::slice::from_ref(&held));
        Some(held)
    }

    /// Takes an object in. If one with its key is alive already, that one is returned and the
    /// new one dropped: the held one wins.
    ///
    /// **Locking behaviour:** writes one shard; released before `model` could be dropped.
    pub fn adopt<M: IdentityMapped>(&self, model: M) -> Arc<M> {
        let store = self.store::<M>();
        let (Landed::There(adopted) | Landed::KeptOut(adopted)) =
            store.adopt(model.key(), Arc::new(model), Stamp::now());
        store.touched();
        store.keep(std::slice::from_ref(&adopted));
        adopted
    }

    /// Takes an object in, in place of the one that the map knew under its key. Whoever holds
    /// the old one keeps it, unchanged; whoever asks again gets the new one.
    ///
    /// **Locking behaviour:** writes one shard; released before the old object could be dropped.
    pub fn replace<M: IdentityMapped>(&self, model: M) -> Arc<M> {
        let store = self.store::<M>();
        let fresh = Arc::new(model);
        store.replace(fresh.key(), &fresh);
        store.touched();
        store.keep(std::slice::from_ref(&fresh));
        fresh
    }

    /// Forgets the object with this key, so that the next load reads its row again.
    ///
    /// **Locking behaviour:** writes one shard.
    pub fn expire<M: IdentityMapped>(&self, key: &M::Key) {
        self.store::<M>().expire(key);
        for overlay in self.overlays() {
            overlay.expire::<M>(key);
        }
    }

    /// Forgets every object of a model.
    ///
    /// **Locking behaviour:** writes the shards of the model, one after the other.
    pub fn expire_all<M: IdentityMapped>(&self) {
        self.store::<M>().clear();
        for overlay in self.overlays() {
            overlay.expire_all::<M>();
        }
    }

    /// Forgets everything.
    ///
    /// **Locking behaviour:** writes the shards of every model, one after the other.
    pub fn clear(&self) {
        self.inner.shelves.iter().for_each(store::AnyStore::clear);
        self.inner.awaited.clear();
        self.overlays().iter().for_each(Self::clear);
    }

    /// How many objects of a model are alive in this map.
    ///
    /// **Locking behaviour:** reads the shards of the model, one after the other.
    #[must_use]
    pub fn len<M: IdentityMapped>(&self) -> usize {
        self.inner.awaited.let_go(true);
        self.inner.shelves.get::<M>().map_or(0, Store::alive)
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
        self.inner.shelves.get::<M>().map_or(0, Store::capacity)
    }

    /// What this map has done so far.
    ///
    /// **Locking behaviour:** reads the shards of every model, one after the other.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.inner.awaited.let_go(true);
        let mut stats = Stats {
            statements: self.inner.statements.load(Ordering::Relaxed),
            ..Stats::default()
        };
        for store in self.inner.shelves.iter() {
            store.add_to(&mut stats);
        }
        stats
    }

    pub(crate) fn store<M: IdentityMapped>(&self) -> &Store<M> {
        let store = self
            .inner
            .shelves
            .get_or_insert(|| Store::new(self.inner.retain));
        if self.inner.closed.load(Ordering::Acquire) {
            store.close();
        }
        store
    }

    /// A map for what a transaction holds in place of this one. What is asked of this one by its
    /// public methods (to expire, to clear) is asked of that one too.
    pub(crate) fn overlay(&self) -> Self {
        let inner = Arc::new(Inner {
            retain: self.inner.retain,
            ..Inner::default()
        });
        let mut overlays = self.lock_overlays();
        overlays.retain(|overlay| overlay.strong_count() > 0);
        overlays.push(Arc::downgrade(&inner));
        drop(overlays);
        if self.inner.closed.load(Ordering::Acquire) {
            inner.closed.store(true, Ordering::Release);
        }
        Self { inner }
    }

    fn overlays(&self) -> Vec<Self> {
        let overlays = self.lock_overlays();
        let alive = overlays.iter().filter_map(Weak::upgrade);
        alive.map(|inner| Self { inner }).collect()
    }

    fn lock_overlays(&self) -> std::sync::MutexGuard<'_, Vec<Weak<Inner>>> {
        self.inner
            .overlays
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The store of a model, if the map has one.
    pub(crate) fn known_store<M: IdentityMapped>(&self) -> Option<&Store<M>> {
        self.inner.shelves.get::<M>()
    }

    /// Forgets what a statement or a transaction touched.
    pub(crate) fn expire_touched(&self, touched: &Touched) {
        for store in self.inner.shelves.iter() {
            if touched.covers(store.facts()) {
                store.clear();
            }
        }
        touched.expire_keys(self);
    }

    /// Takes the objects of an overlay, read from `since` on, and forgets whatever else was
    /// touched.
    pub(crate) fn take_from(&self, overlay: &Self, touched: &Touched, since: Stamp) {
        let stores = overlay.inner.shelves.iter();
        let prepared: Vec<_> = stores
            .map(|store| store.pour(self, touched, since))
            .collect();
        self.expire_touched(touched);
        for hand_over in prepared {
            hand_over();
        }
    }

    /// What was fetched and not asked for yet.
    pub(crate) fn awaited(&self) -> &AllAwaited {
        &self.inner.awaited
    }

    /// What holds for a query that does not say it.
    pub(crate) fn peers(&self) -> Peers {
        self.inner.peers
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    pub(crate) fn downgrade(&self) -> WeakMap {
        WeakMap(Arc::downgrade(&self.inner))
    }

    /// Whether only this map (in its own copy, and the copy that is asked about) knows the realm.
    pub(crate) fn is_orphan(&self, realm: &Realm) -> bool {
        realm.is_orphan(1 + usize::from(self.inner.realm.get() == Some(realm)))
    }

    pub(crate) fn count_statement(&self) {
        self.inner.statements.fetch_add(1, Ordering::Relaxed);
    }

    /// Binds the map to a database, or says that it belongs to another.
    pub(crate) fn bind(&self, realm: &Realm, model: &'static str) -> Result<(), IdentityMapError> {
        if self.inner.realm.get_or_init(|| realm.clone()) == realm {
            Ok(())
        } else {
            Err(IdentityMapError::WrongDatabase { model })
        }
    }

    /// Empties the map for good: what arrives later stays an object of its own.
    pub(crate) fn close(&self) {
        self.inner.closed.store(true, Ordering::Release);
        self.inner.shelves.iter().for_each(store::AnyStore::close);
        self.inner.awaited.clear();
        self.overlays().iter().for_each(Self::close);
    }
}

/// A map that is remembered and not kept.
#[derive(Clone)]
pub(crate) struct WeakMap(Weak<Inner>);

impl WeakMap {
    pub(crate) fn upgrade(&self) -> Option<IdentityMap> {
        self.0.upgrade().map(|inner| IdentityMap { inner })
    }

    pub(crate) fn is(&self, map: &IdentityMap) -> bool {
        self.0.as_ptr() == Arc::as_ptr(&map.inner)
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
