//! The condition that a row is the one that shows a key: [`RowKeyIs`].

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, QueryFragment};

use super::bind_key::BindKey;
use super::key_sql_types::is_text;
use super::pairing::{KeyOrigin, ListedColumns};
use crate::database::Dialect;
use crate::model::Model;

/// The condition that a row is the one that shows a key, in the dialect `D`.
///
/// It is `key = ?`. On PostgreSQL the blanks of a `CHAR(n)` would count there, so where a text is in the key,
/// it is `EXISTS (SELECT FROM (VALUES ($1)) AS identity_map_keys (part_0) WHERE ..)`.
pub(crate) struct RowKeyIs<M: Model, D> {
    columns: M::KeyColumns,
    table: M::Table,
    key: M::Key,
    dialect: PhantomData<fn() -> D>,
}

impl<M: Model, D> RowKeyIs<M, D> {
    pub(crate) fn new(key: M::Key) -> Self {
        Self {
            columns: M::key_columns(),
            table: M::table(),
            key,
            dialect: PhantomData,
        }
    }
}

impl<M, D, DB> QueryFragment<DB> for RowKeyIs<M, D>
where
    M: Model<Key: BindKey<M::KeyColumns, DB, M::KeyShape>, Table: QueryFragment<DB>>,
    D: Dialect,
    DB: Backend,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if !D::JOINS_KEYS || M::Key::all_types(|sql_type| !is_text(sql_type)) {
            return self.key.equals(&self.columns, &mut pass);
        }
        pass.push_sql("EXISTS (SELECT FROM (VALUES (");
        self.key.bind_parts(&mut pass)?;
        pass.push_sql(")) AS identity_map_keys (part_0");
        for part in 1..M::KEY_COLUMNS {
            pass.push_sql(&format!(", part_{part}"));
        }
        pass.push_sql(") WHERE ");
        let columns = ListedColumns {
            columns: &self.columns,
            table: &self.table,
            origin: KeyOrigin::Column,
        };
        columns.write_equals::<M::Key, _, _>(&mut pass)?;
        pass.push_sql(")");
        Ok(())
    }
}
