//! Eager loading: [`With`].

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::dsl::Limit;
use diesel::query_dsl::InternalJoinDsl;
use diesel::query_dsl::methods::{BoxedDsl, LimitDsl};
use diesel::query_source::JoinTo;

use super::EagerOptions;
use super::path::{Along, Children, To, ToChildren};
use crate::connection::{Blocks, ConnectionKind, Driver};
use crate::database::Dialect;
use crate::model::{ChildrenOf, Model, Related};
use crate::query::{Cached, Loads, Plan, Take, first_of, only_of};

/// A cached query `Q` of `M`, and what is loaded along with each of its objects.
///
/// It takes every method of Diesel's [`QueryDsl`](diesel::QueryDsl) that [`Cached`] takes, except
/// those that change what is selected.
#[must_use = "queries are only executed when calling `load`, `first` or their like"]
pub struct With<M: Model, Q, S> {
    pub(crate) base: Cached<M, Q>,
    pub(crate) along: S,
}

/// Adds something to what is loaded along.
pub trait PushPath<P> {
    /// With `P` behind the rest.
    type Pushed;
    /// Puts `path` behind the rest.
    fn push(self, path: P) -> Self::Pushed;
}

/// A connection, of dialect `D`, on which `S` can be loaded along with objects of `M`.
///
/// The bound stands on the connection, so that rustc looks at it when the connection is known, and
/// can say what is wrong.
#[diagnostic::on_unimplemented(
    message = "what is asked for by `with` cannot be loaded along with `{M}` on `{Self}`",
    note = "it is `{S}`",
    note = "every model on the way must derive `IdentityMapped` and be loadable by plain Diesel on \
            this connection",
    note = "each foreign key must have the type of the key it points to (without `Option`)",
    note = "a model that says `#[identity_map(hooks)]` must implement `Hooks<{Self}>`"
)]
pub trait LoadsAlong<M, S, D: ConnectionKind>: Driver<D> {
    /// The object, and what comes along with it: a tuple.
    type Along: Send;

    /// Loads it. An object whose parent is gone is left out.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn load_along(
        &mut self,
        along: S,
        objects: Vec<Arc<M>>,
        how: &EagerOptions,
    ) -> impl Future<Output = QueryResult<Vec<Self::Along>>> + Send
    where
        S: Send;
}

#[diagnostic::do_not_recommend]
impl<M, S, D, C> LoadsAlong<M, S, D> for C
where
    D: ConnectionKind,
    C: Driver<D>,
    S: AllAlong<M, C, D>,
{
    type Along = S::Output;

    fn load_along(
        &mut self,
        along: S,
        objects: Vec<Arc<M>>,
        how: &EagerOptions,
    ) -> impl Future<Output = QueryResult<Vec<S::Output>>> + Send
    where
        S: Send,
    {
        along.load_all_along(objects, how, self)
    }
}

/// All that is loaded along with objects of `M`: a tuple of [`Along`]s.
pub trait AllAlong<M, Conn, D> {
    /// The object, and what comes along with it.
    type Output: Send;

    /// Loads it. An object whose parent is gone is left out.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn load_all_along(
        self,
        objects: Vec<Arc<M>>,
        how: &EagerOptions,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<Vec<Self::Output>>> + Send;
}

macro_rules! tuples {
    ($(($($along:ident $output:ident $at:tt),+))+) => {$(
        impl<M, $($along,)+ Conn, D> AllAlong<M, Conn, D> for ($($along,)+)
        where
            M: Send + Sync,
            $($along: Along<M, Conn, D>,)+
            Conn: Send,
        {
            type Output = (Arc<M>, $($along::Output),+);

            async fn load_all_along(
                self,
                objects: Vec<Arc<M>>,
                how: &EagerOptions,
                conn: &mut Conn,
            ) -> QueryResult<Vec<Self::Output>> {
                $(
                    let $output = self.$at.load_along(&objects, how, conn).await?;
                    let mut $output = $output.into_iter();
                )+
                // Nearly always all of them.
                let mut complete = Vec::with_capacity(objects.len());
                complete.extend(objects.into_iter().filter_map(|object| {
                    // Each of them moves on, whether another is missing or not.
                    $(let $output = $output.next().flatten();)+
                    Some((object, $($output?),+))
                }));
                Ok(complete)
            }
        }
    )+};
}

tuples! {
    (A a 0)
    (A a 0, B b 1)
    (A a 0, B b 1, C c 2)
    (A a 0, B b 1, C c 2, E e 3)
    (A a 0, B b 1, C c 2, E e 3, F f 4)
    (A a 0, B b 1, C c 2, E e 3, F f 4, G g 5)
}

macro_rules! push {
    ($(($($along:ident $at:tt),*))+) => {$(
        impl<$($along,)* P> PushPath<P> for ($($along,)*) {
            type Pushed = ($($along,)* P,);

            fn push(self, path: P) -> Self::Pushed {
                ($(self.$at,)* path,)
            }
        }
    )+};
}

push! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, E 3)
    (A 0, B 1, C 2, E 3, F 4)
}

