//! Any Diesel query that selects models: [`LoadMapped`].

use std::any::type_name;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::connection::{Connection, DefaultLoadingMode};
use diesel::dsl::{AsSelect, Limit};
use diesel::expression::Selectable;
use diesel::query_builder::AsQuery;
use diesel::query_dsl::methods::{LimitDsl, LoadQuery};
use diesel::query_dsl::{QueryDsl, RunQueryDsl};
use diesel::result::Error::NotFound;

use super::batch::ByKey;
use super::load::run_post_load;
use super::plan::{Mode, Plan};
use crate::connection::{Slot, View};
use crate::map::{IdentityMap, Peers};
use crate::model::Model;
use crate::write::Hooks;

/// Turns a Diesel query that selects models into one that loads them as shared objects.
///
/// Implemented for every `SELECT` of Diesel's query builder.
pub trait LoadMapped: QueryDsl + AsQuery {
    /// This query, with its models as shared objects.
    ///
    /// The query has to select whole models, by Diesel's `as_select`: one, an `Option` of one, or
    /// tuples of these as Diesel allows. It is sent as it is, in one statement, and every object
    /// in its rows is the one that the map holds, or becomes it.
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
    /// # Ok(())
    /// # }
    /// ```
    fn mapped(self) -> MappedQuery<Self> {
        // A lock must read the row it locks.
        let locks = type_name::<Self>().contains("::LockingClause<");
        MappedQuery {
            query: self,
            map: None,
            mode: if locks { Mode::Fresh } else { Mode::Cached },
            peers: None,
        }
    }
}

impl<Q: QueryDsl + AsQuery> LoadMapped for Q {}

/// A Diesel query that selects models, to be loaded as shared objects: see
/// [`mapped`](LoadMapped::mapped).
#[must_use = "queries are only executed when calling `load`, `first` or their like"]
pub struct MappedQuery<Q> {
    query: Q,
    map: Option<IdentityMap>,
    mode: Mode,
    peers: Option<Peers>,
}

/// What a query selects: models, and tuples of them.
#[diagnostic::on_unimplemented(
    message = "this query does not select whole models",
    note = "select them by `Post::as_select()` (or `Option::<Post>::as_select()`), alone or in tuples",
    note = "each of them must derive `IdentityMapped`"
)]
pub trait SelectsModels<DB> {
    /// A row as Diesel decodes it.
    type Row: Share;
}

impl<T, DB> SelectsModels<DB> for AsSelect<T, DB>
where
    DB: Backend,
    T: Selectable<DB> + Share,
{
    type Row = T;
}

/// Something that a row is decoded to, in which every model can become a shared object.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be loaded as shared objects",
    note = "it must be a model that derives `IdentityMapped`, an `Option` of one, or a tuple of these"
)]
pub trait Share: Sized {
    /// The same with `Arc`s for models.
    type Shared;
    /// A view of the map for each model.
    #[doc(hidden)]
    type Views;

    #[doc(hidden)]
    fn views<Conn: Connection>(how: &MappedHow, conn: &mut Conn) -> QueryResult<Self::Views>;

    #[doc(hidden)]
    fn share(self, views: &Self::Views) -> Self::Shared;

    /// All rows were decoded.
    #[doc(hidden)]
    fn finish(views: &Self::Views);

    /// The query has succeeded.
    #[doc(hidden)]
    fn count(views: &Self::Views);
}

/// Runs the `post_load` hooks of all models in a row.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be loaded on `{Conn}`: hooks are announced and not implemented",
    note = "a model that says `#[identity_map(hooks)]` must implement `Hooks<{Conn}>`"
)]
pub trait ShareOn<Conn>: Share {
    #[doc(hidden)]
    fn post_load(views: &Self::Views, conn: &mut Conn) -> QueryResult<()>;
}

/// What holds for all models of a query.
#[doc(hidden)]
#[derive(Debug)]
pub struct MappedHow {
    /// None if no map is asked or filled.
    map: Option<IdentityMap>,
    fresh: bool,
    peers: Option<Peers>,
}

/// What a row's model is looked up in, and put into.
#[doc(hidden)]
pub struct ModelView<M: Model> {
    view: Option<View<M>>,
    /// With `fresh`, what was read: a row that a join repeats is one object.
    fresh: Option<RefCell<ByKey<M>>>,
    /// What the rows gave, for the list of them, or for the hooks where there is no map.
    shared: RefCell<Vec<Arc<M>>>,
    hits: Cell<usize>,
    rows: Cell<usize>,
}

impl<M: Model> Share for M {
    type Shared = Arc<M>;
    type Views = ModelView<M>;

