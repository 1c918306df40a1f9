//! The span of time in which one row is one object: [`Scope`].
//!
//! A scope holds one [`IdentityMap`] per database. It is entered like a `tracing` span: by a
//! guard on this thread, around a closure, or around a future, which then may move between
//! threads. It is no transaction and no session: it neither locks nor reads anything.
//!
//! Several connections may serve one scope. What one of them commits is seen by the next load of
//! each, and what it has not committed by none but itself; a load that was under way meanwhile may
//! hand out the version before, but does not leave it in the map.
//!
//! ```
//! use identity_map_core::Scope;
//!
//! let scope = Scope::new();
//! let _entered = scope.enter();
//! assert_eq!(Scope::current(), Some(scope.clone()));
//! {
//!     let _inner = Scope::new().entered(); // shadows the outer one
//!     assert_ne!(Scope::current(), Some(scope.clone()));
//! }
//! assert_eq!(Scope::current(), Some(scope.clone()));
//! ```

mod carry;
mod clock;
mod current;
mod future;
#[cfg(feature = "async")]
mod known;
mod lazy;
mod repeats;
mod report;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::connection::Realm;
use crate::map::{IdentityMap, Peers, Retain, Stats};
use clock::Waited;
use repeats::{Repeats, Threshold};

pub(crate) use clock::Clock;
pub(crate) use current::is_in_scope;
#[cfg(any(feature = "tower", feature = "actix-web", feature = "rocket"))]
pub(crate) use lazy::Lazy;
#[cfg(any(feature = "tower", feature = "actix-web"))]
pub(crate) use lazy::{EnteredLazy, enter};

pub use current::{Entered, EnteredOwned};
pub use future::{InIdentityScope, InScope};
pub use report::{Repeated, Report};

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
    maps: Mutex<Maps>,
    repeats: Repeats,
    waited: Waited,
}

#[derive(Default)]
struct Maps {
    of: Vec<(Realm, IdentityMap)>,
    ended: bool,
    /// What the maps of sessions that are no more had counted.
    earlier: Stats,
}

impl Scope {
    /// A new scope, not yet entered.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A new scope with options.
    pub fn builder() -> ScopeBuilder {
        ScopeBuilder {
            retain: Retain::default(),
            peers: Peers::default(),
            threshold: Threshold::default(),
            timed: false,
        }
    }

    /// What the maps of this scope have done, all databases together.
    ///
    /// **Locking behaviour:** reads the shards of every map, one after the other.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let maps = self.maps();
        let mut stats = maps.earlier;
        for (_, map) in &maps.of {
            stats += map.stats();
        }
        stats
    }

    /// Forgets every object of this scope, in all its maps.
    ///
    /// **Locking behaviour:** writes the shards of every map, one after the other.
    pub fn clear(&self) {
        let maps: Vec<IdentityMap> = self.maps().of.iter().map(|(_, map)| map.clone()).collect();
        maps.iter().for_each(IdentityMap::clear);
    }

    /// Ends the scope now, whoever else has a handle: its maps are emptied for good, and rows that
    /// arrive later come out as objects of their own. Objects that the program holds live on, and
    /// [`stats`](Self::stats) still tells what the scope has done.
    ///
    /// For who opens scopes on behalf of others, as a web framework does for its handlers. The
    /// scope does not need to be left first; a scope that has ended stays so.
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
        let open: Vec<IdentityMap> = maps.of.iter().map(|(_, map)| map.clone()).collect();
        // Objects may be dropped now: user code, so not under the lock.
        drop(maps);
        open.iter().for_each(IdentityMap::close);
    }

    /// How long the statements took that were sent in this scope, if that is [`timed`].
    ///
    /// [`timed`]: ScopeBuilder::timed
    #[cfg(any(feature = "tower", feature = "actix-web", feature = "rocket"))]
    pub(crate) fn waited(&self) -> Option<std::time::Duration> {
        self.inner.waited.time()
    }

    /// The map of the current scope for a database.
    pub(crate) fn current_map(realm: &Realm) -> Option<IdentityMap> {
        Some(Self::current()?.map_for(realm))
    }

    /// The map of this scope for a database, if it has been used.
    pub(crate) fn known_map(&self, realm: &Realm) -> Option<IdentityMap> {
        self.maps().of(realm)
    }

    /// The maps of every scope there is for a database; without the feature `async` nobody asks.
    pub(crate) fn known_maps(realm: &Realm) -> Vec<IdentityMap> {
        #[cfg(feature = "async")]
        return known::of(realm);
        #[cfg(not(feature = "async"))]
        {
            let _ = realm;
            Vec::new()
        }
    }

    pub(crate) fn downgrade(&self) -> WeakScope {
        WeakScope(Arc::downgrade(&self.inner))
    }

    fn map_for(&self, realm: &Realm) -> IdentityMap {
        let mut maps = self.maps();
        if let Some(map) = maps.of(realm) {
            return map;
        }
        let orphans = maps.drop_orphans();
        let map = IdentityMap::for_realm(realm.clone(), self.inner.retain, self.inner.peers);
        if maps.ended {
            map.close();
        }
        maps.of.push((realm.clone(), map.clone()));
        drop(maps);
        drop(orphans);
        #[cfg(feature = "async")]
        known::add(realm, &map);
        map
    }

    fn maps(&self) -> MutexGuard<'_, Maps> {
        self.inner
            .maps
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Maps {
    fn of(&self, realm: &Realm) -> Option<IdentityMap> {
        let mut known = self.of.iter();
        known
            .find(|(known, _)| known == realm)
            .map(|(_, map)| map.clone())
    }

    /// Takes out the maps of sessions that no connection can come back to.
    fn drop_orphans(&mut self) -> Vec<IdentityMap> {
        let (orphans, living) = std::mem::take(&mut self.of)
            .into_iter()
            .partition(|(realm, map): &(Realm, IdentityMap)| map.is_orphan(realm));
        self.of = living;
        let orphans: Vec<IdentityMap> = orphans.into_iter().map(|(_, map)| map).collect();
        for map in &orphans {
            self.earlier += Stats {
                alive: 0,
                ..map.stats()
            };
        }
        orphans
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let maps = self.maps.get_mut().unwrap_or_else(PoisonError::into_inner);
        for (_, map) in maps.of.drain(..) {
            map.close();
        }
    }
}

