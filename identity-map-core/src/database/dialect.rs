//! What a backend is like: [`Speaks`] a [`Dialect`].
//!
//! The dialect is a type parameter that is inferred from the connection. It could not be an
//! associated type of the backend: the backend that `#[derive(MultiConnection)]` writes into
//! the user's crate has to get one from an implementation that covers backends nobody knows.

use diesel::backend::{Backend, SqlDialect};
use diesel::connection::DefaultLoadingMode;
use diesel::internal::derives::multiconnection::sql_dialect::on_conflict_clause::DoesNotSupportOnConflictClause;
use diesel::query_builder::QueryFragment;

/// A backend that speaks the dialect `D`.
#[diagnostic::on_unimplemented(
    message = "the identity map does not know the database `{Self}`",
    note = "enable the feature `sqlite`, `postgres` or `mysql` of `diesel-identity-map`"
)]
pub trait Speaks<D: Dialect>: Backend {
    /// The SQL of a part of a statement, without its values; `None` where only Diesel can tell.
    #[doc(hidden)]
    #[must_use]
    fn text<F: QueryFragment<Self>>(_: &F) -> Option<String> {
        None
    }
}

/// What Diesel shows of a part of a statement.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
macro_rules! shown {
    () => {
        fn text<F: QueryFragment<Self>>(part: &F) -> Option<String> {
            let shown = diesel::debug_query::<Self, _>(part).to_string();
            let text = shown.split(" -- binds: ").next().unwrap_or_default();
            Some(text.trim_end().to_owned())
        }
    };
}

/// What the engine has to know of a SQL dialect.
pub trait Dialect {
    /// The loading mode that keeps one row in memory, where there are several.
    type StreamMode;

    /// How many values one statement can bind.
    #[doc(hidden)]
    const BIND_LIMIT: usize;

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

/// SQLite, whose limit of `?` is this since 3.32 (2020).
#[cfg(feature = "sqlite")]
#[derive(Debug, Clone, Copy)]
pub struct SqliteDialect;

#[cfg(feature = "sqlite")]
impl Speaks<SqliteDialect> for diesel::sqlite::Sqlite {
    shown!();
}

#[cfg(feature = "sqlite")]
impl Dialect for SqliteDialect {
    type StreamMode = DefaultLoadingMode;
    const BIND_LIMIT: usize = 32_766;

    fn batch_limit(columns: usize) -> usize {
        Self::BIND_LIMIT / columns
    }
}

/// PostgreSQL. A parameter count is a `u16` in its protocol; one array holds any number of keys.
#[cfg(feature = "postgres")]
#[derive(Debug, Clone, Copy)]
pub struct PgDialect;

#[cfg(feature = "postgres")]
impl Speaks<PgDialect> for diesel::pg::Pg {
    shown!();
}

#[cfg(feature = "postgres")]
impl Dialect for PgDialect {
    type StreamMode = diesel::pg::PgRowByRowLoadingMode;
    const BIND_LIMIT: usize = 65_535;

    fn batch_limit(columns: usize) -> usize {
        if columns == 1 {
            1 << 20
        } else {
            Self::BIND_LIMIT / columns
        }
    }
}

/// MySQL and MariaDB. A parameter count is a `u16` in their protocol.
#[cfg(feature = "mysql")]
#[derive(Debug, Clone, Copy)]
pub struct MysqlDialect;

#[cfg(feature = "mysql")]
impl Speaks<MysqlDialect> for diesel::mysql::Mysql {
    shown!();
}

#[cfg(feature = "mysql")]
impl Dialect for MysqlDialect {
    type StreamMode = DefaultLoadingMode;
    const BIND_LIMIT: usize = 65_535;

    fn batch_limit(columns: usize) -> usize {
        Self::BIND_LIMIT / columns
    }
}

/// What all of them understand, within the least of their limits: for `MultiConnection`.
#[derive(Debug, Clone, Copy)]
pub struct CommonDialect;

/// Diesel's own backends all support `ON CONFLICT` in some way; the backend that
/// `#[derive(MultiConnection)]` writes is the one that says it does not.
impl<DB> Speaks<CommonDialect> for DB where
    DB: Backend + SqlDialect<OnConflictClause = DoesNotSupportOnConflictClause>
{
}

impl Dialect for CommonDialect {
    type StreamMode = DefaultLoadingMode;
    const BIND_LIMIT: usize = 32_766;

    fn batch_limit(columns: usize) -> usize {
        // Composite keys are spelled as a chain of `OR`, whose depth SQLite limits to 1,000.
        if columns == 1 { Self::BIND_LIMIT } else { 256 }
    }
}
