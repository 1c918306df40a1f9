//! The caching manager: [`Cached`].

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;

use diesel::query_dsl::methods::FilterDsl;

use super::key_conditions::KeyIs;
use super::plan::{CacheMode, Clauses, Plan, Strategy};
use crate::map::{IdentityMap, Peers};
use crate::model::{FindKey, IdentityMapped, Model};

/// A Diesel query `Q` whose rows come out as shared objects of the model `M`.
///
/// It takes every method of Diesel's [`QueryDsl`](diesel::QueryDsl) with Diesel's own
/// compile-time checks. `select` and `count` leave it: they give back the plain Diesel query.
#[must_use = "queries are only executed when calling `load`, `first` or their like"]
pub struct Cached<M: IdentityMapped, Q> {
    pub(crate) query: Q,
    pub(crate) plan: Plan<M>,
    pub(super) model: PhantomData<fn() -> M>,
}

impl<M: Model> Cached<M, M::Query> {
    /// The manager of a model; [`IdentityMapped::cached`] is the way to write it.
    pub fn new() -> Self {
        // Only the name of a table ends like this; a `base_query` may have an order or a lock.
        let plan = if type_name::<M::Query>().ends_with("::table") {
            Plan::bare()
        } else {
            plan_of::<M, M::Query>()
        };
        Self {
            query: M::query(),
            plan,
            model: PhantomData,
        }
    }
}

impl<M: Model> Default for Cached<M, M::Query> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M: IdentityMapped, Q> Cached<M, Q> {
    /// Enters the cached world with any Diesel query whose source is the model's table: a
    /// join, a boxed query, `Post::belonging_to(&user)`. Its selection is replaced by the
    /// model's columns.
    ///
    /// A query of another table does not compile when it is loaded.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let query = posts::table.filter(posts::title.like("Ru%")).order(posts::id);
    /// let posts = Cached::<Post, _>::from_query(query).load(conn)?;
    /// assert_eq!(posts.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_query(query: Q) -> Self {
        let plan = plan_of::<M, Q>().refined();
        Self {
            query,
            plan,
            model: PhantomData,
        }
    }

    /// Uses this map, instead of the current scope's or the connection's own.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let map = IdentityMap::new();
    /// let in_map = Post::cached().find(1).in_map(&map).first(conn)?;
    /// let own = Post::cached().find(1).first(conn)?;
    /// assert!(!Arc::ptr_eq(&in_map, &own));
    /// assert_eq!(map.len::<Post>(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn in_map(mut self, map: &IdentityMap) -> Self {
        self.plan.map = Some(map.clone());
        self
    }

    /// Chooses how the query runs. A query that is distinct or locks runs by rows whatever is
    /// said here.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let posts = Post::cached().strategy(Strategy::Rows).order(posts::id).load(conn)?; // one snapshot
    /// assert_eq!(posts.len(), 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.plan.strategy = strategy;
        self
    }

    /// Reads every row, and replaces what the map holds. Whoever holds an old object keeps it,
    /// unchanged.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let old = Post::cached().find(1).first(conn)?;
    /// diesel::update(posts::table.find(1)).set(posts::title.eq("Tables")).execute(conn)?;
    /// let new = Post::cached().fresh().find(1).first(conn)?;
    /// assert_eq!((&*old.title, &*new.title), ("Rows", "Tables"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn fresh(mut self) -> Self {
        self.plan.mode = CacheMode::Fresh;
        self
    }

    /// Neither asks nor fills a map: the results are objects of their own. Works on a
    /// connection without a map, except for writes of a model with hooks: nobody would know there
    /// when it has committed.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let one = Post::cached().find(1).first(conn)?;
    /// let other = Post::cached().uncached().find(1).first(conn)?;
    /// assert!(!Arc::ptr_eq(&one, &other));
    /// # Ok(())
    /// # }
    /// ```
    pub fn uncached(mut self) -> Self {
        self.plan.mode = CacheMode::Uncached;
        self
    }

    /// What [`load_parent`](crate::RelatedObject::load_parent) does on one of the objects of this
    /// query: fetch the parents of all of them together (`true`, the default), of that one alone
    /// (`false`), or [fail](Peers::Forbidden).
    ///
    /// An object that several queries found goes by the last of them.
    pub fn peers(mut self, peers: impl Into<Peers>) -> Self {
        self.plan.peers = Some(peers.into());
        self
    }

    /// The row with this key. On the bare model the map is asked first, and a hit costs no
    /// statement; after any further condition the database decides. Where the key is a whole number,
    /// `filter(posts::id.eq(2))` is the same with the feature `filter-by-key`.
    ///
    /// The key is compared as a Rust value. A spelling that only the database takes for equal
    /// (a case-insensitive collation) misses, and the row is mapped under its own key.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let post = Post::cached().find(2).first(conn)?;
    /// let same = Post::cached().find(post.id).first(conn)?; // sends nothing
    /// assert!(Arc::ptr_eq(&post, &same));
    /// # Ok(())
    /// # }
    /// ```
    pub fn find<K>(self, key: K) -> Cached<M, Q::Output>
    where
        M: Model,
        K: FindKey<M::Key, M::KeyShape>,
        Q: FilterDsl<KeyIs<M>>,
    {
        let key = key.into_key();
        let asked = (self.plan.clauses == Clauses::None).then(|| key.clone());
        let mut found = self.forward(Plan::refined, |query| query.filter(KeyIs::new(key)));
        found.plan.key = asked;
        found
    }

    pub(crate) fn forward<R>(
        self,
        plan: impl FnOnce(Plan<M>) -> Plan<M>,
        query: impl FnOnce(Q) -> R,
    ) -> Cached<M, R> {
        Cached {
            query: query(self.query),
            plan: plan(self.plan),
            model: PhantomData,
        }
    }
}

/// The plan of a query that was built elsewhere, read from the name of its type. The type of a boxed
/// query does not tell its clauses, so it runs by rows, which may cost time and never gives a wrong
/// answer.
fn plan_of<M: IdentityMapped, Q>() -> Plan<M> {
    let query = type_name::<Q>();
    let has = |clause| query.contains(clause);
    let mut plan = Plan::bare();
    plan.ordered = has("::OrderClause<");
    plan.rows_only =
        has("::DistinctClause") || has("::DistinctOnClause") || has("BoxedSelectStatement");
    if has("::LockingClause<") {
        plan = Plan {
            clauses: Clauses::None,
            ..plan.locking()
        };
    }
    plan
}

impl<M: IdentityMapped, Q: Clone> Clone for Cached<M, Q> {
    fn clone(&self) -> Self {
        Self {
            query: self.query.clone(),
            plan: self.plan.clone(),
            model: PhantomData,
        }
    }
}

impl<M: IdentityMapped, Q> fmt::Debug for Cached<M, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached")
            .field("model", &type_name::<M>())
            .field("strategy", &self.plan.strategy)
            .field("mode", &self.plan.mode)
            .finish_non_exhaustive()
    }
}
