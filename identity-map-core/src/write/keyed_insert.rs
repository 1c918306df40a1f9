//! Inserting rows on a database that returns none, and reading them: [`insert_keyed`].
//!
//! Nothing but the database knows the key of an inserted row: it may round what is given, generate a key in
//! place of a zero, or have a trigger that gives another. So a row is taken for the inserted one only if it
//! has the given key and was not there before, or if it has the key that the statement has generated. Any
//! other insert ends in an error, and is undone.

use std::ops::ControlFlow;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::dsl::{Filter, SqlTypeOf};
use diesel::expression::QueryMetadata;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::FilterDsl;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::BigInt;

use super::key_source::{KeySource, LAST_ID_BEFORE, generated_key_of};
use super::keyed_upsert::{OnDuplicateKey, Upserted, prepare_variables, read_updated};
use super::keyed_values::{KeyedValues, MissingKey};
use super::missing_row::key_not_returned;
use super::rewritten_values::RewrittenValues;
use super::send::{load_keys, read_row_by_source, read_row_by_sql, send};
use super::sql_parts::column_names;
use super::statement::Insert;
use crate::connection::{ConnectionKind, Driver, Visitor};
use crate::database::{NotedModels, Speaks};
use crate::map::IdentityMap;
use crate::model::{DecodableModel, ModelType};
use crate::query::{CachedQuery, KeyFromServer, KeyIs, LoadByKeys, Loading, load_by_given_keys};

/// Models whose key has a default expression, as was seen.
static KEYS_BY_DEFAULT: NotedModels = NotedModels::new();

/// Values of some rows, and the SQL of each row, as Diesel shows it.
pub(super) struct ShownValues<'v, V> {
    pub(super) values: &'v V,
    pub(super) rows: &'v [String],
    /// The rows are numbered from here.
    pub(super) first: usize,
    /// What happens to a row that is there, where the values are of one row.
    pub(super) on_duplicate_key: Option<OnDuplicateKey<'v>>,
}

/// [`KeyedValues`] of several rows.
struct KeyedRows {
    sql: String,
    source: KeySource,
    is_there: Option<String>,
}

impl KeyedRows {
    fn of<V>(shown: &ShownValues<'_, V>, key: &[String], missing: MissingKey) -> Option<Self> {
        let mut numbered = shown.rows.iter().zip(shown.first..).peekable();
        let mut next = || {
            let (values, row) = numbered.next()?;
            let is_last = numbered.peek().is_none();
            Some(KeyedValues::of(values, (row, is_last), key, missing))
        };
        let KeyedValues {
            mut sql,
            mut source,
            mut is_there,
        } = next()??;
        while let Some(row) = next() {
            let row = row?;
            let (_, values) = row.sql.split_once(") VALUES ")?;
            sql.push_str(", ");
            sql.push_str(values);
            if let (Some(is_there), Some(row)) = (&mut is_there, row.is_there) {
                is_there.push_str(" OR ");
                is_there.push_str(&row);
            }
            source.rows += 1;
        }
        if let (Some(is_there), Some(on_duplicate_key)) = (&mut is_there, shown.on_duplicate_key) {
            // The statement binds these values, too.
            is_there.push_str(&on_duplicate_key.any_binds());
        }
        Some(Self {
            sql,
            source,
            is_there,
        })
    }
}

/// Inserts rows, and adds them to `rows` as the database has them. `map` counts the statements.
///
/// # Errors
/// [`KeyNotReturned`](crate::IdentityMapError::KeyNotReturned) where it is not certain which rows were
/// inserted; whatever the database answers.
pub(super) async fn insert_keyed<M, DB, Conn, D, V>(
    shown: ShownValues<'_, V>,
    map: Option<&IdentityMap>,
    rows: &mut Loading<'static, M>,
    conn: &mut Conn,
) -> QueryResult<Upserted>
where
    D: ConnectionKind,
    DB: Speaks<D::Dialect> + QueryMetadata<SqlTypeOf<M::KeyColumns>> + QueryMetadata<BigInt>,
    Conn: Driver<D, Backend = DB>,
    M: DecodableModel<DB> + LoadByKeys<Conn, D>,
    M::Table: QueryFragment<DB>,
    M::KeyColumns: QueryFragment<DB>,
    M::Query: FilterDsl<KeyFromServer<M>> + FilterDsl<KeyIs<M>>,
    Filter<M::Query, KeyFromServer<M>>: CachedQuery<M, Conn, D> + 'static,
    Filter<M::Query, KeyIs<M>>: CachedQuery<M, Conn, D> + 'static,
    V: QueryFragment<DB> + Sync,
{
    use MissingKey::{Default, Generated};

    let key = column_names(&DB::text(&M::key_columns()).unwrap_or_default());
    let model = ModelType::of::<M>().id;
    let realm = map.and_then(IdentityMap::realm);
    let ways = if KEYS_BY_DEFAULT.has(model, realm) {
        [Default, Generated]
    } else {
        [Generated, Default]
    };
    let mut refused = None;
    for missing in ways {
        let Some(keyed) = KeyedRows::of(&shown, &key, missing) else {
            continue;
        };
        match insert_rows::<M, DB, Conn, D, V>(&shown, &keyed, &key, map, rows, conn).await {
            Err(error) if refused.is_none() && refuses_key(&error, &key) => refused = Some(error),
            Ok(answer) if refused.is_some() && missing == Default => {
                KEYS_BY_DEFAULT.note(model, realm);
                return Ok(answer);
            }
            answer => return answer,
        }
    }
    Err(refused.unwrap_or_else(key_not_returned::<M>))
}

