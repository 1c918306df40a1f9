//! The slot: how a plain Diesel connection carries its identity map.
//!
//! A connection's instrumentation is a place that any Diesel connection has and any crate may
//! fill, so no wrapper type is needed. The slot holds the connection's own [`IdentityMap`],
//! knows which database it speaks to, and passes every event on to the instrumentation that
//! the program wanted there.

mod database;
mod driver;
mod install;
mod look;
mod options;
mod overlay;
mod realm;
mod record;
mod served;
mod slot;
mod text;
mod touched;
mod view;
mod watch;

#[cfg(feature = "r2d2")]
mod pool;

use diesel::QueryResult;
use diesel::connection::{Connection, TransactionManager, TransactionManagerStatus};

use crate::map::IdentityMap;

pub use driver::{Blocks, Driver, Spoken, Visitor};
pub use install::{install, install_with};
pub use options::MapOptions;
#[cfg(feature = "r2d2")]
pub use pool::MapCustomizer;
pub use record::StatementLog;

pub(crate) use database::Database;
pub(crate) use realm::Realm;
#[cfg(all(feature = "async", feature = "postgres"))]
pub(crate) use slot::Begun;
#[cfg(all(feature = "async", feature = "postgres"))]
pub(crate) use slot::turn;
#[cfg(feature = "async")]
pub(crate) use slot::{Handle, lock};
pub(crate) use slot::{Holder, Slot, run_hooks};
pub(crate) use text::Text;
pub(crate) use touched::Touched;
pub(crate) use view::View;

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
    /// The connection counts as a database of its own, since nobody can say any more what it
    /// was connected to. Name the database with [`enable_identity_map_with`], or call
    /// [`install`] before connecting, to share objects with other connections of a scope.
    ///
    /// The program's *default* instrumentation goes on getting every event. An instrumentation
    /// that was set on this very connection is replaced: Diesel hands it to nobody. Give it to
    /// [`enable_identity_map_with`] instead.
    ///
    /// [`enable_identity_map_with`]: Self::enable_identity_map_with
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
        let holder = Holder::enable::<Self::Backend>(options, self.instrumentation(), depth);
        if let Some(holder) = holder {
            self.set_instrumentation(holder);
        }
    }

    /// The map that a cached query on this connection would use now: the current scope's for
    /// this connection's database, else the connection's own.
    ///
    /// # Errors
    /// [`NotEnabled`](crate::IdentityMapError::NotEnabled).
    fn identity_map(&mut self) -> QueryResult<IdentityMap> {
        let map = |slot: &mut Slot| slot.map_or::<Self::Backend>(None, "");
        Holder::ask(self.instrumentation(), map)?
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
        Holder::ask(self.instrumentation(), Slot::record)
    }
}

impl<C: Connection> IdentityMapConnection for C {}

/// How many transactions and savepoints are open.
pub(crate) fn depth_of(status: &mut TransactionManagerStatus) -> u32 {
    let depth = status.transaction_depth().ok().flatten();
    depth.map_or(0, std::num::NonZeroU32::get)
}
