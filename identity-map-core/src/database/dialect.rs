//! What the engine has to know of a backend: each one [`Speaks`] a [`Dialect`].
//!
//! The dialect is a type parameter that is inferred from the connection. It cannot be an associated
//! type of the backend: `#[derive(MultiConnection)]` writes a backend of its own into the user's crate,
//! which gets its dialect from a blanket implementation.

use diesel::backend::{Backend, SqlDialect};
use diesel::connection::DefaultLoadingMode;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
use diesel::deserialize::FromSql;
use diesel::internal::derives::multiconnection::sql_dialect::on_conflict_clause::DoesNotSupportOnConflictClause;
use diesel::query_builder::QueryFragment;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
use diesel::sql_types::Text;

use super::returning::{Asked, ReturnsRows};
#[cfg(feature = "mysql")]
use crate::choice::No;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
use crate::choice::Yes;

/// A backend that speaks the dialect `D`.
#[diagnostic::on_unimplemented(
    message = "the identity map does not know the database `{Self}`",
    note = "enable the feature `sqlite`, `postgres` or `mysql` of `diesel-identity-map`"
)]
pub trait Speaks<D: Dialect>: Backend + 'static {
    /// The SQL of a part of a statement, without its values; `None` if Diesel does not show it.
    #[doc(hidden)]
    #[must_use]
    fn text<F: QueryFragment<Self>>(_: &F) -> Option<String> {
        None
    }

    /// The values that a part of a statement binds, as Diesel shows them: `[7, "x"]`. `None` if it does not.
    #[cfg(feature = "filter-by-key")]
    #[doc(hidden)]
    #[must_use]
    fn binds<F: QueryFragment<Self>>(_: &F) -> Option<String> {
        None
    }

    /// Reads a value that is a text; `None` if it is none, or the backend cannot read one.
    #[doc(hidden)]
    #[must_use]
    fn read_text(_: Self::RawValue<'_>) -> Option<String> {
        None
    }
}

/// [`Speaks::text`], by what Diesel's `debug_query` shows, and [`Speaks::read_text`].
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
macro_rules! texts_by_diesel {
    () => {
        fn text<F: QueryFragment<Self>>(part: &F) -> Option<String> {
            let shown = diesel::debug_query::<Self, _>(part).to_string();
            let text = shown.split(" -- binds: ").next().unwrap_or_default();
            Some(text.trim_end().to_owned())
        }

        #[cfg(feature = "filter-by-key")]
        fn binds<F: QueryFragment<Self>>(part: &F) -> Option<String> {
            let shown = diesel::debug_query::<Self, _>(part).to_string();
            let (_, binds) = shown.rsplit_once(" -- binds: ")?;
            Some(binds.to_owned())
        }

        fn read_text(value: Self::RawValue<'_>) -> Option<String> {
            <String as FromSql<Text, Self>>::from_sql(value).ok()
        }
    };
}

/// What the engine has to know of a SQL dialect.
#[diagnostic::on_unimplemented(
    message = "`cached()` has named the model: it is `.load(conn)`, `.first(conn)` and so on, without `::<{Self}>`",
    label = "this parameter is not the model"
)]
pub trait Dialect: 'static {
    /// The loading mode that keeps one row in memory, if the backend has several modes.
    type StreamMode: 'static;

    /// Whether the databases return the rows that a write wrote.
    #[doc(hidden)]
    type ReturnsRows: ReturnsRows;

    /// How many values one statement can bind.
    #[doc(hidden)]
    const BIND_LIMIT: usize;

    /// Whether a connection takes the types of the rows from the type of the statement, and not from the
    /// server's answer.
    #[doc(hidden)]
    const KEEPS_ROW_TYPE: bool;

    /// Whether a connection gets each statement with its own type. Only the connections of
    /// `#[derive(MultiConnection)]` do: they send a statement of their own, whose id Diesel takes from the
    /// constants of the type.
    #[doc(hidden)]
    const KEEPS_STATEMENT_TYPE: bool = false;

    /// Whether the value that Diesel reads from a column is the one that the column has. In SQLite a column
    /// holds values of any type; on MySQL a `Bool` is a `TINYINT`, and `true` each number but zero.
    #[doc(hidden)]
    const SHOWS_VALUES_AS_KEPT: bool;

    /// How many keys a statement can mark beside each row. Each row is compared with each key.
    #[doc(hidden)]
    const MARK_LIMIT: usize = 256;

    /// How many keys one statement pairs with their rows.
    #[doc(hidden)]
    const PAIR_LIMIT: usize = Self::MARK_LIMIT;

    /// Whether keys are paired with rows by a join with a list of the keys, in which the value of a column is
    /// compared as one.
    #[doc(hidden)]
    const JOINS_KEYS: bool = false;

    /// Up to how many keys a statement that pairs them with rows costs about as much as one that does not.
    #[doc(hidden)]
    const PAIRS_AT_ONCE: usize = 32;

    /// The SQL by which a statement that inserts a row of a table, or updates the one that is there, returns
    /// whether it has inserted it: a text, `true` or `false`. `None` if nothing says it.
    #[doc(hidden)]
    const IS_INSERTED: Option<&'static str> = None;

    /// How many keys of `columns` columns one statement may bind.
    #[must_use]
    fn batch_limit(columns: usize) -> usize;

    /// How many keys a statement for `keys` keys is written for: a power of two, so that the
    /// texts are few enough for the prepared-statement cache. The last key is repeated.
    #[must_use]
    fn padded(keys: usize, columns: usize) -> usize {
        keys.next_power_of_two().min(Self::batch_limit(columns))
    }
}

