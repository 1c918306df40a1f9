//! The map on the connections of one r2d2 pool: [`MapCustomizer`] and [`MapManager`].

use diesel::connection::Connection;
use diesel::r2d2::{
    ConnectionManager, CustomizeConnection, Error, ManageConnection, R2D2Connection,
};

use super::{IdentityMapConnection, MapOptions};

/// Enables the map on each connection of a pool, as connections to one database.
///
/// For programs that do not want [`install`](super::install), which enables it everywhere.
///
/// A connection starts with an empty map each time the pool hands it out: the pool's own test
/// (`SELECT 1`, sent at check-out unless `test_on_check_out(false)`) tells. Without that test,
/// give each unit of work a [`Scope`](crate::Scope). A program that sends `SELECT 1` by itself takes a
/// [`MapManager`], with which the pool tells.
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

/// Makes the connections of a pool, each with a map, as connections to one database; and says of each that it
/// begins anew when the pool hands it out.
///
/// It takes the place of r2d2's [`ConnectionManager`], which it uses. The pool must test connections at
/// check-out, as it does unless it was told `test_on_check_out(false)`.
///
/// ```
/// use diesel::prelude::*;
/// use diesel::r2d2::Pool;
/// use identity_map_core::IdentityMapConnection;
/// use identity_map_core::connection::MapManager;
///
/// let manager = MapManager::<SqliteConnection>::new(":memory:", "blog");
/// let pool = Pool::builder().max_size(1).build(manager)?;
/// assert!(pool.get()?.identity_map().is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct MapManager<C> {
    inner: ConnectionManager<C>,
    database: String,
}

impl<C> MapManager<C> {
    /// `database` names what `url` leads to; two pools share objects inside a scope only if they give the
    /// same name.
    pub fn new(url: impl Into<String>, database: impl Into<String>) -> Self {
        Self {
            inner: ConnectionManager::new(url),
            database: database.into(),
        }
    }
}

impl<C: R2D2Connection + Send + 'static> ManageConnection for MapManager<C> {
    type Connection = C;
    type Error = Error;

    fn connect(&self) -> Result<C, Error> {
        let mut conn = self.inner.connect()?;
        conn.enable_identity_map_with(MapOptions::new().database(&self.database));
        Ok(conn)
    }

    fn is_valid(&self, conn: &mut C) -> Result<(), Error> {
        conn.check_out_identity_map().map_err(Error::QueryError)?;
        self.inner.is_valid(conn)
    }

    fn has_broken(&self, conn: &mut C) -> bool {
        self.inner.has_broken(conn)
    }
}
