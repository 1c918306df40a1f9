//! Sending the statement of a write, and reading its answer: the steps of
//! [`Writes`](super::writes::Writes).

use std::future::Future;
use std::ops::ControlFlow;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::dsl::{Filter, SqlTypeOf};
use diesel::expression::QueryMetadata;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::FilterDsl;
use diesel::result::Error;

use super::key_source::KeySource;
use super::statement::Returning;
use crate::choice::Choice as _;
use crate::connection::{ConnectionKind, Driver, Visitor};
use crate::map::IdentityMap;
use crate::model::{DecodableModel, Model};
use crate::query::{CachedQuery, KeyFromServer, KeyIs, Loading, Take, key_of};

/// Sends a statement to a database that returns what it writes, and adds the written objects to `rows`. If
/// the table has more than the model, they are read by their keys; a row that is gone then is
/// [`NotFound`](Error::NotFound).
pub(super) fn returned<'c, M, DB, Conn, D, S>(
    conn: &'c mut Conn,
    statement: S,
    map: Option<&'c IdentityMap>,
    rows: &'c mut Loading<'static, M>,
) -> impl Future<Output = QueryResult<()>> + Send
where
    D: ConnectionKind,
    DB: Backend + QueryMetadata<SqlTypeOf<M::Selection>> + QueryMetadata<SqlTypeOf<M::KeyColumns>>,
    Conn: Driver<D, Backend = DB>,
    M: DecodableModel<DB, Query: FilterDsl<KeyIs<M>>>,
    M::Selection: QueryFragment<DB>,
    M::KeyColumns: QueryFragment<DB>,
    Filter<M::Query, KeyIs<M>>: CachedQuery<M, Conn, D> + 'static,
    S: QueryFragment<DB> + Send + 'c,
{
    M::IsPlain::choose(
        (conn, statement, rows),
        move |(conn, statement, rows)| {
            map.inspect(|map| map.count_statement());
            let expressions = M::selection();
            let returning = Returning {
                statement,
                expressions,
            };
            conn.visit_rows(returning, rows)
        },
        move |(conn, statement, rows)| {
            returned_by_key::<M, DB, Conn, D, S>(conn, statement, map, rows)
        },
    )
}

async fn returned_by_key<M, DB, Conn, D, S>(
    conn: &mut Conn,
    statement: S,
    map: Option<&IdentityMap>,
    rows: &mut Loading<'static, M>,
) -> QueryResult<()>
where
    D: ConnectionKind,
    DB: Backend + QueryMetadata<SqlTypeOf<M::KeyColumns>>,
    Conn: Driver<D, Backend = DB>,
    M: DecodableModel<DB, Query: FilterDsl<KeyIs<M>>>,
    M::KeyColumns: QueryFragment<DB>,
    Filter<M::Query, KeyIs<M>>: CachedQuery<M, Conn, D> + 'static,
    S: QueryFragment<DB>,
{
    let returning = Returning {
        statement,
        expressions: M::key_columns(),
    };
    for key in load_keys::<M, DB, Conn, D, _>(conn, returning, map).await? {
        let row = read_row(conn, key, map).await?;
        rows.push(row.ok_or(Error::NotFound)?);
    }
    Ok(())
}

/// Sends a query of keys, and gives the keys.
pub(super) async fn load_keys<M, DB, Conn, D, Q>(
    conn: &mut Conn,
    query: Q,
    map: Option<&IdentityMap>,
) -> QueryResult<Vec<M::Key>>
where
    D: ConnectionKind,
    DB: Backend + QueryMetadata<SqlTypeOf<M::KeyColumns>>,
    Conn: Driver<D, Backend = DB>,
    M: DecodableModel<DB>,
    Q: Query<SqlType = SqlTypeOf<M::KeyColumns>> + QueryFragment<DB> + QueryId,
{
    map.inspect(|map| map.count_statement());
    let mut keys = Vec::new();
    conn.visit_rows(query, KeyCollector::<M>(&mut keys)).await?;
    Ok(keys)
}

