//! The paths to a parent: [`ToParent`], [`OrNone`].

use std::marker::PhantomData;
use std::sync::Arc;

use diesel::QueryResult;

use super::cardinality::Cardinality;
use super::eager_options::EagerOptions;
use super::parents::{ParentOf, QueryOf, load_parents};
use super::path::{LoadPath, Path, PathTargets};
use crate::connection::ConnectionKind;
use crate::model::{BelongsTo, Model, Nullable, Related, ToParent};
use crate::query::Loads;

impl<M: BelongsTo<R>, R> Path<M> for ToParent<R>
where
    M::Presence: Cardinality,
{
    type Target = M::Parent;
    type Cardinality = M::Presence;
}

impl<M, R, Conn, D> LoadPath<M, Conn, D> for ToParent<R>
where
    M: Send + Sync + BelongsTo<R, Parent: Model<Key = M::ForeignKey>, Presence: Cardinality>,
    D: ConnectionKind,
    Conn: Loads<ParentOf<M, R>, QueryOf<ParentOf<M, R>>, D>,
{
    async fn load_targets(
        self,
        objects: &[Arc<M>],
        options: &EagerOptions,
        conn: &mut Conn,
    ) -> QueryResult<PathTargets<M, Self>> {
        let parents = load_parents::<M, R, _, D>(objects, &options.plan(), conn).await?;
        Ok(parents.into_iter().map(M::Presence::from_option).collect())
    }
}

/// The path to a parent that may be missing: `with::<Option<User>>()`.
#[derive(Debug)]
pub struct OrNone<R>(PhantomData<fn() -> R>);

impl<R> Default for OrNone<R> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<M, R> Related<Option<R>> for M
where
    M: BelongsTo<R>,
{
    type Path = OrNone<R>;
}

impl<M: BelongsTo<R>, R> Path<M> for OrNone<R> {
    type Target = M::Parent;
    type Cardinality = Nullable;
}

impl<M, R, Conn, D> LoadPath<M, Conn, D> for OrNone<R>
where
    M: Send + Sync + BelongsTo<R, Parent: Model<Key = M::ForeignKey>>,
    D: ConnectionKind,
    Conn: Loads<ParentOf<M, R>, QueryOf<ParentOf<M, R>>, D>,
{
    async fn load_targets(
        self,
        objects: &[Arc<M>],
        options: &EagerOptions,
        conn: &mut Conn,
    ) -> QueryResult<PathTargets<M, Self>> {
        let parents = load_parents::<M, R, _, D>(objects, &options.plan(), conn).await?;
        Ok(parents.into_iter().map(Some).collect())
    }
}
