//! The backend by which base queries are named: [`BaseQueryBackend`].

/// The backend by which the type of a model's `base_query` is named.
///
/// Diesel's derive makes `BaseQuery` the same for every backend, but the trait wants one.
#[doc(hidden)]
#[cfg(feature = "sqlite")]
pub type BaseQueryBackend = diesel::sqlite::Sqlite;
#[doc(hidden)]
#[cfg(all(feature = "postgres", not(feature = "sqlite")))]
pub type BaseQueryBackend = diesel::pg::Pg;
#[doc(hidden)]
#[cfg(all(feature = "mysql", not(any(feature = "sqlite", feature = "postgres"))))]
pub type BaseQueryBackend = diesel::mysql::Mysql;
#[doc(hidden)]
#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
pub type BaseQueryBackend = ();
