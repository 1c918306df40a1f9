//! The path to the children: [`Children`], [`ToChildren`].

use std::marker::PhantomData;
use std::sync::Arc;

use diesel::QueryResult;

use super::cardinality::Many;
use super::children::LoadsChildren;
use super::eager_options::EagerOptions;
use super::parents::QueryOf;
use super::path::{LoadPath, Path, PathTargets};
use crate::connection::ConnectionKind;
use crate::model::{BelongsTo, ChildrenOf, Model, Related};
use crate::query::Cached;

/// The children of a model, for [`with`](Cached::with): `with::<(Children<Comment>, User)>()` gives
/// each comment with its user.
#[derive(Debug, Clone, Copy)]
pub struct Children<X>(PhantomData<fn() -> X>);

/// The path to the children, by a query of the children.
pub struct ToChildren<X, C: crate::IdentityMapped, Q> {
    query: Cached<C, Q>,
    relation: PhantomData<fn() -> X>,
}

impl<X, C: crate::IdentityMapped, Q> ToChildren<X, C, Q> {
    pub(super) fn by(query: Cached<C, Q>) -> Self {
        Self {
            query,
            relation: PhantomData,
        }
    }
}

impl<X, C: Model> Default for ToChildren<X, C, C::Query> {
    fn default() -> Self {
        Self::by(Cached::new())
    }
}

impl<M, X> Related<Children<X>> for M
where
    X: ChildrenOf<M, Child: Model>,
{
    type Path = ToChildren<X, X::Child, QueryOf<X::Child>>;
}

impl<M, X, C, Q> Path<M> for ToChildren<X, C, Q>
where
    X: ChildrenOf<M, Child = C>,
    C: crate::IdentityMapped,
{
    type Target = C;
    type Cardinality = Many;
}

impl<M, X, C, Q, Conn, D> LoadPath<M, Conn, D> for ToChildren<X, C, Q>
where
    M: Model,
    X: ChildrenOf<M, Child = C>,
    C: Model + BelongsTo<X::Relation, Parent = M>,
    D: ConnectionKind,
    Q: Send,
    Conn: LoadsChildren<M, X, Q, D>,
{
    async fn load_targets(
        self,
        objects: &[Arc<M>],
        options: &EagerOptions,
        conn: &mut Conn,
    ) -> QueryResult<PathTargets<M, Self>> {
        let query = options.apply(self.query);
        let children = conn.load_children(objects, query).await?;
        Ok(children.into_iter().map(Some).collect())
    }
}
