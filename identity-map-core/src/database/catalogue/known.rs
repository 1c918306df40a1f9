//! The catalogue of each database of the program: [`KnownCatalogue`].

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, RwLock, Weak};

use foldhash::fast::RandomState;

use super::declared::Declared;
use super::graph::Catalogue;
use crate::database::realm::Realm;
use crate::lock::{lock, read, write};
use crate::statement::ObjectName;

/// What the program knows of the catalogue of one database.
#[derive(Debug)]
pub(crate) struct KnownCatalogue {
    /// How often the schema may have changed, once for its beginning.
    changes: AtomicU64,
    /// How many of these changes the latest has. Where it is less, the catalogue has to be read before anything
    /// of the database is held.
    read_changes: AtomicU64,
    /// How often in a row it could not be read.
    failures: AtomicU64,
    latest: RwLock<Option<Arc<Catalogue>>>,
    /// Names of tables that it did not have, and for which it was read again.
    missed: Mutex<HashSet<String>>,
    declared: RwLock<Declared>,
    /// Other connections may speak to the database.
    is_shared: bool,
    /// The program does not want it to be read.
    is_switched_off: bool,
}

/// For so many names that it does not have it is read again.
const MISSES: usize = 256;

/// After so many failures in a row it is taken for unreadable until the schema changes.
const ATTEMPTS: u64 = 3;

impl KnownCatalogue {
    fn unread(is_shared: bool) -> Arc<Self> {
        Self::new(is_shared, false)
    }

    /// One that is never read.
    pub(crate) fn switched_off() -> Arc<Self> {
        Self::new(false, true)
    }

    /// One that has no table, so that any write may do anything.
    pub(crate) fn unknowable() -> Arc<Self> {
        let known = Self::new(false, true);
        *write(&known.latest) = Some(Arc::new(Catalogue::unknowable()));
        known
    }

    fn new(is_shared: bool, is_switched_off: bool) -> Arc<Self> {
        let known = Arc::new(Self {
            changes: AtomicU64::new(u64::from(!is_switched_off)),
            read_changes: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            latest: RwLock::new(None),
            missed: Mutex::default(),
            declared: RwLock::default(),
            is_shared,
            is_switched_off,
        });
        lock(&ALL).add(&known);
        known
    }

    #[inline]
    pub(crate) fn is_due(&self) -> bool {
        self.changes.load(Ordering::Acquire) != self.read_changes.load(Ordering::Acquire)
    }

    /// The changes that are seen by who begins to read it now.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// The catalogue as it was read after so many changes.
    pub(crate) fn set(&self, catalogue: Catalogue, changes: u64) {
        *write(&self.latest) = Some(Arc::new(catalogue));
        self.failures.store(0, Ordering::Release);
        self.read_changes.store(changes, Ordering::Release);
    }

    /// It could not be read after so many changes. The next call tries again, but not for ever: it says whether
    /// this was the last time.
    pub(crate) fn fail(&self, changes: u64) -> bool {
        let is_last = self.failures.fetch_add(1, Ordering::AcqRel) + 1 >= ATTEMPTS;
        if is_last {
            self.give_up(changes);
        }
        is_last
    }

    /// Nobody can read it on this database.
    pub(crate) fn give_up(&self, changes: u64) {
        self.read_changes.store(changes, Ordering::Release);
    }

