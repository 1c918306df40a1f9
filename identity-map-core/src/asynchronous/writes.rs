//! Writes to many rows on connections that are awaited: the twin of what `write` does on those that
//! block. The future is `Send`, and so must the statement be.

use diesel::query_builder::QueryFragment;

use super::Async;
use crate::connection::Driver;
use crate::database::Dialect;
use crate::model::Model;
use crate::write::{WriteAll, Writes, WritesAll};

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
