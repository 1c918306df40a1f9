//! Sending a statement without its type, and going through its rows as they arrive.
//!
//! `diesel-async` asks a statement for its text and its values before it returns the future of the answer. So
//! the statement is boxed for that long, and nothing that follows is compiled for each type of statement.

use std::any::TypeId;
use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::pin::pin;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel::sql_types::Untyped;
use diesel_async::AsyncConnectionCore;
use futures_core::Stream;

use crate::connection::{ErasedStatement, SentId, WalkAst};

/// A statement whose type is forgotten.
pub(super) struct BoxedStatement<'query, DB: Backend> {
    statement: Box<dyn WalkAst<DB> + 'query>,
    id: Option<TypeId>,
}

impl<'query, DB: Backend + 'query> BoxedStatement<'query, DB> {
    pub(super) fn new<S: QueryFragment<DB> + QueryId + 'query>(statement: S) -> Self {
        Self::with_id(statement, S::query_id())
    }

    /// A statement that has this id in Diesel's cache of prepared statements.
    pub(super) fn with_id<S: QueryFragment<DB> + 'query>(statement: S, id: Option<TypeId>) -> Self {
        Self {
            statement: Box::new(statement),
            id,
        }
    }

    pub(super) fn load<'conn, C>(self, conn: &'conn mut C) -> C::LoadFuture<'conn, 'query>
    where
        C: AsyncConnectionCore<Backend = DB>,
    {
        let _sent = SentId::set(self.id);
        conn.load(ErasedStatement::<_, Untyped>::new(self.statement))
    }

    pub(super) fn execute<'conn, C>(self, conn: &'conn mut C) -> C::ExecuteFuture<'conn, 'query>
    where
        C: AsyncConnectionCore<Backend = DB>,
    {
        let _sent = SentId::set(self.id);
        conn.execute_returning_count(ErasedStatement::<_, Untyped>::new(self.statement))
    }
}

/// Shows the rows of a statement to `visitor` as they arrive, until the visitor breaks off.
pub(super) async fn visit<S, R>(
    rows: impl Future<Output = QueryResult<S>>,
    mut visitor: impl FnMut(&R) -> QueryResult<ControlFlow<()>>,
) -> QueryResult<()>
where
    S: Stream<Item = QueryResult<R>>,
{
    let mut rows = pin!(rows.await?);
    while let Some(row) = poll_fn(|context| rows.as_mut().poll_next(context)).await {
        if visitor(&row?)?.is_break() {
            break;
        }
    }
    Ok(())
}
