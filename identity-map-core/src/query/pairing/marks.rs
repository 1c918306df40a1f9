//! One mark for each key that was asked for: [`KeyMarks`].

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Text;

#[cfg(feature = "mysql")]
use crate::database::MysqlDialect;
#[cfg(feature = "postgres")]
use crate::database::PgDialect;
#[cfg(feature = "sqlite")]
use crate::database::SqliteDialect;
use crate::database::{CommonDialect, Dialect};
use crate::query::BindKey;

/// A text of one character for each key: `1` if the columns of the row are equal to the key, else `0`. A
/// last key may be marked several times.
#[derive(Debug, Clone)]
pub struct KeyMarks<Columns, Key, D, Shape> {
    columns: Columns,
    keys: Vec<Key>,
    width: usize,
    dialect: PhantomData<(D, Shape)>,
}

impl<Columns, Key, D: Dialect, Shape> KeyMarks<Columns, Key, D, Shape> {
    /// `columns` are `width` columns.
    pub(crate) fn new(columns: Columns, width: usize, keys: Vec<Key>) -> Self {
        Self {
            columns,
            keys,
            width,
            dialect: PhantomData,
        }
    }

    /// Writes the comparison with each key, with `before` before and `after` after it. As in
    /// [`KeysIn`](crate::query::KeysIn), the last key is repeated.
    fn write_each<'b, DB>(
        &'b self,
        (before, after): (&str, &str),
        pass: &mut AstPass<'_, 'b, DB>,
    ) -> QueryResult<()>
    where
        DB: Backend,
        Key: BindKey<Columns, DB, Shape>,
    {
        let Some(last) = self.keys.len().checked_sub(1) else {
            return Ok(());
        };
        for index in 0..D::padded(self.keys.len(), self.width).max(self.keys.len()) {
            pass.push_sql(before);
            self.keys[index.min(last)].equals(&self.columns, pass)?;
            pass.push_sql(after);
        }
        Ok(())
    }
}

impl<Columns, Key, D, Shape> Expression for KeyMarks<Columns, Key, D, Shape> {
    type SqlType = Text;
}

impl<Columns: AppearsOnTable<QS>, Key, D, Shape, QS> AppearsOnTable<QS>
    for KeyMarks<Columns, Key, D, Shape>
{
}

impl<Columns: SelectableExpression<QS>, Key, D, Shape, QS> SelectableExpression<QS>
    for KeyMarks<Columns, Key, D, Shape>
{
}

/// In a grouped query they may stand where the columns may.
impl<Columns: ValidGrouping<GB>, Key, D, Shape, GB> ValidGrouping<GB>
    for KeyMarks<Columns, Key, D, Shape>
{
    type IsAggregate = Columns::IsAggregate;
}

/// How many keys there are is not in the type, so Diesel caches the statement by its text.
impl<Columns, Key, D, Shape> QueryId for KeyMarks<Columns, Key, D, Shape> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// `'' || (id = ?) || (id = ?)`
#[cfg(feature = "sqlite")]
impl<Columns, Key, Shape> QueryFragment<diesel::sqlite::Sqlite>
    for KeyMarks<Columns, Key, SqliteDialect, Shape>
where
    Key: BindKey<Columns, diesel::sqlite::Sqlite, Shape>,
{
    fn walk_ast<'b>(
        &'b self,
        mut pass: AstPass<'_, 'b, diesel::sqlite::Sqlite>,
    ) -> QueryResult<()> {
        pass.push_sql("''");
        self.write_each((" || (", ")"), &mut pass)
    }
}

/// `CONCAT('', (id = ?) IS TRUE, (id = ?) IS TRUE)`: compared with a `UUID` or an `INET6`, a text that is none
/// is `NULL`.
#[cfg(feature = "mysql")]
impl<Columns, Key, Shape> QueryFragment<diesel::mysql::Mysql>
    for KeyMarks<Columns, Key, MysqlDialect, Shape>
where
    Key: BindKey<Columns, diesel::mysql::Mysql, Shape>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, diesel::mysql::Mysql>) -> QueryResult<()> {
        pass.push_sql("CONCAT(''");
        self.write_each((", (", ") IS TRUE"), &mut pass)?;
        pass.push_sql(")");
        Ok(())
    }
}

/// `CASE WHEN id = ? THEN '1' ELSE '0' END`, of one key: there is no concatenation that every database
/// understands.
impl<Columns, Key, Shape, DB> QueryFragment<DB> for KeyMarks<Columns, Key, CommonDialect, Shape>
where
    DB: Backend,
    Key: BindKey<Columns, DB, Shape>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        debug_assert!(self.keys.len() <= CommonDialect::MARK_LIMIT);
        self.write_each(("CASE WHEN ", " THEN '1' ELSE '0' END"), &mut pass)
    }
}

/// `'' || CASE WHEN id = $1 THEN '1' ELSE '0' END`
#[cfg(feature = "postgres")]
impl<Columns, Key, Shape> QueryFragment<diesel::pg::Pg> for KeyMarks<Columns, Key, PgDialect, Shape>
where
    Key: BindKey<Columns, diesel::pg::Pg, Shape>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, diesel::pg::Pg>) -> QueryResult<()> {
        pass.push_sql("''");
        self.write_each((" || CASE WHEN ", " THEN '1' ELSE '0' END"), &mut pass)
    }
}
