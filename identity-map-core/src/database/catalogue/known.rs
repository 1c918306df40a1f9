//! The catalogue of each database of the program: [`KnownCatalogue`].

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, RwLock};

use foldhash::fast::RandomState;

use super::graph::Catalogue;
use crate::database::realm::Realm;
use crate::lock::{lock, read, write};

/// What the program knows of the catalogue of one database.
#[derive(Debug)]
pub(crate) struct KnownCatalogue {
    /// Whether it has to be read before anything of the database is held.
    is_due: AtomicBool,
    latest: RwLock<Option<Arc<Catalogue>>>,
    /// Names of tables that it did not have, and for which it was read again.
    missed: Mutex<HashSet<String>>,
}

/// For so many names that it does not have it is read again.
const MISSES: usize = 256;

impl KnownCatalogue {
    fn unread() -> Arc<Self> {
        Arc::new(Self {
            is_due: AtomicBool::new(true),
            latest: RwLock::new(None),
            missed: Mutex::default(),
        })
    }

    #[inline]
    pub(crate) fn is_due(&self) -> bool {
        self.is_due.load(Ordering::Acquire)
    }

    /// Says that somebody reads it now. It is due again if the schema changes meanwhile.
    pub(crate) fn begin_reading(&self) {
        self.is_due.store(false, Ordering::Release);
    }

    /// The catalogue as it was read; `None` if it could not be read.
    pub(crate) fn set(&self, catalogue: Option<Catalogue>) {
        *write(&self.latest) = catalogue.map(Arc::new);
    }

    /// The schema may have changed: it is read again. Until then the earlier one counts, since objects that
    /// were read under it may be held.
    pub(crate) fn forget(&self) {
        self.is_due.store(true, Ordering::Release);
    }

    /// A table is written to that it does not have. Somebody else may have made the table, so it is read
    /// again, once for each name.
    pub(crate) fn miss(&self, name: &str) {
        let mut missed = lock(&self.missed);
        if missed.len() < MISSES && missed.insert(name.to_owned()) {
            self.forget();
        }
    }

    /// The latest that was read, if any could.
    pub(crate) fn get(&self) -> Option<Arc<Catalogue>> {
        read(&self.latest).clone()
    }
}

/// Of databases that several connections can speak to. It has one entry for each of them, so it does not grow
/// with use.
static CATALOGUES: LazyLock<RwLock<HashMap<Realm, Arc<KnownCatalogue>, RandomState>>> =
    LazyLock::new(RwLock::default);

/// What is known of the catalogue of a realm's database. A connection whose database nobody else is known to
/// share has one of its own.
pub(crate) fn catalogue_of(realm: &Realm) -> Arc<KnownCatalogue> {
    let home = realm.home();
    if !home.has_name() {
        return KnownCatalogue::unread();
    }
    if let Some(known) = read(&CATALOGUES).get(home) {
        return Arc::clone(known);
    }
    let mut all = write(&CATALOGUES);
    Arc::clone(
        all.entry(home.clone())
            .or_insert_with(KnownCatalogue::unread),
    )
}