    /// The schema may have changed: it is read again. Until then the earlier one counts, since objects that
    /// were read under it may be held.
    pub(crate) fn forget(&self) {
        if !self.is_switched_off {
            self.changes.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// What the program says of the database. What is new in it holds from the next reading on.
    pub(crate) fn declare(&self, declared: &Declared) {
        let mut known = write(&self.declared);
        let mut all = known.clone();
        all.merge(declared);
        if all != *known {
            *known = all;
            self.forget();
        }
    }

    pub(crate) fn declared(&self) -> Declared {
        read(&self.declared).clone()
    }

    /// A connection has changed the schema. Other names may stand for the same database.
    pub(crate) fn change_schema(&self) {
        self.forget();
        if self.is_shared {
            let all = lock(&ALL).alive();
            let others = all.iter().filter(|known| known.is_shared);
            others.for_each(|known| known.forget());
        }
    }

    /// A table is written to that it does not have, under one of these names. Somebody else may have made the
    /// table, so it is read again, once for each name.
    pub(crate) fn miss(&self, names: &[ObjectName<'_>]) {
        let mut missed = lock(&self.missed);
        for name in names {
            if missed.len() < MISSES && missed.insert(name.name.to_owned()) {
                self.forget();
            }
        }
    }

    /// The catalogue as the open transaction of one connection sees it, which has changed the schema.
    pub(crate) fn of_transaction(&self) -> Arc<Self> {
        let own = Self::new(false, self.is_switched_off);
        *write(&own.latest) = self.get();
        *write(&own.declared) = self.declared();
        own
    }

    /// The latest that was read, if any could.
    pub(crate) fn get(&self) -> Option<Arc<Catalogue>> {
        read(&self.latest).clone()
    }

    /// The catalogues by which others may hold rows of this database, under another name or none.
    pub(crate) fn of_others(&self) -> Vec<Arc<Catalogue>> {
        if !self.is_shared {
            return Vec::new();
        }
        let all = lock(&ALL).alive();
        let shared = all.iter().filter(|known| known.is_shared);
        shared.filter_map(|known| known.get()).collect()
    }
}

/// Every known catalogue whose database some connection speaks to.
#[derive(Default)]
struct AllCatalogues {
    all: Vec<Weak<KnownCatalogue>>,
    /// The dead ones are removed at this length.
    sweep_at: usize,
}

static ALL: LazyLock<Mutex<AllCatalogues>> = LazyLock::new(Mutex::default);

impl AllCatalogues {
    fn add(&mut self, known: &Arc<KnownCatalogue>) {
        if self.all.len() >= self.sweep_at {
            self.all.retain(|known| known.strong_count() > 0);
            self.sweep_at = 2 * self.all.len() + 16;
        }
        self.all.push(Arc::downgrade(known));
    }

    fn alive(&self) -> Vec<Arc<KnownCatalogue>> {
        self.all.iter().filter_map(Weak::upgrade).collect()
    }
}

/// Of databases that have a name. It has one entry for each of them, so it does not grow with use.
static NAMED: LazyLock<RwLock<HashMap<Realm, Arc<KnownCatalogue>, RandomState>>> =
    LazyLock::new(RwLock::default);

/// What is known of the catalogue of a realm's database. A connection whose database has no name has one of
/// its own.
pub(crate) fn catalogue_of(realm: &Realm) -> Arc<KnownCatalogue> {
    let home = realm.home();
    if !home.has_name() {
        return KnownCatalogue::unread(!home.is_unique());
    }
    if let Some(known) = read(&NAMED).get(home) {
        return Arc::clone(known);
    }
    let mut all = write(&NAMED);
    let known = all.entry(home.clone());
    Arc::clone(known.or_insert_with(|| KnownCatalogue::unread(true)))
}

/// The schema of a realm's database may have changed. Where it has no name, those of all without one are read
/// again.
pub(crate) fn forget_schema(realm: &Realm) {
    if realm.home().has_name() {
        catalogue_of(realm).forget();
        return;
    }
    for known in lock(&ALL).alive() {
        known.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_now(known: &KnownCatalogue) {
        known.set(Catalogue::default(), known.changes());
    }

    #[test]
    fn a_database_with_a_name_has_one_catalogue() {
        let realm = || Realm::named("catalogue of a test".to_owned());
        let known = catalogue_of(&realm());
        assert!(known.is_due());
        read_now(&known);
        let apart = catalogue_of(&realm().apart(false));
        assert!(!apart.is_due() && apart.get().is_some());
        forget_schema(&realm());
        assert!(
            apart.is_due() && apart.get().is_some(),
            "the earlier one counts"
        );
    }

    #[test]
    fn a_change_while_it_is_read_is_not_lost() {
        let known = KnownCatalogue::unread(false);
        let changes = known.changes();
        known.forget();
        known.set(Catalogue::default(), changes);
        assert!(known.is_due());
    }

    #[test]
    fn what_cannot_be_read_is_tried_again_but_not_for_ever() {
        let known = KnownCatalogue::unread(false);
        for _ in 0..ATTEMPTS {
            assert!(known.is_due());
            known.fail(known.changes());
        }
        assert!(!known.is_due() && known.get().is_none());
        known.forget();
        assert!(known.is_due());
    }

    #[test]
    fn who_has_none_asks_the_others() {
        let unknown = catalogue_of(&Realm::unknown());
        read_now(&unknown);
        assert!(!catalogue_of(&Realm::unknown()).of_others().is_empty());
        assert!(catalogue_of(&Realm::unique()).of_others().is_empty());
        assert!(!KnownCatalogue::switched_off().is_due());
    }

    #[test]
    fn a_missing_table_is_looked_for_once() {
        let known = KnownCatalogue::unread(false);
        read_now(&known);
        let posts = [ObjectName {
            schema: None,
            name: "posts",
        }];
        known.miss(&posts);
        assert!(known.is_due());
        read_now(&known);
        known.miss(&posts);
        assert!(!known.is_due());
    }

    /// G6: connections come and go.
    #[test]
    fn catalogues_of_closed_connections_take_no_room() {
        for _ in 0..10_000 {
            drop(catalogue_of(&Realm::unknown()));
        }
        assert!(lock(&ALL).all.len() < 5_000);
    }
}
