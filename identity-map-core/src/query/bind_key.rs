//! The columns of a key as binds of a statement: [`BindKey`].

use std::any::TypeId;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::expression::Expression;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, IntoNullable};

use crate::model::{Composite, Single};

/// Writes what a column is compared with. It is called with the column and its SQL type, as `Nullable`.
pub type WriteValue<'f, 'b, DB> =
    dyn FnMut(&'b dyn QueryFragment<DB>, TypeId, &mut AstPass<'_, 'b, DB>) -> QueryResult<()> + 'f;

/// A key that can be bound beside its columns.
#[diagnostic::on_unimplemented(
    message = "a key of type `{Self}` cannot be sent to this database",
    note = "the key type needs `diesel::serialize::ToSql` for the key column's SQL type and this backend"
)]
pub trait BindKey<Columns, DB: Backend, Shape> {
    /// Whether something is true of the SQL types of all columns, each as its `Nullable`.
    fn all_types(is: fn(TypeId) -> bool) -> bool;

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

    /// Writes `?`, or `?, ?`.
    ///
    /// # Errors
    /// When a value cannot be serialized.
    fn bind_parts<'b>(&'b self, pass: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>;

    /// Writes `a = ..`, or `(a = .. AND b = ..)`. For each column `value` writes what the column is compared
    /// with.
    ///
    /// # Errors
    /// When a column's name cannot be written, and those of `value`.
    fn equals_values<'b>(
        columns: &'b Columns,
        value: &mut WriteValue<'_, 'b, DB>,
        pass: &mut AstPass<'_, 'b, DB>,
    ) -> QueryResult<()>;

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

/// A type and its `Nullable` are the same type here.
fn nullable<ST: IntoNullable<Nullable: 'static>>() -> TypeId {
    TypeId::of::<ST::Nullable>()
}

impl<K, Column, DB> BindKey<Column, DB, Single> for K
where
    Column: Expression<SqlType: IntoNullable<Nullable: 'static>> + QueryFragment<DB>,
    K: ToSql<Column::SqlType, DB>,
    DB: Backend + HasSqlType<Column::SqlType>,
{
    fn all_types(is: fn(TypeId) -> bool) -> bool {
        is(nullable::<Column::SqlType>())
    }

    fn columns<'b>(column: &'b Column, pass: &mut AstPass<'_, 'b, DB>) -> QueryResult<()> {
        column.walk_ast(pass.reborrow())
    }

    fn bind<'b>(&'b self, pass: &mut AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_bind_param::<Column::SqlType, K>(self)
    }

    fn bind_parts<'b>(&'b self, pass: &mut AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_bind_param::<Column::SqlType, K>(self)
    }

    fn equals_values<'b>(
        column: &'b Column,
        value: &mut WriteValue<'_, 'b, DB>,
        pass: &mut AstPass<'_, 'b, DB>,
    ) -> QueryResult<()> {
        column.walk_ast(pass.reborrow())?;
        pass.push_sql(" = ");
        value(column, nullable::<Column::SqlType>(), pass)
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
            $(
                $column: Expression<SqlType: IntoNullable<Nullable: 'static>> + QueryFragment<DB>,
                $key: ToSql<$column::SqlType, DB>,
            )+
        {
            fn all_types(is: fn(TypeId) -> bool) -> bool {
                $(is(nullable::<$column::SqlType>()))&&+
            }

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
                BindKey::<($($column,)+), DB, Composite>::bind_parts(self, pass)?;
                pass.push_sql(")");
                Ok(())
            }

            fn bind_parts<'b>(&'b self, pass: &mut AstPass<'_, 'b, DB>) -> QueryResult<()> {
                $(
                    if $index > 0 {
                        pass.push_sql(", ");
                    }
                    pass.push_bind_param::<$column::SqlType, $key>(&self.$index)?;
                )+
                Ok(())
            }

            fn equals_values<'b>(
                columns: &'b ($($column,)+),
                value: &mut WriteValue<'_, 'b, DB>,
                pass: &mut AstPass<'_, 'b, DB>,
            ) -> QueryResult<()> {
                pass.push_sql("(");
                $(
                    if $index > 0 {
                        pass.push_sql(" AND ");
                    }
                    <$key as BindKey<$column, DB, Single>>::equals_values(
                        &columns.$index,
                        value,
                        pass,
                    )?;
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
