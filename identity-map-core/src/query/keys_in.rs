//! Conditions on the key of a model: [`KeyIs`] one key, or one of many ([`KeysIn`]).

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
use super::dialect::MysqlDialect;
#[cfg(feature = "postgres")]
use super::dialect::PgDialect;
#[cfg(feature = "sqlite")]
use super::dialect::SqliteDialect;
use super::dialect::{CommonDialect, Dialect};
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

/// `key = what SQL says`, where only the server has the key.
#[derive(Debug, Clone)]
pub struct KeyTold<M: Model> {
    columns: M::KeyColumns,
    sql: String,
}

impl<M: Model> KeyTold<M> {
    pub(crate) fn new(sql: String) -> Self {
        Self {
            columns: M::key_columns(),
            sql,
        }
    }
}

impl<M: Model, DB> QueryFragment<DB> for KeyTold<M>
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

impl<M: Model> QueryId for KeyTold<M> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// The condition's type by which its statement is cached.
#[derive(Debug)]
pub struct KeyIsId<Columns>(PhantomData<Columns>);

/// The condition that a row's key is one of some keys, in the dialect `D`.
///
/// One array bind on PostgreSQL, a list elsewhere, row values where the key is composite.
#[derive(Debug, Clone)]
pub struct KeysIn<M: Model, D, Shape = <M as Model>::KeyShape> {
    columns: M::KeyColumns,
    keys: Vec<M::Key>,
    spelling: PhantomData<(D, Shape)>,
}

impl<M: Model, D> KeysIn<M, D> {
    /// # Panics
    /// When there are no keys: no dialect can spell that.
    pub(super) fn new(keys: Vec<M::Key>) -> Self {
        assert!(!keys.is_empty(), "a batch has keys");
        Self {
            columns: M::key_columns(),
            keys,
            spelling: PhantomData,
        }
    }
}

impl<M: Model, D: Dialect, Shape> KeysIn<M, D, Shape> {
    /// Writes the keys as a list, the last one repeated to fill the places of the statement.
    fn list<'b, DB>(&'b self, pass: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend,
        M::Key: BindKey<M::KeyColumns, DB, Shape>,
    {
        let last = self.keys.len() - 1;
        let places = D::padded(self.keys.len(), M::KEY_COLUMNS).max(self.keys.len());
        for place in 0..places {
            if place > 0 {
                pass.push_sql(", ");
            }
            self.keys[place.min(last)].bind(pass)?;
        }
        Ok(())
    }

    /// Writes `columns IN (before keys after)`.
    fn column_in<'b, DB>(&'b self, before: &str, pass: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend,
        M::Key: BindKey<M::KeyColumns, DB, Shape>,
    {
        M::Key::columns(&self.columns, pass)?;
        pass.push_sql(" IN (");
        pass.push_sql(before);
        self.list(pass)?;
        pass.push_sql(")");
        Ok(())
    }
}

/// What Diesel has to know of a condition on the key columns.
macro_rules! condition {
    ($($condition:ident<$($param:ident),*>),+) => {$(
        impl<M: Model $(, $param)*> Expression for $condition<M $(, $param)*> {
            type SqlType = Bool;
        }

        impl<M: Model $(, $param)*, QS> AppearsOnTable<QS> for $condition<M $(, $param)*> where
            M::KeyColumns: AppearsOnTable<QS>
        {
        }

        impl<M: Model $(, $param)*, QS> SelectableExpression<QS> for $condition<M $(, $param)*>
        where
            M::KeyColumns: SelectableExpression<QS>,
        {
        }

        impl<M: Model $(, $param)*, GB> ValidGrouping<GB> for $condition<M $(, $param)*> {
            type IsAggregate = is_aggregate::No;
        }
    )+};
}

condition!(KeyIs<>, KeyTold<>, KeysIn<D, Shape>);

