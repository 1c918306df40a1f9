//! A plain Diesel connection as the engine uses it: one that [`Blocks`].
//!
//! This file uses two items that Diesel hides from its documentation: `LoadConnection::load` and
//! `Connection::execute_returning_count`.

use std::any::TypeId;
use std::future::{Future, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use diesel::QueryResult;
use diesel::connection::{LoadConnection, TransactionManager, TransactionManagerStatus};
use diesel::expression::QueryMetadata;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::sql_types::Untyped;

use super::driver::{Driver, Visitor};
use super::erased_statement::{ErasedStatement, SentId, WalkAst};
use super::not_enabled::with_slot;
use super::read_catalogue::ask_questions;
use super::selected_columns::SelectedColumns;
use super::slot::Slot;
use crate::database::{Dialect, Speaks};

/// A connection that blocks, on which every future of the engine is ready at its first poll.
#[doc(hidden)]
pub trait Blocks<D: Dialect>: Driver<D> {
    fn poll_once<'c, T: Send + 'c>(work: impl Future<Output = QueryResult<T>>) -> QueryResult<T>;
}

impl<C, D> Blocks<D> for C
where
    D: Dialect,
    C: LoadConnection<Backend: Speaks<D>>,
{
    fn poll_once<'c, T: Send + 'c>(work: impl Future<Output = QueryResult<T>>) -> QueryResult<T> {
        match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => done,
            Poll::Pending => unreachable!("a connection that blocks is never waited for"),
        }
    }
}

impl<C, D> Driver<D> for C
where
    D: Dialect,
    C: LoadConnection<Backend: Speaks<D>>,
{
    type Backend = C::Backend;
    type AnsweredRow<'conn, 'query>
        = C::Row<'conn, 'query>
    where
        C: 'conn;

    fn run<'c, T, F>(work: F) -> QueryResult<T>
    where
        T: Send + 'c,
        F: Future<Output = QueryResult<T>> + Send + 'c,
    {
        C::poll_once(work)
    }

    fn answer_at_once<'c, T: Send + 'c>(
        &mut self,
        look: impl FnOnce(&mut Self) -> QueryResult<Option<T>>,
    ) -> Option<QueryResult<T>> {
        look(self).transpose()
    }

    fn begin_call(&mut self) -> impl Future<Output = QueryResult<()>> + Send {
        // Diesel does not report the end of a statement that could not be sent.
        let has_questions = Driver::<D>::with_slot(self, |slot| {
            slot.give_up_unanswered();
            slot.has_questions()
        });
        if has_questions == Ok(true) {
            ask_at_once::<C, D>(self);
        }
        ready(Ok(()))
    }

    fn sends_on_other_thread() -> bool {
        false
    }

    fn with_slot<T>(&mut self, ask: impl FnOnce(&mut Slot) -> T) -> QueryResult<T> {
        with_slot(self.instrumentation(), ask)
    }

    fn visit_rows<'c, S, V>(
        &'c mut self,
        statement: S,
        mut visitor: V,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        S: Query + QueryFragment<C::Backend> + QueryId + 'c,
        C::Backend: QueryMetadata<S::SqlType>,
        V: Visitor<C, D> + 'c,
    {
        let visitor = &mut visitor;
        // Diesel boxes each statement. The box of one without values takes no allocation as long as the
        // statement has its type.
        ready(
            if const { D::KEEPS_STATEMENT_TYPE || size_of::<S>() == 0 } {
                visit_typed::<C, D, S>(self, statement, visitor)
            } else if D::KEEPS_ROW_TYPE {
                visit_erased::<C, D, S::SqlType>(self, &statement, S::query_id(), visitor)
            } else {
                visit_erased::<C, D, Untyped>(self, &statement, S::query_id(), visitor)
            },
        )
    }

    fn visit_columns<'c, K, M, S, V>(
        &'c mut self,
        statement: S,
        (columns, id): (SelectedColumns, Option<TypeId>),
        mut visitor: V,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        S: QueryFragment<C::Backend> + 'c,
        C::Backend: QueryMetadata<K> + QueryMetadata<M>,
        V: Visitor<C, D> + 'c,
    {
        let visitor = &mut visitor;
        ready(if D::KEEPS_ROW_TYPE {
            match columns {
                SelectedColumns::Key => visit_erased::<C, D, K>(self, &statement, id, visitor),
                SelectedColumns::Model => visit_erased::<C, D, M>(self, &statement, id, visitor),
                SelectedColumns::KeyAndModel => {
                    visit_erased::<C, D, (K, M)>(self, &statement, id, visitor)
                }
            }
        } else {
            visit_erased::<C, D, Untyped>(self, &statement, id, visitor)
        })
    }

    fn execute<'c, S>(
        &'c mut self,
        statement: S,
    ) -> impl Future<Output = QueryResult<usize>> + Send + 'c
    where
        S: QueryFragment<C::Backend> + QueryId + 'c,
    {
        ready(if D::KEEPS_STATEMENT_TYPE {
            Driver::<D>::announce_statement(self);
            self.execute_returning_count(&statement)
        } else {
            execute_erased::<C, D>(self, &statement)
        })
    }

    fn send_text(&mut self, sql: &str) -> impl Future<Output = QueryResult<()>> + Send {
        ready(self.batch_execute(sql))
    }

    fn transaction_status(&mut self) -> QueryResult<&mut TransactionManagerStatus> {
        Ok(C::TransactionManager::transaction_manager_status_mut(self))
    }

    fn begin(&mut self) -> impl Future<Output = QueryResult<()>> + Send {
        ready(C::TransactionManager::begin_transaction(self))
    }

    fn commit(&mut self) -> impl Future<Output = QueryResult<()>> + Send {
        ready(C::TransactionManager::commit_transaction(self))
    }

    fn roll_back(&mut self) -> impl Future<Output = QueryResult<()>> + Send {
        ready(C::TransactionManager::rollback_transaction(self))
    }
}

