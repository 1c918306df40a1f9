//! Running a cached query: `load`, `first`, `get_result`, `one`.

use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::dsl::Limit;
use diesel::query_dsl::methods::LimitDsl;
use diesel::result::Error::NotFound;

use super::cached::Cached;
use super::loads::Loads;
use super::take::Take;
use crate::connection::ConnectionKind;
use crate::error::IdentityMapError;
use crate::model::Model;

impl<M: Model, Q> Cached<M, Q> {
    /// Runs the query: its rows as shared objects, in the order of the query, as often as the
    /// query has them.
    ///
    /// Give the query an order where you can: without one it always runs by rows, since a
    /// database may find bare keys in an order of their own.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let posts: Vec<Arc<Post>> = Post::cached().order(posts::title).load(conn)?;
    /// let titles: Vec<&str> = posts.iter().map(|post| &*post.title).collect();
    /// assert_eq!(titles, ["Rows", "Runes", "Rust"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotEnabled`](IdentityMapError::NotEnabled) on a connection without a map;
    /// [`WrongDatabase`](IdentityMapError::WrongDatabase) if `in_map` gave the map of another
    /// database; whatever Diesel's `load` can fail with. The map is then as before.
    #[track_caller]
    pub fn load<'c, D>(self, conn: &'c mut impl Loads<M, Q, D>) -> D::Output<'c, Vec<Arc<M>>>
    where
        D: ConnectionKind,
        Q: 'c,
    {
        let caller = Location::caller();
        let held = |conn: &mut _| Ok(self.plan.held(conn)?.map(|held| vec![held]));
        if let Some(held) = conn.answer_at_once(held) {
            return held;
        }
        conn.load_objects(self, Take::All, caller, Ok)
    }

    /// Alias of [`load`](Self::load), as in Diesel.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    #[track_caller]
    pub fn get_results<'c, D>(self, conn: &'c mut impl Loads<M, Q, D>) -> D::Output<'c, Vec<Arc<M>>>
    where
        D: ConnectionKind,
        Q: 'c,
    {
        self.load(conn)
    }

    /// The first row of the query, with `LIMIT 1`.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let last = Post::cached().order(posts::id.desc()).first(conn)?;
    /// assert_eq!(last.id, 3);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotFound`] if there is none, else as [`load`](Self::load).
    #[track_caller]
    pub fn first<'c, D>(self, conn: &'c mut impl Loads<M, Limit<Q>, D>) -> D::Output<'c, Arc<M>>
    where
        D: ConnectionKind,
        Q: LimitDsl<Output: 'c>,
    {
        let caller = Location::caller();
        if let Some(held) = conn.answer_at_once(|conn| self.plan.held(conn)) {
            return held;
        }
        conn.load_objects(self.limited(), Take::First, caller, first_of)
    }

    /// The first row of the query; the others are not looked at.
    ///
    /// # Errors
    /// [`NotFound`] if there is none, else as [`load`](Self::load).
    #[track_caller]
    pub fn get_result<'c, D>(self, conn: &'c mut impl Loads<M, Q, D>) -> D::Output<'c, Arc<M>>
    where
        D: ConnectionKind,
        Q: 'c,
    {
        let caller = Location::caller();
        conn.load_objects(self.only_by_rows(), Take::First, caller, first_of)
    }

    /// The only row of the query.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let rust = Post::cached().filter(posts::title.eq("Rust")).one(conn)?;
    /// assert_eq!(rust.id, 2);
    /// let error = Post::cached().one(conn).unwrap_err();
    /// assert_eq!(error.to_string(), "expected exactly one `Post`, but the query returned 3 rows");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotFound`] if there is none; [`MultipleRows`](IdentityMapError::MultipleRows), which
    /// says how many, if there are several; else as [`load`](Self::load).
    #[track_caller]
    pub fn one<'c, D>(self, conn: &'c mut impl Loads<M, Q, D>) -> D::Output<'c, Arc<M>>
    where
        D: ConnectionKind,
        Q: 'c,
    {
        let caller = Location::caller();
        conn.load_objects(self.only_by_rows(), Take::Only, caller, |objects| {
            only_of(M::name(), objects)
        })
    }

    /// With `LIMIT 1`, unless the map alone can answer.
    pub(crate) fn limited(self) -> Cached<M, Limit<Q>>
    where
        Q: LimitDsl,
    {
        Cached {
            query: self.query.limit(1),
            plan: self.plan,
            model: PhantomData,
        }
    }

    /// By rows, unless the map alone can answer.
    pub(crate) fn only_by_rows(mut self) -> Self {
        self.plan.rows_only = true;
        self
    }
}

pub(crate) fn first_of<T>(rows: Vec<T>) -> QueryResult<T> {
    rows.into_iter().next().ok_or(NotFound)
}

/// The only row. `model` is what a row is called in the error.
pub(crate) fn only_of<T>(model: &'static str, mut rows: Vec<T>) -> QueryResult<T> {
    match rows.len() {
        0 => Err(NotFound),
        1 => Ok(rows.remove(0)),
        found => {
            let found = found as u64;
            Err(IdentityMapError::MultipleRows { model, found }.into())
        }
    }
}
