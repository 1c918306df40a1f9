//! The blog on PostgreSQL, by libpq.

// The same file for each database: Diesel checks a query against the backend it is for.
#[path = "pages.rs"]
mod pages;
#[path = "queries.rs"]
mod queries;

use axum::Router;
use diesel::PgConnection;
use diesel::r2d2::{ConnectionManager, Pool, PoolError};

pub(super) type Conn = PgConnection;

pub(crate) fn pages(url: &str) -> Result<Router, PoolError> {
    let manager = ConnectionManager::<Conn>::new(url);
    Ok(pages::router(Pool::builder().build(manager)?))
}