/// A scope that is remembered and not kept.
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

/// Options of a scope; see [`Scope::builder`].
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct ScopeBuilder {
    retain: Retain,
    peers: Peers,
    threshold: Threshold,
    /// The time that the statements take is noted.
    timed: bool,
}

impl ScopeBuilder {
    /// What the scope keeps alive beyond its holders.
    pub fn retain(self, retain: Retain) -> Self {
        Self { retain, ..self }
    }

    /// What a lazy access to the parent of an object does, where the query that loaded the object
    /// did not say it. [`Peers::Forbidden`] finds N+1 queries in tests.
    pub fn peers(self, peers: impl Into<Peers>) -> Self {
        Self {
            peers: peers.into(),
            ..self
        }
    }

    /// Notes from where the program calls for statements of this library, and
    /// [reports](Scope::report) each line that sends one statement more than `threshold` times.
    ///
    /// Without being asked a scope does so in programs built with debug assertions, with a
    /// threshold of 10, and not in others.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let scope = Scope::builder().track_statements(2).build();
    /// let _entered = scope.enter();
    /// for id in 1..=3 {
    ///     Post::cached().find(id).first(conn)?;
    /// }
    /// assert_eq!(scope.report().repeated()[0].times, 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn track_statements(self, threshold: u64) -> Self {
        let threshold = Threshold::more_than(threshold);
        Self { threshold, ..self }
    }

    /// Notes nothing, in programs with debug assertions either.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let scope = Scope::builder().track_no_statements().build();
    /// let _entered = scope.enter();
    /// for _ in 0..100 {
    ///     Post::cached().find(1).first(conn)?;
    /// }
    /// assert!(scope.report().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn track_no_statements(self) -> Self {
        let threshold = Threshold::off();
        Self { threshold, ..self }
    }

    #[cfg(any(feature = "tower", feature = "actix-web", feature = "rocket"))]
    pub(crate) fn timed(self, timed: bool) -> Self {
        Self { timed, ..self }
    }

    /// The scope, not yet entered.
    #[must_use]
    pub fn build(self) -> Scope {
        let inner = Inner {
            retain: self.retain,
            peers: self.peers,
            maps: Mutex::default(),
            repeats: Repeats::above(self.threshold),
            waited: Waited::asked(self.timed),
        };
        Scope {
            inner: Arc::new(inner),
        }
    }
}

impl From<ScopeBuilder> for Scope {
    fn from(builder: ScopeBuilder) -> Self {
        builder.build()
    }
}
