//! Running a query that selects models: `mapped().load`, `first`, `get_result`, `one`.

use std::panic::Location;

use diesel::dsl::Limit;
use diesel::query_dsl::methods::LimitDsl;

use super::load::{first_of, only_of};
use super::loads_mapped::LoadsMapped;
use super::mapped_query::MappedQuery;
use super::streams_mapped::StreamsMapped;
use crate::connection::ConnectionKind;

impl<Q> MappedQuery<Q> {
    /// Runs the query: its rows as plain Diesel gives them, with shared objects for models.
    ///
    /// # Errors
    /// As [`Cached::load`](super::Cached::load).
    #[track_caller]
    pub fn load<'c, U, Conn, D, K>(self, conn: &'c mut Conn) -> D::Output<'c, Vec<U>>
    where
        D: ConnectionKind,
        Conn: LoadsMapped<Q, D, U, K>,
        U: Send + 'c,
        Q: 'c,
    {
        conn.load_mapped(self, Location::caller(), Ok)
    }

    /// Alias of [`load`](Self::load), as in Diesel.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    #[track_caller]
    pub fn get_results<'c, U, Conn, D, K>(self, conn: &'c mut Conn) -> D::Output<'c, Vec<U>>
    where
        D: ConnectionKind,
        Conn: LoadsMapped<Q, D, U, K>,
        U: Send + 'c,
        Q: 'c,
    {
        self.load(conn)
    }

    /// The first row of the query, with `LIMIT 1`.
    ///
    /// # Errors
    /// [`NotFound`](diesel::NotFound) if there is none, else as [`load`](Self::load).
    #[track_caller]
    pub fn first<'c, U, Conn, D, K>(self, conn: &'c mut Conn) -> D::Output<'c, U>
    where
        D: ConnectionKind,
        Q: LimitDsl<Output: 'c>,
        Conn: LoadsMapped<Limit<Q>, D, U, K>,
        U: Send + 'c,
    {
        conn.load_mapped(self.limited(), Location::caller(), first_of)
    }

    /// The first row of the query; the others are read and dropped.
    ///
    /// # Errors
    /// [`NotFound`](diesel::NotFound) if there is none, else as [`load`](Self::load).
    #[track_caller]
    pub fn get_result<'c, U, Conn, D, K>(self, conn: &'c mut Conn) -> D::Output<'c, U>
    where
        D: ConnectionKind,
        Conn: LoadsMapped<Q, D, U, K>,
        U: Send + 'c,
        Q: 'c,
    {
        conn.load_mapped(self, Location::caller(), first_of)
    }

    /// The only row of the query.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let posts_by_user = posts::table
    ///     .inner_join(users::table)
    ///     .select((Post::as_select(), User::as_select()));
    /// let (post, user) = posts_by_user.filter(posts::id.eq(2)).mapped().one(conn)?;
    /// assert_eq!((post.id, post.user_id), (2, user.id));
    /// let error = posts_by_user.mapped().one(conn).unwrap_err();
    /// assert_eq!(error.to_string(), "expected exactly one `row`, but the query returned 3 rows");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotFound`](diesel::NotFound) if there is none;
    /// [`MultipleRows`](crate::IdentityMapError::MultipleRows) if there are several; else as [`load`](Self::load).
    #[track_caller]
    pub fn one<'c, U, Conn, D, K>(self, conn: &'c mut Conn) -> D::Output<'c, U>
    where
        D: ConnectionKind,
        Conn: LoadsMapped<Q, D, U, K>,
        U: Send + 'c,
        Q: 'c,
    {
        conn.load_mapped(self, Location::caller(), |rows| only_of("row", rows))
    }

    /// Runs the query, and hands out each row as it arrives, so that memory is bounded by what the program holds: row by
    /// row on PostgreSQL, by cursor elsewhere; a stream on a connection that is awaited.
    ///
    /// The hook `post_load` does not run. With `fresh()` each row replaces what the map holds.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let rows = posts::table
    ///     .inner_join(users::table)
    ///     .select((Post::as_select(), users::name));
    /// for row in rows.mapped().load_iter(conn)? {
    ///     let (post, name): (Arc<Post>, String) = row?;
    ///     println!("{} by {name}", post.title);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`load`](Self::load); errors of a single row come from the iterator.
    #[track_caller]
    pub fn load_iter<'c, U, Conn, D, K>(self, conn: &'c mut Conn) -> D::Rows<'c, U>
    where
        D: ConnectionKind,
        Conn: StreamsMapped<Q, D, U, K>,
        U: Send + 'c,
        K: 'c,
        Q: 'c,
    {
        conn.stream_mapped(self, Location::caller())
    }

    /// With `LIMIT 1`.
    pub(super) fn limited(self) -> MappedQuery<Limit<Q>>
    where
        Q: LimitDsl,
    {
        MappedQuery {
            query: self.query.limit(1),
            map: self.map,
            mode: self.mode,
            peers: self.peers,
        }
    }
}
