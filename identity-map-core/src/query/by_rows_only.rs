//! Which models are loaded by rows alone: those of whose keys a database was seen not to find the row again.
//!
//! A key is sent back as the row shows it. PostgreSQL finds no `CHAR(8)` by the blanks that it pads, and
//! SQLite no text in a form that is not the one in which Diesel binds the value. Where that was seen once,
//! `select key` saves nothing: the rows have to be read all the same.

use std::any::TypeId;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, RwLock};

use foldhash::fast::RandomState;

use crate::database::Realm;
use crate::lock::{read, write};
use crate::transaction::ReadView;

/// A model on a database. Databases to which one connection alone speaks count as one, so that this does
/// not grow with use.
type ModelOnDatabase = (TypeId, Option<Realm>);

static NOTED: LazyLock<RwLock<HashSet<ModelOnDatabase, RandomState>>> =
    LazyLock::new(RwLock::default);

/// Whether anything was noted, so that a program of which nothing was asks for nothing else.
static HAS_ANY: AtomicBool = AtomicBool::new(false);

/// Notes that the view's model is loaded by rows from now on.
pub(super) fn note(view: &ReadView) {
    write(&NOTED).insert(model_on_database(view));
    HAS_ANY.store(true, Ordering::Release);
}

/// Whether the view's model is loaded by rows alone.
#[inline]
pub(super) fn is_noted(view: &ReadView) -> bool {
    HAS_ANY.load(Ordering::Acquire) && read(&NOTED).contains(&model_on_database(view))
}

fn model_on_database(view: &ReadView) -> ModelOnDatabase {
    let realm = view.map().realm();
    let shared = realm.map(Realm::home).filter(|home| home.has_name());
    (view.model().id, shared.cloned())
}
