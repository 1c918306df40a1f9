//! The map on the connections of one r2d2 pool: [`MapCustomizer`].

use diesel::connection::Connection;
use diesel::r2d2::{CustomizeConnection, Error};

use super::{IdentityMapConnection, MapOptions};

/// Enables the map on each connection of a pool, as connections to one database.
///
/// For programs that do not want [`install`](super::install), which enables it everywhere.
///
/// A connection starts with an empty map each time the pool hands it out: the pool's own test
/// (`SELECT 1`, sent at check-out unless `test_on_check_out(false)`) tells. Without that test,
/// give each unit of work a [`Scope`](crate::Scope).
///
/// ```
/// use diesel::prelude::*;
/// use diesel::r2d2::{ConnectionManager, Pool};
/// use identity_map_core::IdentityMapConnection;
/// use identity_map_core::connection::MapCustomizer;
///
/// let pool = Pool::builder()
///     .max_size(1)
///     .connection_customizer(Box::new(MapCustomizer::new("blog")))
///     .build(ConnectionManager::<SqliteConnection>::new(":memory:"))?;
/// assert!(pool.get()?.identity_map().is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct MapCustomizer {
    database: String,
}

impl MapCustomizer {
    /// `database` names what the pool's connections speak to; two pools share objects inside a
    /// scope only if they give the same name.
    pub fn new(database: impl Into<String>) -> Self {
        Self {
            database: database.into(),
        }
    }
}

impl<C: Connection> CustomizeConnection<C, Error> for MapCustomizer {
    fn on_acquire(&self, conn: &mut C) -> Result<(), Error> {
        conn.enable_identity_map_with(MapOptions::new().database(&self.database));
        Ok(())
    }
}
