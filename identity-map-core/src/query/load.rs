//! Running a cached query: `load`, `first`, `one`, `find_many`.

use std::panic::Location;
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
use crate::connection::{Slot, View};
use crate::error::IdentityMapError;
use crate::model::Model;
use crate::scope::Scope;
use crate::write::Hooks;

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
    #[track_caller]
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
    #[track_caller]
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
    #[track_caller]
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
    #[track_caller]
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
    #[track_caller]
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
        if self.map.is_none()
            && Scope::current().is_none()
            && let Some(map) = Slot::of(conn)?.bare_map()
        {
            let store = map.store::<M>();
            let held = store.get(key);
            if let Some(held) = &held {
                if let Some(peers) = self.peers {
                    store.enlist(peers.list(false), std::slice::from_ref(held), false);
                }
                store.used(1, 0);
                store.keep(std::slice::from_ref(held));
            }
            return Ok(held);
        }
        let view = self.view(conn, false)?;
        let held = view.get(key);
        if let Some(held) = &held {
            view.enlist(std::slice::from_ref(held), false);
            view.used(1, 0);
            view.keep(std::slice::from_ref(held));
        }
        Ok(held)
    }

    /// What this query asks and fills, with one object or with several that are peers.
    pub(crate) fn view<Conn: Connection>(
        &self,
        conn: &mut Conn,
        several: bool,
    ) -> QueryResult<View<M>> {
        let slot = Slot::of(conn)?;
        let map = slot.map_or::<Conn>(self.map.as_ref(), M::name())?;
        if several {
            map.awaited().let_go(false);
        }
        let list = self.peers.unwrap_or_else(|| map.peers()).list(several);
        Ok(slot.view(map).listing(list).noting(M::HAS_HOOKS))
    }
}

/// Runs `post_load` for the objects that a load has made. If one fails, the map gives them up.
pub(crate) fn run_post_load<M, Conn>(view: &View<M>, conn: &mut Conn) -> QueryResult<()>
where
    M: Model + Hooks<Conn>,
{
    if !M::HAS_HOOKS {
        return Ok(());
    }
    let made = view.take_made();
    let loaded = made
        .iter()
        .try_for_each(|made| M::post_load(&made.object, conn));
    if loaded.is_err() {
        view.give_up(made);
    }
    loaded
}

/// [`Cached::load`], for the other modules: the program has called for something else.
pub(crate) fn load_all<M, Q, Conn, D>(
    query: Cached<M, Q>,
    conn: &mut Conn,
) -> QueryResult<Vec<Arc<M>>>
where
    M: Model,
    Conn: Loads<M, Q, D>,
{
    run_from_within(query.query, &query.plan, Take::All, conn)
}

/// Runs a query by its plan, for the program.
#[track_caller]
fn run<M, Q, Conn, D>(
    query: Q,
    plan: &Plan<M>,
    take: Take,
    conn: &mut Conn,
) -> QueryResult<Vec<Arc<M>>>
where
    Conn: Loads<M, Q, D>,
{
    Slot::called_from(conn, Location::caller());
    run_from_within(query, plan, take, conn)
}

fn run_from_within<M, Q, Conn, D>(
    query: Q,
    plan: &Plan<M>,
    take: Take,
    conn: &mut Conn,
) -> QueryResult<Vec<Arc<M>>>
where
    Conn: Loads<M, Q, D>,
{
    if plan.mode == Mode::Uncached {
        let objects = rows::load_own(query, take, conn)?;
        if M::HAS_HOOKS {
            objects
                .iter()
                .try_for_each(|object| M::post_load(object, conn))?;
        }
        return Ok(objects);
    }
    let view = plan.view(conn, take == Take::All)?;
    let loaded = if plan.mode == Mode::Fresh {
        rows::load_fresh(&view, query, take, conn)?
    } else if plan.rows_only {
        rows::load(&view, query, take, conn)?
    } else {
        match plan.strategy {
            Strategy::Rows => rows::load(&view, query, take, conn)?,
            Strategy::KeysFirst => keys_first::load(&view, query, conn)?,
            // One row is one statement by rows, and seldom fewer keys first.
            Strategy::Auto if take == Take::First || plan.key.is_some() || !plan.ordered => {
                rows::load(&view, query, take, conn)?
            }
            Strategy::Auto => run_cheaper(&view, query, conn)?,
        }
    };
    let Loaded { objects, hits } = loaded;
    view.enlist(&objects, hits < objects.len());
    run_post_load(&view, conn)?;
    view.used(hits, objects.len() - hits);
    view.keep(&objects);
    Ok(objects)
}

/// Runs a query by the strategy that was cheaper so far, and remembers what it cost.
fn run_cheaper<M, Q, Conn, D>(view: &View<M>, query: Q, conn: &mut Conn) -> QueryResult<Loaded<M>>
where
    Conn: Loads<M, Q, D>,
{
    let shape = Shape::of::<M, Q, Conn>();
    let strategy = shape.cheaper(view.about_alive());
    let start = Instant::now();
    let loaded = match strategy {
        Strategy::KeysFirst => keys_first::load(view, query, conn)?,
        Strategy::Auto | Strategy::Rows => rows::load(view, query, Take::All, conn)?,
    };
    shape.remember(&Run {
        strategy,
        rows: loaded.objects.len(),
        hits: loaded.hits,
        time: start.elapsed(),
    });
    Ok(loaded)
}
