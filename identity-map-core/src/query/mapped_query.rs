//! Any Diesel query that selects models: [`MappedQuery`], made by [`LoadMapped`].

use std::any::type_name;
use std::fmt;

use diesel::query_builder::{AsQuery, Query};
use diesel::query_dsl::QueryDsl;
use diesel::sql_types::Untyped;

use super::plan::CacheMode;
use crate::map::{IdentityMap, Peers};

/// Turns a Diesel query that selects models into one that loads them as shared objects.
///
/// Implemented for every `SELECT` of Diesel's query builder.
pub trait LoadMapped: QueryDsl + AsQuery {
    /// This query, with its models as shared objects.
    ///
    /// It selects whole models by Diesel's `as_select`, which give an `Arc` each, and beside them whatever else, which gives what
    /// Diesel decodes: alone, in an `Option`, or in tuples, of up to sixteen. It is sent as it is, in one statement, and every
    /// object in its rows is the one that the map holds, or becomes it. The values are what the database has now, also beside
    /// an object that was loaded earlier. [`views`](MappedQuery::views) makes structs of the rows.
    /// A type of the program's own around a query, as for pages, has it with a line, `impl<Q> QueryDsl for Page<Q> {}`.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let rows: Vec<(Arc<User>, Option<Arc<Post>>)> = users::table
    ///     .left_join(posts::table)
    ///     .order(posts::id)
    ///     .select((User::as_select(), Option::<Post>::as_select()))
    ///     .mapped()
    ///     .load(conn)?;
    /// assert!(Arc::ptr_eq(&rows[0].0, &rows[1].0)); // Ada, twice
    ///
    /// let with_posts = diesel::dsl::exists(posts::table.filter(posts::user_id.eq(users::id)));
    /// let rows: Vec<(Arc<User>, bool)> = users::table
    ///     .select((User::as_select(), with_posts))
    ///     .mapped()
    ///     .load(conn)?;
    /// # Ok(())
    /// # }
    /// ```
    fn mapped(self) -> MappedQuery<Self> {
        // A lock must read the row it locks.
        let locks = type_name::<Self>().contains("::LockingClause<");
        MappedQuery {
            query: self,
            map: None,
            mode: if locks {
                CacheMode::Fresh
            } else {
                CacheMode::Cached
            },
            peers: None,
        }
    }
}

impl<Q: QueryDsl + AsQuery> LoadMapped for Q {}

/// Turns a query as text into one that loads a model as shared objects.
///
/// Implemented for what [`sql_query`](diesel::sql_query) gives, with its binds.
pub trait LoadMappedSql: Sized {
    /// This query, with its model as shared objects.
    ///
    /// The model derives [`QueryableByName`](diesel::QueryableByName) as well, and the text selects all of its columns from its
    /// table, unchanged: nobody checks that. It is sent as it is, and may only read: another one is an error,
    /// [`NotAQuery`](crate::IdentityMapError::NotAQuery), as is any behind a `MultiConnection`, whose backend shows no text.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # mod by_text { use super::*;
    /// use diesel::sql_types::Integer;
    ///
    /// #[derive(Queryable, QueryableByName, IdentityMapped)]
    /// #[diesel(table_name = posts)]
    /// struct Title {
    ///     id: i32,
    ///     title: String,
    /// }
    ///
    /// # pub(super) fn run() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let titles: Vec<Arc<Title>> = diesel::sql_query("SELECT id, title FROM posts WHERE id > ? ORDER BY id")
    ///     .bind::<Integer, _>(1)
    ///     .mapped()
    ///     .load(conn)?;
    /// let same = Title::cached().find(2).first(conn)?; // sends nothing
    /// assert!(Arc::ptr_eq(&titles[0], &same));
    /// # Ok(()) }}
    /// # fn main() -> QueryResult<()> { by_text::run() }
    /// ```
    fn mapped(self) -> MappedQuery<Self> {
        MappedQuery {
            query: self,
            map: None,
            mode: CacheMode::Cached,
            peers: None,
        }
    }
}

impl<Q: Query<SqlType = Untyped>> LoadMappedSql for Q {}

/// A Diesel query that selects models, to be loaded as shared objects: see
/// [`mapped`](LoadMapped::mapped).
#[must_use = "queries are only executed when calling `load`, `first` or their like"]
pub struct MappedQuery<Q> {
    pub(super) query: Q,
    pub(super) map: Option<IdentityMap>,
    pub(super) mode: CacheMode,
    pub(super) peers: Option<Peers>,
}

impl<Q> MappedQuery<Q> {
    /// Uses this map, instead of the current scope's or the connection's own.
    pub fn in_map(mut self, map: &IdentityMap) -> Self {
        self.map = Some(map.clone());
        self
    }

    /// Replaces what the map holds by what is read; see [`Cached::fresh`](super::Cached::fresh).
    pub fn fresh(mut self) -> Self {
        self.mode = CacheMode::Fresh;
        self
    }

    /// Neither asks nor fills a map; see [`Cached::uncached`](super::Cached::uncached).
    pub fn uncached(mut self) -> Self {
        self.mode = CacheMode::Uncached;
        self
    }

    /// What a lazy access to a parent does; see [`Cached::peers`](super::Cached::peers).
    pub fn peers(mut self, peers: impl Into<Peers>) -> Self {
        self.peers = Some(peers.into());
        self
    }
}

impl<Q> fmt::Debug for MappedQuery<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MappedQuery")
            .field("mode", &self.mode)
            .field("peers", &self.peers)
            .finish_non_exhaustive()
    }
}