    fn views<Conn: Connection>(how: &MappedHow, conn: &mut Conn) -> QueryResult<Self::Views> {
        let view = match &how.map {
            Some(map) => {
                let plan = Plan::<M> {
                    map: Some(map.clone()),
                    peers: how.peers,
                    ..Plan::bare()
                };
                Some(plan.view(conn, true)?)
            }
            None => None,
        };
        Ok(ModelView {
            view,
            fresh: how.fresh.then(RefCell::default),
            shared: RefCell::default(),
            hits: Cell::new(0),
            rows: Cell::new(0),
        })
    }

    fn share(self, views: &Self::Views) -> Arc<M> {
        views.rows.set(views.rows.get() + 1);
        let key = self.key();
        let Some(view) = &views.view else {
            let own = Arc::new(self);
            if M::HAS_HOOKS {
                views.shared.borrow_mut().push(Arc::clone(&own));
            }
            return own;
        };
        if let Some(read) = &views.fresh {
            let mut read = read.borrow_mut();
            return Arc::clone(read.entry(key).or_insert_with(|| Arc::new(self)));
        }
        let shared = if let Some(held) = view.get(&key) {
            views.hits.set(views.hits.get() + 1);
            held
        } else {
            view.adopt(key, Arc::new(self))
        };
        view.keep(std::slice::from_ref(&shared));
        let mut all = views.shared.borrow_mut();
        // A join repeats the row of a parent.
        if !all.last().is_some_and(|last| Arc::ptr_eq(last, &shared)) {
            all.push(Arc::clone(&shared));
        }
        shared
    }

    fn finish(views: &Self::Views) {
        let Some(view) = &views.view else { return };
        let mut shared = views.shared.take();
        if let Some(read) = &views.fresh {
            for (key, object) in read.take() {
                view.replace(key, &object);
                shared.push(object);
            }
            view.keep(&shared);
        }
        view.enlist(&shared, true);
    }

    fn count(views: &Self::Views) {
        if let Some(view) = &views.view {
            view.used(views.hits.get(), views.rows.get() - views.hits.get());
        }
    }
}

impl<M: Model + Hooks<Conn>, Conn> ShareOn<Conn> for M {
    fn post_load(views: &Self::Views, conn: &mut Conn) -> QueryResult<()> {
        if let Some(view) = &views.view {
            return run_post_load(view, conn);
        }
        let own = views.shared.take();
        own.iter().try_for_each(|object| M::post_load(object, conn))
    }
}

impl<T: Share> Share for Option<T> {
    type Shared = Option<T::Shared>;
    type Views = T::Views;

    fn views<Conn: Connection>(how: &MappedHow, conn: &mut Conn) -> QueryResult<Self::Views> {
        T::views(how, conn)
    }

    fn share(self, views: &Self::Views) -> Self::Shared {
        self.map(|row| row.share(views))
    }

    fn finish(views: &Self::Views) {
        T::finish(views);
    }

    fn count(views: &Self::Views) {
        T::count(views);
    }
}

impl<T: ShareOn<Conn>, Conn> ShareOn<Conn> for Option<T> {
    fn post_load(views: &Self::Views, conn: &mut Conn) -> QueryResult<()> {
        T::post_load(views, conn)
    }
}

macro_rules! tuples {
    ($(($($part:ident $at:tt),+))+) => {$(
        impl<$($part: SelectsModels<DB>,)+ DB> SelectsModels<DB> for ($($part,)+) {
            type Row = ($($part::Row,)+);
        }

        impl<$($part: Share),+> Share for ($($part,)+) {
            type Shared = ($($part::Shared,)+);
            type Views = ($($part::Views,)+);

            fn views<Conn: Connection>(
                how: &MappedHow,
                conn: &mut Conn,
            ) -> QueryResult<Self::Views> {
                Ok(($($part::views(how, conn)?,)+))
            }

            fn share(self, views: &Self::Views) -> Self::Shared {
                ($(self.$at.share(&views.$at),)+)
            }

            fn finish(views: &Self::Views) {
                $($part::finish(&views.$at);)+
            }

            fn count(views: &Self::Views) {
                $($part::count(&views.$at);)+
            }
        }

        impl<$($part: ShareOn<Conn>,)+ Conn> ShareOn<Conn> for ($($part,)+) {
            fn post_load(views: &Self::Views, conn: &mut Conn) -> QueryResult<()> {
                $($part::post_load(&views.$at, conn)?;)+
                Ok(())
            }
        }
    )+};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, E 3)
    (A 0, B 1, C 2, E 3, F 4)
    (A 0, B 1, C 2, E 3, F 4, G 5)
    (A 0, B 1, C 2, E 3, F 4, G 5, H 6)
    (A 0, B 1, C 2, E 3, F 4, G 5, H 6, I 7)
}

