//! The scope itself: [`Scope`].

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use super::maps::{ScopeMap, ScopeMaps};
#[cfg(feature = "async")]
use super::registry;
use super::repeats::Repeats;
use super::unknown_databases;
use super::wait_time::WaitTime;
use crate::database::{Product, Realm};
use crate::lock::{get_mut, lock};
use crate::map::{AtomicStamp, IdentityMap, Peers, Retain, Stamp, Stats};
use crate::model::IdentityMapped;

/// A handle to a scope; clones are the same scope.
///
/// It [ends](Scope::end) when somebody says so, or when the last handle is dropped: its maps are
/// emptied, and rows that arrive later come out as objects of their own. Objects that the program
/// holds live on.
///
/// A scope that is never used costs one small allocation.
#[derive(Clone, Default)]
pub struct Scope {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    retain: Retain,
    peers: Peers,
    maps: Mutex<ScopeMaps>,
    repeats: Repeats,
    wait_time: WaitTime,
    /// When a connection that was used in the scope has written last.
    written_at: AtomicStamp,
}

impl Scope {
    pub(super) fn with_parts(
        retain: Retain,
        peers: Peers,
        repeats: Repeats,
        wait_time: WaitTime,
    ) -> Self {
        let inner = Inner {
            retain,
            peers,
            maps: Mutex::default(),
            repeats,
            wait_time,
            written_at: AtomicStamp::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// A new scope, not yet entered.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the maps of this scope have done, all databases together.
    ///
    /// **Locking behaviour:** reads the shards of every map, one after the other.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let maps = self.maps();
        let mut stats = maps.earlier.as_deref().copied().unwrap_or_default();
        for of_realm in &maps.by_realm {
            stats += of_realm.map.stats();
        }
        stats
    }

    /// Forgets the object with this key, whichever database of this scope it is from: see
    /// [`IdentityMap::expire`].
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let scope = Scope::new();
    /// let _entered = scope.enter();
    /// let before = Post::cached().find(1).first(conn)?;
    /// scope.expire::<Post>(&1); // somebody else has changed it
    /// assert!(!Arc::ptr_eq(&before, &Post::cached().find(1).first(conn)?));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// **Locking behaviour:** writes one shard of every map, one after the other.
    pub fn expire<M: IdentityMapped>(&self, key: &M::Key) {
        let maps = self.maps().all();
        for map in maps {
            map.expire::<M>(key);
        }
    }

    /// Forgets every object of a model, in all maps of this scope.
    ///
    /// **Locking behaviour:** writes the shards of the model in every map, one after the other.
    pub fn expire_all<M: IdentityMapped>(&self) {
        let maps = self.maps().all();
        maps.iter().for_each(IdentityMap::expire_all::<M>);
    }

    /// Forgets every object of this scope, in all its maps.
    ///
    /// **Locking behaviour:** writes the shards of every map, one after the other.
    pub fn clear(&self) {
        let maps = self.maps().all();
        maps.iter().for_each(IdentityMap::clear);
    }

    /// Ends the scope now, whoever else has a handle: its maps are emptied for good, and rows that
    /// arrive later come out as objects of their own. Objects that the program holds live on, and
    /// [`stats`](Self::stats) still tells what the scope has done.
    ///
    /// It is for code that opens scopes on behalf of others, as a web framework does for its handlers.
    /// The scope does not need to be left first; a scope that has ended stays so.
    ///
    /// **Locking behaviour:** writes the shards of every map, one after the other.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let scope = Scope::new();
    /// let _entered = scope.enter();
    /// let before = Post::cached().find(1).first(conn)?;
    /// scope.end();
    /// let after = Post::cached().find(1).first(conn)?;
    /// let again = Post::cached().find(1).first(conn)?;
    /// assert!(!Arc::ptr_eq(&before, &after) && !Arc::ptr_eq(&after, &again));
    /// # Ok(())
    /// # }
    /// ```
    pub fn end(&self) {
        let mut maps = self.maps();
        maps.ended = true;
        let open = maps.all();
        // To close a map drops objects, which runs the program's code, so no lock is held.
        drop(maps);
        open.iter().for_each(IdentityMap::close);
    }

    /// Whether the scope has [ended](Self::end).
    #[cfg(all(
        test,
        any(feature = "tower", feature = "actix-web", feature = "rocket")
    ))]
    pub(crate) fn has_ended(&self) -> bool {
        self.maps().ended
    }

    /// How long the statements took that were sent in this scope, if the scope is [`timed`].
    ///
    /// [`timed`]: super::ScopeBuilder::timed
    #[cfg(any(feature = "tower", feature = "actix-web", feature = "rocket"))]
    pub(crate) fn time_waited(&self) -> Option<std::time::Duration> {
        self.inner.wait_time.get()
    }

    pub(super) fn wait_time(&self) -> &WaitTime {
        &self.inner.wait_time
    }

    pub(super) fn repeats(&self) -> &Repeats {
        &self.inner.repeats
    }

    /// The map of this scope for a database, if there is one.
    pub(super) fn known_map_of(&self, realm: &Realm) -> Option<IdentityMap> {
        self.maps().get(realm)
    }

    /// The map of this scope for a database, made if there is none.
    pub(crate) fn map_of(&self, realm: &Realm, product: Product) -> IdentityMap {
        let mut maps = self.maps();
        if let Some(map) = maps.get(realm) {
            return map;
        }
        let orphans = maps.take_orphans();
        let two_have_met = realm.is_unknown() && maps.has_other_unknown(realm, product);
        let map = IdentityMap::written_until(
            self.written_at(),
            realm.clone(),
            self.inner.retain,
            self.inner.peers,
        );
        if maps.ended {
            map.close();
        }
        let of_realm = ScopeMap {
            realm: realm.clone(),
            product,
            map: map.clone(),
        };
        maps.by_realm.push(of_realm.clone());
        // What follows may run the program's code, so no lock is held.
        drop(maps);
        drop(orphans);
        if two_have_met {
            unknown_databases::say_that_two_have_met();
        }
        #[cfg(feature = "async")]
        registry::add(&of_realm);
        map
    }

    /// The maps of this scope that may hold rows which a connection of this realm and product writes. Maps
    /// that are made later take that for a write to all of their rows, which an older snapshot may still
    /// have.
    pub(crate) fn written_from(&self, realm: &Realm, product: Product) -> Vec<IdentityMap> {
        self.inner.written_at.note_write();
        self.maps().written_from(realm, product)
    }

    /// When a statement wrote last whose rows may be those of a map of this scope.
    fn written_at(&self) -> Stamp {
        let here = self.inner.written_at.get();
        #[cfg(feature = "async")]
        let here = here.max(registry::written_at());
        here
    }

    /// [`written_from`](Self::written_from), of all scopes. Without the feature `async` no statement is
    /// sent on another thread, and nobody needs them.
    pub(crate) fn written_from_in_any(realm: &Realm, product: Product) -> Vec<IdentityMap> {
        #[cfg(feature = "async")]
        return registry::written_from(realm, product);
        #[cfg(not(feature = "async"))]
        {
            let _ = (realm, product);
            Vec::new()
        }
    }

    pub(crate) fn downgrade(&self) -> WeakScope {
        WeakScope(Arc::downgrade(&self.inner))
    }

    fn maps(&self) -> MutexGuard<'_, ScopeMaps> {
        lock(&self.inner.maps)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let maps = get_mut(&mut self.maps);
        for of_realm in maps.by_realm.drain(..) {
            of_realm.map.close();
        }
    }
}

