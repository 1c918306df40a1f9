//! How the engine uses a connection, whether it blocks or is awaited: [`Driver`].
//!
//! The engine is written once, as futures. On a plain Diesel connection each of them is ready when
//! it is polled first, so there a method polls once and returns; on a `diesel-async` connection it
//! returns the future. Nothing else differs.
//!
//! One of the places that lean on items that Diesel hides from its documentation:
//! `LoadConnection::load` and `Connection::execute_returning_count`.

use std::future::{Future, ready};
use std::ops::ControlFlow;
use std::panic::Location;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::connection::{LoadConnection, TransactionManager, TransactionManagerStatus};
use diesel::expression::QueryMetadata;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::row::Row;

use super::not_enabled::with_slot;
use super::slot::Slot;
use crate::database::{Dialect, Speaks};
use crate::map::{IdentityMap, Invalidation};
use crate::scope::is_in_scope;

/// A connection as the engine uses it. `D` is how: a [`Dialect`] on connections that block,
/// [`Async`](crate::asynchronous::Async) of one on those that are awaited.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no connection that the identity map knows",
    note = "it must be a Diesel connection to SQLite, PostgreSQL or MySQL (plain, pooled, or a \
            `MultiConnection`), or with the feature `async` one of `diesel-async`",
    note = "the connection's feature (`sqlite`, `postgres`, `mysql`) must be enabled in \
            `diesel-identity-map`"
)]
pub trait Driver<D: ConnectionKind>: Send + Sized {
    /// The database's backend.
    type Backend: Speaks<D::Dialect>;
    /// What a method returns that sends statements: a result, or a future of one.
    type Output<'c, T: Send + 'c>;

    /// Runs what a method does.
    #[doc(hidden)]
    fn run<'c, T, F>(work: F) -> Self::Output<'c, T>
    where
        T: Send + 'c,
        F: Future<Output = QueryResult<T>> + Send + 'c;

    /// An answer that is there without a statement, if it may be given before the result is
    /// awaited. It may not where the scope is the one in which the future is polled.
    #[doc(hidden)]
    fn at_once<'c, T: Send + 'c>(
        &mut self,
        _: impl FnOnce(&mut Self) -> QueryResult<Option<T>>,
    ) -> Option<Self::Output<'c, T>> {
        None
    }

    /// Waits until nothing that was sent before is under way.
    ///
    /// # Errors
    /// [`Interrupted`](crate::IdentityMapError::Interrupted).
    #[doc(hidden)]
    fn settle(&mut self) -> impl Future<Output = QueryResult<()>> + Send;

    /// Whether statements are sent on another thread than the one that awaits them.
    #[doc(hidden)]
    #[must_use]
    fn sends_elsewhere() -> bool;

    /// Does something with the connection's slot.
    ///
    /// # Errors
    /// [`NotEnabled`](crate::IdentityMapError::NotEnabled).
    #[doc(hidden)]
    fn slot<T>(&mut self, ask: impl FnOnce(&mut Slot) -> T) -> QueryResult<T>;

    /// Looks in the connection's own map, if nothing stands before it: neither a scope nor a
    /// transaction. The map is borrowed, not cloned: this is the shortest way to a held object.
    ///
    /// # Errors
    /// [`NotEnabled`](crate::IdentityMapError::NotEnabled), outside a scope.
    #[doc(hidden)]
    #[inline]
    fn in_own_map<T>(&mut self, look: impl FnOnce(&IdentityMap) -> T) -> QueryResult<Option<T>> {
        if is_in_scope() {
            return Ok(None);
        }
        self.slot(|slot| slot.own_map().map(look))
    }

    /// Says that the next statement is this library's own.
    #[doc(hidden)]
    fn announce_statement(&mut self) {
        let _ = self.slot(Slot::announce_statement);
    }

    /// Says that the next statement is a question of this library's about the server, which nobody
    /// has called for.
    #[doc(hidden)]
    fn announce_question(&mut self) {
        let _ = self.slot(Slot::announce_question);
    }

    /// Says from where the program has called for the statements that are announced after this:
    /// `conn.called_from(Location::caller())` in every public method that sends some, which is
    /// `#[track_caller]`; after its hooks of the before kind, which call from elsewhere.
    #[doc(hidden)]
    fn called_from(&mut self, location: &'static Location<'static>) {
        let elsewhere = Self::sends_elsewhere();
        let _ = self.slot(|slot| slot.called_from(location, elsewhere));
    }

    /// Notes that a write of the manager is sent now, and what it touches: a future that is dropped
    /// meanwhile cannot say it any more.
    #[doc(hidden)]
    fn begin_write(&mut self, _: Invalidation) {}

    /// Notes that the write has been answered: whoever sent it knows what it touched.
    #[doc(hidden)]
    fn end_write(&mut self) {}

    /// Whether what was just written is the row's latest: no other write was under way meanwhile.
    #[doc(hidden)]
    #[must_use]
    fn wrote_alone(&mut self) -> bool {
        true
    }

    /// Says that the rollbacks that follow undo a write of the manager, so that the maps are as
    /// before it.
    #[doc(hidden)]
    fn set_undoes_write(&mut self, undoes_write: bool) {
        let _ = self.slot(|slot| slot.set_undoes_write(undoes_write));
    }

    /// Sends a statement of this library's, by hand.
    #[doc(hidden)]
    fn sends<'c, F: Future + Send + 'c>(
        &'c mut self,
        send: impl FnOnce(&'c mut Self) -> F,
    ) -> impl Future<Output = F::Output> + Send + 'c {
        self.announce_statement();
        send(self)
    }

    /// Sends a statement, and shows each row to `visitor` as long as that goes on.
    #[doc(hidden)]
    fn each_row<'c, S, V>(
        &'c mut self,
        statement: S,
        visitor: V,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        S: Query + QueryFragment<Self::Backend> + QueryId + 'c,
        Self::Backend: QueryMetadata<S::SqlType>,
        V: Visitor<Self::Backend> + 'c;

    /// Sends a statement, and says how many rows it has written.
    #[doc(hidden)]
    fn execute<'c, S>(
        &'c mut self,
        statement: S,
    ) -> impl Future<Output = QueryResult<usize>> + Send + 'c
    where
        S: QueryFragment<Self::Backend> + QueryId + 'c;

    /// Sends text.
    #[doc(hidden)]
    fn send_text(&mut self, sql: &str) -> impl Future<Output = QueryResult<()>> + Send;

    /// # Errors
    /// [`SharedConnection`](crate::IdentityMapError::SharedConnection) where no transaction can be
    /// begun.
    #[doc(hidden)]
    fn transaction(&mut self) -> QueryResult<&mut TransactionManagerStatus>;

    #[doc(hidden)]
    fn begin(&mut self) -> impl Future<Output = QueryResult<()>> + Send;

    #[doc(hidden)]
    fn commit(&mut self) -> impl Future<Output = QueryResult<()>> + Send;

    #[doc(hidden)]
    fn roll_back(&mut self) -> impl Future<Output = QueryResult<()>> + Send;
}

