//! The one bound that says what can be loaded along with objects: [`LoadsAlong`].

use std::future::Future;
use std::sync::Arc;

use diesel::QueryResult;

use super::along::Along;
use super::eager_options::EagerOptions;
use crate::connection::{ConnectionKind, Driver};

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

    /// Loads what comes along with the objects. An object whose parent is gone is left out.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn load_along(
        &mut self,
        along: S,
        objects: Vec<Arc<M>>,
        options: &EagerOptions,
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
        options: &EagerOptions,
    ) -> impl Future<Output = QueryResult<Vec<S::Output>>> + Send
    where
        S: Send,
    {
        along.load_all_along(objects, options, self)
    }
}

/// All that is loaded along with objects of `M`: a tuple of [`Along`]s.
pub trait AllAlong<M, Conn, D> {
    /// The object, and what comes along with it.
    type Output: Send;

    /// Loads what comes along with the objects. An object whose parent is gone is left out.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn load_all_along(
        self,
        objects: Vec<Arc<M>>,
        options: &EagerOptions,
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
                options: &EagerOptions,
                conn: &mut Conn,
            ) -> QueryResult<Vec<Self::Output>> {
                $(
                    let $output = self.$at.load_along(&objects, options, conn).await?;
                    let mut $output = $output.into_iter();
                )+
                // Nearly always no object is left out, so room for all is reserved.
                let mut complete = Vec::with_capacity(objects.len());
                complete.extend(objects.into_iter().filter_map(|object| {
                    // Every iterator advances, also where another has nothing for this object.
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
