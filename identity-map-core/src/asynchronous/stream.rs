//! A query as a stream of objects: `load_iter` on async connections.

use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use diesel::QueryResult;
use diesel::dsl::Select;
use diesel::expression::{Expression, QueryMetadata};
use diesel::query_builder::{AsQuery, Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::SelectDsl;
use diesel_async::AsyncConnectionCore;
use futures_core::Stream;

use super::kind::{Async, BoxFuture, BoxStream, RowStream};
use crate::connection::Driver;
use crate::database::{Dialect, Speaks};
use crate::model::DecodableModel;
use crate::query::{Cached, KeyAndModel, MappedQuery, Selects, StreamQuery, StreamsMapped};

impl<'query, M, Q, Conn, D, By, DB> StreamQuery<'query, M, Conn, Async<D, By>> for Q
where
    D: Dialect,
    DB: Speaks<D> + 'static,
    Conn: AsyncConnectionCore<Backend = DB> + Driver<Async<D, By>, Backend = DB>,
    M: DecodableModel<DB>,
    KeyAndModel<M, DB>: Expression,
    Q: SelectDsl<KeyAndModel<M, DB>> + Send + 'query,
    Select<Q, KeyAndModel<M, DB>>: Query + QueryFragment<DB> + QueryId + 'query,
    DB: QueryMetadata<<Select<Q, KeyAndModel<M, DB>> as Query>::SqlType>,
{
    type Output<'conn>
        = BoxFuture<'conn, BoxStream<'conn, M>>
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
        Conn::run(async move {
            conn.begin_call().await?;
            let held = query.plan.held(conn)?;
            if held.is_some() {
                return Ok(Box::pin(HeldStream(held)) as BoxStream<'conn, M>);
            }
            let mut streamed = query.plan.streamed_objects(conn)?;
            conn.set_call_site(caller);
            let query = query.query.select((M::key_columns(), M::selection()));
            let rows = conn
                .send_as_library(|conn| AsyncConnectionCore::load(conn, query))
                .await?;
            let rows = MappedStream {
                rows: Box::pin(rows),
                map_row: move |row: Conn::Row<'_, '_>| streamed.map_row::<DB>(&row),
            };
            Ok(Box::pin(rows) as BoxStream<'conn, M>)
        })
    }
}

#[diagnostic::do_not_recommend]
impl<Q, D, By, C, DB, U, K> StreamsMapped<Q, Async<D, By>, U, K> for C
where
    D: Dialect,
    DB: Speaks<D> + QueryMetadata<Q::SqlType> + 'static,
    C: AsyncConnectionCore<Backend = DB> + Driver<Async<D, By>, Backend = DB>,
    Q: AsQuery<SqlType: Selects<U, DB, K> + 'static> + Send,
    Q::Query: QueryFragment<DB> + QueryId,
{
    fn stream_mapped<'c>(
        &'c mut self,
        query: MappedQuery<Q>,
        caller: &'static Location<'static>,
    ) -> BoxFuture<'c, RowStream<'c, U>>
    where
        U: Send + 'c,
        K: 'c,
        Q: 'c,
    {
        C::run(async move {
            self.begin_call().await?;
            let (rows, mut shared) = {
                let (query, shared) =
                    query.begin_stream::<C, Async<D, By>, DB, U, K>(caller, self)?;
                (AsyncConnectionCore::load(self, query), shared)
            };
            let rows = MappedStream {
                rows: Box::pin(rows.await?),
                map_row: move |row: C::Row<'_, '_>| shared.share(&row),
            };
            Ok(Box::pin(rows) as RowStream<'c, U>)
        })
    }
}

/// A stream of the one object that the map holds: nothing is sent.
struct HeldStream<M>(Option<Arc<M>>);

impl<M> Stream for HeldStream<M> {
    type Item = QueryResult<Arc<M>>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}

/// A stream of rows, each of which `map_row` makes an object.
struct MappedStream<S, F> {
    rows: Pin<Box<S>>,
    map_row: F,
}

impl<S, R, F, T> Stream for MappedStream<S, F>
where
    S: Stream<Item = QueryResult<R>>,
    F: FnMut(R) -> QueryResult<T> + Unpin,
{
    type Item = QueryResult<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let MappedStream { rows, map_row } = &mut *self;
        let row = rows.as_mut().poll_next(context);
        row.map(|row| Some(row?.and_then(map_row)))
    }
}
