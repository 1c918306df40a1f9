//! The parents of some objects, with one statement at most.

use std::sync::Arc;

use diesel::QueryResult;

use crate::connection::ConnectionKind;
use crate::model::{BelongsTo, Model};
use crate::query::{Loads, Plan, load_by_key};

/// The parent of `M` by the relation `R`.
pub(super) type ParentOf<M, R> = <M as BelongsTo<R>>::Parent;
/// The query that a model's own objects are loaded by.
pub(super) type QueryOf<M> = <M as crate::IdentityMapped>::Query;

/// The parents, aligned with the objects.
pub(super) async fn load_parents<M, R, Conn, D>(
    objects: &[Arc<M>],
    plan: &Plan<M::Parent>,
    conn: &mut Conn,
) -> QueryResult<Vec<Option<Arc<M::Parent>>>>
where
    M: Send + Sync + BelongsTo<R, Parent: Model<Key = M::ForeignKey>>,
    D: ConnectionKind,
    Conn: Loads<M::Parent, QueryOf<M::Parent>, D>,
{
    let keys = objects.iter().map(|object| object.foreign_key());
    load_by_key(plan, keys, conn).await
}
