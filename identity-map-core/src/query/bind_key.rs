//! The columns of a key as binds of a statement: [`BindKey`].

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::expression::Expression;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::serialize::ToSql;
use diesel::sql_types::HasSqlType;

use crate::model::{Composite, Single};

/// A key that can be bound beside its columns.
#[diagnostic::on_unimplemented(
    message = "a key of type `{Self}` cannot be sent to this database",
    note = "the key type needs `diesel::serialize::ToSql` for the key column's SQL type and this backend"
)]
pub trait BindKey<Columns, DB: Backend, Shape> {
    /// Writes the column, or `(a, b)`.
    ///
    /// # Errors
    /// When a column's name cannot be written.
    fn columns<'b>(columns: &'b Columns, pass: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>;

    /// Writes `?`, or `(?, ?)`.
    ///
    /// # Errors
    /// When a value cannot be serialized.
    fn bind<'b>(&'b self, pass: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>;

    /// Writes `a = ?`, or `(a = ? AND b = ?)`.
    ///
    /// # Errors
    /// When a value cannot be serialized.
    fn equals<'b>(
        &'b self,
        columns: &'b Columns,
        pass: &mut AstPass<'_, 'b, DB>,
    ) -> QueryResult<()>;
}

impl<K, Column, DB> BindKey<Column, DB, Single> for K
where
    Column: Expression + QueryFragment<DB>,
    K: ToSql<Column::SqlType, DB>,
    DB: Backend + HasSqlType<Column::SqlType>,
{
    fn columns<'b>(column: &'b Column, pass: &mut AstPass<'_, 'b, DB>) -> QueryResult<()> {
        column.walk_ast(pass.reborrow())
    }

    fn bind<'b>(&'b self, pass: &mut AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_bind_param::<Column::SqlType, K>(self)
    }

    fn equals<'b>(&'b self, column: &'b Column, pass: &mut AstPass<'_, 'b, DB>) -> QueryResult<()> {
        column.walk_ast(pass.reborrow())?;
        pass.push_sql(" = ");
        pass.push_bind_param::<Column::SqlType, K>(self)
    }
}

macro_rules! composite_keys {
    ($(($($key:ident $column:ident $index:tt),+))+) => {$(
        impl<$($key, $column,)+ DB> BindKey<($($column,)+), DB, Composite> for ($($key,)+)
        where
            DB: Backend $(+ HasSqlType<$column::SqlType>)+,
            $($column: Expression + QueryFragment<DB>, $key: ToSql<$column::SqlType, DB>,)+
        {
            fn columns<'b>(
                columns: &'b ($($column,)+),
                pass: &mut AstPass<'_, 'b, DB>,
            ) -> QueryResult<()> {
                pass.push_sql("(");
                $(
                    if $index > 0 {
                        pass.push_sql(", ");
                    }
                    columns.$index.walk_ast(pass.reborrow())?;
                )+
                pass.push_sql(")");
                Ok(())
            }

            fn bind<'b>(&'b self, pass: &mut AstPass<'_, 'b, DB>) -> QueryResult<()> {
                pass.push_sql("(");
                $(
                    if $index > 0 {
                        pass.push_sql(", ");
                    }
                    pass.push_bind_param::<$column::SqlType, $key>(&self.$index)?;
                )+
                pass.push_sql(")");
                Ok(())
            }

            fn equals<'b>(
                &'b self,
                columns: &'b ($($column,)+),
                pass: &mut AstPass<'_, 'b, DB>,
            ) -> QueryResult<()> {
                pass.push_sql("(");
                $(
                    if $index > 0 {
                        pass.push_sql(" AND ");
                    }
                    BindKey::<$column, DB, Single>::equals(&self.$index, &columns.$index, pass)?;
                )+
                pass.push_sql(")");
                Ok(())
            }
        }
    )+};
}

composite_keys! {
    (A CA 0, B CB 1)
    (A CA 0, B CB 1, C CC 2)
    (A CA 0, B CB 1, C CC 2, D CD 3)
    (A CA 0, B CB 1, C CC 2, D CD 3, E CE 4)
    (A CA 0, B CB 1, C CC 2, D CD 3, E CE 4, F CF 5)
    (A CA 0, B CB 1, C CC 2, D CD 3, E CE 4, F CF 5, G CG 6)
    (A CA 0, B CB 1, C CC 2, D CD 3, E CE 4, F CF 5, G CG 6, H CH 7)
}
