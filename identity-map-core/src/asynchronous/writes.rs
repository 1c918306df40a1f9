//! Writes to many rows on async connections: the twin of what `write` does on blocking ones. The future
//! is `Send`, so the statement must be `Send` too.

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
