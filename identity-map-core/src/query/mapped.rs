//! Any Diesel query that selects models: [`LoadMapped`].

use std::any::type_name;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::deserialize::FromSqlRow;
use diesel::dsl::{AsSelect, Limit, SqlTypeOf};
use diesel::expression::{QueryMetadata, Selectable};
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};
use diesel::query_dsl::QueryDsl;
use diesel::query_dsl::methods::LimitDsl;
use diesel::result::Error::DeserializationError;

use super::batch::ByKey;
use super::dialect::Dialect;
use super::load::{first_of, run_post_load};
use super::plan::{Mode, Plan};
use crate::connection::{Blocks, Driver, Spoken, View, Visitor};
use crate::map::{IdentityMap, Peers};
use crate::model::Model;
use crate::write::RunsHooks;

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
    /// What it is decoded from.
    type SqlType;
}

impl<T, DB> SelectsModels<DB> for AsSelect<T, DB>
where
    DB: Backend,
    T: Selectable<DB> + Share,
{
    type Row = T;
    type SqlType = SqlTypeOf<T::SelectExpression>;
}

/// Something that a row is decoded to, in which every model can become a shared object.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be loaded as shared objects",
    note = "it must be a model that derives `IdentityMapped`, an `Option` of one, or a tuple of these"
)]
pub trait Share: Sized {
    /// The same with `Arc`s for models.
    type Shared: Send;
    /// A view of the map for each model.
    #[doc(hidden)]
    type Views: Send + Sync;

    #[doc(hidden)]
    fn views<D: Spoken, Conn: Driver<D>>(
        how: &MappedHow,
        conn: &mut Conn,
    ) -> QueryResult<Self::Views>;

    #[doc(hidden)]
    fn share(self, views: &mut Self::Views) -> Self::Shared;

    /// All rows were decoded.
    #[doc(hidden)]
    fn finish(views: &mut Self::Views);

    /// The query has succeeded.
    #[doc(hidden)]
    fn count(views: &Self::Views);
}

/// Runs the `post_load` hooks of all models in a row.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be loaded on `{Conn}`: hooks are announced and not implemented",
    note = "a model that says `#[identity_map(hooks)]` must implement `Hooks<{Conn}>`"
)]
pub trait ShareOn<Conn, D>: Share {
    #[doc(hidden)]
    fn post_load(
        views: &mut Self::Views,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send;
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
    fresh: Option<ByKey<M>>,
    /// What the rows gave, for the list of them, or for the hooks where there is no map.
    shared: Vec<Arc<M>>,
    hits: usize,
    rows: usize,
}

impl<M: Model> Share for M {
    type Shared = Arc<M>;
    type Views = ModelView<M>;

    fn views<D: Spoken, Conn: Driver<D>>(
        how: &MappedHow,
        conn: &mut Conn,
    ) -> QueryResult<Self::Views> {
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
            fresh: how.fresh.then(ByKey::<M>::default),
            shared: Vec::new(),
            hits: 0,
            rows: 0,
        })
    }

    fn share(self, views: &mut Self::Views) -> Arc<M> {
        views.rows += 1;
        let key = self.key();
        let Some(view) = &views.view else {
            let own = Arc::new(self);
            if M::HAS_HOOKS {
                views.shared.push(Arc::clone(&own));
            }
            return own;
        };
        if let Some(read) = &mut views.fresh {
            return Arc::clone(read.entry(key).or_insert_with(|| Arc::new(self)));
        }
        let shared = if let Some(held) = view.get(&key) {
            views.hits += 1;
            held
        } else {
            view.adopt(key, Arc::new(self))
        };
        view.keep(std::slice::from_ref(&shared));
        // A join repeats the row of a parent.
        let all = &mut views.shared;
        if !all.last().is_some_and(|last| Arc::ptr_eq(last, &shared)) {
            all.push(Arc::clone(&shared));
        }
        shared
    }

    fn finish(views: &mut Self::Views) {
        let Some(view) = &views.view else { return };
        let mut shared = std::mem::take(&mut views.shared);
        if let Some(read) = &mut views.fresh {
            view.replace(read.values());
            shared.extend(std::mem::take(read).into_values());
            view.keep(&shared);
        }
        view.enlist(&shared, true);
    }

    fn count(views: &Self::Views) {
        if let Some(view) = &views.view {
            view.used(views.hits, views.rows - views.hits);
        }
    }
}

impl<M, Conn, D> ShareOn<Conn, D> for M
where
    M: Model + RunsHooks<Conn, D>,
    Conn: Send,
{
    async fn post_load(views: &mut Self::Views, conn: &mut Conn) -> QueryResult<()> {
        if let Some(view) = &views.view {
            return run_post_load(view, conn).await;
        }
        for object in std::mem::take(&mut views.shared) {
            M::post_load(&object, conn).await?;
        }
        Ok(())
    }
}

impl<T: Share> Share for Option<T> {
    type Shared = Option<T::Shared>;
    type Views = T::Views;

    fn views<D: Spoken, Conn: Driver<D>>(
        how: &MappedHow,
        conn: &mut Conn,
    ) -> QueryResult<Self::Views> {
        T::views(how, conn)
    }

    fn share(self, views: &mut Self::Views) -> Self::Shared {
        self.map(|row| row.share(views))
    }

    fn finish(views: &mut Self::Views) {
        T::finish(views);
    }

    fn count(views: &Self::Views) {
        T::count(views);
    }
}