/// How many places the list has is not in the type, so the text is what is cached by.
impl<M: Model, D, Shape> QueryId for KeysIn<M, D, Shape> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// `id IN (?, ?)`
#[cfg(feature = "sqlite")]
impl<M: Model> QueryFragment<diesel::sqlite::Sqlite> for KeysIn<M, SqliteDialect, Single>
where
    M::Key: BindKey<M::KeyColumns, diesel::sqlite::Sqlite, Single>,
{
    fn walk_ast<'b>(
        &'b self,
        mut pass: AstPass<'_, 'b, diesel::sqlite::Sqlite>,
    ) -> QueryResult<()> {
        self.column_in("", &mut pass)
    }
}

/// `(a, b) IN (VALUES (?, ?), (?, ?))`: SQLite compares row values with a table only.
#[cfg(feature = "sqlite")]
impl<M: Model> QueryFragment<diesel::sqlite::Sqlite> for KeysIn<M, SqliteDialect, Composite>
where
    M::Key: BindKey<M::KeyColumns, diesel::sqlite::Sqlite, Composite>,
{
    fn walk_ast<'b>(
        &'b self,
        mut pass: AstPass<'_, 'b, diesel::sqlite::Sqlite>,
    ) -> QueryResult<()> {
        self.column_in("VALUES ", &mut pass)
    }
}

/// `id IN (?, ?)`, `(a, b) IN ((?, ?), (?, ?))`
#[cfg(feature = "mysql")]
impl<M: Model, Shape> QueryFragment<diesel::mysql::Mysql> for KeysIn<M, MysqlDialect, Shape>
where
    M::Key: BindKey<M::KeyColumns, diesel::mysql::Mysql, Shape>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, diesel::mysql::Mysql>) -> QueryResult<()> {
        self.column_in("", &mut pass)
    }
}

/// `id = ANY($1)`
#[cfg(feature = "postgres")]
impl<M: Model> QueryFragment<diesel::pg::Pg> for KeysIn<M, PgDialect, Single>
where
    M::KeyColumns: QueryFragment<diesel::pg::Pg>,
    diesel::pg::Pg: diesel::sql_types::HasSqlType<
            diesel::sql_types::Array<<M::KeyColumns as Expression>::SqlType>,
        >,
    [M::Key]: diesel::serialize::ToSql<
            diesel::sql_types::Array<<M::KeyColumns as Expression>::SqlType>,
            diesel::pg::Pg,
        >,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, diesel::pg::Pg>) -> QueryResult<()> {
        self.columns.walk_ast(pass.reborrow())?;
        pass.push_sql(" = ANY(");
        pass.push_bind_param::<diesel::sql_types::Array<<M::KeyColumns as Expression>::SqlType>, _>(
            self.keys.as_slice(),
        )?;
        pass.push_sql(")");
        Ok(())
    }
}

/// `(a, b) IN (VALUES ($1, $2), ($3, $4))`: a join, where a list of rows would be a long `OR`.
#[cfg(feature = "postgres")]
impl<M: Model> QueryFragment<diesel::pg::Pg> for KeysIn<M, PgDialect, Composite>
where
    M::Key: BindKey<M::KeyColumns, diesel::pg::Pg, Composite>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, diesel::pg::Pg>) -> QueryResult<()> {
        self.column_in("VALUES ", &mut pass)
    }
}

/// `id IN (?, ?)`: every database understands it.
impl<M: Model, DB> QueryFragment<DB> for KeysIn<M, CommonDialect, Single>
where
    DB: Backend,
    M::Key: BindKey<M::KeyColumns, DB, Single>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.column_in("", &mut pass)
    }
}

/// `((a = ? AND b = ?) OR ..)`: every database understands it.
impl<M: Model, DB> QueryFragment<DB> for KeysIn<M, CommonDialect, Composite>
where
    DB: Backend,
    M::Key: BindKey<M::KeyColumns, DB, Composite>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql("(");
        for (place, key) in self.keys.iter().enumerate() {
            if place > 0 {
                pass.push_sql(" OR ");
            }
            key.equals(&self.columns, &mut pass)?;
        }
        pass.push_sql(")");
        Ok(())
    }
}
