//! What `upsert` takes ([`UpsertStatement`]), and how a connection sends it ([`Upserts`]).

use std::future::Future;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::dsl::{Filter, SqlTypeOf};
use diesel::expression::{Expression, QueryMetadata};
use diesel::query_builder::{AstPass, InsertStatement, QueryFragment};
use diesel::query_dsl::methods::FilterDsl;
use diesel::query_source::QuerySource;
use diesel::result::Error::NotFound;
use diesel::row::{Field, Row};
use diesel::sql_types::{BigInt, Nullable, Text};

use super::key_source::SelectKeys;
use super::keyed_insert::{RowCounter, ShownValues, insert_keyed};
use super::keyed_upsert::{OnDuplicateKey, Upserted};
use super::missing_row::key_not_returned;
use super::send::read_row;
use super::statement::Returning;
use super::upsert_text::UpsertText;
use super::writes::Writes;
use crate::choice::Choice;
use crate::connection::{ConnectionKind, Driver, Visitor, identify_product};
use crate::database::{Dialect, ReturnsRows as _, Speaks, returns_rows};
use crate::map::IdentityMap;
use crate::model::{DecodableModel, Model};
use crate::query::{
    CachedQuery, KeyFromServer, KeyIs, LoadByKeys, Loading, Take, key_after, model_of,
};

/// Diesel's `INSERT`, with a clause for conflicts or without.
pub trait UpsertStatement {
    /// The table.
    type Table;
}

impl<T: QuerySource, U> UpsertStatement for InsertStatement<T, U> {
    type Table = T;
}

/// The rows that an upsert has inserted or updated, and of each whether it was inserted, if the database says
/// it.
pub(super) type UpsertedRows<M> = Vec<(Arc<M>, Option<bool>)>;

/// A connection on which the statement `S` inserts or updates rows of `M`.
#[diagnostic::on_unimplemented(
    message = "this statement cannot insert or update a `{M}` on `{Self}`",
    note = "`upsert` takes `diesel::insert_into(..).values(..).on_conflict(..)` with `do_update().set(..)` or \
            `do_nothing()`, for the table of `{M}` and without `returning`",
    note = "on MySQL and MariaDB Diesel's target is `.on_conflict(diesel::dsl::DuplicatedKeys)`; on SQLite Diesel \
            sends the values of one row by a statement",
    note = "`{M}` must be loadable on this connection, and implement `Hooks<{Self}>` if it says \
            `#[identity_map(hooks)]`"
)]
pub trait Upserts<M: Model, S, D: ConnectionKind>: Writes<M, D> {
    /// The text of the statement.
    #[doc(hidden)]
    fn upsert_text(statement: &S) -> Option<String>;

    /// The text of the model's table.
    #[doc(hidden)]
    fn table_text() -> String;

    /// Sends the statement. `text` is what its text says; `map` counts the statements.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn send_upsert(
        &mut self,
        statement: S,
        text: Option<UpsertParts<'_>>,
        map: Option<&IdentityMap>,
    ) -> impl Future<Output = QueryResult<UpsertedRows<M>>> + Send;
}

/// What the text of an upsert says.
#[doc(hidden)]
#[derive(Debug)]
pub struct UpsertParts<'s>(pub(super) UpsertText<'s>);

