//! The models of the programs, whose tables [`database`](super::database) makes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::prelude::*;
use diesel_identity_map::{Change, Hooks, IdentityMapped};

diesel::table! {
    notes (id) {
        id -> Integer,
        n -> Integer,
        place -> Text,
    }
}

diesel::table! {
    tasks (id) {
        id -> Integer,
        n -> Integer,
        place -> Text,
    }
}

diesel::table! {
    seen (id) {
        id -> Integer,
        said -> Text,
    }
}

/// A row of any of the tables: its key, its number, its text.
pub(super) type Row = (i32, i32, String);

/// What a model says of its row.
pub(super) trait AsRow: Send + Sync + 'static {
    fn row(&self) -> Row;
}

macro_rules! as_row {
    ($($Model:ident |$model:ident| $row:expr;)+) => {$(
        impl AsRow for $Model {
            fn row(&self) -> Row {
                let $model = self;
                $row
            }
        }
    )+};
}

as_row! {
    Note |note| (note.id, note.n, note.place.clone());
    Task |task| (task.id, task.n, task.place.clone());
    Seen |seen| (seen.id, 0, seen.said.clone());
}

#[derive(Queryable, Selectable, Identifiable, AsChangeset, IdentityMapped, Debug, Clone)]
pub(super) struct Note {
    pub(super) id: i32,
    pub(super) n: i32,
    pub(super) place: String,
}

/// A model with hooks, so that its writes have transactions and savepoints of their own.
#[derive(Queryable, Selectable, Identifiable, AsChangeset, IdentityMapped, Debug, Clone)]
#[identity_map(hooks)]
pub(super) struct Task {
    pub(super) id: i32,
    pub(super) n: i32,
    pub(super) place: String,
}

#[derive(Queryable, Selectable, Identifiable, IdentityMapped, Debug)]
#[diesel(table_name = seen)]
pub(super) struct Seen {
    pub(super) id: i32,
    pub(super) said: String,
}

/// A row of [`tasks`] that was written or deleted (`w`, `d`): its key and its number.
pub(super) type Event = (String, i32, i32);

/// The events of `after_commit` by place, since tests run at the same time.
static COMMITTED: Mutex<Option<HashMap<String, Vec<Event>>>> = Mutex::new(None);

/// What `after_commit` was told at a place since it was last asked for.
pub(super) fn take_committed(place: &str) -> Vec<Event> {
    let mut committed = COMMITTED.lock().unwrap_or_else(PoisonError::into_inner);
    let places = committed.get_or_insert_default();
    places.remove(place).unwrap_or_default()
}

fn note(task: &Arc<Task>, change: Change) {
    let what = if change == Change::Deleted { "d" } else { "w" };
    let mut committed = COMMITTED.lock().unwrap_or_else(PoisonError::into_inner);
    let places = committed.get_or_insert_default();
    let events = places.entry(task.place.clone()).or_default();
    events.push((what.to_owned(), task.id, task.n));
}

impl<C: 'static> Hooks<C> for Task {
    fn after_commit(task: &Arc<Self>, change: Change) {
        note(task, change);
    }
}

#[cfg(feature = "__async-tests")]
impl<C: Send> diesel_identity_map::AsyncHooks<C> for Task {
    fn after_commit(task: &Arc<Self>, change: Change) {
        note(task, change);
    }
}
