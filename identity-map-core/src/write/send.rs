//! Sending a write, and reading what it answers: the steps of [`Writes`].
//!
//! One of the places that lean on items that Diesel hides from its documentation:
//! `LoadConnection::load` and `Connection::execute_returning_count`.

use std::ops::ControlFlow;

use diesel::QueryResult;
use diesel::connection::{Connection, LoadConnection};
use diesel::deserialize::FromSqlRow;
use diesel::dsl::{Filter, SqlTypeOf};
use diesel::expression::QueryMetadata;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::FilterDsl;
use diesel::result::Error::DeserializationError;

use super::mysql::Told;
use super::statement::Returning;
use super::writes::Writes;
use crate::connection::Slot;
use crate::map::IdentityMap;
use crate::model::{Model, ModelSelection};
use crate::query::{CachedQuery, KeyTold};

pub(super) fn returned<M, DB, Conn, S>(
    conn: &mut Conn,
    statement: &S,
    counts: Option<&IdentityMap>,
) -> QueryResult<Vec<M>>
where
    DB: diesel::backend::Backend + QueryMetadata<SqlTypeOf<M::Selection>>,
    Conn: LoadConnection<Backend = DB>,
    M: ModelSelection<DB> + FromSqlRow<SqlTypeOf<M::Selection>, DB>,
    M::Selection: QueryFragment<DB>,
    S: QueryFragment<DB>,
{
    Slot::announce(conn);
    counts.inspect(|map| map.count_statement());
    let returning = Returning {
        statement,
        expressions: M::selection(),
    };
    let mut rows = Vec::new();
    for row in conn.load(returning)? {
        rows.push(M::build_from_row(&row?).map_err(DeserializationError)?);
    }
    Ok(rows)
}

pub(super) fn returned_keys<M, DB, Conn, S>(
    conn: &mut Conn,
    statement: &S,
    counts: Option<&IdentityMap>,
) -> QueryResult<Vec<M::Key>>
where
    DB: diesel::backend::Backend + QueryMetadata<SqlTypeOf<M::KeyColumns>>,
    Conn: LoadConnection<Backend = DB>,
    M: Model,
    M::KeyColumns: QueryFragment<DB>,
    M::KeyRow: FromSqlRow<SqlTypeOf<M::KeyColumns>, DB>,
    S: QueryFragment<DB>,
{
    let returning = Returning {
        statement,
        expressions: M::key_columns(),
    };
    load_keys::<M, DB, Conn, _>(conn, returning, counts)
}

pub(super) fn load_keys<M, DB, Conn, Q>(
    conn: &mut Conn,
    query: Q,
    counts: Option<&IdentityMap>,
) -> QueryResult<Vec<M::Key>>
where
    DB: diesel::backend::Backend + QueryMetadata<SqlTypeOf<M::KeyColumns>>,
    Conn: LoadConnection<Backend = DB>,
    M: Model,
    M::KeyRow: FromSqlRow<SqlTypeOf<M::KeyColumns>, DB>,
    Q: Query<SqlType = SqlTypeOf<M::KeyColumns>> + QueryFragment<DB> + QueryId,
{
    Slot::announce(conn);
    counts.inspect(|map| map.count_statement());
    let mut keys = Vec::new();
    for row in conn.load(query)? {
        let key = M::KeyRow::build_from_row(&row?).and_then(M::key_from_row);
        keys.push(key.map_err(DeserializationError)?);
    }
    Ok(keys)
}

/// The row whose key the server was told to remember.
pub(super) fn read_told<M, DB, Conn, D>(
    conn: &mut Conn,
    told: &Told,
    counts: Option<&IdentityMap>,
) -> QueryResult<Option<M>>
where
    DB: diesel::backend::Backend + QueryMetadata<SqlTypeOf<M::KeyColumns>>,
    Conn: LoadConnection<Backend = DB> + Writes<M, D>,
    M: Model,
    M::KeyRow: FromSqlRow<SqlTypeOf<M::KeyColumns>, DB>,
    M::Query: FilterDsl<KeyTold<M>>,
    Filter<M::Query, KeyTold<M>>: CachedQuery<M, Conn>,
{
    counts.inspect(|map| map.count_statement());
    let mut read = None;
    let query = M::query().filter(KeyTold::new(told.key(0)));
    let done = query.each_model(conn, &mut |model| {
        read = Some(model);
        ControlFlow::Break(())
    });
    if done.is_ok() {
        return Ok(read);
    }
    // A variable and a column of different collations do not compare; a bound value does.
    match load_keys::<M, DB, Conn, _>(conn, told.keys(), counts)?.pop() {
        Some(key) => conn.read_one(key, counts),
        None => Ok(None),
    }
}

pub(super) fn send<Conn, S>(
    conn: &mut Conn,
    statement: &S,
    counts: Option<&IdentityMap>,
) -> QueryResult<usize>
where
    Conn: Connection,
    S: QueryFragment<Conn::Backend> + QueryId,
{
    Slot::announce(conn);
    counts.inspect(|map| map.count_statement());
    conn.execute_returning_count(statement)
}

/// A statement that is cached by its text.
pub(super) struct Borrowed<'a, S>(pub(super) &'a S);

impl<S, DB> QueryFragment<DB> for Borrowed<'_, S>
where
    DB: diesel::backend::Backend,
    S: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, pass: diesel::query_builder::AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }
}

impl<S> QueryId for Borrowed<'_, S> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