impl<M: Model, Q> Cached<M, Q> {
    /// Loads a parent along with each object: `with::<User>()` gives `(Arc<Post>, Arc<User>)`, or
    /// `(Arc<Post>, Option<Arc<User>>)` where the foreign key is nullable. The tuple of what is asked
    /// for is the tuple of what comes out:
    ///
    /// | | each element |
    /// |---|---|
    /// | `with::<User>()` | `(Arc<Post>, Arc<User>)` |
    /// | `with::<User>().with::<Category>()` | `(Arc<Post>, Arc<User>, Arc<Category>)` |
    /// | `with::<(User, Company)>()`, the user's company | `(Arc<Post>, (Arc<User>, Arc<Company>))` |
    /// | `with::<Option<User>>()`, whatever the foreign key | `(Arc<Post>, Option<Arc<User>>)` |
    /// | `with_children::<Comment>()` | `(Arc<Post>, Vec<Arc<Comment>>)` |
    /// | `with::<(Children<Comment>, User)>()` | `(Arc<Post>, Vec<(Arc<Comment>, Arc<User>)>)` |
    /// | `with::<Through<PostTag, Tag>>()` | `(Arc<Post>, Vec<Arc<Tag>>)` |
    ///
    /// One statement per relation and level at most, however many rows; none where all parents are
    /// held. Every object is one object, wherever it stands.
    ///
    /// An object whose foreign key is not NULL and points to no row is left out, as by an inner
    /// join; `Option` keeps it. Such a row can only be met without a foreign key constraint, or if
    /// the parent is deleted between the two statements; who needs one snapshot takes a transaction
    /// that repeats reads, or a join with [`mapped`](crate::query::LoadMapped::mapped).
    ///
    /// [`fresh`](Self::fresh), [`uncached`](Self::uncached) and [`in_map`](Self::in_map) hold for
    /// what comes along too.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let posts: Vec<(Arc<Post>, Arc<User>)> =
    ///     Post::cached().order(posts::id).with::<User>().load(conn)?; // two statements
    /// assert!(Arc::ptr_eq(&posts[0].1, &posts[1].1)); // both by Ada
    /// # Ok(())
    /// # }
    /// ```
    pub fn with<X>(self) -> With<M, Q, (To<X>,)>
    where
        M: Related<X>,
    {
        With {
            base: self,
            along: (To::default(),),
        }
    }

    /// Loads the children of each object along with it, in no order.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let users: Vec<(Arc<User>, Vec<Arc<Post>>)> =
    ///     User::cached().with_children::<Post>().load(conn)?; // two statements
    /// assert_eq!(users.iter().map(|(_, posts)| posts.len()).sum::<usize>(), 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_children<X>(self) -> With<M, Q, (To<Children<X>>,)>
    where
        M: Related<Children<X>>,
    {
        With {
            base: self,
            along: (To::default(),),
        }
    }

    /// [`with_children`](Self::with_children) by a query of the children, with a condition or an
    /// order.
    ///
    /// The query is sent once for all parents, so a `limit` is one for all of them together.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let newest_first = Post::cached().order(posts::id.desc());
    /// for (_, posts) in User::cached().with_children_from(newest_first).load(conn)? {
    ///     assert!(posts.is_sorted_by_key(|post| -post.id));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_children_from<C, QC>(
        self,
        children: Cached<C, QC>,
    ) -> With<M, Q, (ToChildren<C, C, QC>,)>
    where
        C: Model + ChildrenOf<M, Child = C>,
    {
        With {
            base: self,
            along: (ToChildren::by(children),),
        }
    }
}

impl<M: Model, Q, S> With<M, Q, S> {
    /// Loads something else along: see [`Cached::with`].
    pub fn with<X>(self) -> With<M, Q, S::Pushed>
    where
        M: Related<X>,
        S: PushPath<To<X>>,
    {
        self.and(To::default())
    }

    /// Loads the children along: see [`Cached::with_children`].
    pub fn with_children<X>(self) -> With<M, Q, S::Pushed>
    where
        M: Related<Children<X>>,
        S: PushPath<To<Children<X>>>,
    {
        self.and(To::default())
    }

    /// Loads the children along by a query of theirs: see [`Cached::with_children_from`].
    pub fn with_children_from<C, QC>(self, children: Cached<C, QC>) -> With<M, Q, S::Pushed>
    where
        C: Model + ChildrenOf<M, Child = C>,
        S: PushPath<ToChildren<C, C, QC>>,
    {
        self.and(ToChildren::by(children))
    }

    fn and<P>(self, path: P) -> With<M, Q, S::Pushed>
    where
        S: PushPath<P>,
    {
        With {
            base: self.base,
            along: self.along.push(path),
        }
    }

    pub(crate) fn forward<R>(
        self,
        plan: impl FnOnce(Plan<M>) -> Plan<M>,
        query: impl FnOnce(Q) -> R,
    ) -> With<M, R, S> {
        With {
            base: self.base.forward(plan, query),
            along: self.along,
        }
    }