/// A connection on which a query that selects models can be loaded as shared objects.
///
/// The bound stands on the connection, so that rustc looks at it when the connection is known, and
/// can say what is wrong.
#[diagnostic::on_unimplemented(
    message = "this query cannot be loaded as shared objects on `{Self}`",
    note = "it must select whole models by `Post::as_select()` (or `Option::<Post>::as_select()`), \
            alone or in tuples; for anything else leave `.mapped()` out",
    note = "each of them must derive `IdentityMapped`",
    note = "a model that says `#[identity_map(hooks)]` must implement `Hooks<{Self}>`"
)]
pub trait LoadsMapped<'query, Q>: Connection {
    /// A row, with `Arc`s for models.
    type Shared;

    #[doc(hidden)]
    fn load_mapped(&mut self, query: Q, how: &MappedHow) -> QueryResult<Vec<Self::Shared>>;
}

#[diagnostic::do_not_recommend]
impl<'query, Q, C, Row> LoadsMapped<'query, Q> for C
where
    C: Connection,
    Q: AsQuery<SqlType: SelectsModels<C::Backend, Row = Row>>
        + RunQueryDsl<C>
        + LoadQuery<'query, C, Row, DefaultLoadingMode>
        + 'query,
    Row: ShareOn<C>,
{
    type Shared = Row::Shared;

    fn load_mapped(&mut self, query: Q, how: &MappedHow) -> QueryResult<Vec<Row::Shared>> {
        let views = Row::views(how, self)?;
        let mut shared = Vec::new();
        Slot::announce(self);
        for row in query.load_iter::<Row, DefaultLoadingMode>(self)? {
            shared.push(row?.share(&views));
        }
        Row::finish(&views);
        Row::post_load(&views, self)?;
        Row::count(&views);
        Ok(shared)
    }
}

impl<Q> MappedQuery<Q> {
    /// Uses this map, instead of the current scope's or the connection's own.
    pub fn in_map(mut self, map: &IdentityMap) -> Self {
        self.map = Some(map.clone());
        self
    }

    /// Replaces what the map holds by what is read; see [`Cached::fresh`](super::Cached::fresh).
    pub fn fresh(mut self) -> Self {
        self.mode = Mode::Fresh;
        self
    }

    /// Neither asks nor fills a map; see [`Cached::uncached`](super::Cached::uncached).
    pub fn uncached(mut self) -> Self {
        self.mode = Mode::Uncached;
        self
    }

    /// What a lazy access to a parent does; see [`Cached::peers`](super::Cached::peers).
    pub fn peers(mut self, peers: impl Into<Peers>) -> Self {
        self.peers = Some(peers.into());
        self
    }

    /// Runs the query: its rows as plain Diesel gives them, with shared objects for models.
    ///
    /// # Errors
    /// As [`Cached::load`](super::Cached::load).
    #[track_caller]
    pub fn load<'query, Conn>(self, conn: &mut Conn) -> QueryResult<Vec<Conn::Shared>>
    where
        Conn: LoadsMapped<'query, Q>,
    {
        let map = match self.mode {
            Mode::Uncached => None,
            Mode::Cached | Mode::Fresh => {
                let map =
                    Slot::of(conn)?.map_or::<Conn>(self.map.as_ref(), "the query's models")?;
                map.count_statement();
                Some(map)
            }
        };
        let how = MappedHow {
            map,
            fresh: self.mode == Mode::Fresh,
            peers: self.peers,
        };
        Slot::called_from(conn, Location::caller());
        conn.load_mapped(self.query, &how)
    }

    /// Alias of [`load`](Self::load), as in Diesel.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    #[track_caller]
    pub fn get_results<'query, Conn>(self, conn: &mut Conn) -> QueryResult<Vec<Conn::Shared>>
    where
        Conn: LoadsMapped<'query, Q>,
    {
        self.load(conn)
    }

    /// The first row of the query, with `LIMIT 1`.
    ///
    /// # Errors
    /// [`NotFound`] if there is none, else as [`load`](Self::load).
    #[track_caller]
    pub fn first<'query, Conn>(self, conn: &mut Conn) -> QueryResult<Conn::Shared>
    where
        Q: LimitDsl,
        Conn: LoadsMapped<'query, Limit<Q>>,
    {
        let limited = MappedQuery {
            query: self.query.limit(1),
            map: self.map,
            mode: self.mode,
            peers: self.peers,
        };
        limited.load(conn)?.into_iter().next().ok_or(NotFound)
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