/// SQLite, which binds 32,766 values since 3.32 (2020).
#[cfg(feature = "sqlite")]
#[derive(Debug, Clone, Copy)]
pub struct SqliteDialect;

#[cfg(feature = "sqlite")]
impl Speaks<SqliteDialect> for diesel::sqlite::Sqlite {
    texts_by_diesel!();
}

#[cfg(feature = "sqlite")]
impl Dialect for SqliteDialect {
    type StreamMode = DefaultLoadingMode;
    type ReturnsRows = Yes;
    const BIND_LIMIT: usize = 32_766;
    const SHOWS_VALUES_AS_KEPT: bool = false;
    const KEEPS_ROW_TYPE: bool = false;

    fn batch_limit(columns: usize) -> usize {
        Self::BIND_LIMIT / columns
    }
}

/// PostgreSQL. Its protocol counts parameters in a `u16`; one array holds any number of keys.
#[cfg(feature = "postgres")]
#[derive(Debug, Clone, Copy)]
pub struct PgDialect;

#[cfg(feature = "postgres")]
impl Speaks<PgDialect> for diesel::pg::Pg {
    texts_by_diesel!();
}

#[cfg(feature = "postgres")]
impl Dialect for PgDialect {
    type StreamMode = diesel::pg::PgRowByRowLoadingMode;
    type ReturnsRows = Yes;
    const BIND_LIMIT: usize = 65_535;
    const SHOWS_VALUES_AS_KEPT: bool = true;
    const PAIR_LIMIT: usize = 8_192; // composite keys of eight columns
    const JOINS_KEYS: bool = true;
    const IS_INSERTED: Option<&'static str> = Some("(xmax = 0)::text");
    const PAIRS_AT_ONCE: usize = usize::MAX;
    const KEEPS_ROW_TYPE: bool = false;

    fn batch_limit(columns: usize) -> usize {
        if columns == 1 {
            1 << 20
        } else {
            Self::BIND_LIMIT / columns
        }
    }
}

/// MySQL and MariaDB. Their protocol counts parameters in a `u16`.
#[cfg(feature = "mysql")]
#[derive(Debug, Clone, Copy)]
pub struct MysqlDialect;

#[cfg(feature = "mysql")]
impl Speaks<MysqlDialect> for diesel::mysql::Mysql {
    texts_by_diesel!();
}

#[cfg(feature = "mysql")]
impl Dialect for MysqlDialect {
    type StreamMode = DefaultLoadingMode;
    type ReturnsRows = No;
    const BIND_LIMIT: usize = 65_535;
    const SHOWS_VALUES_AS_KEPT: bool = false;
    const KEEPS_ROW_TYPE: bool = true;

    fn batch_limit(columns: usize) -> usize {
        Self::BIND_LIMIT / columns
    }
}

/// What all databases understand, within the lowest of their limits: for `MultiConnection`.
#[derive(Debug, Clone, Copy)]
pub struct CommonDialect;

/// Only the backend that `#[derive(MultiConnection)]` writes says that it does not support
/// `ON CONFLICT`; Diesel's own backends all support it in some way.
impl<DB> Speaks<CommonDialect> for DB where
    DB: Backend + 'static + SqlDialect<OnConflictClause = DoesNotSupportOnConflictClause>
{
}

impl Dialect for CommonDialect {
    type StreamMode = DefaultLoadingMode;
    type ReturnsRows = Asked;
    const BIND_LIMIT: usize = 32_766;
    const SHOWS_VALUES_AS_KEPT: bool = false;
    const MARK_LIMIT: usize = 1;
    const PAIRS_AT_ONCE: usize = 0;
    const KEEPS_ROW_TYPE: bool = true;
    const KEEPS_STATEMENT_TYPE: bool = true;

    fn batch_limit(columns: usize) -> usize {
        // Composite keys become a chain of `OR`, whose depth SQLite limits to 1,000.
        if columns == 1 { Self::BIND_LIMIT } else { 256 }
    }
}
