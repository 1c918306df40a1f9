//! Running a cached query: `load`, `first`, `one`, `find_many`.

use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;
use std::time::Instant;

use diesel::QueryResult;
use diesel::dsl::Limit;
use diesel::query_dsl::methods::LimitDsl;
use diesel::result::Error::NotFound;

use super::batch::LoadByKeys;
use super::cached::Cached;
use super::keys_first;
use super::loads::Loads;
use super::observed::{Run, Shape};
use super::plan::{Mode, Plan, Strategy};
use super::rows::{self, Take};
use super::run::CachedQuery;
use crate::connection::{Driver, Spoken, View};
use crate::error::IdentityMapError;
use crate::map::IdentityMap;
use crate::model::Model;
use crate::scope::is_in_scope;
use crate::write::RunsHooks;

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
    pub fn load<'c, Conn, D>(self, conn: &'c mut Conn) -> Conn::Output<'c, Vec<Arc<M>>>
    where
        D: Spoken,
        Conn: Loads<M, Q, D>,
        Q: 'c,
    {
        let caller = Location::caller();
        let held = |conn: &mut Conn| Ok(self.plan.held(conn)?.map(|held| vec![held]));
        if let Some(held) = conn.at_once(held) {
            return held;
        }
        conn.load_objects(self, Take::All, caller, Ok)
    }

    /// Alias of [`load`](Self::load), as in Diesel.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    #[track_caller]
    pub fn get_results<'c, Conn, D>(self, conn: &'c mut Conn) -> Conn::Output<'c, Vec<Arc<M>>>
    where
        D: Spoken,
        Conn: Loads<M, Q, D>,
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
    pub fn first<'c, Conn, D>(self, conn: &'c mut Conn) -> Conn::Output<'c, Arc<M>>
    where
        D: Spoken,
        Q: LimitDsl<Output: 'c>,
        Conn: Loads<M, Limit<Q>, D>,
    {
        let caller = Location::caller();
        if let Some(held) = conn.at_once(|conn| self.plan.held(conn)) {
            return held;
        }
        conn.load_objects(self.limited(), Take::First, caller, first_of)
    }

    /// The first row of the query; the others are not looked at.
    ///
    /// # Errors
    /// [`NotFound`] if there is none, else as [`load`](Self::load).
    #[track_caller]
    pub fn get_result<'c, Conn, D>(self, conn: &'c mut Conn) -> Conn::Output<'c, Arc<M>>
    where
        D: Spoken,
        Conn: Loads<M, Q, D>,
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
    pub fn one<'c, Conn, D>(self, conn: &'c mut Conn) -> Conn::Output<'c, Arc<M>>
    where
        D: Spoken,
        Conn: Loads<M, Q, D>,
        Q: 'c,
    {
        let caller = Location::caller();
        conn.load_objects(self.only_by_rows(), Take::Only, caller, only_of)
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

impl<M: Model, Q> Cached<M, Q> {
    /// The objects that the program has called for, and what it makes of them.
    pub(crate) async fn find_objects<Conn, D, T>(
        self,
        take: Take,
        caller: &'static Location<'static>,
        finish: fn(Vec<Arc<M>>) -> QueryResult<T>,
        conn: &mut Conn,
    ) -> QueryResult<T>
    where
        D: Spoken,
        Conn: Driver<D>,
        M: LoadByKeys<Conn, D> + RunsHooks<Conn, D>,
        Q: CachedQuery<M, Conn, D>,
    {
        conn.settle().await?;
        if let Some(held) = self.plan.held(conn)? {
            return finish(vec![held]);
        }
        conn.called_from(caller);
        finish(run(self.query, &self.plan, take, conn).await?)
    }
}

pub(crate) fn first_of<T>(rows: Vec<T>) -> QueryResult<T> {
    rows.into_iter().next().ok_or(NotFound)
}

pub(crate) fn only_of<M: Model>(mut objects: Vec<Arc<M>>) -> QueryResult<Arc<M>> {
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

impl<M: Model> Plan<M> {
    /// The object that the map alone can answer with.
    pub(crate) fn held<D: Spoken, Conn: Driver<D>>(
        &self,
        conn: &mut Conn,
    ) -> QueryResult<Option<Arc<M>>> {
        let Some(key) = self.key.as_ref().filter(|_| self.mode == Mode::Cached) else {
            return Ok(None);
        };
        // The connection's own map is borrowed here, not cloned: this is the shortest way.
        if self.map.is_none()
            && !is_in_scope()
            && let Some(held) =
                conn.slot(|slot| slot.bare_map().map(|map| self.held_in(map, key)))?
        {
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

    fn held_in(&self, map: &IdentityMap, key: &M::Key) -> Option<Arc<M>> {
        let store = map.store::<M>();
        let held = store.get(key)?;
        if let Some(peers) = self.peers {
            store.enlist(peers.list(false), std::slice::from_ref(&held), false);
        }
        store.used(1, 0);
        store.keep(std::slice::from_ref(&held));
        Some(held)
    }

    /// What this query asks and fills, with one object or with several that are peers.
    pub(crate) fn view<D: Spoken, Conn: Driver<D>>(
        &self,
        conn: &mut Conn,
        several: bool,
    ) -> QueryResult<View<M>> {
        let view = conn.slot(|slot| {
            let map = slot.map_or::<Conn::Backend>(self.map.as_ref(), M::name())?;
            if several {
                map.awaited().let_go(false);
            }
            let list = self.peers.unwrap_or_else(|| map.peers()).list(several);
            QueryResult::Ok(slot.view(map).listing(list))
        });
        Ok(view??.noting(M::HAS_HOOKS))
    }
}

/// Runs `post_load` for the objects that a load has made. If one fails, the map gives them up.
pub(crate) async fn run_post_load<M, Conn, D>(view: &View<M>, conn: &mut Conn) -> QueryResult<()>
where
    M: Model + RunsHooks<Conn, D>,
    Conn: Send,
{
    if !M::HAS_HOOKS {
        return Ok(());
    }
    let made = view.take_made();
    for object in made.iter().map(|made| &made.object) {
        if let Err(error) = M::post_load(object, conn).await {
            view.give_up(made);
            return Err(error);
        }
    }
    Ok(())
}

/// [`Cached::load`], for the other modules: the program has called for something else.
pub(crate) async fn load_all<M, Q, Conn, D>(
    query: Cached<M, Q>,
    conn: &mut Conn,
) -> QueryResult<Vec<Arc<M>>>
where
    D: Spoken,
    Conn: Driver<D>,
    M: LoadByKeys<Conn, D> + RunsHooks<Conn, D>,
    Q: CachedQuery<M, Conn, D>,
{
    run(query.query, &query.plan, Take::All, conn).await
}

/// Runs a query by its plan.
async fn run<M, Q, Conn, D>(
    query: Q,
    plan: &Plan<M>,
    take: Take,
    conn: &mut Conn,
) -> QueryResult<Vec<Arc<M>>>
where
    D: Spoken,
    Conn: Driver<D>,
    M: LoadByKeys<Conn, D> + RunsHooks<Conn, D>,
    Q: CachedQuery<M, Conn, D>,
{
    if plan.mode == Mode::Uncached {
        let objects = rows::load_own(query, take, conn).await?;
        if M::HAS_HOOKS {
            for object in &objects {
                M::post_load(object, conn).await?;
            }
        }
        return Ok(objects);
    }
    let view = plan.view(conn, take != Take::First)?;
    let loaded = if plan.mode == Mode::Fresh {
        rows::load_fresh(&view, query, take, conn).await?
    } else if plan.rows_only {
        rows::load(&view, query, take, conn).await?
    } else {
        match plan.strategy {
            Strategy::Rows => rows::load(&view, query, take, conn).await?,
            Strategy::KeysFirst => keys_first::load(&view, query, conn).await?,
            // One row is one statement by rows, and seldom fewer keys first.
            Strategy::Auto if take == Take::First || plan.key.is_some() || !plan.ordered => {
                rows::load(&view, query, take, conn).await?
            }
            Strategy::Auto => run_cheaper(&view, query, conn).await?,
        }
    };
    let Loaded { objects, hits } = loaded;
    view.enlist(&objects, hits < objects.len());
    run_post_load(&view, conn).await?;
    view.used(hits, objects.len() - hits);
    view.keep(&objects);
    Ok(objects)
}

/// Runs a query by the strategy that was cheaper so far, and remembers what it cost.
async fn run_cheaper<M, Q, Conn, D>(
    view: &View<M>,
    query: Q,
    conn: &mut Conn,
) -> QueryResult<Loaded<M>>
where
    D: Spoken,
    Conn: Driver<D>,
    M: LoadByKeys<Conn, D> + RunsHooks<Conn, D>,
    Q: CachedQuery<M, Conn, D>,
{
    let shape = Shape::of::<M, Q, Conn>();
    let alive = view.about_alive();
    let strategy = shape.cheaper(alive);
    let start = Instant::now();
    let loaded = match strategy {
        Strategy::KeysFirst => keys_first::load(view, query, conn).await?,
        Strategy::Auto | Strategy::Rows => rows::load(view, query, Take::All, conn).await?,
    };
    shape.remember(&Run {
        strategy,
        alive,
        rows: loaded.objects.len(),
        hits: loaded.hits,
        time: start.elapsed(),
    });
    Ok(loaded)
}
