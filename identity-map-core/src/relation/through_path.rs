//! The path through a join model: [`Through`], [`ToThrough`].

use std::marker::PhantomData;
use std::sync::Arc;

use diesel::QueryResult;

use super::cardinality::Many;
use super::children::{ChildOf, LoadsChildren};
use super::eager_options::EagerOptions;
use super::parents::QueryOf;
use super::path::{LoadPath, Path, PathTargets};
use super::through::{ThroughTarget, load_through};
use crate::connection::ConnectionKind;
use crate::model::{BelongsTo, ChildrenOf, Model, Related};
use crate::query::{Cached, Loads};

/// The targets of a join model, for [`with`](Cached::with): `with::<Through<PostTag, Tag>>()`.
#[derive(Debug, Clone, Copy)]
pub struct Through<X, R>(PhantomData<fn() -> (X, R)>);

/// The path through a join model.
#[derive(Debug)]
pub struct ToThrough<X, R>(PhantomData<fn() -> (X, R)>);

impl<X, R> Default for ToThrough<X, R> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<M, X, R> Related<Through<X, R>> for M
where
    X: ChildrenOf<M, Child: BelongsTo<R>>,
{
    type Path = ToThrough<X, R>;
}

impl<M, X, R> Path<M> for ToThrough<X, R>
where
    X: ChildrenOf<M, Child: BelongsTo<R>>,
{
    type Target = <X::Child as BelongsTo<R>>::Parent;
    type Cardinality = Many;
}

impl<M, X, R, Conn, D> LoadPath<M, Conn, D> for ToThrough<X, R>
where
    M: Model,
    X: ChildrenOf<M>,
    X::Child: Model + BelongsTo<R>,
    ThroughTarget<M, X, R>: Model<Key = <X::Child as BelongsTo<R>>::ForeignKey>,
    D: ConnectionKind,
    Conn: LoadsChildren<M, X, QueryOf<ChildOf<M, X>>, D>
        + Loads<ThroughTarget<M, X, R>, QueryOf<ThroughTarget<M, X, R>>, D>,
{
    async fn load_targets(
        self,
        objects: &[Arc<M>],
        options: &EagerOptions,
        conn: &mut Conn,
    ) -> QueryResult<PathTargets<M, Self>> {
        let lists =
            load_through::<M, X, R, _, _, D>(objects, options.apply(Cached::new()), conn).await?;
        Ok(lists.into_iter().map(Some).collect())
    }
}
