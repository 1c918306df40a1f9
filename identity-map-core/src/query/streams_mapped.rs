//! The rows of a query that selects models, one by one: `mapped().load_iter`.

use std::marker::PhantomData;
use std::panic::Location;

use diesel::QueryResult;
use diesel::connection::LoadConnection;
use diesel::expression::QueryMetadata;
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};
use diesel::row::Row;

use super::mapped_query::MappedQuery;
use super::selects::Selects;
use super::share::Share;
use crate::connection::{Blocks, ConnectionKind, Driver, RowIter};
use crate::database::{Dialect, Speaks};

/// A connection from which the rows of a query that selects models can be taken one by one, as
/// [`LoadsMapped`](super::LoadsMapped) loads them.
#[diagnostic::on_unimplemented(
    message = "this query cannot be streamed as shared objects on `{Self}`",
    note = "what `load` asks for is asked for here as well"
)]
pub trait StreamsMapped<Q, D: ConnectionKind, U, K>: Driver<D> {
    /// Sends the query, and shares the models of its rows as they are asked for.
    #[doc(hidden)]
    fn stream_mapped<'c>(
        &'c mut self,
        query: MappedQuery<Q>,
        caller: &'static Location<'static>,
    ) -> D::Rows<'c, U>
    where
        U: Send + 'c,
        K: 'c,
        Q: 'c;
}

#[diagnostic::do_not_recommend]
impl<Q, D, C, DB, U, K> StreamsMapped<Q, D, U, K> for C
where
    D: Dialect,
    DB: Speaks<D> + QueryMetadata<Q::SqlType> + 'static,
    C: LoadConnection<D::StreamMode, Backend = DB> + Blocks<D> + Driver<D, Backend = DB>,
    Q: AsQuery<SqlType: Selects<U, DB, K> + 'static>,
    Q::Query: QueryFragment<DB> + QueryId,
{
    fn stream_mapped<'c>(
        &'c mut self,
        query: MappedQuery<Q>,
        caller: &'static Location<'static>,
    ) -> QueryResult<RowIter<'c, U>>
    where
        U: Send + 'c,
        K: 'c,
        Q: 'c,
    {
        let (query, mut rows) = query.begin_stream::<C, D, DB, U, K>(caller, self)?;
        let cursor = LoadConnection::<D::StreamMode>::load(self, query)?;
        Ok(Box::new(
            cursor.map(move |row| row.and_then(|row| rows.share(&row))),
        ))
    }
}

/// Makes shared objects of the rows of a stream, which selects `ST`, one row at a time.
pub(crate) struct SharedRows<U, ST, DB, K>
where
    DB: diesel::backend::Backend,
    ST: Selects<U, DB, K>,
{
    views: <ST::Row as Share>::Views,
    selected: PhantomData<fn() -> (U, ST, K)>,
}

impl<U, ST, DB, K> SharedRows<U, ST, DB, K>
where
    DB: diesel::backend::Backend,
    ST: Selects<U, DB, K>,
{
    pub(crate) fn share<'row>(&mut self, row: &impl Row<'row, DB>) -> QueryResult<U> {
        let shared = ST::decode(row, 0)?.share(&mut self.views);
        ST::Row::finish(&mut self.views);
        Ok(shared)
    }
}

impl<U, ST, DB, K> Drop for SharedRows<U, ST, DB, K>
where
    DB: diesel::backend::Backend,
    ST: Selects<U, DB, K>,
{
    fn drop(&mut self) {
        ST::Row::count(&self.views);
    }
}

impl<Q> MappedQuery<Q> {
    /// What is sent next on the connection, and what makes shared objects of its rows.
    pub(crate) fn begin_stream<Conn, D, DB, U, K>(
        self,
        caller: &'static Location<'static>,
        conn: &mut Conn,
    ) -> QueryResult<(Q::Query, SharedRows<U, Q::SqlType, DB, K>)>
    where
        D: ConnectionKind,
        DB: Speaks<D::Dialect>,
        Conn: Driver<D, Backend = DB>,
        Q: AsQuery<Query: QueryFragment<DB>, SqlType: Selects<U, DB, K>>,
    {
        let (query, mut options) = self.begin::<Conn, D, DB, U, K>(conn)?;
        options.is_stream = true;
        conn.set_call_site(caller);
        let views = <Q::SqlType as Selects<U, DB, K>>::Row::views(&options, conn)?;
        if !<Q::SqlType as Selects<U, DB, K>>::HAS_VALUES {
            // What may call routines is looked at as a statement of the program's, from its beginning to its end.
            conn.announce_statement();
        }
        let selected = PhantomData;
        Ok((query, SharedRows { views, selected }))
    }
}
