//! The parents of some objects, by one statement at most.

use std::sync::Arc;

use diesel::QueryResult;

use crate::connection::ConnectionKind;
use crate::map::IdentityMap;
use crate::model::{BelongsTo, Model};
use crate::query::{KeyOrigin, Loads, Plan, load_aligned};

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
    load_aligned(plan, keys, KeyOrigin::Column, conn).await
}

impl IdentityMap {
    /// The parent of an object, if the map holds it: no connection, no statement.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let (post, ada) = Post::cached().with::<User>().first(conn)?;
    /// let map = conn.identity_map()?;
    /// assert!(map.parent::<_, User>(&post).is_some());
    /// drop(ada);
    /// assert!(map.parent::<_, User>(&post).is_none());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn parent<M, R>(&self, object: &Arc<M>) -> Option<Arc<M::Parent>>
    where
        M: BelongsTo<R, Parent: Model<Key = M::ForeignKey>>,
    {
        self.get::<M::Parent>(&object.foreign_key()?)
    }
}