/// Whether the database refuses `NULL`, or no value, for a part of the key.
fn refuses_key(error: &Error, key: &[String]) -> bool {
    match error {
        Error::DatabaseError(DatabaseErrorKind::NotNullViolation, about) => {
            let message = about.message();
            key.iter()
                .any(|name| message.contains(&format!("'{name}'")))
        }
        _ => false,
    }
}

async fn insert_rows<M, DB, Conn, D, V>(
    shown: &ShownValues<'_, V>,
    keyed: &KeyedRows,
    key: &[String],
    map: Option<&IdentityMap>,
    rows: &mut Loading<'static, M>,
    conn: &mut Conn,
) -> QueryResult<Upserted>
where
    D: ConnectionKind,
    DB: Speaks<D::Dialect> + QueryMetadata<SqlTypeOf<M::KeyColumns>> + QueryMetadata<BigInt>,
    Conn: Driver<D, Backend = DB>,
    M: DecodableModel<DB> + LoadByKeys<Conn, D>,
    M::Table: QueryFragment<DB>,
    M::KeyColumns: QueryFragment<DB>,
    M::Query: FilterDsl<KeyFromServer<M>> + FilterDsl<KeyIs<M>>,
    Filter<M::Query, KeyFromServer<M>>: CachedQuery<M, Conn, D> + 'static,
    Filter<M::Query, KeyIs<M>>: CachedQuery<M, Conn, D> + 'static,
    V: QueryFragment<DB> + Sync,
{
    let ShownValues {
        values,
        on_duplicate_key,
        ..
    } = *shown;
    let source = &keyed.source;
    let table = DB::text(&M::table()).unwrap_or_default();
    let mut is_there = false;
    if let Some(condition) = &keyed.is_there {
        let rows_there = format!("SELECT 1 FROM {table} WHERE {condition}");
        let text = format!("SELECT {LAST_ID_BEFORE} := LAST_INSERT_ID() UNION ALL {rows_there}");
        is_there = count_rows::<Conn, D, V>(values, (text, source.rows), map, conn).await? > 1;
        if is_there {
            // A snapshot may show rows that others have deleted. Who will update the row locks it for that, since
            // two that share a lock would wait for each other.
            let lock = match on_duplicate_key {
                Some(_) => "FOR UPDATE",
                None => "LOCK IN SHARE MODE",
            };
            let text = format!("{rows_there} {lock}");
            is_there = count_rows::<Conn, D, V>(values, (text, source.rows), map, conn).await? > 0;
        }
    }
    let mut text = keyed.sql.clone();
    if let Some(on_duplicate_key) = on_duplicate_key {
        prepare_variables::<Conn, D>(key.len(), conn).await?;
        text.push_str(&on_duplicate_key.capturing(key));
    }
    let values = RewrittenValues {
        values,
        text,
        rows: source.rows,
    };
    let statement = Insert {
        table: M::table(),
        values: &values,
    };
    send(conn, statement, map).await?;
    if let Some(on_duplicate_key) = on_duplicate_key
        && let Some(row) = read_updated::<M, DB, Conn, D>(key.len(), map, conn).await?
    {
        if !on_duplicate_key.changes_rows {
            return Ok(Upserted::Nothing);
        }
        rows.push(row);
        return Ok(Upserted::Updated);
    }
    if source.rows == 1 {
        let mut row = None;
        if !is_there {
            row = read_row_by_source::<M, DB, Conn, D>(conn, source, map).await?;
        }
        if let ([column], None, Some(_)) = (key, &row, &keyed.is_there) {
            // The server has put another key in place of the given one.
            let generated = generated_key_of(&table, column);
            row = read_row_by_sql::<M, Conn, D>(conn, generated, map).await?;
        }
        rows.push(row.ok_or_else(key_not_returned::<M>)?);
        return Ok(Upserted::Inserted);
    }
    if is_there {
        return Err(key_not_returned::<M>());
    }
    let keys = load_keys::<M, DB, Conn, D, _>(conn, source.select_keys(), map).await;
    let keys = keys.map_err(|error| match error {
        // No key was generated.
        Error::DeserializationError(_) => key_not_returned::<M>(),
        error => error,
    })?;
    map.inspect(|map| map.count_statement());
    for row in load_by_given_keys::<M, Conn, D>(&keys, conn).await? {
        rows.push(row.ok_or_else(key_not_returned::<M>)?);
    }
    Ok(Upserted::Inserted)
}

/// Sends a query that takes the binds of some values, and counts its rows.
async fn count_rows<Conn, D, V>(
    values: &V,
    (text, rows): (String, usize),
    map: Option<&IdentityMap>,
    conn: &mut Conn,
) -> QueryResult<usize>
where
    D: ConnectionKind,
    Conn: Driver<D, Backend: QueryMetadata<BigInt>>,
    V: QueryFragment<Conn::Backend> + Sync,
{
    let query = KeysThere(RewrittenValues { values, text, rows });
    map.inspect(|map| map.count_statement());
    let mut answered = 0;
    conn.visit_rows(query, RowCounter(&mut answered)).await?;
    Ok(answered)
}

/// A query with the binds of values.
struct KeysThere<'v, V>(RewrittenValues<'v, V>);

impl<V> Query for KeysThere<'_, V> {
    type SqlType = BigInt;
}

impl<V> QueryId for KeysThere<'_, V> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<V, DB> QueryFragment<DB> for KeysThere<'_, V>
where
    DB: Backend,
    V: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }
}

pub(super) struct RowCounter<'c>(pub(super) &'c mut usize);

impl<Conn: Driver<D>, D: ConnectionKind> Visitor<Conn, D> for RowCounter<'_> {
    fn visit_row<'conn>(&mut self, _: &Conn::AnsweredRow<'conn, '_>) -> QueryResult<ControlFlow<()>>
    where
        Conn: 'conn,
    {
        *self.0 += 1;
        Ok(ControlFlow::Continue(()))
    }
}
