//! What can be loaded along with objects: [`Along`].

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use diesel::QueryResult;

use super::cardinality::Cardinality;
use super::children_path::ToChildren;
use super::eager_options::EagerOptions;
use super::parent_path::OrNone;
use super::path::{LoadPath, Path, TargetOf};
use super::through_path::ToThrough;
use crate::model::{Related, ToParent};

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

    /// Loads what one object gets, aligned with the objects; `None` for an object whose parent is gone.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn load_along(
        self,
        objects: &[Arc<M>],
        options: &EagerOptions,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<Vec<Option<Self::Output>>>> + Send;
}

/// The path to whatever is `Related<X>`. The path is looked up when the query is loaded. Earlier, where
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
        options: &EagerOptions,
        conn: &mut Conn,
    ) -> QueryResult<Vec<Option<Self::Output>>> {
        M::Path::default().load_along(objects, options, conn).await
    }
}

/// A path with nothing nested in it loads its targets.
macro_rules! impl_along {
    ($([$($param:tt)*] $path:ty;)+) => {$(
        impl<M, Conn, D, $($param)*> Along<M, Conn, D> for $path
        where
            Self: LoadPath<M, Conn, D>,
            M: Send + Sync,
            Conn: Send,
        {
            type Output = TargetOf<M, Self, Arc<<Self as Path<M>>::Target>>;

            async fn load_along(
                self,
                objects: &[Arc<M>],
                options: &EagerOptions,
                conn: &mut Conn,
            ) -> QueryResult<Vec<Option<Self::Output>>> {
                self.load_targets(objects, options, conn).await
            }
        }
    )+};
}

impl_along! {
    [R] ToParent<R>;
    [R] OrNone<R>;
    [X, C: crate::IdentityMapped, Q] ToChildren<X, C, Q>;
    [X, R] ToThrough<X, R>;
}

/// A path, and what is loaded along with its targets.
#[derive(Debug, Default)]
pub struct NestedPath<W, S> {
    path: W,
    along: S,
}

/// `(User, Company)` loads the user, and along with it the company that the user belongs to.
macro_rules! impl_nested {
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
            type Output = TargetOf<M, W, (Arc<W::Target>, $($what::Output),+)>;

            async fn load_along(
                self,
                objects: &[Arc<M>],
                options: &EagerOptions,
                conn: &mut Conn,
            ) -> QueryResult<Vec<Option<Self::Output>>> {
                let found = self.path.load_targets(objects, options, conn).await?;
                let mut targets = Vec::new();
                for of_object in found.iter().flatten() {
                    W::Cardinality::for_each(of_object, |target| targets.push(Arc::clone(target)));
                }
                $(
                    let $output = self.along.$at.load_along(&targets, options, conn).await?;
                    let mut $output = $output.into_iter();
                )+
                let mut attach = |target| {
                    // Every iterator advances, also where another has nothing for this target.
                    $(let $output = $output.next().flatten();)+
                    Some((target, $($output?),+))
                };
                let attached = found.into_iter();
                Ok(attached.map(|of_object| W::Cardinality::map(of_object?, &mut attach)).collect())
            }
        }
    )+};
}

impl_nested! {
    (A a 0)
    (A a 0, B b 1)
    (A a 0, B b 1, C c 2)
}
