//! Writes to many rows on async connections: the twin of what `write` does on blocking ones. The future
//! is `Send`, so the statement must be `Send` too.

use std::sync::Arc;

use diesel::query_builder::QueryFragment;

use super::Async;
use crate::connection::Driver;
use crate::database::Dialect;
use crate::model::Model;
use crate::write::{UpdateReturning, UpdatesReturning, WriteAll, Writes, WritesAll};

#[diagnostic::do_not_recommend]
impl<M, S, D, By, C> WritesAll<M, S, Async<D, By>> for C
where
    M: Model,
    D: Dialect,
    C: Writes<M, Async<D, By>>,
    S: QueryFragment<<C as Driver<Async<D, By>>>::Backend> + Send,
{
    fn write_all<'c>(&'c mut self, write: WriteAll<M, S>) -> Self::Output<'c, usize>
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
    ) -> Self::Output<'c, Vec<Arc<M>>>
    where
        C: 'c,
        W: 'c,
    {
        Conn::run(async move { update.send(self).await })
    }
}
