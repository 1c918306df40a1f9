//! What a write to the row of a key may change: [`row_of_key`].

use std::sync::Arc;

use super::changed_rows::{rows_of, written_model, written_rows};
use super::writes::Writes;
use crate::connection::{ConnectionKind, Driver};
use crate::map::{IdentityMap, Invalidation, ModelWrite};
use crate::model::{KeyRef, Model, ModelType, Object, downcast};
use crate::statement::Operations;

/// The row that the database finds by `key`, and whatever else such a write changes. Where the row's own key
/// may be another value than the program's, it is any row of the model.
pub(super) fn row_of_key<M, D, Conn>(
    key: &M::Key,
    operations: Operations,
    map: Option<&IdentityMap>,
    conn: &mut Conn,
) -> Invalidation
where
    M: Model,
    D: ConnectionKind,
    Conn: Writes<M, D>,
{
    if Conn::keys_are_exact() || held_object::<M, D, Conn>(key, map, conn).is_some() {
        written_rows(
            rows_of::<M>([key.clone()]),
            ModelWrite::by(operations),
            conn,
        )
    } else {
        written_model(ModelType::of::<M>(), ModelWrite::by(operations), conn)
    }
}

/// The object that the map holds by this key, so that it is the key of a row.
pub(super) fn held_object<M, D, Conn>(
    key: &M::Key,
    map: Option<&IdentityMap>,
    conn: &mut Conn,
) -> Option<Arc<M>>
where
    M: Model,
    D: ConnectionKind,
    Conn: Writes<M, D>,
{
    held_in_view(ModelType::of::<M>(), KeyRef::of(key), map?, conn).and_then(downcast)
}

fn held_in_view<D: ConnectionKind, Conn: Driver<D>>(
    model: ModelType,
    key: KeyRef<'_>,
    map: &IdentityMap,
    conn: &mut Conn,
) -> Option<Arc<dyn Object>> {
    let held = conn.with_slot(|slot| slot.view(model, map.clone()).get_object(key));
    held.ok()?
}
