//! A query as an iterator: `load_iter`, in bounded memory.

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::connection::{Connection, LoadConnection};
use diesel::deserialize::FromSqlRow;
use diesel::dsl::{Select, SqlTypeOf};
use diesel::expression::{Expression, QueryMetadata};
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::SelectDsl;

use super::cached::Cached;
use super::dialect::{Dialect, Speaks};
use super::plan::Mode;
use super::run::{KeyAndModel, key_of, model_of};
use crate::connection::{Slot, View};
use crate::model::{Model, ModelSelection};

/// A query whose rows can be taken one by one from the connection `Conn`.
#[diagnostic::on_unimplemented(
    message = "this query cannot be streamed as mapped objects of `{M}` on `{Conn}`",
    note = "what `load` asks for is asked for here as well"
)]
pub trait StreamQuery<'query, M: Model, Conn: Connection, D>: Sized {
    /// The objects, as their rows arrive.
    type Rows<'conn>: Iterator<Item = QueryResult<Arc<M>>>
    where
        Conn: 'conn;

    /// Sends one statement and maps its rows as they are asked for.
    ///
    /// # Errors
    /// Whatever the database answers to the statement.
    #[doc(hidden)]
    fn stream(self, conn: &mut Conn, landing: Landing<M>) -> QueryResult<Self::Rows<'_>>;
}

impl<'query, M, Q, Conn, D, DB> StreamQuery<'query, M, Conn, D> for Q
where
    D: Dialect,
    DB: Speaks<D>,
    Conn: LoadConnection<D::StreamMode, Backend = DB>,
    M: ModelSelection<DB> + FromSqlRow<SqlTypeOf<M::Selection>, DB>,
    M::KeyRow: FromSqlRow<SqlTypeOf<M::KeyColumns>, DB>,
    KeyAndModel<M, DB>: Expression,
    Q: SelectDsl<KeyAndModel<M, DB>>,
    Select<Q, KeyAndModel<M, DB>>: Query + QueryFragment<DB> + QueryId + 'query,
    DB: QueryMetadata<<Select<Q, KeyAndModel<M, DB>> as Query>::SqlType>,
{
    type Rows<'conn>
        = MappedRows<'conn, 'query, M, Conn, D::StreamMode>
    where
        Conn: 'conn;

    fn stream(self, conn: &mut Conn, landing: Landing<M>) -> QueryResult<Self::Rows<'_>> {
        Slot::announce(conn);
        let cursor = conn.load(self.select((M::key_columns(), M::selection())))?;
        Ok(MappedRows { cursor, landing })
    }
}

/// An iterator over the objects of a query, which reads a row when it is asked for the next.
pub struct MappedRows<'conn, 'query, M: Model, Conn: LoadConnection<Mode> + 'conn, Mode> {
    cursor: Conn::Cursor<'conn, 'query>,
    landing: Landing<M>,
}

impl<M, Conn, Mode> Iterator for MappedRows<'_, '_, M, Conn, Mode>
where
    Conn: LoadConnection<Mode>,
    M: ModelSelection<Conn::Backend> + FromSqlRow<SqlTypeOf<M::Selection>, Conn::Backend>,
    M::KeyRow: FromSqlRow<SqlTypeOf<M::KeyColumns>, Conn::Backend>,
{
    type Item = QueryResult<Arc<M>>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.cursor.next()?;
        Some(row.and_then(|row| {
            self.landing
                .take(key_of::<M, Conn::Backend>(&row)?, || model_of(&row))
        }))
    }
}

/// Where streamed rows become objects.
#[doc(hidden)]
pub struct Landing<M: Model> {
    view: Option<View<M>>,
    fresh: bool,
    hits: usize,
    misses: usize,
}

/// Rows between two looks at the map's bookkeeping.
const COUNTED_TOGETHER: usize = 64;

impl<M: Model> Landing<M> {
    fn take(
        &mut self,
        key: M::Key,
        decode: impl FnOnce() -> QueryResult<M>,
    ) -> QueryResult<Arc<M>> {
        let Some(view) = &self.view else {
            return decode().map(Arc::new);
        };
        let object = if self.fresh {
            let object = Arc::new(decode()?);
            view.replace(key, &object);
            self.misses += 1;
            object
        } else if let Some(held) = view.get(&key) {
            self.hits += 1;
            held
        } else {
            self.misses += 1;
            view.adopt(key, Arc::new(decode()?))
        };
        view.enlist(std::slice::from_ref(&object), true);
        view.keep(std::slice::from_ref(&object));
        if self.hits + self.misses >= COUNTED_TOGETHER {
            self.count();
        }
        Ok(object)
    }

    fn count(&mut self) {
        if let Some(view) = &self.view {
            view.used(self.hits, self.misses);
        }
        (self.hits, self.misses) = (0, 0);
    }
}

impl<M: Model> Drop for Landing<M> {
    fn drop(&mut self) {
        self.count();
    }
}

impl<M: Model, Q> Cached<M, Q> {
    /// Runs the query by rows and hands out each object as its row arrives, so that memory is
    /// bounded by what the program holds: row by row on PostgreSQL, by cursor elsewhere.
    ///
    /// With `fresh()` each row replaces what the map holds, a row that a join repeats included.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let mut letters = 0;
    /// for post in Post::cached().load_iter(conn)? {
    ///     letters += post?.title.len();
    /// }
    /// assert_eq!(letters, 13);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`load`](Self::load); errors of a single row come from the iterator.
    ///
    /// # Panics
    /// On PostgreSQL, as Diesel's own `load_iter` does, if the connection is used again while
    /// the iterator is alive; the borrow checker prevents that.
    #[track_caller]
    pub fn load_iter<'query, Conn, D>(
        self,
        conn: &mut Conn,
    ) -> QueryResult<impl Iterator<Item = QueryResult<Arc<M>>>>
    where
        Conn: Connection,
        Q: StreamQuery<'query, M, Conn, D>,
    {
        let held = self.plan.held(conn)?;
        let rows = if held.is_some() {
            None
        } else {
            let view = match self.plan.mode {
                Mode::Uncached => None,
                Mode::Cached | Mode::Fresh => Some(self.plan.view(conn, true)?),
            };
            if let Some(view) = &view {
                view.count_statement();
            }
            let landing = Landing {
                view,
                fresh: self.plan.mode == Mode::Fresh,
                hits: 0,
                misses: 0,
            };
            Slot::called_from(conn, Location::caller());
            Some(self.query.stream(conn, landing)?)
        };
        Ok(held.map(Ok).into_iter().chain(rows.into_iter().flatten()))
    }
}