/// Reads the row of a key.
pub(super) async fn read_row<M, Conn, D>(
    conn: &mut Conn,
    key: M::Key,
    map: Option<&IdentityMap>,
) -> QueryResult<Option<Arc<M>>>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: Model<Query: FilterDsl<KeyIs<M>>>,
    Filter<M::Query, KeyIs<M>>: CachedQuery<M, Conn, D> + 'static,
{
    map.inspect(|map| map.count_statement());
    let mut loading = Loading::uncached(Take::First);
    let query = M::query().filter(KeyIs::new(key));
    query.send_for_models(conn, &mut loading).await?;
    Ok(loading.into_objects().pop())
}

/// Reads the row whose key only the server has.
pub(super) async fn read_row_by_source<M, DB, Conn, D>(
    conn: &mut Conn,
    source: &KeySource,
    map: Option<&IdentityMap>,
) -> QueryResult<Option<Arc<M>>>
where
    D: ConnectionKind,
    DB: Backend + QueryMetadata<SqlTypeOf<M::KeyColumns>>,
    Conn: Driver<D, Backend = DB>,
    M: DecodableModel<DB>,
    M::Query: FilterDsl<KeyFromServer<M>> + FilterDsl<KeyIs<M>>,
    Filter<M::Query, KeyFromServer<M>>: CachedQuery<M, Conn, D> + 'static,
    Filter<M::Query, KeyIs<M>>: CachedQuery<M, Conn, D> + 'static,
{
    if let Ok(row) = read_row_by_sql::<M, Conn, D>(conn, source.key_sql(0), map).await {
        return Ok(row);
    }
    // Where the collations of the variable and of the column differ, the server refuses to compare them.
    // A bound value compares with any column.
    let mut keys = load_keys::<M, DB, Conn, D, _>(conn, source.select_keys(), map).await?;
    match keys.pop() {
        Some(key) => read_row(conn, key, map).await,
        None => Ok(None),
    }
}

/// Reads the row whose key is the value of an expression.
pub(super) async fn read_row_by_sql<M, Conn, D>(
    conn: &mut Conn,
    key: String,
    map: Option<&IdentityMap>,
) -> QueryResult<Option<Arc<M>>>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: Model<Query: FilterDsl<KeyFromServer<M>>>,
    Filter<M::Query, KeyFromServer<M>>: CachedQuery<M, Conn, D> + 'static,
{
    map.inspect(|map| map.count_statement());
    let mut loading = Loading::uncached(Take::First);
    let query = M::query().filter(KeyFromServer::new(key));
    query.send_for_models(conn, &mut loading).await?;
    Ok(loading.into_objects().pop())
}

/// Sends a statement, and gives the number of written rows.
pub(super) async fn send<Conn, D, S>(
    conn: &mut Conn,
    statement: S,
    map: Option<&IdentityMap>,
) -> QueryResult<usize>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    S: QueryFragment<Conn::Backend> + QueryId,
{
    map.inspect(|map| map.count_statement());
    conn.execute(statement).await
}

pub(super) struct KeyCollector<'c, M: Model>(pub(super) &'c mut Vec<M::Key>);

impl<M, Conn, D> Visitor<Conn, D> for KeyCollector<'_, M>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: DecodableModel<Conn::Backend>,
{
    fn visit_row<'conn>(
        &mut self,
        row: &Conn::AnsweredRow<'conn, '_>,
    ) -> QueryResult<ControlFlow<()>>
    where
        Conn: 'conn,
    {
        self.0.push(key_of::<M, Conn::Backend>(row)?);
        Ok(ControlFlow::Continue(()))
    }
}

/// A statement that Diesel caches by its text, since its type does not tell its text.
pub(super) struct CachedByText<S>(pub(super) S);

impl<S, DB> QueryFragment<DB> for CachedByText<S>
where
    DB: Backend,
    S: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }
}

impl<S> QueryId for CachedByText<S> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
