//! The rows that a write changes, as the maps are told: [`written_rows`], [`written_model`], [`invalidate_rows`].

use crate::connection::{ConnectionKind, Driver};
use crate::map::{Invalidation, KeySet, ModelWrite};
use crate::model::{Model, ModelType};

/// The rows of these keys of a model.
pub(super) fn rows_of<M: Model>(keys: impl IntoIterator<Item = M::Key>) -> (ModelType, KeySet) {
    (ModelType::of::<M>(), KeySet::of(keys))
}

/// Rows of a model that are written, and whatever else such a write changes.
pub(super) fn written_rows<D: ConnectionKind, Conn: Driver<D>>(
    (model, keys): (ModelType, KeySet),
    write: ModelWrite<'_>,
    conn: &mut Conn,
) -> Invalidation {
    let written = conn.with_slot(|slot| slot.written_rows(model, keys, write));
    written.unwrap_or_default()
}

/// Any rows of a model, and whatever else such a write changes.
pub(super) fn written_model<D: ConnectionKind, Conn: Driver<D>>(
    model: ModelType,
    write: ModelWrite<'_>,
    conn: &mut Conn,
) -> Invalidation {
    let written = conn.with_slot(|slot| slot.written_model(model, write));
    written.unwrap_or_default()
}

/// Invalidates rows that were written, and whatever else such a write changes.
pub(super) fn invalidate_rows<D: ConnectionKind, Conn: Driver<D>>(
    (model, keys): (ModelType, KeySet),
    write: ModelWrite<'_>,
    conn: &mut Conn,
) {
    let _ = conn.with_slot(|slot| slot.invalidate_written(model, keys, write));
}

/// Invalidates what was written, if the connection has a map.
pub(super) fn invalidate<D: ConnectionKind, Conn: Driver<D>>(
    invalidation: Invalidation,
    conn: &mut Conn,
) {
    let _ = conn.with_slot(|slot| slot.invalidate(invalidation));
}
