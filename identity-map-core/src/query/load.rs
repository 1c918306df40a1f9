//! Running a cached query: `load`, `first`, `one`, `find_many`.

use std::sync::Arc;
use std::time::Instant;

use diesel::QueryResult;
use diesel::connection::Connection;
use diesel::dsl::Limit;
use diesel::query_dsl::methods::LimitDsl;
use diesel::result::Error::NotFound;

use super::cached::Cached;
use super::keys_first;
use super::loads::Loads;
use super::observed::{Run, Shape};
use super::plan::{Mode, Plan, Strategy};
use super::rows::{self, Take};
use crate::connection::{IdentityMapConnection, Slot};
use crate::error::IdentityMapError;
use crate::map::IdentityMap;
use crate::model::Model;
use crate::scope::Scope;

/// What a strategy brings: objects in the order of the query, and how many were alive before.
pub(super) struct Loaded<M> {
    pub(super) objects: Vec<Arc<M>>,
    pub(super) hits: usize,
}

impl<M> Default for Loaded<M> {
    fn default() -> Self {
        Self {
            objects: Vec::new(),
            hits: 0,
        }
    }
}

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
    pub fn load<Conn, D>(self, conn: &mut Conn) -> QueryResult<Vec<Arc<M>>>
    where
        Conn: Loads<M, Q, D>,
    {
        if let Some(held) = self.plan.held(conn)? {
            return Ok(vec![held]);
        }
        run(self.query, &self.plan, Take::All, conn)
    }

    /// Alias of [`load`](Self::load), as in Diesel.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn get_results<Conn, D>(self, conn: &mut Conn) -> QueryResult<Vec<Arc<M>>>
    where
        Conn: Loads<M, Q, D>,
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
    pub fn first<Conn, D>(self, conn: &mut Conn) -> QueryResult<Arc<M>>
    where
        Q: LimitDsl,
        Conn: Loads<M, Limit<Q>, D>,
    {
        if let Some(held) = self.plan.held(conn)? {
            return Ok(held);
        }
        first_of(run(self.query.limit(1), &self.plan, Take::First, conn)?)
    }

    /// The first row of the query; the others are not looked at.
    ///
    /// # Errors
    /// [`NotFound`] if there is none, else as [`load`](Self::load).
    pub fn get_result<Conn, D>(self, conn: &mut Conn) -> QueryResult<Arc<M>>
    where
        Conn: Loads<M, Q, D>,
    {
        if let Some(held) = self.plan.held(conn)? {
            return Ok(held);
        }
        first_of(run(self.query, &self.plan.by_rows(), Take::First, conn)?)
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
    pub fn one<Conn, D>(self, conn: &mut Conn) -> QueryResult<Arc<M>>
    where
        Conn: Loads<M, Q, D>,
    {
        if let Some(held) = self.plan.held(conn)? {
            return Ok(held);
        }
        let mut objects = run(self.query, &self.plan.by_rows(), Take::All, conn)?;
        match objects.len() {
            0 => Err(NotFound),
            1 => Ok(objects.remove(0)),
            found => {
                let found = found as u64;
                Err(IdentityMapError::MultipleRows {
                    model: M::name(),
                    found,
                }
                .into())
            }
        }
    }
}

fn first_of<M>(objects: Vec<Arc<M>>) -> QueryResult<Arc<M>> {
    objects.into_iter().next().ok_or(NotFound)
}

impl<M: Model> Plan<M> {
    /// The object that the map alone can answer with.
    pub(super) fn held<Conn: Connection>(&self, conn: &mut Conn) -> QueryResult<Option<Arc<M>>> {
        let Some(key) = self.key.as_ref().filter(|_| self.mode == Mode::Cached) else {
            return Ok(None);
        };
        // The connection's own map is borrowed here, not cloned: this is the shortest way.
        if self.map.is_none() && Scope::current().is_none() {
            return Ok(hit(Slot::of(conn)?.map(), key));
        }
        Ok(hit(&self.map_for(conn)?, key))
    }

    /// The map that this query asks and fills.
    pub(super) fn map_for<Conn: Connection>(&self, conn: &mut Conn) -> QueryResult<IdentityMap> {
        let Some(map) = &self.map else {
            return conn.identity_map();
        };
        map.bind(Slot::of(conn)?.realm(), M::name())?;
        Ok(map.clone())
    }
}

fn hit<M: Model>(map: &IdentityMap, key: &M::Key) -> Option<Arc<M>> {
    let store = map.store::<M>();
    let held = store.get(key)?;
    store.used(1, 0);
    store.keep(std::slice::from_ref(&held));
    Some(held)
}

/// Runs a query by its plan.
fn run<M, Q, Conn, D>(
    query: Q,
    plan: &Plan<M>,
    take: Take,
    conn: &mut Conn,
) -> QueryResult<Vec<Arc<M>>>
where
    Conn: Loads<M, Q, D>,
{
    if plan.mode == Mode::Uncached {
        return rows::load_own(query, take, conn);
    }
    let map = plan.map_for(conn)?;
    let loaded = if plan.mode == Mode::Fresh {
        rows::load_fresh(&map, query, take, conn)?
    } else if plan.rows_only {
        rows::load(&map, query, take, conn)?
    } else {
        match plan.strategy {
            Strategy::Rows => rows::load(&map, query, take, conn)?,
            Strategy::KeysFirst => keys_first::load(&map, query, conn)?,
            // One row is one statement by rows, and seldom fewer keys first.
            Strategy::Auto if take == Take::First || plan.key.is_some() || !plan.ordered => {
                rows::load(&map, query, take, conn)?
            }
            Strategy::Auto => run_cheaper(&map, query, conn)?,
        }
    };
    let Loaded { objects, hits } = loaded;
    let store = map.store::<M>();
    store.used(hits as u64, (objects.len() - hits) as u64);
    store.keep(&objects);
    Ok(objects)
}

/// Runs a query by the strategy that was cheaper so far, and remembers what it cost.
fn run_cheaper<M, Q, Conn, D>(
    map: &IdentityMap,
    query: Q,
    conn: &mut Conn,
) -> QueryResult<Loaded<M>>
where
    Conn: Loads<M, Q, D>,
{
    let shape = Shape::of::<M, Q, Conn>();
    let strategy = shape.cheaper(map.store::<M>().about_alive());
    let start = Instant::now();
    let loaded = match strategy {
        Strategy::KeysFirst => keys_first::load(map, query, conn)?,
        Strategy::Auto | Strategy::Rows => rows::load(map, query, Take::All, conn)?,
    };
    shape.remember(&Run {
        strategy,
        rows: loaded.objects.len(),
        hits: loaded.hits,
        time: start.elapsed(),
    });
    Ok(loaded)
}
