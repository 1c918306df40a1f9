//! How the engine uses a connection, whether it blocks or is awaited: [`Driver`].
//!
//! The engine is written once, as futures. On a plain Diesel connection every future is ready at its
//! first poll, so a method polls once and returns the result; on a `diesel-async` connection it
//! returns the future. Nothing else differs.

use std::any::TypeId;
use std::future::Future;
use std::ops::ControlFlow;
use std::panic::Location;

use diesel::QueryResult;
use diesel::connection::TransactionManagerStatus;
use diesel::expression::QueryMetadata;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::row::Row;

use super::selected_columns::SelectedColumns;
use super::slot::Slot;
use crate::database::{Dialect, Speaks};
use crate::map::{IdentityMap, Invalidation};
use crate::scope::is_in_scope;

/// A connection as the engine uses it. `D` is a [`Dialect`] on connections that block, and
/// [`Async`](crate::asynchronous::Async) of a dialect on connections that are awaited.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no connection that the identity map knows",
    note = "it must be a Diesel connection to SQLite, PostgreSQL or MySQL (plain, pooled, or a \
            `MultiConnection`), or with the feature `async` one of `diesel-async`",
    note = "the connection's feature (`sqlite`, `postgres`, `mysql`) must be enabled in \
            `diesel-identity-map`",
    note = "two versions of `diesel` or `diesel-async` in one program do not know each other's connections: \
            `cargo tree -d` shows them"
)]
pub trait Driver<D: ConnectionKind>: Send + Sized {
    /// The database's backend.
    type Backend: Speaks<D::Dialect>;
    /// A row that the database answers.
    #[doc(hidden)]
    type AnsweredRow<'conn, 'query>: Row<'conn, Self::Backend>
    where
        Self: 'conn;

    /// Makes the work of a method into what the method returns.
    #[doc(hidden)]
    fn run<'c, T, F>(work: F) -> D::Output<'c, T>
    where
        T: Send + 'c,
        F: Future<Output = QueryResult<T>> + Send + 'c;

