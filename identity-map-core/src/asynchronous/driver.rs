//! A `diesel-async` connection as the engine uses it.

use std::any::{TypeId, type_name};
use std::future::Future;

use diesel::QueryResult;
use diesel::connection::TransactionManagerStatus;
use diesel::expression::QueryMetadata;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel_async::{AsyncConnection, AsyncConnectionCore, TransactionManager};

use super::call::{self, UnansweredWrite};
use super::kind::{Async, BoxFuture};
use super::visit::{BoxedStatement, visit};
use crate::connection::{
    Driver, SelectedColumns, Slot, SlotInstrumentation, Visitor, ask_questions, with_slot,
};
use crate::database::{Dialect, Speaks};
use crate::lock::lock;
use crate::map::Invalidation;

impl<C, D> Driver<Async<D>> for C
where
    D: Dialect,
    C: AsyncConnection<Backend: Speaks<D>>,
{
    type Backend = <C as AsyncConnectionCore>::Backend;
    type AnsweredRow<'conn, 'query>
        = <C as AsyncConnectionCore>::Row<'conn, 'query>
    where
        C: 'conn;

    fn run<'c, T, F>(work: F) -> BoxFuture<'c, T>
    where
        T: Send + 'c,
        F: Future<Output = QueryResult<T>> + Send + 'c,
    {
        Box::pin(call::run(work))
    }

    /// A future of a `SyncConnectionWrapper` that was dropped half-way still runs on its blocking
    /// thread, and `instrumentation()` would panic while it does. An empty text waits behind it.
    async fn begin_call(&mut self) -> QueryResult<()> {
        let can_drain = Self::sends_on_other_thread();
        if can_drain {
            // What it answers does not matter: some databases call it an error.
            let _ = self.batch_execute("").await;
        }
        // Whoever needs a map says that there is none.
        Driver::<Async<D>>::with_slot(self, |slot| slot.account_for_dropped_futures(can_drain))
            .unwrap_or(Ok(()))?;
        if Driver::<Async<D>>::with_slot(self, |slot| slot.has_questions()) == Ok(true) {
            ask_questions::<Async<D>, C>(self).await;
        }
        Ok(())
    }

    fn sends_on_other_thread() -> bool {
        type_name::<C::TransactionManager>().contains("SyncTransactionManagerWrapper")
    }

    fn with_slot<T>(&mut self, ask: impl FnOnce(&mut Slot) -> T) -> QueryResult<T> {
        with_slot(self.instrumentation(), ask)
    }

    fn begin_write(&mut self, invalidation: Invalidation) {
        let slot = SlotInstrumentation::shared_slot_of(self.instrumentation());
        call::begin_write(slot.map(|slot| UnansweredWrite {
            slot,
            invalidation,
            #[cfg(feature = "postgres")]
            pending: None,
        }));
    }

    fn end_write(&mut self) {
        call::end_write();
    }

    fn visit_rows<'c, S, V>(
        &'c mut self,
        statement: S,
        visitor: V,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        S: Query + QueryFragment<Self::Backend> + QueryId + 'c,
        Self::Backend: QueryMetadata<S::SqlType>,
        V: Visitor<Self, Async<D>> + 'c,
    {
        visit_boxed(self, BoxedStatement::new(statement), Box::new(visitor))
    }

    fn visit_columns<'c, K, M, S, V>(
        &'c mut self,
        statement: S,
        (_, id): (SelectedColumns, Option<TypeId>),
        visitor: V,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        S: QueryFragment<Self::Backend> + 'c,
        Self::Backend: QueryMetadata<K> + QueryMetadata<M>,
        V: Visitor<Self, Async<D>> + 'c,
    {
        visit_boxed(
            self,
            BoxedStatement::with_id(statement, id),
            Box::new(visitor),
        )
    }

    fn execute<'c, S>(
        &'c mut self,
        statement: S,
    ) -> impl Future<Output = QueryResult<usize>> + Send + 'c
    where
        S: QueryFragment<Self::Backend> + QueryId + 'c,
    {
        execute_boxed::<C, D>(self, BoxedStatement::new(statement))
    }

    fn send_text(&mut self, sql: &str) -> impl Future<Output = QueryResult<()>> + Send {
        self.batch_execute(sql)
    }

    fn transaction_status(&mut self) -> QueryResult<&mut TransactionManagerStatus> {
        Ok(C::TransactionManager::transaction_manager_status_mut(self))
    }

    fn begin(&mut self) -> impl Future<Output = QueryResult<()>> + Send {
        C::TransactionManager::begin_transaction(self)
    }

    fn commit(&mut self) -> impl Future<Output = QueryResult<()>> + Send {
        C::TransactionManager::commit_transaction(self)
    }

    fn roll_back(&mut self) -> impl Future<Output = QueryResult<()>> + Send {
        C::TransactionManager::rollback_transaction(self)
    }
}

fn visit_boxed<'c, C, D>(
    conn: &'c mut C,
    statement: BoxedStatement<'c, C::Backend>,
    mut visitor: Box<dyn Visitor<C, Async<D>> + 'c>,
) -> impl Future<Output = QueryResult<()>> + Send + 'c
where
    D: Dialect,
    C: AsyncConnection<Backend: Speaks<D>>,
{
    // `diesel-async` reports a statement as answered before its rows arrive, and with the first of them
    // PostgreSQL's error.
    let slot = SlotInstrumentation::known_shared_slot_of(conn.instrumentation());
    let rows = Driver::<Async<D>>::send_as_library(conn, |conn| statement.load(conn));
    async move {
        let answer = visit(rows, |row| visitor.visit_row(row)).await;
        if let (Err(error), Some(slot)) = (&answer, slot) {
            lock(&slot).note_failure(error);
        }
        answer
    }
}

fn execute_boxed<'c, C, D>(
    conn: &'c mut C,
    statement: BoxedStatement<'c, C::Backend>,
) -> impl Future<Output = QueryResult<usize>> + Send + 'c
where
    D: Dialect,
    C: AsyncConnection<Backend: Speaks<D>>,
{
    Driver::<Async<D>>::send_as_library(conn, |conn| statement.execute(conn))
}
