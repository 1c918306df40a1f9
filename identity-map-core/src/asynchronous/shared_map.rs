//! The map of a connection that several futures share: [`SharedIdentityMapConnection`].

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel_async::AsyncPgConnection;

use super::shared::slot_of;
use crate::connection::{StatementLog, WouldExpire};
use crate::lock::lock;
use crate::map::IdentityMap;

/// What [`AsyncIdentityMapConnection`](crate::AsyncIdentityMapConnection) gives, for an `&AsyncPgConnection`, by which
/// several futures use one connection.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_async::AsyncPgConnection;
/// use diesel_identity_map::prelude::*;
/// # diesel::table! { posts (id) { id -> Integer, title -> Text } }
/// #[derive(Queryable, Selectable, IdentityMapped)]
/// #[diesel(table_name = posts)]
/// struct Post {
///     id: i32,
///     title: String,
/// }
///
/// async fn read_again(conn: &AsyncPgConnection) -> QueryResult<Vec<Arc<Post>>> {
///     conn.identity_map()?.expire_all::<Post>();
///     Post::cached().load(&mut &*conn).await
/// }
/// ```
pub trait SharedIdentityMapConnection {
    /// The map that a cached query by this reference would use now.
    ///
    /// # Errors
    /// [`NotEnabled`](crate::IdentityMapError::NotEnabled).
    fn identity_map(self) -> QueryResult<IdentityMap>;

    /// What a statement would expire if it were sent now, and succeeded: see
    /// [`IdentityMapConnection::would_expire`](crate::IdentityMapConnection::would_expire).
    ///
    /// # Errors
    /// [`NotEnabled`](crate::IdentityMapError::NotEnabled).
    fn would_expire(self, sql: &str) -> QueryResult<WouldExpire>;

    /// Records every statement that any of the futures sends from now on, until the log is dropped.
    ///
    /// # Errors
    /// [`NotEnabled`](crate::IdentityMapError::NotEnabled).
    fn record_statements(self) -> QueryResult<StatementLog>;
}

impl SharedIdentityMapConnection for &AsyncPgConnection {
    fn identity_map(self) -> QueryResult<IdentityMap> {
        lock(&*slot_of(self)?).map_for_query::<Pg>(None, "")
    }

    fn would_expire(self, sql: &str) -> QueryResult<WouldExpire> {
        Ok(lock(&*slot_of(self)?).would_expire(sql))
    }

    fn record_statements(self) -> QueryResult<StatementLog> {
        Ok(lock(&*slot_of(self)?).record())
    }
}
