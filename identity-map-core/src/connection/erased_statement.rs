//! A statement without its type: [`ErasedStatement`].
//!
//! Diesel compiles all that a connection does with a statement for each type of statement. What is sent
//! as an `ErasedStatement` is compiled once for each connection: of the statement's own type only
//! `walk_ast` is left.
//!
//! Diesel's cache of prepared statements asks the type of a statement for its id, by
//! [`QueryId::query_id`]. The id of a statement that has lost its type is therefore kept beside it, for the
//! thread, while Diesel prepares it.

use std::any::TypeId;
use std::cell::Cell;
use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// The one method of [`QueryFragment`] that a statement implements itself, so that nothing else is in the
/// trait object.
#[doc(hidden)]
pub trait WalkAst<DB: Backend> {
    fn walk<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()>;
}

impl<DB: Backend, S: QueryFragment<DB>> WalkAst<DB> for S {
    fn walk<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.walk_ast(pass)
    }
}

/// A statement behind the pointer `P`, of which only the SQL type `ST` of its rows is known.
pub(crate) struct ErasedStatement<P, ST> {
    statement: P,
    sql_type: PhantomData<fn() -> ST>,
}

impl<P, ST> ErasedStatement<P, ST> {
    pub(crate) fn new(statement: P) -> Self {
        Self {
            statement,
            sql_type: PhantomData,
        }
    }
}

impl<DB: Backend, ST> QueryFragment<DB> for ErasedStatement<&dyn WalkAst<DB>, ST> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.statement.walk(pass)
    }
}

impl<DB: Backend, ST> QueryFragment<DB> for ErasedStatement<Box<dyn WalkAst<DB> + '_>, ST> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.statement.walk(pass)
    }
}

impl<DB: Backend, ST> QueryFragment<DB> for ErasedStatement<Box<dyn WalkAst<DB> + Send + '_>, ST> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.statement.walk(pass)
    }
}

impl<P, ST> Query for ErasedStatement<P, ST> {
    type SqlType = ST;
}

/// Diesel asks the type of a statement for its id in two places: `StatementCache::cached_statement` (SQLite
/// and MySQL) and `PgConnection::with_prepared_query`. Both run inside the call of `load`, on the thread that
/// has called it. So does what a connection of `diesel-async` asks, before it returns the future of the answer. A `&` of
/// a statement, which `execute_returning_count` makes, and the statement of a `MultiConnection` have the
/// constants of the type instead of its function: those say that there is no id, and Diesel caches the
/// statement by its text.
impl<P, ST> QueryId for ErasedStatement<P, ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;

    fn query_id() -> Option<TypeId> {
        SENT_ID.get()
    }
}

thread_local! {
    /// The id of the statement that this thread sends now; `None` if its type does not tell its text.
    static SENT_ID: Cell<Option<TypeId>> = const { Cell::new(None) };
}

/// Sets the id of the statement that is sent, until it is dropped. Then the id is the one before: an
/// instrumentation may send statements on other connections while a statement is prepared.
pub(crate) struct SentId {
    before: Option<TypeId>,
}

impl SentId {
    pub(crate) fn set(id: Option<TypeId>) -> Self {
        Self {
            before: SENT_ID.replace(id),
        }
    }
}

impl Drop for SentId {
    fn drop(&mut self) {
        SENT_ID.set(self.before);
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use diesel::connection::{InstrumentationEvent, LoadConnection};
    use diesel::prelude::*;
    use diesel::sql_types::{Integer, Text};
    use diesel::sqlite::Sqlite;

    use super::*;

    type Erased<'a> = ErasedStatement<&'a dyn WalkAst<Sqlite>, Integer>;

    #[test]
    fn the_id_is_that_of_the_statement_sent() {
        let id = TypeId::of::<u8>();
        assert_eq!(Erased::query_id(), None);
        let outer = SentId::set(Some(id));
        assert_eq!(Erased::query_id(), Some(id));
        let inner = SentId::set(None);
        assert_eq!(Erased::query_id(), None);
        drop(inner);
        assert_eq!(Erased::query_id(), Some(id));
        drop(outer);
        assert_eq!(Erased::query_id(), None);
    }

    #[test]
    fn an_instrumentation_sees_the_same_text() {
        let statement = diesel::select("a".into_sql::<Text>().eq("b"));
        let erased = Erased::new(&statement);
        let erased = diesel::debug_query::<Sqlite, _>(&erased);
        let typed = diesel::debug_query::<Sqlite, _>(&statement);
        assert_eq!(erased.to_string(), typed.to_string());
        assert_eq!(format!("{erased:?}"), format!("{typed:?}"));
    }

    /// Diesel finds the statement that it has prepared for the type, and does not prepare it by its text.
    #[test]
    fn a_statement_is_cached_by_its_type() {
        let prepared = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&prepared);
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::CacheQuery { .. } = event {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        let statement = || diesel::select(1.into_sql::<Integer>());
        let id = id_of(&statement());
        assert!(id.is_some());
        let mut send = |id, count| {
            let statement = statement();
            let _sent = SentId::set(id);
            let rows = conn.load(Erased::new(&statement)).unwrap();
            assert_eq!(rows.count(), 1);
            assert_eq!(prepared.load(Ordering::Relaxed), count);
        };
        send(id, 1);
        send(id, 1);
        send(None, 2); // by its text, which is another place in the cache
        let rows = conn.load(statement()).unwrap();
        assert_eq!(rows.count(), 1);
        assert_eq!(prepared.load(Ordering::Relaxed), 2, "shared with Diesel's");
    }

    fn id_of<S: QueryId>(_: &S) -> Option<TypeId> {
        S::query_id()
    }
}
