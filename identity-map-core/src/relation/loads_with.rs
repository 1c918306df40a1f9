//! The one bound of `with::<..>().load`: [`LoadsWith`].

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;

use super::eager_options::EagerOptions;
use super::loads_along::LoadsAlong;
use super::with::With;
use crate::connection::{Blocks, ConnectionKind};
use crate::database::Dialect;
use crate::model::Model;
use crate::query::{Loads, Take, only_of};

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
    /// Loads the objects and what comes along, and makes of them what the method returns.
    #[doc(hidden)]
    fn load_with<'c, T: Send + 'c>(
        &'c mut self,
        with: With<M, Q, S>,
        take: Take,
        caller: &'static Location<'static>,
        finish: fn(Vec<Self::Along>) -> QueryResult<T>,
    ) -> D::Output<'c, T>
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
    ) -> QueryResult<T>
    where
        Self::Along: 'c,
        With<M, Q, S>: 'c,
    {
        C::poll_once(with.find_with(take, caller, finish, self))
    }
}

impl<M: Model, Q, S> With<M, Q, S> {
    /// Loads the objects and what comes along, and makes of them what the method returns.
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
        let options = EagerOptions::of(&self.base.plan);
        let check: fn(Vec<Arc<M>>) -> QueryResult<Vec<Arc<M>>> = match take {
            Take::Only => |objects| Ok(vec![only_of(M::name(), objects)?]),
            Take::All | Take::First => Ok,
        };
        let objects = self
            .base
            .find_objects(take, Some(caller), check, conn)
            .await?;
        finish(conn.load_along(self.along, objects, &options).await?)
    }
}
