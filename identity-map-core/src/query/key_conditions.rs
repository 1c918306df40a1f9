//! Conditions on keys: [`KeyIs`] one key, [`KeysIn`] one of several, [`KeyFromServer`] a key that only
//! the server has.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Bool;

use super::bind_key::BindKey;
#[cfg(feature = "mysql")]
use super::key_sql_types::is_not_timestamp;
#[cfg(feature = "mysql")]
use crate::database::MysqlDialect;
#[cfg(feature = "postgres")]
use crate::database::PgDialect;
#[cfg(feature = "sqlite")]
use crate::database::SqliteDialect;
use crate::database::{CommonDialect, Dialect};
use crate::model::{Composite, Model, Single};

/// `key = ?`, on every database.
#[derive(Debug, Clone)]
pub struct KeyIs<M: Model> {
    columns: M::KeyColumns,
    key: M::Key,
}

impl<M: Model> KeyIs<M> {
    pub(crate) fn new(key: M::Key) -> Self {
        Self {
            columns: M::key_columns(),
            key,
        }
    }
}

impl<M: Model, DB> QueryFragment<DB> for KeyIs<M>
where
    DB: Backend,
    M::Key: BindKey<M::KeyColumns, DB, M::KeyShape>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.key.equals(&self.columns, &mut pass)
    }
}

impl<M: Model> QueryId for KeyIs<M>
where
    M::KeyColumns: QueryId,
{
    type QueryId = KeyIsId<<M::KeyColumns as QueryId>::QueryId>;
    const HAS_STATIC_QUERY_ID: bool = M::KeyColumns::HAS_STATIC_QUERY_ID;
}

/// `key = (..)`, with an expression of SQL for a key that only the server has.
#[derive(Debug, Clone)]
pub struct KeyFromServer<M: Model> {
    columns: M::KeyColumns,
    sql: String,
}

impl<M: Model> KeyFromServer<M> {
    pub(crate) fn new(sql: String) -> Self {
        Self {
            columns: M::key_columns(),
            sql,
        }
    }
}

impl<M: Model, DB> QueryFragment<DB> for KeyFromServer<M>
where
    DB: Backend,
    M::Key: BindKey<M::KeyColumns, DB, M::KeyShape>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        M::Key::columns(&self.columns, &mut pass)?;
        pass.push_sql(" = (");
        pass.push_sql(&self.sql);
        pass.push_sql(")");
        Ok(())
    }
}

impl<M: Model> QueryId for KeyFromServer<M> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// The type by which Diesel caches statements with [`KeyIs`].
#[derive(Debug)]
pub struct KeyIsId<Columns>(PhantomData<Columns>);

/// The condition that some columns hold one of some keys, in the dialect `D`: those of the row
/// itself, or of the row it belongs to.
///
/// One array bind on PostgreSQL, a list elsewhere, row values where the key is composite.
#[derive(Debug, Clone)]
pub struct KeysIn<Columns, Key, D, Shape> {
    columns: Columns,
    keys: Vec<Key>,
    width: usize,
    dialect: PhantomData<(D, Shape)>,
}

/// The condition that a row's own key is one of some keys.
pub type OwnKeysIn<M, D> =
    KeysIn<<M as Model>::KeyColumns, <M as crate::IdentityMapped>::Key, D, <M as Model>::KeyShape>;

impl<Columns, Key, D, Shape> KeysIn<Columns, Key, D, Shape> {
    /// `columns` are `width` columns. `keys` may be empty only in the [`CommonDialect`].
    pub(crate) fn new(columns: Columns, width: usize, keys: Vec<Key>) -> Self {
        Self {
            columns,
            keys,
            width,
            dialect: PhantomData,
        }
    }
}

impl<Columns, Key, D: Dialect, Shape> KeysIn<Columns, Key, D, Shape> {
    /// Writes the keys as a list. The last key is repeated up to a length that many statements share, so
    /// that they share their text.
    fn write_keys<'b, DB>(&'b self, pass: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend,
        Key: BindKey<Columns, DB, Shape>,
    {
        let last = self.keys.len() - 1;
        let length = D::padded(self.keys.len(), self.width).max(self.keys.len());
        for index in 0..length {
            if index > 0 {
                pass.push_sql(", ");
            }
            self.keys[index.min(last)].bind(pass)?;
        }
        Ok(())
    }

    /// Writes `(columns = key OR ..)`.
    fn write_each<'b, DB>(&'b self, pass: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend,
        Key: BindKey<Columns, DB, Shape>,
    {
        for (index, key) in self.keys.iter().enumerate() {
            pass.push_sql(if index > 0 { " OR " } else { "(" });
            key.equals(&self.columns, pass)?;
        }
        pass.push_sql(")");
        Ok(())
    }

    /// Writes `columns IN (keys)`, with `prefix` before the keys.
    fn write_in<'b, DB>(&'b self, prefix: &str, pass: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend,
        Key: BindKey<Columns, DB, Shape>,
    {
        Key::columns(&self.columns, pass)?;
        pass.push_sql(" IN (");
        pass.push_sql(prefix);
        self.write_keys(pass)?;
        pass.push_sql(")");
        Ok(())
    }
}

