//! The one bound of `load`: [`Loads`].

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;

use super::cached::Cached;
use super::cached_query::CachedQuery;
use super::erased_query::ErasedQuery;
use super::execute::find_objects;
use super::generic::Given;
use super::load_by_keys::LoadByKeys;
use super::take::Take;
use crate::connection::{Blocks, ConnectionKind, Driver};
use crate::database::Dialect;
use crate::hooks::RunsHooks;
use crate::model::Model;

/// A connection, of dialect `D`, on which the query `Q` can be loaded as objects of `M`.
///
/// The bound stands on the connection, so that rustc looks at it when the connection is known:
/// with the model or the query in its place, a key of the wrong type ends in "overflow
/// evaluating the requirement".
#[diagnostic::on_unimplemented(
    message = "this query cannot be loaded as mapped objects of `{M}` on `{Self}`",
    note = "the source of the query must be the table of `{M}`, and its columns those of tables that it joins",
    note = "the model must be loadable by plain Diesel on this connection: `{M}` derives \
            `Queryable`, and its fields, the key among them, match the columns in number, order \
            and type",
    note = "which field does not match is said with `#[diesel(check_for_backend(..))]` on `{M}`",
    note = "if `{M}` says `#[identity_map(hooks)]`, it must implement `Hooks<{Self}>`",
    note = "a function over any connection bounds it by `CachedConnection<{M}>`",
    note = "the connection's feature (`sqlite`, `postgres`, `mysql`) must be enabled in \
            `diesel-identity-map`",
    note = "two versions of `diesel` or `diesel-async` in one program do not know each other's connections: \
            `cargo tree -d` shows them"
)]
pub trait Loads<M: Model, Q, D: ConnectionKind>:
    Driver<D>
    + Given<M, Is: LoadByKeys<Self, D> + RunsHooks<Self, D>>
    + Given<Q, Is: CachedQuery<M, Self, D>>
{
    /// Loads the objects, and makes of them what the method returns.
    #[doc(hidden)]
    fn load_objects<'c, T: Send + 'c>(
        &'c mut self,
        query: Cached<M, Q>,
        take: Take,
        caller: &'static Location<'static>,
        finish: fn(Vec<Arc<M>>) -> QueryResult<T>,
    ) -> D::Output<'c, T>
    where
        Q: 'c;
}

#[diagnostic::do_not_recommend]
impl<M, Q, D, C> Loads<M, Q, D> for C
where
    D: Dialect,
    C: Driver<D> + Blocks<D>,
    M: LoadByKeys<C, D> + RunsHooks<C, D>,
    Q: CachedQuery<M, C, D>,
{
    fn load_objects<'c, T: Send + 'c>(
        &'c mut self,
        query: Cached<M, Q>,
        take: Take,
        caller: &'static Location<'static>,
        finish: fn(Vec<Arc<M>>) -> QueryResult<T>,
    ) -> QueryResult<T>
    where
        Q: 'c,
    {
        let Cached { query, plan, .. } = query;
        let mut place = None;
        let query = ErasedQuery::borrowed::<M, Q, C, D>(query, &mut place);
        let found = find_objects(query, plan, (take, Some(caller)), self);
        finish(C::poll_once(found)?)
    }
}
