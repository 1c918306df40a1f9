//! How a connection gets its map: [`IdentityMapConnection`].

use diesel::QueryResult;
use diesel::connection::{Connection, TransactionManager};

use super::enable::{depth_of, enable};
use super::not_enabled::with_slot;
use super::options::MapOptions;
use super::slot::Slot;
use super::statement_log::StatementLog;
use super::would_expire::WouldExpire;
use crate::map::IdentityMap;

/// Gives a connection an identity map. Implemented for every Diesel connection.
///
/// ```
/// use diesel::prelude::*;
/// use identity_map_core::IdentityMapConnection;
///
/// let mut conn = SqliteConnection::establish(":memory:")?;
/// assert!(conn.identity_map().is_err()); // nothing is enabled silently
/// conn.enable_identity_map();
/// assert_eq!(conn.identity_map()?.stats().statements, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait IdentityMapConnection: Connection {
    /// Enables the map on this connection; does nothing if it is enabled.
    ///
    /// Nobody can say any more what the connection was connected to, so it shares no objects with other
    /// connections of a scope, and what it writes is read again by all of them whose database may be the
    /// same. Name the database with [`enable_identity_map_with`], or call [`install`] before connecting.
    ///
    /// The program's *default* instrumentation goes on getting every event. An instrumentation
    /// that was set on this very connection is replaced: Diesel hands it to nobody. Give it to
    /// [`enable_identity_map_with`] instead.
    ///
    /// [`enable_identity_map_with`]: Self::enable_identity_map_with
    /// [`install`]: crate::install
    fn enable_identity_map(&mut self) {
        self.enable_identity_map_with(MapOptions::new());
    }

    /// Enables the map with options: the database's name, an instrumentation of the program's.
    ///
    /// On a connection whose map is enabled already, the options take the place of the
    /// earlier ones, and the connection starts with an empty map.
    ///
    /// ```
    /// # use diesel::prelude::*;
    /// # use identity_map_core::{IdentityMapConnection, MapOptions};
    /// let mut conn = SqliteConnection::establish(":memory:")?;
    /// conn.enable_identity_map_with(MapOptions::new().database("blog"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn enable_identity_map_with(&mut self, options: MapOptions) {
        let status = Self::TransactionManager::transaction_manager_status_mut(self);
        let depth = depth_of(status);
        let instrumentation = enable::<Self::Backend>(options, self.instrumentation(), depth);
        if let Some(instrumentation) = instrumentation {
            self.set_instrumentation(instrumentation);
        }
    }

    /// The map that a cached query on this connection would use now: the current scope's for
    /// this connection's database, else the connection's own.
    ///
    /// # Errors
    /// [`NotEnabled`](crate::IdentityMapError::NotEnabled).
    fn identity_map(&mut self) -> QueryResult<IdentityMap> {
        let map = |slot: &mut Slot| slot.map_for_query::<Self::Backend>(None, "");
        with_slot(self.instrumentation(), map)?
    }

    /// Says that somebody else uses the connection from now on, as a pool does that hands it out: the
    /// connection's own map begins anew.
    ///
    /// The pools of Diesel and `diesel-async` do not say so. Unless it was said once, the test that they send
    /// (`SELECT 1`) is taken for it, whoever sends that. So a program that sends `SELECT 1` by itself calls
    /// this where connections are handed out: with r2d2 by [`MapManager`](crate::connection::MapManager), with
    /// the pools of `diesel-async` in a `RecyclingMethod::CustomFunction`.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let post = Post::cached().find(2).first(conn)?;
    /// conn.check_out_identity_map()?;
    /// assert_eq!(conn.identity_map()?.len::<Post>(), 0);
    /// diesel::sql_query("SELECT 1").execute(conn)?; // means nothing from now on
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotEnabled`](crate::IdentityMapError::NotEnabled).
    fn check_out_identity_map(&mut self) -> QueryResult<()> {
        with_slot(self.instrumentation(), Slot::check_out)
    }

    /// What a statement would expire if it were sent now, and succeeded. Nothing is sent, and nothing is expired.
    ///
    /// It is judged as the statement itself is: by the catalogue, once that was read (before the first load),
    /// else by its text. Models count that the program has used.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let post = Post::cached().find(2).first(conn)?;
    /// assert_eq!(conn.would_expire("UPDATE posts SET title = 'x'")?.tables, ["posts"]);
    /// assert_eq!(conn.would_expire("SELECT * FROM posts")?.to_string(), "nothing");
    /// assert_eq!(conn.would_expire("DROP TABLE posts")?.to_string(), "everything");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotEnabled`](crate::IdentityMapError::NotEnabled).
    fn would_expire(&mut self, sql: &str) -> QueryResult<WouldExpire> {
        with_slot(self.instrumentation(), |slot| slot.would_expire(sql))
    }

    /// Records every statement that this connection sends from now on, until the log is dropped:
    /// this library's own, plain Diesel's and raw SQL, but not those that begin and end
    /// transactions and savepoints. [`assert_statements!`](crate::assert_statements) is made of it,
    /// and says more.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let log = conn.record_statements()?;
    /// let titles = conn.transaction(|conn| posts::table.select(posts::title).load::<String>(conn))?;
    /// assert_eq!((titles.len(), log.len()), (3, 1)); // without BEGIN and COMMIT
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotEnabled`](crate::IdentityMapError::NotEnabled).
    fn record_statements(&mut self) -> QueryResult<StatementLog> {
        with_slot(self.instrumentation(), Slot::record)
    }
}

impl<C: Connection> IdentityMapConnection for C {}