/// Implements what Diesel asks of a condition on these columns.
macro_rules! impl_condition {
    ($([$($param:tt)*] $condition:ty: $columns:ty;)+) => {$(
        impl<$($param)*> Expression for $condition {
            type SqlType = Bool;
        }

        impl<$($param)*, QS> AppearsOnTable<QS> for $condition where $columns: AppearsOnTable<QS> {}

        impl<$($param)*, QS> SelectableExpression<QS> for $condition
        where
            $columns: SelectableExpression<QS>,
        {
        }

        impl<$($param)*, GB> ValidGrouping<GB> for $condition {
            type IsAggregate = is_aggregate::No;
        }
    )+};
}

impl_condition! {
    [M: Model] KeyIs<M>: M::KeyColumns;
    [M: Model] KeyFromServer<M>: M::KeyColumns;
    [Columns, Key, D, Shape] KeysIn<Columns, Key, D, Shape>: Columns;
}

/// The length of the list is not in the type, so Diesel caches the statement by its text.
impl<Columns, Key, D, Shape> QueryId for KeysIn<Columns, Key, D, Shape> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// `id IN (?, ?)`
#[cfg(feature = "sqlite")]
impl<Columns, Key> QueryFragment<diesel::sqlite::Sqlite>
    for KeysIn<Columns, Key, SqliteDialect, Single>
where
    Key: BindKey<Columns, diesel::sqlite::Sqlite, Single>,
{
    fn walk_ast<'b>(
        &'b self,
        mut pass: AstPass<'_, 'b, diesel::sqlite::Sqlite>,
    ) -> QueryResult<()> {
        self.write_in("", &mut pass)
    }
}

/// `(a, b) IN (VALUES (?, ?), (?, ?))`: SQLite compares row values with a table only.
#[cfg(feature = "sqlite")]
impl<Columns, Key> QueryFragment<diesel::sqlite::Sqlite>
    for KeysIn<Columns, Key, SqliteDialect, Composite>
where
    Key: BindKey<Columns, diesel::sqlite::Sqlite, Composite>,
{
    fn walk_ast<'b>(
        &'b self,
        mut pass: AstPass<'_, 'b, diesel::sqlite::Sqlite>,
    ) -> QueryResult<()> {
        self.write_in("VALUES ", &mut pass)
    }
}

/// `id IN (?, ?)`, `(a, b) IN ((?, ?), (?, ?))`; `(id = ? OR id = ?)` with a `TIMESTAMP` in it.
#[cfg(feature = "mysql")]
impl<Columns, Key, Shape> QueryFragment<diesel::mysql::Mysql>
    for KeysIn<Columns, Key, MysqlDialect, Shape>
where
    Key: BindKey<Columns, diesel::mysql::Mysql, Shape>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, diesel::mysql::Mysql>) -> QueryResult<()> {
        if Key::all_types(is_not_timestamp) {
            self.write_in("", &mut pass)
        } else {
            self.write_each(&mut pass)
        }
    }
}

/// `id = ANY($1)`
#[cfg(feature = "postgres")]
impl<Columns, Key> QueryFragment<diesel::pg::Pg> for KeysIn<Columns, Key, PgDialect, Single>
where
    Columns: Expression + QueryFragment<diesel::pg::Pg> + 'static,
    diesel::pg::Pg: diesel::sql_types::HasSqlType<diesel::sql_types::Array<Columns::SqlType>>,
    [Key]: diesel::serialize::ToSql<diesel::sql_types::Array<Columns::SqlType>, diesel::pg::Pg>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, diesel::pg::Pg>) -> QueryResult<()> {
        self.columns.walk_ast(pass.reborrow())?;
        pass.push_sql(" = ANY(");
        pass.push_bind_param::<diesel::sql_types::Array<Columns::SqlType>, _>(
            self.keys.as_slice(),
        )?;
        pass.push_sql(")");
        Ok(())
    }
}

/// `(a, b) IN (VALUES ($1, $2), ($3, $4))`: a join, where a list of rows would be a long `OR`.
#[cfg(feature = "postgres")]
impl<Columns, Key> QueryFragment<diesel::pg::Pg> for KeysIn<Columns, Key, PgDialect, Composite>
where
    Key: BindKey<Columns, diesel::pg::Pg, Composite>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, diesel::pg::Pg>) -> QueryResult<()> {
        self.write_in("VALUES ", &mut pass)
    }
}

/// `id IN (?, ?)`: every database understands it.
impl<Columns, Key, DB> QueryFragment<DB> for KeysIn<Columns, Key, CommonDialect, Single>
where
    DB: Backend,
    Key: BindKey<Columns, DB, Single>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.keys.is_empty() {
            pass.push_sql("1 = 0");
            return Ok(());
        }
        self.write_in("", &mut pass)
    }
}

/// `((a = ? AND b = ?) OR ..)`: every database understands it.
impl<Columns, Key, DB> QueryFragment<DB> for KeysIn<Columns, Key, CommonDialect, Composite>
where
    DB: Backend,
    Key: BindKey<Columns, DB, Composite>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.keys.is_empty() {
            pass.push_sql("1 = 0");
            return Ok(());
        }
        self.write_each(&mut pass)
    }
}
