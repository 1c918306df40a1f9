//! Running an eager query: `with::<..>().load`, `first`, `get_result`, `one`.

use std::panic::Location;

use diesel::dsl::Limit;
use diesel::query_dsl::methods::LimitDsl;

use super::loads_with::LoadsWith;
use super::with::With;
use crate::connection::ConnectionKind;
use crate::model::Model;
use crate::query::{Take, first_of};

impl<M: Model, Q, S> With<M, Q, S> {
    /// Runs the query, and loads what comes along: in the order of the query, as often as the query
    /// has each row.
    ///
    /// # Errors
    /// As [`Cached::load`](crate::Cached::load). The map is then as before.
    #[track_caller]
    pub fn load<'c, Conn, D>(self, conn: &'c mut Conn) -> D::Output<'c, Vec<Conn::Along>>
    where
        D: ConnectionKind,
        Conn: LoadsWith<M, Q, S, D>,
        Conn::Along: 'c,
        Self: 'c,
    {
        conn.load_with(self, Take::All, Location::caller(), Ok)
    }

    /// Alias of [`load`](Self::load), as in Diesel.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    #[track_caller]
    pub fn get_results<'c, Conn, D>(self, conn: &'c mut Conn) -> D::Output<'c, Vec<Conn::Along>>
    where
        D: ConnectionKind,
        Conn: LoadsWith<M, Q, S, D>,
        Conn::Along: 'c,
        Self: 'c,
    {
        self.load(conn)
    }

    /// The first row of the query, with `LIMIT 1`, and what comes along.
    ///
    /// # Errors
    /// [`NotFound`](diesel::NotFound) if there is none (or its parent is gone), else as
    /// [`load`](Self::load).
    #[track_caller]
    pub fn first<'c, Conn, D>(self, conn: &'c mut Conn) -> D::Output<'c, Conn::Along>
    where
        D: ConnectionKind,
        Q: LimitDsl,
        Conn: LoadsWith<M, Limit<Q>, S, D>,
        Conn::Along: 'c,
        With<M, Limit<Q>, S>: 'c,
    {
        let limited = With {
            base: self.base.limited(),
            along: self.along,
        };
        conn.load_with(limited, Take::First, Location::caller(), first_of)
    }

    /// The first row of the query, and what comes along; other rows are not looked at.
    ///
    /// # Errors
    /// As [`first`](Self::first).
    #[track_caller]
    pub fn get_result<'c, Conn, D>(self, conn: &'c mut Conn) -> D::Output<'c, Conn::Along>
    where
        D: ConnectionKind,
        Conn: LoadsWith<M, Q, S, D>,
        Conn::Along: 'c,
        Self: 'c,
    {
        conn.load_with(
            self.only_by_rows(),
            Take::First,
            Location::caller(),
            first_of,
        )
    }

    /// The only row of the query, and what comes along.
    ///
    /// # Errors
    /// As [`Cached::one`](crate::Cached::one); [`NotFound`](diesel::NotFound) also if the parent is
    /// gone.
    #[track_caller]
    pub fn one<'c, Conn, D>(self, conn: &'c mut Conn) -> D::Output<'c, Conn::Along>
    where
        D: ConnectionKind,
        Conn: LoadsWith<M, Q, S, D>,
        Conn::Along: 'c,
        Self: 'c,
    {
        conn.load_with(
            self.only_by_rows(),
            Take::Only,
            Location::caller(),
            first_of,
        )
    }

    fn only_by_rows(self) -> Self {
        Self {
            base: self.base.only_by_rows(),
            along: self.along,
        }
    }
}