impl<T: ShareOn<Conn, D>, Conn, D> ShareOn<Conn, D> for Option<T> {
    fn post_load(
        views: &mut Self::Views,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send {
        T::post_load(views, conn)
    }
}

macro_rules! tuples {
    ($(($($part:ident $at:tt),+))+) => {$(
        impl<$($part: SelectsModels<DB>,)+ DB> SelectsModels<DB> for ($($part,)+) {
            type Row = ($($part::Row,)+);
            type SqlType = ($($part::SqlType,)+);
        }

        impl<$($part: Share),+> Share for ($($part,)+) {
            type Shared = ($($part::Shared,)+);
            type Views = ($($part::Views,)+);

            fn views<D: Spoken, Conn: Driver<D>>(
                how: &MappedHow,
                conn: &mut Conn,
            ) -> QueryResult<Self::Views> {
                Ok(($($part::views(how, conn)?,)+))
            }

            fn share(self, views: &mut Self::Views) -> Self::Shared {
                ($(self.$at.share(&mut views.$at),)+)
            }

            fn finish(views: &mut Self::Views) {
                $($part::finish(&mut views.$at);)+
            }

            fn count(views: &Self::Views) {
                $($part::count(&views.$at);)+
            }
        }

        impl<$($part: ShareOn<Conn, D>,)+ Conn: Send, D> ShareOn<Conn, D> for ($($part,)+) {
            async fn post_load(views: &mut Self::Views, conn: &mut Conn) -> QueryResult<()> {
                $($part::post_load(&mut views.$at, conn).await?;)+
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
pub trait LoadsMapped<Q, D: Spoken>: Driver<D> {
    /// A row, with `Arc`s for models.
    type Shared: Send;

    /// Loads the rows, and makes of them what was asked for.
    #[doc(hidden)]
    fn load_mapped<'c, T: Send + 'c>(
        &'c mut self,
        query: MappedQuery<Q>,
        caller: &'static Location<'static>,
        finish: fn(Vec<Self::Shared>) -> QueryResult<T>,
    ) -> Self::Output<'c, T>
    where
        Self::Shared: 'c,
        Q: 'c;
}

#[diagnostic::do_not_recommend]
impl<Q, D, C, DB, Row, ST> LoadsMapped<Q, D> for C
where
    D: Dialect,
    DB: Backend,
    C: Driver<D, Backend = DB> + Blocks<D>,
    Q: AsQuery<SqlType: SelectsModels<DB, Row = Row, SqlType = ST>>,
    Q::Query: QueryFragment<DB> + QueryId,
    DB: QueryMetadata<Q::SqlType>,
    Row: ShareOn<C, D> + FromSqlRow<ST, DB>,
{
    type Shared = Row::Shared;

    fn load_mapped<'c, T: Send + 'c>(
        &'c mut self,
        query: MappedQuery<Q>,
        caller: &'static Location<'static>,
        finish: fn(Vec<Row::Shared>) -> QueryResult<T>,
    ) -> Self::Output<'c, T>
    where
        Self::Shared: 'c,
        Q: 'c,
    {
        C::now(query.find_rows::<C, D, DB, Row, ST, T>(caller, finish, self))
    }
}

/// Makes shared objects of each row.
struct Rows<'c, Row: Share, ST> {
    views: &'c mut Row::Views,
    shared: &'c mut Vec<Row::Shared>,
    sql_type: PhantomData<fn() -> ST>,
}

impl<Row, ST, DB> Visitor<DB> for Rows<'_, Row, ST>
where
    DB: Backend,
    Row: Share + FromSqlRow<ST, DB>,
{
    fn row<'row>(&mut self, row: &impl diesel::row::Row<'row, DB>) -> QueryResult<ControlFlow<()>> {
        let row = Row::build_from_row(row).map_err(DeserializationError)?;
        self.shared.push(row.share(self.views));
        Ok(ControlFlow::Continue(()))
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
    pub fn load<'c, Conn, D>(self, conn: &'c mut Conn) -> Conn::Output<'c, Vec<Conn::Shared>>
    where
        D: Spoken,
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
        D: Spoken,
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
        D: Spoken,
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

    /// The rows that the program has called for, and what it makes of them.
    pub(crate) async fn find_rows<Conn, D, DB, Row, ST, T>(
        self,
        caller: &'static Location<'static>,
        finish: fn(Vec<Row::Shared>) -> QueryResult<T>,
        conn: &mut Conn,
    ) -> QueryResult<T>
    where
        D: Spoken,
        DB: Backend + QueryMetadata<Q::SqlType>,
        Conn: Driver<D, Backend = DB>,
        Q: AsQuery<Query: QueryFragment<DB> + QueryId>,
        Row: ShareOn<Conn, D> + FromSqlRow<ST, DB>,
    {
        conn.settle().await?;
        let map = match self.mode {
            Mode::Uncached => None,
            Mode::Cached | Mode::Fresh => {
                let given = self.map.as_ref();
                let map = conn.slot(|slot| slot.map_or::<DB>(given, "the query's models"))??;
                map.count_statement();
                Some(map)
            }
        };
        let how = MappedHow {
            map,
            fresh: self.mode == Mode::Fresh,
            peers: self.peers,
        };
        conn.called_from(caller);
        let mut views = Row::views(&how, conn)?;
        let mut shared = Vec::new();
        let rows = Rows::<Row, ST> {
            views: &mut views,
            shared: &mut shared,
            sql_type: PhantomData,
        };
        conn.each_row(self.query.as_query(), rows).await?;
        Row::finish(&mut views);
        Row::post_load(&mut views, conn).await?;
        Row::count(&views);
        finish(shared)
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
