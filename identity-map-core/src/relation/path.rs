//! The ways from a model to what is loaded along with it: [`Path`], and how they are gone: [`LoadPath`],
//! [`Along`].

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use diesel::QueryResult;

use super::EagerOptions;
use super::cardinality::{Cardinality, Many};
use super::children::{ChildOf, LoadsChildren};
use super::parents::{ParentOf, QueryOf, load_parents};
use super::through::{ThroughTarget, load_through};
use crate::connection::ConnectionKind;
use crate::model::{BelongsTo, ChildrenOf, Model, Nullable, Related, ToParent};
use crate::query::{Cached, Loads};

/// The way from `M` to other objects.
pub trait Path<M> {
    /// The model at its end.
    type Target: Send + Sync + 'static;
    /// How many there are of it.
    type Cardinality: Cardinality;
}

/// A way that can be gone on a connection.
pub trait LoadPath<M, Conn, D>: Path<M> + Send {
    /// What is at its end for each of the objects, aligned with them; `None` for an object whose
    /// parent is gone.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn walk(
        self,
        objects: &[Arc<M>],
        how: &EagerOptions,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<PathTargets<M, Self>>> + Send;
}

/// What is at the end of a way, for each of some objects.
type PathTargets<M, W> = Vec<Option<Of<M, W, Arc<<W as Path<M>>::Target>>>>;
type Of<M, W, T> = <<W as Path<M>>::Cardinality as Cardinality>::Of<T>;

/// Something that can be loaded along with objects of `M`.
#[diagnostic::on_unimplemented(
    message = "this cannot be loaded along with `{M}` on `{Conn}`",
    note = "every model on the way must derive `IdentityMapped` and be loadable by plain Diesel on \
            this connection",
    note = "each foreign key must have the type of the key it points to (without `Option`)"
)]
pub trait Along<M, Conn, D>: Send {
    /// What one object gets: `Arc<User>`, `Option<Arc<User>>`, `Vec<Arc<Comment>>`, or one of them
    /// with tuples inside.
    type Output: Send;

    /// Loads it, aligned with the objects; `None` for an object whose parent is gone.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn load_along(
        self,
        objects: &[Arc<M>],
        how: &EagerOptions,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<Vec<Option<Self::Output>>>> + Send;
}

/// Whatever is `Related<X>`. The way there is looked up when the query is loaded: earlier, where
/// rustc does not know `X` yet, it would try every tuple there is.
#[derive(Debug)]
pub struct To<X>(PhantomData<fn() -> X>);

impl<X> Default for To<X> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<M, X, Conn, D> Along<M, Conn, D> for To<X>
where
    M: Related<X, Path: Along<M, Conn, D>> + Send + Sync,
    Conn: Send,
{
    type Output = <M::Path as Along<M, Conn, D>>::Output;

    async fn load_along(
        self,
        objects: &[Arc<M>],
        how: &EagerOptions,
        conn: &mut Conn,
    ) -> QueryResult<Vec<Option<Self::Output>>> {
        M::Path::default().load_along(objects, how, conn).await
    }
}

impl<M: BelongsTo<R>, R> Path<M> for ToParent<R>
where
    M::Presence: Cardinality,
{
    type Target = M::Parent;
    type Cardinality = M::Presence;
}

impl<M, R, Conn, D> LoadPath<M, Conn, D> for ToParent<R>
where
    M: Send + Sync + BelongsTo<R, Parent: Model<Key = M::ForeignKey>, Presence: Cardinality>,
    D: ConnectionKind,
    Conn: Loads<ParentOf<M, R>, QueryOf<ParentOf<M, R>>, D>,
{
    async fn walk(
        self,
        objects: &[Arc<M>],
        how: &EagerOptions,
        conn: &mut Conn,
    ) -> QueryResult<PathTargets<M, Self>> {
        let parents = load_parents::<M, R, _, D>(objects, &how.plan(), conn).await?;
        Ok(parents.into_iter().map(M::Presence::from_option).collect())
    }
}