#[diagnostic::do_not_recommend]
impl<M, S, D, Conn, DB> Upserts<M, S, D> for Conn
where
    D: ConnectionKind,
    DB: Speaks<D::Dialect>,
    Conn: Driver<D, Backend = DB> + Writes<M, D>,
    M: DecodableModel<DB> + LoadByKeys<Conn, D>,
    M::Table: QueryFragment<DB>,
    M::Selection: QueryFragment<DB>,
    M::KeyColumns: QueryFragment<DB>,
    M::Query: FilterDsl<KeyIs<M>> + FilterDsl<KeyFromServer<M>>,
    Filter<M::Query, KeyIs<M>>: CachedQuery<M, Conn, D> + 'static,
    Filter<M::Query, KeyFromServer<M>>: CachedQuery<M, Conn, D> + 'static,
    DB: QueryMetadata<(Nullable<Text>, SqlTypeOf<M::Selection>)>
        + QueryMetadata<(Nullable<Text>, SqlTypeOf<M::KeyColumns>)>
        + QueryMetadata<SqlTypeOf<M::KeyColumns>>
        + QueryMetadata<BigInt>,
    (IsInserted, M::Selection):
        Expression<SqlType = (Nullable<Text>, SqlTypeOf<M::Selection>)> + QueryFragment<DB>,
    (IsInserted, M::KeyColumns):
        Expression<SqlType = (Nullable<Text>, SqlTypeOf<M::KeyColumns>)> + QueryFragment<DB>,
    S: UpsertStatement<Table = M::Table> + QueryFragment<DB> + Send + Sync,
{
    fn upsert_text(statement: &S) -> Option<String> {
        DB::text(statement)
    }

    fn table_text() -> String {
        DB::text(&M::table()).unwrap_or_default()
    }

    fn send_upsert(
        &mut self,
        statement: S,
        text: Option<UpsertParts<'_>>,
        map: Option<&IdentityMap>,
    ) -> impl Future<Output = QueryResult<UpsertedRows<M>>> + Send {
        <D::Dialect as Dialect>::ReturnsRows::choose(
            (self, statement, text),
            |(conn, statement, text)| async {
                let returns = returns_rows(identify_product(conn).await);
                (returns, (conn, statement, text))
            },
            move |(conn, statement, _)| returning::<M, DB, Conn, D, S>(conn, statement, map),
            move |(conn, statement, text)| {
                keyed::<M, DB, Conn, D, S>(conn, statement, text.map(|parts| parts.0), map)
            },
        )
    }
}

/// Sends an upsert to a database that returns what it writes.
async fn returning<M, DB, Conn, D, S>(
    conn: &mut Conn,
    statement: S,
    map: Option<&IdentityMap>,
) -> QueryResult<UpsertedRows<M>>
where
    D: ConnectionKind,
    DB: Speaks<D::Dialect>,
    Conn: Driver<D, Backend = DB>,
    M: DecodableModel<DB>,
    M::Table: QueryFragment<DB>,
    M::Query: FilterDsl<KeyIs<M>>,
    Filter<M::Query, KeyIs<M>>: CachedQuery<M, Conn, D> + 'static,
    DB: QueryMetadata<(Nullable<Text>, SqlTypeOf<M::Selection>)>
        + QueryMetadata<(Nullable<Text>, SqlTypeOf<M::KeyColumns>)>
        + QueryMetadata<BigInt>,
    (IsInserted, M::Selection):
        Expression<SqlType = (Nullable<Text>, SqlTypeOf<M::Selection>)> + QueryFragment<DB>,
    (IsInserted, M::KeyColumns):
        Expression<SqlType = (Nullable<Text>, SqlTypeOf<M::KeyColumns>)> + QueryFragment<DB>,
    S: QueryFragment<DB> + Send,
{
    let is_inserted = IsInserted(is_inserted::<M, DB, Conn, D>(map, conn).await?);
    map.inspect(|map| map.count_statement());
    <M::IsPlain as Choice>::choose(
        (conn, statement),
        async move |(conn, statement): (&mut Conn, S)| {
            let mut rows = Vec::new();
            let expressions = (is_inserted, M::selection());
            let returning = Returning {
                statement,
                expressions,
            };
            let collector = RowCollector { rows: &mut rows };
            conn.visit_rows(returning, collector).await?;
            Ok(rows)
        },
        async move |(conn, statement): (&mut Conn, S)| {
            let mut keys = Vec::new();
            let expressions = (is_inserted, M::key_columns());
            let returning = Returning {
                statement,
                expressions,
            };
            let collector = KeyCollector::<M>(&mut keys);
            conn.visit_rows(returning, collector).await?;
            let mut rows = Vec::with_capacity(keys.len());
            for (key, inserted) in keys {
                let row = read_row(conn, key, map).await?;
                rows.push((row.ok_or(NotFound)?, inserted));
            }
            Ok(rows)
        },
    )
    .await
}

