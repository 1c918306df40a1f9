//! A query as an iterator: `load_iter`, in bounded memory.

use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::connection::LoadConnection;
use diesel::dsl::Select;
use diesel::expression::{Expression, QueryMetadata};
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::SelectDsl;
use diesel::row::Row;

use super::cached::Cached;
use super::decode::{key_of, model_of};
use super::load_columns::KeyAndModel;
use super::plan::{CacheMode, Plan};
use crate::connection::{Blocks, ConnectionKind, Driver};
use crate::database::{Dialect, Speaks};
use crate::model::{DecodableModel, Model, Object};
use crate::transaction::ReadView;

/// A query whose rows can be taken one by one from the connection `Conn`.
#[diagnostic::on_unimplemented(
    message = "this query cannot be streamed as mapped objects of `{M}` on `{Conn}`",
    note = "what `load` asks for is asked for here as well"
)]
pub trait StreamQuery<'query, M: Model, Conn, D>: Sized {
    /// An iterator over the objects as their rows arrive, or a future of a stream of them.
    type Output<'conn>
    where
        Conn: 'conn,
        'query: 'conn;

    /// Sends one statement and maps its rows as they are asked for.
    #[doc(hidden)]
    fn stream<'conn>(
        query: Cached<M, Self>,
        conn: &'conn mut Conn,
        caller: &'static Location<'static>,
    ) -> Self::Output<'conn>
    where
        'query: 'conn;
}

impl<'query, M, Q, Conn, D, DB> StreamQuery<'query, M, Conn, D> for Q
where
    D: Dialect,
    DB: Speaks<D>,
    Conn: LoadConnection<D::StreamMode, Backend = DB> + Blocks<D>,
    M: DecodableModel<DB>,
    KeyAndModel<M, DB>: Expression,
    Q: SelectDsl<KeyAndModel<M, DB>>,
    Select<Q, KeyAndModel<M, DB>>: Query + QueryFragment<DB> + QueryId + 'query,
    DB: QueryMetadata<<Select<Q, KeyAndModel<M, DB>> as Query>::SqlType>,
{
    type Output<'conn>
        = QueryResult<MappedRows<'conn, 'query, M, Conn, D::StreamMode>>
    where
        Conn: 'conn,
        'query: 'conn;

    fn stream<'conn>(
        query: Cached<M, Q>,
        conn: &'conn mut Conn,
        caller: &'static Location<'static>,
    ) -> Self::Output<'conn>
    where
        'query: 'conn,
    {
        let held = query.plan.held(conn)?;
        if held.is_some() {
            return Ok(MappedRows { held, rows: None });
        }
        let streamed = query.plan.streamed_objects(conn)?;
        conn.set_call_site(caller);
        conn.announce_statement();
        let cursor = conn.load(query.query.select((M::key_columns(), M::selection())))?;
        Ok(MappedRows {
            held,
            rows: Some((cursor, streamed)),
        })
    }
}

impl<M: Model> Plan<M> {
    /// What makes objects of the rows of a stream, by this plan.
    pub(crate) fn streamed_objects<D: ConnectionKind, Conn: Driver<D>>(
        &self,
        conn: &mut Conn,
    ) -> QueryResult<StreamedObjects<M>> {
        let view = match self.mode {
            CacheMode::Uncached => None,
            CacheMode::Cached | CacheMode::Fresh => Some(self.view(conn, true)?),
        };
        if let Some(view) = &view {
            view.count_statement();
        }
        Ok(StreamedObjects {
            view,
            model: PhantomData,
            fresh: self.mode == CacheMode::Fresh,
            hits: 0,
            misses: 0,
        })
    }
}

/// An iterator over the objects of a query, which reads a row when it is asked for the next.
pub struct MappedRows<'conn, 'query, M: Model, Conn: LoadConnection<Mode> + 'conn, Mode> {
    /// The one object that the map holds, if the query asks for nothing else.
    held: Option<Arc<M>>,
    rows: Option<(Conn::Cursor<'conn, 'query>, StreamedObjects<M>)>,
}

impl<M, Conn, Mode> Iterator for MappedRows<'_, '_, M, Conn, Mode>
where
    Conn: LoadConnection<Mode>,
    M: DecodableModel<Conn::Backend>,
{
    type Item = QueryResult<Arc<M>>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(held) = self.held.take() {
            return Some(Ok(held));
        }
        let (cursor, streamed) = self.rows.as_mut()?;
        let row = cursor.next()?;
        Some(row.and_then(|row| streamed.map_row::<Conn::Backend>(&row)))
    }
}

/// Makes objects of the rows of a stream, one row at a time.
#[doc(hidden)]
pub struct StreamedObjects<M: Model> {
    view: Option<ReadView>,
    model: PhantomData<fn() -> M>,
    fresh: bool,
    hits: usize,
    misses: usize,
}

/// After so many rows hits and misses are added to the statistics, which would cost too much at each.
const ROWS_PER_COUNT: usize = 64;

impl<M: Model> StreamedObjects<M> {
    pub(crate) fn map_row<'row, DB>(&mut self, row: &impl Row<'row, DB>) -> QueryResult<Arc<M>>
    where
        DB: Backend,
        M: DecodableModel<DB>,
    {
        let key = key_of::<M, DB>(row)?;
        self.object(&key, || model_of(M::KEY_COLUMNS, row))
    }

    /// The object of a row with this key: the held one, or one that is decoded.
    fn object(
        &mut self,
        key: &M::Key,
        decode: impl FnOnce() -> QueryResult<M>,
    ) -> QueryResult<Arc<M>> {
        let Some(view) = &self.view else {
            return decode().map(Arc::new);
        };
        let object = if self.fresh {
            let object = Arc::new(decode()?);
            view.replace_one(&(Arc::clone(&object) as Arc<dyn Object>));
            self.misses += 1;
            object
        } else {
            let row = view
                .reader()
                .held_or_fresh(key, || decode().map(Arc::new))?;
            self.hits += usize::from(row.is_hit);
            self.misses += usize::from(!row.is_hit);
            row.object
        };
        view.join_group(&object, true);
        view.keep(&object);
        if self.hits + self.misses >= ROWS_PER_COUNT {
            self.count();
        }
        Ok(object)
    }

    /// Adds hits and misses to the statistics.
    fn count(&mut self) {
        if let Some(view) = &self.view {
            view.count_query(self.hits, self.misses);
        }
        (self.hits, self.misses) = (0, 0);
    }
}

impl<M: Model> Drop for StreamedObjects<M> {
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
    pub fn load_iter<'conn, 'query, Conn, D>(self, conn: &'conn mut Conn) -> Q::Output<'conn>
    where
        Q: StreamQuery<'query, M, Conn, D>,
        'query: 'conn,
    {
        Q::stream(self, conn, Location::caller())
    }
}
