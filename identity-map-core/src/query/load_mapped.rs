//! Running a query that selects models: `mapped().load`, `first`.

use std::panic::Location;

use diesel::dsl::Limit;
use diesel::query_dsl::methods::LimitDsl;

use super::load::first_of;
use super::loads_mapped::LoadsMapped;
use super::mapped_query::MappedQuery;
use crate::connection::ConnectionKind;

impl<Q> MappedQuery<Q> {
    /// Runs the query: its rows as plain Diesel gives them, with shared objects for models.
    ///
    /// # Errors
    /// As [`Cached::load`](super::Cached::load).
    #[track_caller]
    pub fn load<'c, Conn, D>(self, conn: &'c mut Conn) -> Conn::Output<'c, Vec<Conn::Shared>>
    where
        D: ConnectionKind,
        Conn: LoadsMapped<Q, D>,
        Conn::Shared: 'c,
        Q: 'c,
    {
        conn.load_mapped(self, Location::caller(), Ok)
    }

    /// Alias of [`load`](Self::load), as in Diesel.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    #[track_caller]
    pub fn get_results<'c, Conn, D>(self, conn: &'c mut Conn) -> Conn::Output<'c, Vec<Conn::Shared>>
    where
        D: ConnectionKind,
        Conn: LoadsMapped<Q, D>,
        Conn::Shared: 'c,
        Q: 'c,
    {
        self.load(conn)
    }

    /// The first row of the query, with `LIMIT 1`.
    ///
    /// # Errors
    /// [`NotFound`](diesel::NotFound) if there is none, else as [`load`](Self::load).
    #[track_caller]
    pub fn first<'c, Conn, D>(self, conn: &'c mut Conn) -> Conn::Output<'c, Conn::Shared>
    where
        D: ConnectionKind,
        Q: LimitDsl<Output: 'c>,
        Conn: LoadsMapped<Limit<Q>, D>,
        Conn::Shared: 'c,
    {
        let limited = MappedQuery {
            query: self.query.limit(1),
            map: self.map,
            mode: self.mode,
            peers: self.peers,
        };
        conn.load_mapped(limited, Location::caller(), first_of)
    }
}
