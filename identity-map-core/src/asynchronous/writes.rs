//! Writes to many rows on async connections: the twin of what `write` does on blocking ones. The future
//! is `Send`, so the statement must be `Send` too.

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::expression::QueryMetadata;
use diesel::query_builder::{Query, QueryFragment, QueryId};

use super::kind::{Async, BoxFuture};
use crate::connection::Driver;
use crate::database::{Dialect, Speaks};
use crate::model::{DecodableModel, Model};
use crate::query::SelectsModel;
use crate::write::{
    MappedWrite, ReturningStatement, UpdateReturning, UpdatesReturning, WriteAll, Writes,
    WritesAll, WritesMapped,
};

#[diagnostic::do_not_recommend]
impl<M, S, D, By, C> WritesAll<M, S, Async<D, By>> for C
where
    M: Model,
    D: Dialect,
    C: Writes<M, Async<D, By>>,
    S: QueryFragment<<C as Driver<Async<D, By>>>::Backend> + Send,
{
    fn write_all<'c>(&'c mut self, write: WriteAll<M, S>) -> BoxFuture<'c, usize>
    where
        S: 'c,
    {
        C::run(async move { write.send(self).await })
    }
}

#[diagnostic::do_not_recommend]
impl<M, C, W, D, By, Conn> UpdatesReturning<M, C, W, Async<D, By>> for Conn
where
    M: Model,
    D: Dialect,
    Conn: Writes<M, Async<D, By>>,
    C: QueryFragment<<Conn as Driver<Async<D, By>>>::Backend> + Send + Sync,
    W: QueryFragment<<Conn as Driver<Async<D, By>>>::Backend> + Send + Sync,
{
    fn update_returning<'c>(
        &'c mut self,
        update: UpdateReturning<M, C, W>,
    ) -> BoxFuture<'c, Vec<Arc<M>>>
    where
        C: 'c,
        W: 'c,
    {
        Conn::run(async move { update.send(self).await })
    }
}

#[diagnostic::do_not_recommend]
impl<S, D, By, C, DB, M> WritesMapped<S, Async<D, By>> for C
where
    D: Dialect,
    DB: Speaks<D> + QueryMetadata<S::SqlType>,
    C: Driver<Async<D, By>, Backend = DB>,
    S: ReturningStatement<Table = M::Table> + Query<SqlType: SelectsModel<DB, Model = M>> + Send,
    S: QueryFragment<DB> + QueryId,
    M: DecodableModel<DB, KeyColumns: QueryFragment<DB>>,
{
    type Model = M;

    fn write_mapped<'c, T: Send + 'c>(
        &'c mut self,
        write: MappedWrite<S>,
        caller: &'static Location<'static>,
        finish: fn(Vec<Arc<M>>) -> QueryResult<T>,
    ) -> BoxFuture<'c, T>
    where
        S: 'c,
    {
        C::run(async move {
            let written = write.send::<M, C, Async<D, By>, DB, T>(caller, finish, self);
            written.await
        })
    }
}