/// A weak handle to a scope.
pub(crate) struct WeakScope(Weak<Inner>);

impl WeakScope {
    pub(crate) fn upgrade(&self) -> Option<Scope> {
        self.0.upgrade().map(|inner| Scope { inner })
    }
}

impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl Eq for Scope {}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("retain", &self.inner.retain)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "tracing"))]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    /// Counts the events.
    #[derive(Clone, Default)]
    struct Heard(Arc<AtomicUsize>);

    impl Subscriber for Heard {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, _: &Event<'_>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn the_program_hears_once_that_two_of_one_product_have_met() {
        let heard = Heard::default();
        let count = || heard.0.load(Ordering::Relaxed);
        let [one, two, three] = std::array::from_fn(|_| Realm::unknown());
        tracing::subscriber::with_default(heard.clone(), || {
            let scope = Scope::new();
            scope.map_of(&one, Product::Postgres);
            scope.map_of(&one, Product::Postgres);
            scope.map_of(&two, Product::Mysql);
            scope.map_of(&Realm::named("blog".to_owned()), Product::Postgres);
            assert_eq!(count(), 0);
            scope.map_of(&three, Product::Postgres);
            assert_eq!(count(), 1);
            let next = Scope::new();
            next.map_of(&one, Product::Postgres);
            next.map_of(&three, Product::Postgres);
            assert_eq!(count(), 1);
        });
    }
}
