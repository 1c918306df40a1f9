//! The blog on PostgreSQL, by tokio-postgres.

// The same file for each database: Diesel checks a query against the backend it is for.
#[path = "pages.rs"]
mod pages;
#[path = "queries.rs"]
mod queries;

use axum::Router;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::deadpool::{BuildError, Pool};

pub(super) type Conn = AsyncPgConnection;

pub(crate) fn pages(url: &str) -> Result<Router, BuildError> {
    let manager = AsyncDieselConnectionManager::new(url);
    Ok(pages::router(Pool::builder(manager).build()?))
}
