//! Many-to-many: the targets that the rows of a join model point to.

use std::sync::Arc;

use diesel::QueryResult;

use super::children::{ChildOf, LoadsChildren};
use super::eager_options::EagerOptions;
use super::parents::{ParentOf, QueryOf, load_parents};
use crate::connection::ConnectionKind;
use crate::model::{BelongsTo, ChildrenOf, Model};
use crate::query::{Cached, Loads};

/// The model that the join model `X` of `P` belongs to by the relation `R`.
pub(super) type ThroughTarget<P, X, R> = ParentOf<ChildOf<P, X>, R>;

/// For each parent the targets of its join rows, in the order of those rows, each target once.
pub(super) async fn load_through<P, X, R, Q, Conn, D>(
    parents: &[Arc<P>],
    joins: Cached<X::Child, Q>,
    conn: &mut Conn,
) -> QueryResult<Vec<Vec<Arc<ThroughTarget<P, X, R>>>>>
where
    P: Model,
    X: ChildrenOf<P>,
    X::Child: Model + BelongsTo<R>,
    ThroughTarget<P, X, R>: Model<Key = <X::Child as BelongsTo<R>>::ForeignKey>,
    D: ConnectionKind,
    Q: Send,
    Conn: LoadsChildren<P, X, Q, D>
        + Loads<ThroughTarget<P, X, R>, QueryOf<ThroughTarget<P, X, R>>, D>,
{
    let options = EagerOptions::of(&joins.plan);
    let joins = conn.load_children(parents, joins).await?;
    let all: Vec<Arc<X::Child>> = joins.iter().flatten().cloned().collect();
    let targets = load_parents::<X::Child, R, _, D>(&all, &options.plan(), conn).await?;
    let mut targets = targets.into_iter();
    let lists = joins.into_iter().map(|joins| {
        let found = targets.by_ref().take(joins.len()).flatten();
        each_once(found.collect())
    });
    Ok(lists.collect())
}

/// Leaves out repeated objects. One row is one object, so addresses tell objects apart.
fn each_once<T>(mut objects: Vec<Arc<T>>) -> Vec<Arc<T>> {
    let mut seen = std::collections::HashSet::with_hasher(foldhash::fast::RandomState::default());
    objects.retain(|object| seen.insert(Arc::as_ptr(object)));
    objects
}