    /// Answers without a statement, before the result is awaited, if the closure finds the
    /// answer. A connection that is awaited never does so: the scope that counts is the one in which the
    /// future is polled.
    #[doc(hidden)]
    fn answer_at_once<'c, T: Send + 'c>(
        &mut self,
        _: impl FnOnce(&mut Self) -> QueryResult<Option<T>>,
    ) -> Option<D::Output<'c, T>> {
        None
    }

    /// Every method begins with it. It expires what statements may have changed whose futures were dropped
    /// before the answer, and waits for those statements where the connection can wait for them. If it is
    /// in doubt whether a transaction is open, it asks the database.
    ///
    /// # Errors
    /// [`Interrupted`](crate::IdentityMapError::Interrupted).
    #[doc(hidden)]
    fn begin_call(&mut self) -> impl Future<Output = QueryResult<()>> + Send;

    /// Whether statements are sent on another thread than the one that awaits them.
    #[doc(hidden)]
    #[must_use]
    fn sends_on_other_thread() -> bool;

    /// Does something with the connection's slot.
    ///
    /// # Errors
    /// [`NotEnabled`](crate::IdentityMapError::NotEnabled).
    #[doc(hidden)]
    fn with_slot<T>(&mut self, ask: impl FnOnce(&mut Slot) -> T) -> QueryResult<T>;

    /// Looks in the connection's own map, if neither a scope nor a transaction stands before it. The map is borrowed, not
    /// cloned.
    ///
    /// # Errors
    /// [`NotEnabled`](crate::IdentityMapError::NotEnabled), outside a scope.
    #[doc(hidden)]
    #[inline]
    fn in_own_map<T>(&mut self, look: impl FnOnce(&IdentityMap) -> T) -> QueryResult<Option<T>> {
        if is_in_scope() {
            return Ok(None);
        }
        self.with_slot(|slot| slot.own_map().map(look))
    }

    /// Says that the next statement is this library's own.
    #[doc(hidden)]
    fn announce_statement(&mut self) {
        let _ = self.with_slot(Slot::announce_statement);
    }

    /// Says that the next statement is a question of this library's about the server, which nobody
    /// has called for.
    #[doc(hidden)]
    fn announce_question(&mut self) {
        let _ = self.with_slot(Slot::announce_question);
    }

    /// Says which line of the program has called for the statements that are announced after this.
    /// A public method that sends statements is `#[track_caller]` and passes `Location::caller()`. It
    /// does so after its `pre_` hooks, since a hook that loads sets a call site of its own.
    #[doc(hidden)]
    fn set_call_site(&mut self, call_site: &'static Location<'static>) {
        let on_other_thread = Self::sends_on_other_thread();
        let _ = self.with_slot(|slot| slot.set_call_site(call_site, on_other_thread));
    }

    /// Notes that a write of the manager is sent now. If its future is dropped before the answer, the
    /// invalidation is applied then.
    #[doc(hidden)]
    fn begin_write(&mut self, _: Invalidation) {}

    /// Notes that the write has been answered, so that its sender applies the invalidation.
    #[doc(hidden)]
    fn end_write(&mut self) {}

    /// Whether no other write to the same rows was in flight together with the last one, so that what
    /// it wrote is the latest version.
    #[doc(hidden)]
    #[must_use]
    fn wrote_alone(&mut self) -> bool {
        true
    }

    /// Says whether the rollbacks that follow undo one write of the manager and nothing else. The maps
    /// are then as before the write.
    #[doc(hidden)]
    fn set_rollback_undoes_write(&mut self, undoes_write: bool) {
        let _ = self.with_slot(|slot| slot.set_rollback_undoes_write(undoes_write));
    }

    /// Sends a statement by `send`, as this library's own.
    #[doc(hidden)]
    fn send_as_library<'c, F: Future + Send + 'c>(
        &'c mut self,
        send: impl FnOnce(&'c mut Self) -> F,
    ) -> impl Future<Output = F::Output> + Send + 'c {
        self.announce_statement();
        send(self)
    }

    /// Sends a statement, and shows its rows to `visitor` until that breaks off.
    #[doc(hidden)]
    fn visit_rows<'c, S, V>(
        &'c mut self,
        statement: S,
        visitor: V,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        S: Query + QueryFragment<Self::Backend> + QueryId + 'c,
        Self::Backend: QueryMetadata<S::SqlType>,
        V: Visitor<Self, D> + 'c;

    /// Sends a statement without its type, and shows its rows to `visitor` until that breaks off. Which
    /// of the columns are selected says which SQL types the rows have: those of the key, `K`, or of the model, `M`. The
    /// id is the statement's in Diesel's cache of prepared statements.
    #[doc(hidden)]
    fn visit_columns<'c, K, M, S, V>(
        &'c mut self,
        statement: S,
        columns: (SelectedColumns, Option<TypeId>),
        visitor: V,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        S: QueryFragment<Self::Backend> + 'c,
        Self::Backend: QueryMetadata<K> + QueryMetadata<M>,
        V: Visitor<Self, D> + 'c;

    /// Sends a statement, and says how many rows it has written.
    #[doc(hidden)]
    fn execute<'c, S>(
        &'c mut self,
        statement: S,
    ) -> impl Future<Output = QueryResult<usize>> + Send + 'c
    where
        S: QueryFragment<Self::Backend> + QueryId + 'c;

    /// Sends SQL that binds nothing and whose rows nobody reads.
    #[doc(hidden)]
    fn send_text(&mut self, sql: &str) -> impl Future<Output = QueryResult<()>> + Send;

    /// How deep Diesel's own transactions are on this connection.
    ///
    /// # Errors
    /// [`SharedConnection`](crate::IdentityMapError::SharedConnection) where no transaction can be
    /// begun.
    #[doc(hidden)]
    fn transaction_status(&mut self) -> QueryResult<&mut TransactionManagerStatus>;

    #[doc(hidden)]
    fn begin(&mut self) -> impl Future<Output = QueryResult<()>> + Send;

    #[doc(hidden)]
    fn commit(&mut self) -> impl Future<Output = QueryResult<()>> + Send;

    #[doc(hidden)]
    fn roll_back(&mut self) -> impl Future<Output = QueryResult<()>> + Send;
}

/// What is done with each row of a statement. It is a trait object where the rows are gone through, so
/// that this is compiled once for each connection.
#[doc(hidden)]
pub trait Visitor<Conn: Driver<D>, D: ConnectionKind>: Send {
    fn visit_row<'conn>(
        &mut self,
        row: &Conn::AnsweredRow<'conn, '_>,
    ) -> QueryResult<ControlFlow<()>>
    where
        Conn: 'conn;
}

impl<V, Conn, D> Visitor<Conn, D> for &mut V
where
    V: Visitor<Conn, D>,
    Conn: Driver<D>,
    D: ConnectionKind,
{
    fn visit_row<'conn>(
        &mut self,
        row: &Conn::AnsweredRow<'conn, '_>,
    ) -> QueryResult<ControlFlow<()>>
    where
        Conn: 'conn,
    {
        (**self).visit_row(row)
    }
}

/// A dialect, and whether the connection that speaks it is awaited.
pub trait ConnectionKind {
    /// The dialect.
    type Dialect: Dialect;
    /// What a method returns that sends statements: a result, or a future of one.
    type Output<'c, T: Send + 'c>;
    /// The rows of a query one by one: an iterator, or a future of a stream.
    type Rows<'c, U: Send + 'c>;
}

#[diagnostic::do_not_recommend]
impl<D: Dialect> ConnectionKind for D {
    type Dialect = D;
    type Output<'c, T: Send + 'c> = QueryResult<T>;
    type Rows<'c, U: Send + 'c> = QueryResult<RowIter<'c, U>>;
}

/// What a query makes of its rows as they arrive.
pub type RowIter<'c, U> = Box<dyn Iterator<Item = QueryResult<U>> + 'c>;