/// The way to a parent that is perhaps not there: `with::<Option<User>>()`.
#[derive(Debug)]
pub struct OrNone<R>(PhantomData<fn() -> R>);

impl<R> Default for OrNone<R> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<M, R> Related<Option<R>> for M
where
    M: BelongsTo<R>,
{
    type Path = OrNone<R>;
}

impl<M: BelongsTo<R>, R> Path<M> for OrNone<R> {
    type Target = M::Parent;
    type Cardinality = Nullable;
}

impl<M, R, Conn, D> LoadPath<M, Conn, D> for OrNone<R>
where
    M: Send + Sync + BelongsTo<R, Parent: Model<Key = M::ForeignKey>>,
    D: ConnectionKind,
    Conn: Loads<ParentOf<M, R>, QueryOf<ParentOf<M, R>>, D>,
{
    async fn walk(
        self,
        objects: &[Arc<M>],
        how: &EagerOptions,
        conn: &mut Conn,
    ) -> QueryResult<PathTargets<M, Self>> {
        let parents = load_parents::<M, R, _, D>(objects, &how.plan(), conn).await?;
        Ok(parents.into_iter().map(Some).collect())
    }
}

/// The children of a model, for [`with`](Cached::with): `with::<(Children<Comment>, User)>()` gives
/// each comment with its user.
#[derive(Debug, Clone, Copy)]
pub struct Children<X>(PhantomData<fn() -> X>);

/// The way to the children, by a query of theirs.
pub struct ToChildren<X, C: crate::IdentityMapped, Q> {
    query: Cached<C, Q>,
    relation: PhantomData<fn() -> X>,
}

impl<X, C: crate::IdentityMapped, Q> ToChildren<X, C, Q> {
    pub(super) fn by(query: Cached<C, Q>) -> Self {
        Self {
            query,
            relation: PhantomData,
        }
    }
}

impl<X, C: Model> Default for ToChildren<X, C, C::Query> {
    fn default() -> Self {
        Self::by(Cached::new())
    }
}

impl<M, X> Related<Children<X>> for M
where
    X: ChildrenOf<M, Child: Model>,
{
    type Path = ToChildren<X, X::Child, QueryOf<X::Child>>;
}

impl<M, X, C, Q> Path<M> for ToChildren<X, C, Q>
where
    X: ChildrenOf<M, Child = C>,
    C: crate::IdentityMapped,
{
    type Target = C;
    type Cardinality = Many;
}

impl<M, X, C, Q, Conn, D> LoadPath<M, Conn, D> for ToChildren<X, C, Q>
where
    M: Model,
    X: ChildrenOf<M, Child = C>,
    C: Model + BelongsTo<X::Relation, Parent = M>,
    D: ConnectionKind,
    Q: Send,
    Conn: LoadsChildren<M, X, Q, D>,
{
    async fn walk(
        self,
        objects: &[Arc<M>],
        how: &EagerOptions,
        conn: &mut Conn,
    ) -> QueryResult<PathTargets<M, Self>> {
        let query = how.apply(self.query);
        let children = conn.load_children(objects, query).await?;
        Ok(children.into_iter().map(Some).collect())
    }
}

/// What lies beyond a join model, for [`with`](Cached::with): `with::<Through<PostTag, Tag>>()`.
#[derive(Debug, Clone, Copy)]
pub struct Through<X, R>(PhantomData<fn() -> (X, R)>);

/// The way through a join model.
#[derive(Debug)]
pub struct ToThrough<X, R>(PhantomData<fn() -> (X, R)>);

impl<X, R> Default for ToThrough<X, R> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<M, X, R> Related<Through<X, R>> for M
where
    X: ChildrenOf<M, Child: BelongsTo<R>>,
{
    type Path = ToThrough<X, R>;
}

impl<M, X, R> Path<M> for ToThrough<X, R>
where
    X: ChildrenOf<M, Child: BelongsTo<R>>,
{
    type Target = <X::Child as BelongsTo<R>>::Parent;
    type Cardinality = Many;
}