/// Sends an upsert to a database that returns nothing.
async fn keyed<M, DB, Conn, D, S>(
    conn: &mut Conn,
    statement: S,
    text: Option<UpsertText<'_>>,
    map: Option<&IdentityMap>,
) -> QueryResult<UpsertedRows<M>>
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
    S: QueryFragment<DB> + Sync,
{
    let text = text.ok_or_else(key_not_returned::<M>)?;
    let shown = ShownValues {
        values: &statement,
        rows: &[text.values.to_owned()],
        first: 0,
        on_duplicate_key: text.on_duplicate_key.map(|assignments| OnDuplicateKey {
            assignments,
            changes_rows: text.changes.is_some(),
        }),
    };
    let mut rows = Loading::uncached(Take::All);
    let upserted = insert_keyed::<M, DB, Conn, D, S>(shown, map, &mut rows, conn).await?;
    let is_inserted = Some(upserted == Upserted::Inserted);
    let rows = rows.into_objects().into_iter();
    Ok(rows.map(|row| (row, is_inserted)).collect())
}

/// The SQL that says whether a row was inserted, if hooks ask for it and the table can say it.
async fn is_inserted<M, DB, Conn, D>(
    map: Option<&IdentityMap>,
    conn: &mut Conn,
) -> QueryResult<Option<&'static str>>
where
    M: Model,
    D: ConnectionKind,
    DB: Speaks<D::Dialect> + QueryMetadata<BigInt>,
    Conn: Driver<D, Backend = DB>,
    M::Table: QueryFragment<DB>,
{
    let Some(is_inserted) = <D::Dialect as Dialect>::IS_INSERTED.filter(|_| M::HAS_HOOKS) else {
        return Ok(None);
    };
    let table = DB::text(&M::table()).unwrap_or_default();
    // Only the rows of an ordinary table have system columns that a statement can return.
    let table = table.replace('\'', "''");
    let ordinary = SelectKeys {
        sql: format!(
            "SELECT 1::bigint FROM pg_catalog.pg_class WHERE relkind = 'r' AND oid = to_regclass('{table}')"
        ),
        sql_type: PhantomData::<fn() -> BigInt>,
    };
    map.inspect(|map| map.count_statement());
    let mut ordinary_tables = 0;
    conn.visit_rows(ordinary, RowCounter(&mut ordinary_tables))
        .await?;
    Ok(Some(is_inserted).filter(|_| ordinary_tables > 0))
}

/// Whether the row was inserted: `true`, `false`, or `NULL` if nothing says it.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct IsInserted(Option<&'static str>);

impl Expression for IsInserted {
    type SqlType = Nullable<Text>;
}

impl<DB: Backend> QueryFragment<DB> for IsInserted {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(self.0.unwrap_or("NULL"));
        Ok(())
    }
}

/// What [`IsInserted`] says in a row that begins with it.
fn inserted_of<'row, D, DB>(row: &impl Row<'row, DB>) -> Option<bool>
where
    D: ConnectionKind,
    DB: Speaks<D::Dialect>,
{
    let field = row.get(0)?;
    DB::read_text(field.value()?).map(|text| text == "true")
}

struct RowCollector<'c, M: Model> {
    rows: &'c mut UpsertedRows<M>,
}

impl<M, Conn, D> Visitor<Conn, D> for RowCollector<'_, M>
where
    D: ConnectionKind,
    Conn: Driver<D, Backend: Speaks<D::Dialect>>,
    M: DecodableModel<Conn::Backend>,
{
    fn visit_row<'conn>(
        &mut self,
        row: &Conn::AnsweredRow<'conn, '_>,
    ) -> QueryResult<ControlFlow<()>>
    where
        Conn: 'conn,
    {
        let inserted = inserted_of::<D, Conn::Backend>(row);
        let object = model_of::<M, Conn::Backend>(1, row)?;
        self.rows.push((Arc::new(object), inserted));
        Ok(ControlFlow::Continue(()))
    }
}

struct KeyCollector<'c, M: Model>(&'c mut Vec<(M::Key, Option<bool>)>);

impl<M, Conn, D> Visitor<Conn, D> for KeyCollector<'_, M>
where
    D: ConnectionKind,
    Conn: Driver<D, Backend: Speaks<D::Dialect>>,
    M: DecodableModel<Conn::Backend>,
{
    fn visit_row<'conn>(
        &mut self,
        row: &Conn::AnsweredRow<'conn, '_>,
    ) -> QueryResult<ControlFlow<()>>
    where
        Conn: 'conn,
    {
        let inserted = inserted_of::<D, Conn::Backend>(row);
        self.0
            .push((key_after::<M, Conn::Backend>(1, row)?, inserted));
        Ok(ControlFlow::Continue(()))
    }
}