    /// Runs the query, and loads what comes along: in the order of the query, as often as the query
    /// has each row.
    ///
    /// # Errors
    /// As [`Cached::load`]. The map is then as before.
    #[track_caller]
    pub fn load<'c, Conn, D>(self, conn: &'c mut Conn) -> Conn::Output<'c, Vec<Conn::Along>>
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
    pub fn get_results<'c, Conn, D>(self, conn: &'c mut Conn) -> Conn::Output<'c, Vec<Conn::Along>>
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
    pub fn first<'c, Conn, D>(self, conn: &'c mut Conn) -> Conn::Output<'c, Conn::Along>
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
    pub fn get_result<'c, Conn, D>(self, conn: &'c mut Conn) -> Conn::Output<'c, Conn::Along>
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
    /// As [`Cached::one`]; [`NotFound`](diesel::NotFound) also if the parent is gone.
    #[track_caller]
    pub fn one<'c, Conn, D>(self, conn: &'c mut Conn) -> Conn::Output<'c, Conn::Along>
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

    /// The objects, with what comes along, and what the program makes of them.
    pub(crate) async fn find_with<Conn, D, T>(
        self,
        take: Take,
        caller: &'static Location<'static>,
        finish: fn(Vec<Conn::Along>) -> QueryResult<T>,
        conn: &mut Conn,
    ) -> QueryResult<T>
    where
        D: ConnectionKind,
        Conn: Loads<M, Q, D> + LoadsAlong<M, S, D>,
        S: Send,
    {
        let how = EagerOptions::of(&self.base.plan);
        let check: fn(Vec<Arc<M>>) -> QueryResult<Vec<Arc<M>>> = match take {
            Take::Only => |objects| Ok(vec![only_of(objects)?]),
            Take::All | Take::First => Ok,
        };
        let objects = self.base.find_objects(take, caller, check, conn).await?;
        finish(conn.load_along(self.along, objects, &how).await?)
    }
}

/// A connection, of dialect `D`, on which the query `Q` of `M` can be loaded with `S` along.
#[diagnostic::on_unimplemented(
    message = "this query of `{M}` cannot be loaded with what is asked for along, on `{Self}`",
    note = "what is asked for is `{S}`",
    note = "the source of the query must be the table of `{M}`, and every model on the way must be \
            loadable by plain Diesel on this connection",
    note = "each foreign key must have the type of the key it points to (without `Option`)",
    note = "on a connection that is awaited the query must be `Send`"
)]
pub trait LoadsWith<M: Model, Q, S, D: ConnectionKind>:
    Loads<M, Q, D> + LoadsAlong<M, S, D>
{
    /// Loads it, and makes of it what was asked for.
    #[doc(hidden)]
    fn load_with<'c, T: Send + 'c>(
        &'c mut self,
        with: With<M, Q, S>,
        take: Take,
        caller: &'static Location<'static>,
        finish: fn(Vec<Self::Along>) -> QueryResult<T>,
    ) -> Self::Output<'c, T>
    where
        Self::Along: 'c,
        With<M, Q, S>: 'c;
}

#[diagnostic::do_not_recommend]
impl<M, Q, S, D, C> LoadsWith<M, Q, S, D> for C
where
    M: Model,
    D: Dialect,
    C: Loads<M, Q, D> + LoadsAlong<M, S, D> + Blocks<D>,
    S: Send,
{
    fn load_with<'c, T: Send + 'c>(
        &'c mut self,
        with: With<M, Q, S>,
        take: Take,
        caller: &'static Location<'static>,
        finish: fn(Vec<Self::Along>) -> QueryResult<T>,
    ) -> Self::Output<'c, T>
    where
        Self::Along: 'c,
        With<M, Q, S>: 'c,
    {
        C::now(with.find_with(take, caller, finish, self))
    }
}

impl<M: Model, Q, S, Rhs> JoinTo<Rhs> for With<M, Q, S>
where
    Q: JoinTo<Rhs>,
{
    type FromClause = Q::FromClause;
    type OnClause = Q::OnClause;

    fn join_target(rhs: Rhs) -> (Self::FromClause, Self::OnClause) {
        Q::join_target(rhs)
    }
}

impl<M: Model, Q, S, Rhs, Kind, On> InternalJoinDsl<Rhs, Kind, On> for With<M, Q, S>
where
    Q: InternalJoinDsl<Rhs, Kind, On>,
{
    type Output = With<M, Q::Output, S>;

    fn join(self, rhs: Rhs, kind: Kind, on: On) -> Self::Output {
        self.forward(Plan::refined, |query| query.join(rhs, kind, on))
    }
}

impl<'a, M: Model, Q, S, DB> BoxedDsl<'a, DB> for With<M, Q, S>
where
    DB: Backend,
    Q: BoxedDsl<'a, DB>,
{
    type Output = With<M, Q::Output, S>;

    fn internal_into_boxed(self) -> Self::Output {
        self.forward(Plan::refined, BoxedDsl::internal_into_boxed)
    }
}

impl<M: Model, Q, S> fmt::Debug for With<M, Q, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("With")
            .field("base", &self.base)
            .field("along", &std::any::type_name::<S>())
            .finish()
    }
}