/// What is done with each row of a statement.
#[doc(hidden)]
pub trait Visitor<DB: Backend>: Send {
    fn row<'row>(&mut self, row: &impl Row<'row, DB>) -> QueryResult<ControlFlow<()>>;
}

/// A dialect, and whether the connection that speaks it is awaited.
pub trait ConnectionKind {
    /// The dialect.
    type Dialect: Dialect;
}

impl<D: Dialect> ConnectionKind for D {
    type Dialect = D;
}

/// A connection that blocks: whatever the engine does there is done when it is polled once.
#[doc(hidden)]
pub trait Blocks<D: Dialect>: Driver<D> {
    fn now<'c, T: Send + 'c>(work: impl Future<Output = QueryResult<T>>) -> Self::Output<'c, T>;
}

impl<C, D> Blocks<D> for C
where
    D: Dialect,
    C: LoadConnection<Backend: Speaks<D>>,
{
    fn now<'c, T: Send + 'c>(work: impl Future<Output = QueryResult<T>>) -> QueryResult<T> {
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
    type Output<'c, T: Send + 'c> = QueryResult<T>;

    fn run<'c, T, F>(work: F) -> QueryResult<T>
    where
        T: Send + 'c,
        F: Future<Output = QueryResult<T>> + Send + 'c,
    {
        C::now(work)
    }

    fn at_once<'c, T: Send + 'c>(
        &mut self,
        look: impl FnOnce(&mut Self) -> QueryResult<Option<T>>,
    ) -> Option<QueryResult<T>> {
        look(self).transpose()
    }

    fn settle(&mut self) -> impl Future<Output = QueryResult<()>> + Send {
        // Of a statement that could not be sent Diesel does not say how it ended.
        let _ = Driver::<D>::slot(self, Slot::give_up_unanswered);
        ready(Ok(()))
    }

    fn sends_elsewhere() -> bool {
        false
    }

    fn slot<T>(&mut self, ask: impl FnOnce(&mut Slot) -> T) -> QueryResult<T> {
        with_slot(self.instrumentation(), ask)
    }

    fn each_row<'c, S, V>(
        &'c mut self,
        statement: S,
        mut visitor: V,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        S: Query + QueryFragment<C::Backend> + QueryId + 'c,
        C::Backend: QueryMetadata<S::SqlType>,
        V: Visitor<C::Backend> + 'c,
    {
        Driver::<D>::announce_statement(self);
        let visit = || {
            for row in self.load(statement)? {
                if visitor.row(&row?)?.is_break() {
                    break;
                }
            }
            Ok(())
        };
        ready(visit())
    }

    fn execute<'c, S>(
        &'c mut self,
        statement: S,
    ) -> impl Future<Output = QueryResult<usize>> + Send + 'c
    where
        S: QueryFragment<C::Backend> + QueryId + 'c,
    {
        Driver::<D>::announce_statement(self);
        ready(self.execute_returning_count(&statement))
    }

    fn send_text(&mut self, sql: &str) -> impl Future<Output = QueryResult<()>> + Send {
        ready(self.batch_execute(sql))
    }

    fn transaction(&mut self) -> QueryResult<&mut TransactionManagerStatus> {
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
