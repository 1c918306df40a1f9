//! Loading on async connections: the twins of what `query` and `relation` do on blocking ones. The
//! futures are `Send`, so the queries must be `Send` too.

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::deserialize::FromSqlRow;
use diesel::expression::QueryMetadata;
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};

use super::Async;
use crate::connection::Driver;
use crate::database::Dialect;
use crate::hooks::RunsHooks;
use crate::model::Model;
use crate::query::{
    Cached, CachedQuery, LoadByKeys, Loads, LoadsMapped, MappedQuery, SelectsModels, ShareOn, Take,
};
use crate::relation::{LoadsAlong, LoadsWith, With};

#[diagnostic::do_not_recommend]
impl<M, Q, D, By, C> Loads<M, Q, Async<D, By>> for C
where
    D: Dialect,
    C: Driver<Async<D, By>>,
    M: LoadByKeys<C, Async<D, By>> + RunsHooks<C, Async<D, By>>,
    Q: CachedQuery<M, C, Async<D, By>, SelectKeys: Send> + Send,
{
    fn load_objects<'c, T: Send + 'c>(
        &'c mut self,
        query: Cached<M, Q>,
        take: Take,
        caller: &'static Location<'static>,
        finish: fn(Vec<Arc<M>>) -> QueryResult<T>,
    ) -> Self::Output<'c, T>
    where
        Q: 'c,
    {
        C::run(async move { query.find_objects(take, Some(caller), finish, self).await })
    }
}

#[diagnostic::do_not_recommend]
impl<M, Q, S, D, By, C> LoadsWith<M, Q, S, Async<D, By>> for C
where
    M: Model,
    D: Dialect,
    C: Loads<M, Q, Async<D, By>> + LoadsAlong<M, S, Async<D, By>>,
    Q: CachedQuery<M, C, Async<D, By>, SelectKeys: Send> + Send,
    S: Send,
{
    fn load_with<'c, T: Send + 'c>(
        &'c mut self,
        with: With<M, Q, S>,
        take: Take,
        caller: &'static Location<'static>,
        finish: fn(Vec<Self::Along>) -> QueryResult<T>,
    ) -> Self::Output<'c, T>
    where
        Self::Along: 'c,
        With<M, Q, S>: 'c,
    {
        C::run(async move { with.find_with(take, caller, finish, self).await })
    }
}

#[diagnostic::do_not_recommend]
impl<Q, D, By, C, DB, Row, ST> LoadsMapped<Q, Async<D, By>> for C
where
    D: Dialect,
    DB: Backend,
    C: Driver<Async<D, By>, Backend = DB>,
    Q: AsQuery<SqlType: SelectsModels<DB, Row = Row, SqlType = ST>> + Send,
    Q::Query: QueryFragment<DB> + QueryId,
    DB: QueryMetadata<Q::SqlType>,
    Row: ShareOn<C, Async<D, By>> + FromSqlRow<ST, DB>,
{
    type Shared = Row::Shared;

    fn load_mapped<'c, T: Send + 'c>(
        &'c mut self,
        query: MappedQuery<Q>,
        caller: &'static Location<'static>,
        finish: fn(Vec<Row::Shared>) -> QueryResult<T>,
    ) -> Self::Output<'c, T>
    where
        Self::Shared: 'c,
        Q: 'c,
    {
        C::run(async move {
            let rows = query.find_rows::<C, Async<D, By>, DB, Row, ST, T>(caller, finish, self);
            rows.await
        })
    }
}
