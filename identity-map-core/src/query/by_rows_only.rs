//! Which models are loaded by rows alone: those of whose keys a database was seen not to find the row again.
//!
//! A key is sent back as the row shows it. PostgreSQL finds no `CHAR(8)` by the blanks that it pads, and
//! SQLite no text in a form that is not the one in which Diesel binds the value. Where that was seen once,
//! `select key` saves nothing: the rows have to be read all the same.

use crate::database::NotedModels;
use crate::transaction::ReadView;

static BY_ROWS_ONLY: NotedModels = NotedModels::new();

/// Notes that the view's model is loaded by rows from now on.
pub(super) fn note(view: &ReadView) {
    BY_ROWS_ONLY.note(view.model().id, view.map().realm());
}

/// Whether the view's model is loaded by rows alone.
#[inline]
pub(super) fn is_noted(view: &ReadView) -> bool {
    BY_ROWS_ONLY.has(view.model().id, view.map().realm())
}
