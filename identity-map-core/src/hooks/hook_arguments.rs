//! What a hook is told of its write: [`Saving`], [`Change`].

use std::sync::Arc;

/// What is about to be written; see [`Hooks::pre_save`](super::Hooks::pre_save).
#[derive(Debug)]
pub enum Saving<'a, M> {
    /// A new row; or by `upsert` one that is there, if it is in conflict.
    Insert,
    /// A row, by `update`: the object as the program knows it.
    Update(&'a Arc<M>),
    /// A whole model: a changed one, by `save`, or a new one, by `insert_model`.
    Save(&'a M),
}

/// What was done to a row; see [`Hooks::after_commit`](super::Hooks::after_commit).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// It was inserted.
    Created,
    /// It was updated; or an `upsert` has inserted it on a database that does not say so.
    Updated,
    /// It was deleted.
    Deleted,
}
