//! Structs of what each row of `mapped()` gives: [`MappedView`].

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

use diesel::dsl::Limit;
use diesel::query_dsl::methods::LimitDsl;

use super::load::{first_of, only_of};
use super::loads_mapped::LoadsMapped;
use super::mapped_query::MappedQuery;
use crate::connection::ConnectionKind;

/// A struct of what a row of [`mapped`](super::LoadMapped::mapped) gives. `#[derive(MappedView)]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no view of mapped rows",
    note = "`#[derive(MappedView)]` makes it one: its fields are the parts of the row, in their order"
)]
pub trait MappedView: Sized {
    /// The row: a tuple with a part for each field.
    type Row;

    /// The view of a row.
    fn from_row(row: Self::Row) -> Self;
}

impl<Q> MappedQuery<Q> {
    /// The same query, with a struct for each of its rows.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # mod lists { use super::*;
    /// #[derive(MappedView)]
    /// struct PostView {
    ///     post: Arc<Post>,
    ///     author: Arc<User>,
    ///     is_first: bool,
    /// }
    ///
    /// # pub(super) fn run() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let views: Vec<PostView> = posts::table
    ///     .inner_join(users::table)
    ///     .select((Post::as_select(), User::as_select(), posts::id.eq(1)))
    ///     .order(posts::id)
    ///     .mapped()
    ///     .views()
    ///     .load(conn)?;
    /// assert!(views[0].is_first && views[0].post.user_id == views[0].author.id);
    /// # Ok(()) }}
    /// # fn main() -> QueryResult<()> { lists::run() }
    /// ```
    pub fn views<V: MappedView>(self) -> MappedViews<Q, V> {
        MappedViews {
            query: self,
            view: PhantomData,
        }
    }
}

/// A query whose rows become structs: see [`views`](MappedQuery::views).
#[must_use = "queries are only executed when calling `load`, `first` or their like"]
pub struct MappedViews<Q, V> {
    query: MappedQuery<Q>,
    view: PhantomData<fn() -> V>,
}

impl<Q, V: MappedView> MappedViews<Q, V> {
    /// Runs the query.
    ///
    /// # Errors
    /// As [`MappedQuery::load`].
    #[track_caller]
    pub fn load<'c, Conn, D, K>(self, conn: &'c mut Conn) -> D::Output<'c, Vec<V>>
    where
        D: ConnectionKind,
        Conn: LoadsMapped<Q, D, V::Row, K>,
        V: Send + 'c,
        V::Row: 'c,
        Q: 'c,
    {
        conn.load_mapped(self.query, Location::caller(), |rows| {
            Ok(rows.into_iter().map(V::from_row).collect())
        })
    }

    /// Alias of [`load`](Self::load), as in Diesel.
    ///
    /// # Errors
    /// As [`MappedQuery::load`].
    #[track_caller]
    pub fn get_results<'c, Conn, D, K>(self, conn: &'c mut Conn) -> D::Output<'c, Vec<V>>
    where
        D: ConnectionKind,
        Conn: LoadsMapped<Q, D, V::Row, K>,
        V: Send + 'c,
        V::Row: 'c,
        Q: 'c,
    {
        self.load(conn)
    }

    /// The first row of the query, with `LIMIT 1`.
    ///
    /// # Errors
    /// As [`MappedQuery::first`].
    #[track_caller]
    pub fn first<'c, Conn, D, K>(self, conn: &'c mut Conn) -> D::Output<'c, V>
    where
        D: ConnectionKind,
        Q: LimitDsl<Output: 'c>,
        Conn: LoadsMapped<Limit<Q>, D, V::Row, K>,
        V: Send + 'c,
        V::Row: 'c,
    {
        conn.load_mapped(self.query.limited(), Location::caller(), |rows| {
            first_of(rows).map(V::from_row)
        })
    }

    /// The first row of the query; the others are read and dropped.
    ///
    /// # Errors
    /// As [`MappedQuery::get_result`].
    #[track_caller]
    pub fn get_result<'c, Conn, D, K>(self, conn: &'c mut Conn) -> D::Output<'c, V>
    where
        D: ConnectionKind,
        Conn: LoadsMapped<Q, D, V::Row, K>,
        V: Send + 'c,
        V::Row: 'c,
        Q: 'c,
    {
        conn.load_mapped(self.query, Location::caller(), |rows| {
            first_of(rows).map(V::from_row)
        })
    }

    /// The only row of the query.
    ///
    /// # Errors
    /// As [`MappedQuery::one`].
    #[track_caller]
    pub fn one<'c, Conn, D, K>(self, conn: &'c mut Conn) -> D::Output<'c, V>
    where
        D: ConnectionKind,
        Conn: LoadsMapped<Q, D, V::Row, K>,
        V: Send + 'c,
        V::Row: 'c,
        Q: 'c,
    {
        conn.load_mapped(self.query, Location::caller(), |rows| {
            only_of("row", rows).map(V::from_row)
        })
    }
}

impl<Q, V> fmt::Debug for MappedViews<Q, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MappedViews")
            .field("query", &self.query)
            .finish_non_exhaustive()
    }
}
