//! A numbered list of keys that is joined with the rows they find, on PostgreSQL: [`NumberedKeys`].

use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate,
};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, BigInt, Bool, HasSqlType};

use super::key_origin::KeyOrigin;
use super::listed_columns::ListedColumns;
use super::paired_rows::PairedRows;
use crate::connection::{ConnectionKind, Driver, Visitor};
use crate::database::{Dialect as _, PgDialect};
use crate::model::{Composite, DecodableModel, Model, Single};
use crate::query::BindKey;
use crate::query::decode::{first_column_of, model_of};

/// The query of the rows of a key, run for each key of a list by a lateral join. Its rows begin with the
/// number of the key, from 1.
#[derive(Debug)]
pub struct NumberedKeys<Q, Columns, Key, Shape> {
    pub(super) query: Q,
    pub(super) keys: Vec<Key>,
    pub(super) width: usize,
    pub(super) columns: PhantomData<(Columns, Shape)>,
}

impl<Q: Query, Columns, Key, Shape> Query for NumberedKeys<Q, Columns, Key, Shape> {
    type SqlType = (BigInt, Q::SqlType);
}

/// The length of a list of composite keys is not in the type, so Diesel caches the statement by its text.
impl<Q, Columns, Key, Shape> QueryId for NumberedKeys<Q, Columns, Key, Shape> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// Writes the statement with a list of keys, as a table `identity_map_keys (number, ..)`.
fn write_join<'b, Q: QueryFragment<Pg>>(
    query: &'b Q,
    pass: &mut AstPass<'_, 'b, Pg>,
    write_keys: impl FnOnce(&mut AstPass<'_, 'b, Pg>) -> QueryResult<()>,
) -> QueryResult<()> {
    pass.push_sql("SELECT identity_map_keys.number, identity_map_rows.* FROM ");
    write_keys(pass)?;
    pass.push_sql(", LATERAL (");
    query.walk_ast(pass.reborrow())?;
    pass.push_sql(") AS identity_map_rows");
    Ok(())
}

/// `unnest($1) WITH ORDINALITY AS identity_map_keys (part_0, number)`
impl<Q, Column, Key> QueryFragment<Pg> for NumberedKeys<Q, Column, Key, Single>
where
    Q: QueryFragment<Pg>,
    Column: Expression<SqlType: 'static>,
    Pg: HasSqlType<Array<Column::SqlType>>,
    [Key]: ToSql<Array<Column::SqlType>, Pg>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        write_join(&self.query, &mut pass, |pass| {
            pass.push_sql("unnest(");
            pass.push_bind_param::<Array<Column::SqlType>, _>(self.keys.as_slice())?;
            pass.push_sql(") WITH ORDINALITY AS identity_map_keys (part_0, number)");
            Ok(())
        })
    }
}

/// `(VALUES (1::bigint, $1, $2), ..) AS identity_map_keys (number, part_0, part_1)`
impl<Q, Columns, Key> QueryFragment<Pg> for NumberedKeys<Q, Columns, Key, Composite>
where
    Q: QueryFragment<Pg>,
    Key: BindKey<Columns, Pg, Composite>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        write_join(&self.query, &mut pass, |pass| {
            let last = self.keys.len() - 1;
            let length = PgDialect::padded(self.keys.len(), self.width).max(self.keys.len());
            pass.push_sql("(VALUES ");
            for index in 0..length {
                let comma = if index > 0 { ", " } else { "" };
                pass.push_sql(&format!("{comma}({}::bigint, ", index + 1));
                self.keys[index.min(last)].bind_parts(pass)?;
                pass.push_sql(")");
            }
            pass.push_sql(") AS identity_map_keys (number");
            for part in 0..self.width {
                pass.push_sql(&format!(", part_{part}"));
            }
            pass.push_sql(")");
            Ok(())
        })
    }
}

/// The condition that a row's key is equal to the one of the list.
#[derive(Debug)]
pub struct KeyIsListed<M: Model> {
    pub(super) columns: M::KeyColumns,
    pub(super) table: M::Table,
    /// Whether the keys are values of columns.
    pub(super) origin: KeyOrigin,
}

impl<M: Model> Expression for KeyIsListed<M> {
    type SqlType = Bool;
}

impl<M: Model, QS> AppearsOnTable<QS> for KeyIsListed<M> where M::KeyColumns: AppearsOnTable<QS> {}

impl<M: Model, QS> SelectableExpression<QS> for KeyIsListed<M> where
    M::KeyColumns: SelectableExpression<QS>
{
}

impl<M: Model, GB> ValidGrouping<GB> for KeyIsListed<M> {
    type IsAggregate = is_aggregate::No;
}

impl<M: Model> QueryId for KeyIsListed<M> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<M: Model> QueryFragment<Pg> for KeyIsListed<M>
where
    M::Key: BindKey<M::KeyColumns, Pg, M::KeyShape>,
    M::Table: QueryFragment<Pg>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let columns = ListedColumns {
            columns: &self.columns,
            table: &self.table,
            origin: self.origin,
        };
        columns.write_equals::<M::Key, _, _>(&mut pass)
    }
}

/// Collects rows with the number of a key in front of the model.
pub(super) struct NumberedRows<'p, M: Model> {
    pub(super) keys: usize,
    pub(super) rows: &'p mut PairedRows<M>,
}

impl<M, Conn, D> Visitor<Conn, D> for NumberedRows<'_, M>
where
    D: ConnectionKind,
    Conn: Driver<D, Backend = Pg>,
    M: DecodableModel<Pg>,
{
    fn visit_row<'conn>(
        &mut self,
        row: &Conn::AnsweredRow<'conn, '_>,
    ) -> QueryResult<ControlFlow<()>>
    where
        Conn: 'conn,
    {
        let number: i64 = first_column_of::<_, BigInt, Pg>(row)?;
        let position = usize::try_from(number - 1).unwrap_or(usize::MAX);
        // The last key stands several times in a list.
        if position < self.keys {
            self.rows.push(position, Arc::new(model_of(1, row)?));
        }
        Ok(ControlFlow::Continue(()))
    }
}
