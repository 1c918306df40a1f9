//! What a database is: its [`Product`], the [`Realm`] that a connection to it is in, and the
//! [`Dialect`] that it speaks.

mod bind_limit;
mod catalogue;
mod dialect;
mod failed_write;
mod failure;
mod isolation;
mod noted_models;
mod realm;
mod returning;

pub(crate) use crate::product::Product;
pub(crate) use bind_limit::key_batches;
#[cfg(feature = "postgres")]
pub(crate) use bind_limit::rows_per_insert;
pub(crate) use catalogue::{
    Catalogue, CatalogueBuilder, CatalogueRow, Declared, KnownCatalogue, Reached, catalogue_of,
    catalogue_query, forget_schema, temporary_query, version_query,
};
#[cfg(feature = "mysql")]
pub use dialect::MysqlDialect;
#[cfg(feature = "postgres")]
pub use dialect::PgDialect;
#[cfg(feature = "sqlite")]
pub use dialect::SqliteDialect;
pub use dialect::{CommonDialect, Dialect, Speaks};
pub(crate) use failed_write::{FailedWrite, WritePhase};
pub(crate) use failure::{
    StatementFailure, is_no_transaction_active, is_syntax_error_at, is_syntax_error_of_mysql,
};
pub(crate) use isolation::Isolation;
pub(crate) use noted_models::NotedModels;
pub(crate) use realm::Realm;
#[doc(hidden)]
pub use returning::ReturnsRows;
pub(crate) use returning::{Asked, returns_rows};
