//! An `&AsyncPgConnection`, which several futures share, as the engine uses it.
//!
//! It is `diesel-async`'s way to have several statements under way at once. It gives no access to the
//! instrumentation, and has no transactions; see `connection/slot/turn.rs` for how its slot is found.

use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::pin;

use diesel::QueryResult;
use diesel::connection::TransactionManagerStatus;
use diesel::expression::QueryMetadata;
use diesel::pg::Pg;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel_async::{AsyncConnectionCore, AsyncPgConnection, SimpleAsyncConnection};

use super::call::{self, Writing};
use super::driver::{BoxFuture, visit};
use super::{Async, Shared};
use crate::connection::{Driver, Handle, Slot, Touched, Visitor, lock, turn};
use crate::error::IdentityMapError;
use crate::query::{Dialect, Speaks};
use crate::scope::{Clock, Scope};

/// The slot of the connection. Nothing is sent: the future that would is dropped at once.
fn handle(mut conn: &AsyncPgConnection) -> QueryResult<Handle> {
    let handle = turn::ask(|| drop(AsyncConnectionCore::load(&mut conn, diesel::sql_query(""))));
    handle.ok_or_else(|| IdentityMapError::NotEnabled.into())
}

#[diagnostic::do_not_recommend]
impl<D> Driver<Async<D, Shared>> for &AsyncPgConnection
where
    D: Dialect,
    Pg: Speaks<D>,
{
    type Backend = Pg;
    type Output<'c, T: Send + 'c> = BoxFuture<'c, T>;

    fn run<'c, T, F>(work: F) -> BoxFuture<'c, T>
    where
        T: Send + 'c,
        F: Future<Output = QueryResult<T>> + Send + 'c,
    {
        Box::pin(call::run(work))
    }

    async fn settle(&mut self) -> QueryResult<()> {
        // Whoever needs a map says so.
        let _ = Driver::<Async<D, Shared>>::slot(self, Slot::goes_on);
        Ok(())
    }

    fn sends_elsewhere() -> bool {
        false
    }

    fn slot<T>(&mut self, ask: impl FnOnce(&mut Slot) -> T) -> QueryResult<T> {
        let handle = handle(self)?;
        let mut slot = lock(&handle);
        Ok(ask(&mut slot))
    }

    /// Nobody but [`sends`](Driver::sends) can say that on a connection that others use meanwhile.
    fn announces(&mut self) {}

    fn announces_question(&mut self) {}

    fn called_from(&mut self, location: &'static Location<'static>) {
        call::set_from(location);
    }

    fn writes(&mut self, touched: Touched) {
        let slot = handle(self).ok();
        call::writes(slot.map(|slot| {
            let begun = lock(&slot).begins_write(touched.clone());
            Writing {
                slot,
                touched,
                begun: Some(begun),
            }
        }));
    }

    fn has_written(&mut self) {
        call::has_written();
    }

    fn wrote_alone(&mut self) -> bool {
        call::wrote_alone()
    }

    fn sends<'c, F: Future + Send + 'c>(
        &'c mut self,
        send: impl FnOnce(&'c mut Self) -> F,
    ) -> impl Future<Output = F::Output> + Send + 'c {
        sent(turn::sends(call::from(), || send(self)))
    }

    fn each_row<'c, S, V>(
        &'c mut self,
        statement: S,
        visitor: V,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        S: Query + QueryFragment<Pg> + QueryId + 'c,
        Pg: QueryMetadata<S::SqlType>,
        V: Visitor<Pg> + 'c,
    {
        let load = |conn: &'c mut Self| AsyncConnectionCore::load(conn, statement);
        visit(Driver::<Async<D, Shared>>::sends(self, load), visitor)
    }

    fn execute<'c, S>(
        &'c mut self,
        statement: S,
    ) -> impl Future<Output = QueryResult<usize>> + Send + 'c
    where
        S: QueryFragment<Pg> + QueryId + 'c,
    {
        Driver::<Async<D, Shared>>::sends(self, |conn| conn.execute_returning_count(statement))
    }

    fn batch(&mut self, sql: &str) -> impl Future<Output = QueryResult<()>> + Send {
        sent(self.batch_execute(sql))
    }

    fn transaction(&mut self) -> QueryResult<&mut TransactionManagerStatus> {
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

/// What this library has sent: what the connection tells while it is polled is about that.
async fn sent<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let clock = Clock::start(Scope::current());
    let answer = poll_fn(|context| turn::sends(call::from(), || future.as_mut().poll(context)));
    let answer = answer.await;
    if let Some(clock) = clock {
        clock.stop();
    }
    answer
}