impl<M, X, R, Conn, D> LoadPath<M, Conn, D> for ToThrough<X, R>
where
    M: Model,
    X: ChildrenOf<M>,
    X::Child: Model + BelongsTo<R>,
    ThroughTarget<M, X, R>: Model<Key = <X::Child as BelongsTo<R>>::ForeignKey>,
    D: ConnectionKind,
    Conn: LoadsChildren<M, X, QueryOf<ChildOf<M, X>>, D>
        + Loads<ThroughTarget<M, X, R>, QueryOf<ThroughTarget<M, X, R>>, D>,
{
    async fn walk(
        self,
        objects: &[Arc<M>],
        how: &EagerOptions,
        conn: &mut Conn,
    ) -> QueryResult<PathTargets<M, Self>> {
        let lists =
            load_through::<M, X, R, _, _, D>(objects, how.apply(Cached::new()), conn).await?;
        Ok(lists.into_iter().map(Some).collect())
    }
}

/// A way, and what is loaded along with the objects at its end.
#[derive(Debug, Default)]
pub struct NestedPath<W, S> {
    way: W,
    along: S,
}

/// Where a way has nothing behind it, its end is what is loaded.
macro_rules! ends_here {
    ($([$($param:tt)*] $path:ty;)+) => {$(
        impl<M, Conn, D, $($param)*> Along<M, Conn, D> for $path
        where
            Self: LoadPath<M, Conn, D>,
            M: Send + Sync,
            Conn: Send,
        {
            type Output = Of<M, Self, Arc<<Self as Path<M>>::Target>>;

            async fn load_along(
                self,
                objects: &[Arc<M>],
                how: &EagerOptions,
                conn: &mut Conn,
            ) -> QueryResult<Vec<Option<Self::Output>>> {
                self.walk(objects, how, conn).await
            }
        }
    )+};
}

ends_here! {
    [R] ToParent<R>;
    [R] OrNone<R>;
    [X, C: crate::IdentityMapped, Q] ToChildren<X, C, Q>;
    [X, R] ToThrough<X, R>;
}

/// `(User, Company)`: the user, and along with it the company it belongs to.
macro_rules! and_along {
    ($(($($what:ident $output:ident $at:tt),+))+) => {$(
        impl<M, X, $($what),+> Related<(X, $($what),+)> for M
        where
            M: Related<X, Path: Path<M>>,
            $(<M::Path as Path<M>>::Target: Related<$what>,)+
        {
            type Path = NestedPath<
                <M as Related<X>>::Path,
                ($(<<<M as Related<X>>::Path as Path<M>>::Target as Related<$what>>::Path,)+),
            >;
        }

        impl<M, W, $($what,)+ Conn, D> Along<M, Conn, D> for NestedPath<W, ($($what,)+)>
        where
            W: LoadPath<M, Conn, D>,
            $($what: Along<W::Target, Conn, D>,)+
            M: Send + Sync,
            Conn: Send,
        {
            type Output = Of<M, W, (Arc<W::Target>, $($what::Output),+)>;

            async fn load_along(
                self,
                objects: &[Arc<M>],
                how: &EagerOptions,
                conn: &mut Conn,
            ) -> QueryResult<Vec<Option<Self::Output>>> {
                let ends = self.way.walk(objects, how, conn).await?;
                let mut targets = Vec::new();
                for end in ends.iter().flatten() {
                    W::Cardinality::for_each(end, |target| targets.push(Arc::clone(target)));
                }
                $(
                    let $output = self.along.$at.load_along(&targets, how, conn).await?;
                    let mut $output = $output.into_iter();
                )+
                let mut attach = |target| {
                    // Each of them moves on, whether another is missing or not.
                    $(let $output = $output.next().flatten();)+
                    Some((target, $($output?),+))
                };
                let attached = ends.into_iter();
                Ok(attached.map(|end| W::Cardinality::map(end?, &mut attach)).collect())
            }
        }
    )+};
}

and_along! {
    (A a 0)
    (A a 0, B b 1)
    (A a 0, B b 1, C c 2)
}