/// It happens once, so it is no part of the future of each call.
#[inline(never)]
fn ask_at_once<C, D>(conn: &mut C)
where
    D: Dialect,
    C: LoadConnection<Backend: Speaks<D>>,
{
    let _ = C::poll_once(async {
        ask_questions::<D, C>(conn).await;
        Ok(())
    });
}

/// Sends a statement, and shows its rows to `visitor` until that breaks off.
fn visit_typed<C, D, S>(
    conn: &mut C,
    statement: S,
    visitor: &mut dyn Visitor<C, D>,
) -> QueryResult<()>
where
    D: Dialect,
    C: LoadConnection<Backend: Speaks<D> + QueryMetadata<S::SqlType>>,
    S: Query + QueryFragment<C::Backend> + QueryId,
{
    Driver::<D>::announce_statement(conn);
    visit_each(conn.load(statement)?, visitor)
}

/// Sends a statement without its type, and shows its rows to `visitor`.
#[inline(never)]
fn visit_erased<C, D, ST>(
    conn: &mut C,
    statement: &dyn WalkAst<C::Backend>,
    id: Option<TypeId>,
    visitor: &mut dyn Visitor<C, D>,
) -> QueryResult<()>
where
    D: Dialect,
    C: LoadConnection<Backend: Speaks<D> + QueryMetadata<ST>>,
{
    Driver::<D>::announce_statement(conn);
    let rows = {
        let _sent = SentId::set(id);
        conn.load(ErasedStatement::<_, ST>::new(statement))?
    };
    visit_each(rows, visitor)
}

/// Sends a statement without its type, and says how many rows it has written. Statements of which nothing
/// else is asked have values of the program's, so they are cached by their text.
#[inline(never)]
fn execute_erased<C, D>(conn: &mut C, statement: &dyn WalkAst<C::Backend>) -> QueryResult<usize>
where
    D: Dialect,
    C: LoadConnection<Backend: Speaks<D>>,
{
    Driver::<D>::announce_statement(conn);
    let _sent = SentId::set(None);
    conn.execute_returning_count(&ErasedStatement::<_, ()>::new(statement))
}

fn visit_each<'conn, 'query, C, D>(
    rows: C::Cursor<'conn, 'query>,
    visitor: &mut dyn Visitor<C, D>,
) -> QueryResult<()>
where
    D: Dialect,
    C: LoadConnection<Backend: Speaks<D>> + 'conn,
{
    for row in rows {
        if visitor.visit_row(&row?)?.is_break() {
            break;
        }
    }
    Ok(())
}
