//! Loading on async connections: the twins of what `query` and `relation` do on blocking ones. The
//! futures are `Send`, so the queries must be `Send` too.

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::expression::QueryMetadata;
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};

use super::kind::{Async, BoxFuture};
use crate::connection::Driver;
use crate::database::{Dialect, Speaks};
use crate::hooks::RunsHooks;
use crate::model::Model;
use crate::query::{
    Cached, CachedQuery, ErasedQuery, LoadByKeys, Loads, LoadsMapped, MappedQuery, Selects,
    ShareOn, Take, find_objects,
};
use crate::relation::{LoadsAlong, LoadsWith, With, find_with};

#[diagnostic::do_not_recommend]
impl<M, Q, D, By, C> Loads<M, Q, Async<D, By>> for C
where
    D: Dialect,
    C: Driver<Async<D, By>>,
    M: LoadByKeys<C, Async<D, By>> + RunsHooks<C, Async<D, By>>,
    Q: CachedQuery<M, C, Async<D, By>, Statement: Send> + Send,
{
    fn load_objects<'c, T: Send + 'c>(
        &'c mut self,
        query: Cached<M, Q>,
        take: Take,
        caller: &'static Location<'static>,
        finish: fn(Vec<Arc<M>>) -> QueryResult<T>,
    ) -> BoxFuture<'c, T>
    where
        Q: 'c,
    {
        let Cached { query, plan, .. } = query;
        let query = ErasedQuery::boxed::<M, Q, C, Async<D, By>>(query);
        let calling = (take, Some(caller));
        C::run(async move { finish(find_objects(query, plan, calling, self).await?) })
    }
}

#[diagnostic::do_not_recommend]
impl<M, Q, S, D, By, C> LoadsWith<M, Q, S, Async<D, By>> for C
where
    M: Model,
    D: Dialect,
    C: Loads<M, Q, Async<D, By>> + LoadsAlong<M, S, Async<D, By>>,
    Q: CachedQuery<M, C, Async<D, By>, Statement: Send> + Send,
    S: Send,
{
    fn load_with<'c, T: Send + 'c>(
        &'c mut self,
        with: With<M, Q, S>,
        take: Take,
        caller: &'static Location<'static>,
        finish: fn(Vec<Self::Along>) -> QueryResult<T>,
    ) -> BoxFuture<'c, T>
    where
        Self::Along: 'c,
        With<M, Q, S>: 'c,
    {
        let Cached { query, plan, .. } = with.base;
        let query = ErasedQuery::boxed::<M, Q, C, Async<D, By>>(query);
        let calling = (take, caller);
        C::run(async move { find_with(query, plan, with.along, calling, finish, self).await })
    }
}

#[diagnostic::do_not_recommend]
impl<Q, D, By, C, DB, U, K> LoadsMapped<Q, Async<D, By>, U, K> for C
where
    D: Dialect,
    DB: Speaks<D> + QueryMetadata<Q::SqlType>,
    C: Driver<Async<D, By>, Backend = DB>,
    Q: AsQuery<SqlType: Selects<U, DB, K, Row: ShareOn<C, Async<D, By>>>> + Send,
    Q::Query: QueryFragment<DB> + QueryId,
    U: Send,
{
    fn load_mapped<'c, T: Send + 'c>(
        &'c mut self,
        query: MappedQuery<Q>,
        caller: &'static Location<'static>,
        finish: fn(Vec<U>) -> QueryResult<T>,
    ) -> BoxFuture<'c, T>
    where
        U: 'c,
        Q: 'c,
    {
        C::run(async move {
            let rows = query.find_rows::<C, Async<D, By>, DB, U, K, T>(caller, finish, self);
            rows.await
        })
    }
}
