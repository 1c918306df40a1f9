//! The one bound of `with::<..>().load`: [`LoadsWith`].

use std::panic::Location;

use diesel::QueryResult;
use diesel::query_builder::QueryFragment;

use super::eager_options::EagerOptions;
use super::loads_along::LoadsAlong;
use super::with::With;
use crate::connection::{Blocks, ConnectionKind, ErasedStatement};
use crate::database::Dialect;
use crate::hooks::RunsHooks;
use crate::model::Model;
use crate::query::{Cached, ErasedQuery, LoadByKeys, Loads, Plan, Take, find_objects, only_of};

/// A connection, of dialect `D`, on which the query `Q` of `M` can be loaded with `S` along.
#[diagnostic::on_unimplemented(
    message = "this query of `{M}` cannot be loaded with what is asked for along, on `{Self}`",
    note = "what is asked for is `{S}`",
    note = "the source of the query must be the table of `{M}`, and every model on the way must be \
            loadable by plain Diesel on this connection",
    note = "each foreign key must have the type of the key it points to (without `Option`)",
    note = "on a connection that is awaited the query must be `Send`"
)]
pub trait LoadsWith<M: Model, Q, S, D: ConnectionKind>:
    Loads<M, Q, D> + LoadsAlong<M, S, D>
{
    /// Loads the objects and what comes along, and makes of them what the method returns.
    #[doc(hidden)]
    fn load_with<'c, T: Send + 'c>(
        &'c mut self,
        with: With<M, Q, S>,
        take: Take,
        caller: &'static Location<'static>,
        finish: fn(Vec<Self::Along>) -> QueryResult<T>,
    ) -> D::Output<'c, T>
    where
        Self::Along: 'c,
        With<M, Q, S>: 'c;
}

#[diagnostic::do_not_recommend]
impl<M, Q, S, D, C> LoadsWith<M, Q, S, D> for C
where
    M: Model,
    D: Dialect,
    C: Loads<M, Q, D> + LoadsAlong<M, S, D> + Blocks<D>,
    S: Send,
{
    fn load_with<'c, T: Send + 'c>(
        &'c mut self,
        with: With<M, Q, S>,
        take: Take,
        caller: &'static Location<'static>,
        finish: fn(Vec<Self::Along>) -> QueryResult<T>,
    ) -> QueryResult<T>
    where
        Self::Along: 'c,
        With<M, Q, S>: 'c,
    {
        let Cached { query, plan, .. } = with.base;
        let mut place = None;
        let query = ErasedQuery::borrowed::<M, Q, C, D>(query, &mut place);
        let calling = (take, caller);
        C::poll_once(find_with(query, plan, with.along, calling, finish, self))
    }
}

/// Loads the objects and what comes along, and makes of them what the method returns.
pub(crate) async fn find_with<M, S, Conn, D, P, T>(
    query: ErasedQuery<P>,
    plan: Plan<M>,
    along: S,
    (take, caller): (Take, &'static Location<'static>),
    finish: fn(Vec<Conn::Along>) -> QueryResult<T>,
    conn: &mut Conn,
) -> QueryResult<T>
where
    D: ConnectionKind,
    Conn: LoadsAlong<M, S, D>,
    M: LoadByKeys<Conn, D> + RunsHooks<Conn, D>,
    S: Send,
    ErasedStatement<P, ()>: QueryFragment<Conn::Backend>,
{
    let options = EagerOptions::of(&plan);
    let mut objects = find_objects(query, plan, (take, Some(caller)), conn).await?;
    if take == Take::Only {
        objects = vec![only_of(M::name(), objects)?];
    }
    finish(conn.load_along(along, objects, &options).await?)
}
