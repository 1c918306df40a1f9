//! The blog on SQLite.

// The same file for each database: Diesel checks a query against the backend it is for.
#[path = "pages.rs"]
mod pages;
#[path = "queries.rs"]
mod queries;

use axum::Router;
use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Error, Pool, PoolError};

use crate::shared::database::PRAGMAS;

pub(super) type Conn = SqliteConnection;

pub(crate) fn pages(url: &str) -> Result<Router, PoolError> {
    let pool = Pool::builder()
        .max_size(4)
        .connection_customizer(Box::new(Pragmas))
        .build(ConnectionManager::<Conn>::new(url))?;
    Ok(pages::router(pool))
}

#[derive(Debug)]
struct Pragmas;

impl CustomizeConnection<Conn, Error> for Pragmas {
    fn on_acquire(&self, conn: &mut Conn) -> Result<(), Error> {
        conn.batch_execute(PRAGMAS).map_err(Error::QueryError)
    }
}
