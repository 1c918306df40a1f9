//! Optimistic locking: the version of a row, and the column it stands in.

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::expression::Expression;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::query_source::Column;
use diesel::serialize::ToSql;
use diesel::sql_types::HasSqlType;

/// A number that each write of a row makes one higher.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the version of a row",
    label = "not an integer",
    note = "a version is `i16`, `i32` or `i64` (or unsigned): each write of the row makes it one higher"
)]
pub trait VersionNumber: Copy + PartialEq {
    /// The version after this one; after the last comes the first.
    #[must_use]
    fn next(self) -> Self;
}

macro_rules! version_numbers {
    ($($number:ty)+) => {$(
        impl VersionNumber for $number {
            fn next(self) -> Self {
                self.wrapping_add(1)
            }
        }
    )+};
}

version_numbers!(i16 i32 i64 u16 u32 u64);

/// What stands for the version, and for its column, of a model that is not locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoVersion;

impl VersionNumber for NoVersion {
    fn next(self) -> Self {
        self
    }
}

/// How a column locks the rows of its table, on the backend `DB`.
pub trait Lock<Version, DB: Backend> {
    /// The column's name, if there is one.
    const COLUMN: Option<&'static str>;

    /// Writes ` AND column = ?`.
    ///
    /// # Errors
    /// When the value cannot be serialized.
    fn and_equals<'b>(&'b self, version: &'b Version, pass: AstPass<'_, 'b, DB>)
    -> QueryResult<()>;

    /// Writes `, column = ?`, as a part of `SET`.
    ///
    /// # Errors
    /// When the value cannot be serialized.
    fn and_assign<'b>(&'b self, version: &'b Version, pass: AstPass<'_, 'b, DB>)
    -> QueryResult<()>;

    /// Writes `, column = column + 1`, as a part of `SET`.
    ///
    /// # Errors
    /// When the name cannot be written.
    fn and_increment<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()>;
}

impl<DB: Backend> Lock<NoVersion, DB> for NoVersion {
    const COLUMN: Option<&'static str> = None;

    fn and_equals<'b>(&'b self, _: &'b NoVersion, _: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        Ok(())
    }

    fn and_assign<'b>(&'b self, _: &'b NoVersion, _: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        Ok(())
    }

    fn and_increment<'b>(&'b self, _: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        Ok(())
    }
}

impl<C, V, DB> Lock<V, DB> for C
where
    C: Column + Expression + QueryFragment<DB>,
    V: ToSql<C::SqlType, DB>,
    DB: Backend + HasSqlType<C::SqlType>,
{
    const COLUMN: Option<&'static str> = Some(C::NAME);

    fn and_equals<'b>(&'b self, version: &'b V, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(" AND ");
        self.walk_ast(pass.reborrow())?;
        pass.push_sql(" = ");
        pass.push_bind_param::<C::SqlType, V>(version)
    }

    fn and_assign<'b>(&'b self, version: &'b V, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(", ");
        pass.push_identifier(C::NAME)?;
        pass.push_sql(" = ");
        pass.push_bind_param::<C::SqlType, V>(version)
    }

    fn and_increment<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(", ");
        pass.push_identifier(C::NAME)?;
        pass.push_sql(" = ");
        self.walk_ast(pass.reborrow())?;
        pass.push_sql(" + 1");
        Ok(())
    }
}
