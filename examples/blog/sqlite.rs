//! The blog on SQLite, whose blocking connection diesel-async awaits on another thread.

// The same file for each database: Diesel checks a query against the backend it is for.
#[path = "pages.rs"]
mod pages;
#[path = "queries.rs"]
mod queries;

use axum::Router;
use diesel::SqliteConnection;
use diesel_async::pooled_connection::deadpool::{BuildError, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection, SimpleAsyncConnection};

use crate::shared::database::PRAGMAS;

pub(super) type Conn = SyncConnectionWrapper<SqliteConnection>;

pub(crate) fn pages(url: &str) -> Result<Router, BuildError> {
    let mut config = ManagerConfig::default();
    config.custom_setup = Box::new(|url| {
        Box::pin(async move {
            let mut conn = Conn::establish(url).await?;
            let done = conn.batch_execute(PRAGMAS).await;
            done.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            Ok(conn)
        })
    });
    let manager = AsyncDieselConnectionManager::new_with_config(url, config);
    Ok(pages::router(Pool::builder(manager).max_size(4).build()?))
}
