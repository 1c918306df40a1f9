//! Hooks on async connections.

use std::convert::identity;
use std::future::Future;
use std::sync::Arc;

use diesel::QueryResult;

use super::kind::Async;
use crate::database::Dialect;
use crate::hooks::{AsyncHooks, Change, RunsHooks, Saving, run_hooks_of};

#[diagnostic::do_not_recommend]
impl<M, Conn, D, By> RunsHooks<Conn, Async<D, By>> for M
where
    D: Dialect,
    Conn: diesel_async::AsyncConnectionCore,
    M: AsyncHooks<Conn>,
{
    run_hooks_of!(AsyncHooks, identity);
}
