//! Sending a write, and reading what it answers: the steps of [`Writes`].

use std::ops::ControlFlow;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::deserialize::FromSqlRow;
use diesel::dsl::{Filter, SqlTypeOf};
use diesel::expression::QueryMetadata;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel::query_dsl::methods::FilterDsl;
use diesel::result::Error::DeserializationError;
use diesel::row::Row;

use super::mysql::{self as told, Told};
use super::statement::Returning;
use super::writes::Writes;
use crate::connection::{Driver, Spoken, Visitor};
use crate::map::IdentityMap;
use crate::model::{Model, ModelSelection};
use crate::query::{CachedQuery, KeyTold};

pub(super) async fn returned<M, DB, Conn, D, S>(
    conn: &mut Conn,
    statement: S,
    counts: Option<&IdentityMap>,
) -> QueryResult<Vec<M>>
where
    D: Spoken,
    DB: Backend + QueryMetadata<SqlTypeOf<M::Selection>>,
    Conn: Driver<D, Backend = DB>,
    M: ModelSelection<DB> + FromSqlRow<SqlTypeOf<M::Selection>, DB>,
    M::Selection: QueryFragment<DB>,
    S: QueryFragment<DB>,
{
    counts.inspect(|map| map.count_statement());
    let mut rows = Vec::new();
    let returning = Returning {
        statement,
        expressions: M::selection(),
    };
    conn.each_row(returning, Rows(&mut rows)).await?;
    Ok(rows)
}

pub(super) async fn returned_keys<M, DB, Conn, D, S>(
    conn: &mut Conn,
    statement: S,
    counts: Option<&IdentityMap>,
) -> QueryResult<Vec<M::Key>>
where
    D: Spoken,
    DB: Backend + QueryMetadata<SqlTypeOf<M::KeyColumns>>,
    Conn: Driver<D, Backend = DB>,
    M: Model,
    M::KeyColumns: QueryFragment<DB>,
    M::KeyRow: FromSqlRow<SqlTypeOf<M::KeyColumns>, DB>,
    S: QueryFragment<DB>,
{
    counts.inspect(|map| map.count_statement());
    let mut keys = Vec::new();
    let returning = Returning {
        statement,
        expressions: M::key_columns(),
    };
    conn.each_row(returning, Keys::<M>(&mut keys)).await?;
    Ok(keys)
}

pub(super) async fn load_keys<M, DB, Conn, D>(
    conn: &mut Conn,
    query: told::Keys<SqlTypeOf<M::KeyColumns>>,
    counts: Option<&IdentityMap>,
) -> QueryResult<Vec<M::Key>>
where
    D: Spoken,
    DB: Backend + QueryMetadata<SqlTypeOf<M::KeyColumns>>,
    Conn: Driver<D, Backend = DB>,
    M: Model,
    M::KeyRow: FromSqlRow<SqlTypeOf<M::KeyColumns>, DB>,
{
    counts.inspect(|map| map.count_statement());
    let mut keys = Vec::new();
    conn.each_row(query, Keys::<M>(&mut keys)).await?;
    Ok(keys)
}

/// The row whose key the server was told to remember.
pub(super) async fn read_told<M, DB, Conn, D>(
    conn: &mut Conn,
    told: &Told,
    counts: Option<&IdentityMap>,
) -> QueryResult<Option<M>>
where
    D: Spoken,
    DB: Backend + QueryMetadata<SqlTypeOf<M::KeyColumns>>,
    Conn: Driver<D, Backend = DB> + Writes<M, D>,
    M: Model,
    M::KeyRow: FromSqlRow<SqlTypeOf<M::KeyColumns>, DB>,
    M::Query: FilterDsl<KeyTold<M>>,
    Filter<M::Query, KeyTold<M>>: CachedQuery<M, Conn, D> + 'static,
{
    counts.inspect(|map| map.count_statement());
    let mut read = None;
    let mut take = |model| {
        read = Some(model);
        ControlFlow::Break(())
    };
    let query = M::query().filter(KeyTold::new(told.key(0)));
    if query.each_model(conn, &mut take).await.is_ok() {
        return Ok(read);
    }
    // A variable and a column of different collations do not compare; a bound value does.
    let mut keys = load_keys::<M, DB, Conn, D>(conn, told.keys(), counts).await?;
    match keys.pop() {
        Some(key) => conn.read_one(key, counts).await,
        None => Ok(None),
    }
}

pub(super) async fn send<Conn, D, S>(
    conn: &mut Conn,
    statement: S,
    counts: Option<&IdentityMap>,
) -> QueryResult<usize>
where
    D: Spoken,
    Conn: Driver<D>,
    S: QueryFragment<Conn::Backend> + QueryId,
{
    counts.inspect(|map| map.count_statement());
    conn.execute(statement).await
}

struct Rows<'c, M>(&'c mut Vec<M>);

impl<M, DB> Visitor<DB> for Rows<'_, M>
where
    DB: Backend,
    M: ModelSelection<DB> + FromSqlRow<SqlTypeOf<M::Selection>, DB>,
{
    fn row<'row>(&mut self, row: &impl Row<'row, DB>) -> QueryResult<ControlFlow<()>> {
        self.0
            .push(M::build_from_row(row).map_err(DeserializationError)?);
        Ok(ControlFlow::Continue(()))
    }
}

pub(super) struct Keys<'c, M: Model>(pub(super) &'c mut Vec<M::Key>);

impl<M, DB> Visitor<DB> for Keys<'_, M>
where
    DB: Backend,
    M: Model<KeyRow: FromSqlRow<SqlTypeOf<M::KeyColumns>, DB>>,
{
    fn row<'row>(&mut self, row: &impl Row<'row, DB>) -> QueryResult<ControlFlow<()>> {
        let key = M::KeyRow::build_from_row(row).and_then(M::key_from_row);
        self.0.push(key.map_err(DeserializationError)?);
        Ok(ControlFlow::Continue(()))
    }
}

/// A statement that is cached by its text.
pub(super) struct ByText<S>(pub(super) S);

impl<S, DB> QueryFragment<DB> for ByText<S>
where
    DB: Backend,
    S: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, pass: diesel::query_builder::AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }
}

impl<S> QueryId for ByText<S> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
