//! How an async connection gets its map: [`AsyncIdentityMapConnection`].

use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncConnectionCore, TransactionManager};

use crate::connection::{MapOptions, Slot, StatementLog, WouldExpire, depth_of, enable, with_slot};
use crate::map::IdentityMap;

/// Gives a `diesel-async` connection an identity map, as
/// [`IdentityMapConnection`](crate::IdentityMapConnection) does for blocking ones. The connection may be
/// plain or pooled.
///
/// [`install`](crate::install) enables it on every connection, and tells which database each speaks to.
pub trait AsyncIdentityMapConnection: AsyncConnection {
    /// Enables the map on this connection; does nothing if it is enabled already. See
    /// [`IdentityMapConnection::enable_identity_map`](crate::IdentityMapConnection::enable_identity_map).
    ///
    /// # Panics
    /// As `diesel-async` does when the instrumentation is asked for while a statement is in flight:
    /// after a future of a `SyncConnectionWrapper` was dropped half-way.
    fn enable_identity_map(&mut self) {
        self.enable_identity_map_with(MapOptions::new());
    }

    /// Enables the map with options. See
    /// [`IdentityMapConnection::enable_identity_map_with`](crate::IdentityMapConnection::enable_identity_map_with).
    ///
    /// # Panics
    /// As [`enable_identity_map`](Self::enable_identity_map).
    fn enable_identity_map_with(&mut self, options: MapOptions) {
        let status = Self::TransactionManager::transaction_manager_status_mut(self);
        let depth = depth_of(status);
        let holder = enable::<<Self as AsyncConnectionCore>::Backend>(
            options,
            self.instrumentation(),
            depth,
        );
        if let Some(holder) = holder {
            self.set_instrumentation(holder);
        }
    }

    /// The map that a cached query on this connection would use now.
    ///
    /// # Errors
    /// [`NotEnabled`](crate::IdentityMapError::NotEnabled).
    ///
    /// # Panics
    /// As [`enable_identity_map`](Self::enable_identity_map).
    fn identity_map(&mut self) -> QueryResult<IdentityMap> {
        let map = |slot: &mut Slot| {
            slot.map_for_query::<<Self as AsyncConnectionCore>::Backend>(None, "")
        };
        with_slot(self.instrumentation(), map)?
    }

    /// Says that somebody else uses the connection from now on: the connection's own map begins anew. See
    /// [`IdentityMapConnection::check_out_identity_map`](crate::IdentityMapConnection::check_out_identity_map).
    ///
    /// ```
    /// use diesel_async::AsyncConnection;
    /// use identity_map_core::AsyncIdentityMapConnection;
    ///
    /// /// What a pool's `RecyclingMethod::CustomFunction` calls.
    /// fn recycle<C: AsyncConnection>(conn: &mut C) {
    ///     // A connection without a map needs nothing.
    ///     let _ = conn.check_out_identity_map();
    /// }
    /// ```
    ///
    /// # Errors
    /// [`NotEnabled`](crate::IdentityMapError::NotEnabled).
    ///
    /// # Panics
    /// As [`enable_identity_map`](Self::enable_identity_map).
    fn check_out_identity_map(&mut self) -> QueryResult<()> {
        with_slot(self.instrumentation(), Slot::check_out)
    }

    /// What a statement would expire if it were sent now, and succeeded: see
    /// [`IdentityMapConnection::would_expire`](crate::IdentityMapConnection::would_expire).
    ///
    /// # Errors
    /// [`NotEnabled`](crate::IdentityMapError::NotEnabled).
    ///
    /// # Panics
    /// As [`enable_identity_map`](Self::enable_identity_map).
    fn would_expire(&mut self, sql: &str) -> QueryResult<WouldExpire> {
        with_slot(self.instrumentation(), |slot| slot.would_expire(sql))
    }

    /// Records every statement that this connection sends from now on, until the log is dropped.
    ///
    /// # Errors
    /// [`NotEnabled`](crate::IdentityMapError::NotEnabled).
    ///
    /// # Panics
    /// As [`enable_identity_map`](Self::enable_identity_map).
    fn record_statements(&mut self) -> QueryResult<StatementLog> {
        with_slot(self.instrumentation(), Slot::record)
    }
}

impl<C: AsyncConnection> AsyncIdentityMapConnection for C {}
