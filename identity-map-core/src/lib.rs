//! The engine of `diesel-identity-map`; depend on that crate, which re-exports this one.
//!
//! # Floors
//!
//! The folders are the chapters of the design, and imports go one way: a file names its own folder and
//! the floors below. `cargo xtask floors` holds the code against this table.
//!
//! ```text
//! 11  lib.rs assert_statements.rs doctest_setup.rs   what the facade re-exports
//! 10  asynchronous/                       the same on connections that are awaited
//!  9  write/ relation/                    what users call beside queries
//!  8  query/                              Cached: building and running one query
//!  7  hooks/                              what runs around a write or a load
//!  6  connection/                         the slot on a Diesel connection, small parts by job
//!  5  transaction/ web/                   the layers of an open transaction and the view that a load takes; a scope per request
//!  4  scope/                              a span of time, its maps
//!  3  map/                                the objects alive, and what invalidates them
//!  2  database/                           what a database is, and what its catalogue says
//!  1  model/ statement/ error.rs          what the derive writes; what a statement's text says
//!  0  lock.rs choice.rs product.rs name.rs  what every floor may use
//!
//! exception: model/identity_mapped.rs -> query (a model's cached() names Cached)
//! ```

mod assert_statements;
pub mod asynchronous;
mod choice;
pub mod connection;
mod database;
pub mod error;
mod hooks;
mod lock;
pub mod map;
pub mod model;
mod name;
mod product;
pub mod query;
pub mod relation;
pub mod scope;
mod statement;
mod transaction;
#[cfg(any(feature = "tower", feature = "actix-web", feature = "rocket"))]
pub mod web;
pub mod write;

#[cfg(all(feature = "async", feature = "mysql"))]
pub use asynchronous::AsyncMysqlModel;
#[cfg(all(feature = "async", feature = "sqlite"))]
pub use asynchronous::AsyncSqliteModel;
#[cfg(feature = "async")]
pub use asynchronous::{AnyAsyncConnection, AsyncCachedModel, AsyncIdentityMapConnection};
#[cfg(all(feature = "async", feature = "postgres"))]
pub use asynchronous::{AsyncPgModel, SharedIdentityMapConnection};
pub use connection::{
    IdentityMapConnection, MapOptions, StatementLog, WouldExpire, install, install_with,
    install_with_options,
};
pub use error::IdentityMapError;
pub use hooks::{AsyncHooks, Change, Hooks, Saving};
pub use map::{IdentityMap, Peers, Retain, Stats};
pub use model::IdentityMapped;
pub use query::{Cached, CachedConnection, LoadMapped, LoadMappedSql, MappedView, Strategy};
pub use relation::{Children, GroupedByParents, RelatedObject, RelatedObjects, Through, With};
pub use scope::{InIdentityScope, Repeated, Report, Scope};
#[cfg(feature = "mysql")]
pub use write::MysqlModel;
#[cfg(feature = "postgres")]
pub use write::PgModel;
#[cfg(feature = "sqlite")]
pub use write::SqliteModel;
pub use write::{AnyConnection, CachedModel, MapReturning, UpdateFound};

/// What the derive's expansion names; not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::assert_statements::{expect_log, panic_with_statements};
    pub use crate::choice::{No, Yes};
    pub use crate::model::BaseQueryBackend;
    pub use crate::model::same_row::{Comparable, Incomparable, Versions};
    pub use diesel;
}
