//! An `&AsyncPgConnection`, which several futures share, as the engine uses it.
//!
//! `diesel-async` has several statements in flight at once by such a reference. It gives no access to
//! the instrumentation and has no transactions; `connection/event_origin.rs` says how its slot is
//! found.

use std::any::TypeId;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::pin;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::connection::TransactionManagerStatus;
use diesel::expression::QueryMetadata;
use diesel::pg::Pg;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel_async::{AsyncConnectionCore, AsyncPgConnection, SimpleAsyncConnection};

use super::call::{self, UnansweredWrite};
use super::kind::{Async, BoxFuture, Shared};
use super::visit::{BoxedStatement, visit};
use crate::connection::{
    Driver, Reading, SelectedColumns, SharedSlot, Slot, Visitor, event_origin,
};
use crate::database::{Dialect, KnownCatalogue, Product, Speaks};
use crate::error::IdentityMapError;
use crate::lock::lock;
use crate::map::Invalidation;
use crate::scope::{Scope, WaitTimer};

/// The slot of the connection. No statement is sent for it: the future that would send one is dropped
/// before it is polled.
pub(super) fn slot_of(mut conn: &AsyncPgConnection) -> QueryResult<SharedSlot> {
    let slot = event_origin::request_slot(|| {
        drop(AsyncConnectionCore::load(&mut conn, diesel::sql_query("")));
    });
    slot.ok_or_else(|| IdentityMapError::NotEnabled.into())
}

#[diagnostic::do_not_recommend]
impl<D> Driver<Async<D, Shared>> for &AsyncPgConnection
where
    D: Dialect,
    Pg: Speaks<D>,
{
    type Backend = Pg;
    type AnsweredRow<'conn, 'query>
        = <Self as AsyncConnectionCore>::Row<'conn, 'query>
    where
        Self: 'conn;

    fn run<'c, T, F>(work: F) -> BoxFuture<'c, T>
    where
        T: Send + 'c,
        F: Future<Output = QueryResult<T>> + Send + 'c,
    {
        Box::pin(call::run(work))
    }

    async fn begin_call(&mut self) -> QueryResult<()> {
        // Whoever needs a map says so.
        let due = Driver::<Async<D, Shared>>::with_slot(self, |slot| {
            slot.account_for_dropped_futures_shared();
            slot.due_catalogue_of_shared()
        });
        if let Ok(Some(known)) = due {
            read_catalogue::<D>(known, self).await;
        }
        Ok(())
    }

    fn sends_on_other_thread() -> bool {
        false
    }

    fn with_slot<T>(&mut self, ask: impl FnOnce(&mut Slot) -> T) -> QueryResult<T> {
        let slot = slot_of(self)?;
        let mut slot = lock(&slot);
        Ok(ask(&mut slot))
    }

    /// Nobody but [`send_as_library`](Driver::send_as_library) can say that on a connection that others
    /// use meanwhile.
    fn announce_statement(&mut self) {}

    fn announce_question(&mut self) {}

    fn set_call_site(&mut self, location: &'static Location<'static>) {
        call::set_caller(location);
    }

    fn begin_write(&mut self, invalidation: Invalidation) {
        let slot = slot_of(self).ok();
        call::begin_write(slot.map(|slot| {
            let pending = lock(&slot).begin_write(invalidation.clone());
            UnansweredWrite {
                slot,
                invalidation,
                pending: Some(pending),
            }
        }));
    }

    fn end_write(&mut self) {
        call::end_write();
    }

    fn wrote_alone(&mut self) -> bool {
        call::wrote_alone()
    }

    fn send_as_library<'c, F: Future + Send + 'c>(
        &'c mut self,
        send: impl FnOnce(&'c mut Self) -> F,
    ) -> impl Future<Output = F::Output> + Send + 'c {
        run_as_library(event_origin::as_library(call::caller(), || send(self)))
    }

    fn visit_rows<'c, S, V>(
        &'c mut self,
        statement: S,
        visitor: V,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        S: Query + QueryFragment<Pg> + QueryId + 'c,
        Pg: QueryMetadata<S::SqlType>,
        V: Visitor<Self, Async<D, Shared>> + 'c,
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
        S: QueryFragment<Pg> + 'c,
        Pg: QueryMetadata<K> + QueryMetadata<M>,
        V: Visitor<Self, Async<D, Shared>> + 'c,
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
        S: QueryFragment<Pg> + QueryId + 'c,
    {
        execute_boxed::<D>(self, BoxedStatement::new(statement))
    }

    fn send_text(&mut self, sql: &str) -> impl Future<Output = QueryResult<()>> + Send {
        run_as_library(self.batch_execute(sql))
    }

    fn transaction_status(&mut self) -> QueryResult<&mut TransactionManagerStatus> {
        Err(IdentityMapError::SharedConnection.into())
    }

    async fn begin(&mut self) -> QueryResult<()> {
        Err(IdentityMapError::SharedConnection.into())
    }

    async fn commit(&mut self) -> QueryResult<()> {
        Err(IdentityMapError::SharedConnection.into())
    }

    async fn roll_back(&mut self) -> QueryResult<()> {
        Err(IdentityMapError::SharedConnection.into())
    }
}

fn visit_boxed<'c, 'a, D>(
    conn: &'c mut &'a AsyncPgConnection,
    statement: BoxedStatement<'c, Pg>,
    mut visitor: Box<dyn Visitor<&'a AsyncPgConnection, Async<D, Shared>> + 'c>,
) -> impl Future<Output = QueryResult<()>> + Send + 'c
where
    D: Dialect,
    Pg: Speaks<D>,
{
    let rows = Driver::<Async<D, Shared>>::send_as_library(conn, |conn| statement.load(conn));
    visit(rows, move |row| visitor.visit_row(row))
}

fn execute_boxed<'c, D>(
    conn: &'c mut &AsyncPgConnection,
    statement: BoxedStatement<'c, Pg>,
) -> impl Future<Output = QueryResult<usize>> + Send + 'c
where
    D: Dialect,
    Pg: Speaks<D>,
{
    Driver::<Async<D, Shared>>::send_as_library(conn, |conn| statement.execute(conn))
}

/// Reads the catalogue. Several futures may do that at once.
async fn read_catalogue<D: Dialect>(known: Arc<KnownCatalogue>, conn: &mut &AsyncPgConnection)
where
    Pg: Speaks<D>,
{
    let Some((mut reading, query)) = Reading::begin(known, Product::Postgres) else {
        return;
    };
    let answer = {
        let reader = &mut reading.reader;
        let rows = event_origin::as_catalogue(|| AsyncConnectionCore::load(conn, query));
        let visited = visit(rows, |row| {
            Visitor::<&AsyncPgConnection, Async<D, Shared>>::visit_row(reader, row)
        });
        let mut visited = pin!(visited);
        poll_fn(|context| event_origin::as_catalogue(|| visited.as_mut().poll(context))).await
    };
    reading.end(answer);
}

/// Runs a future that sends a statement of this library's. Whatever the connection reports while the
/// future is polled is about that statement, and the wait for the answer is timed.
async fn run_as_library<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let timer = WaitTimer::start(Scope::current());
    let answer = poll_fn(|context| {
        event_origin::as_library(call::caller(), || future.as_mut().poll(context))
    });
    let answer = answer.await;
    if let Some(timer) = timer {
        timer.stop();
    }
    answer
}
