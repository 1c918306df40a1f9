//! The hooks of a model as the engine runs them: [`RunsHooks`].

use std::future::{Future, ready};
use std::sync::Arc;

use diesel::QueryResult;
use diesel::connection::LoadConnection;

use super::blocking_hooks::Hooks;
use super::hook_arguments::{Change, Saving};
use crate::database::Dialect;
use crate::model::IdentityMapped;

/// Runs the hooks of a model on a connection: [`Hooks`], or [`AsyncHooks`](super::AsyncHooks) on one
/// that is awaited. `D` is the [kind](crate::connection::ConnectionKind) of the connection.
#[diagnostic::on_unimplemented(
    message = "the hooks of `{Self}` cannot run on `{Conn}`",
    note = "if `{Self}` says `#[identity_map(hooks)]`, it must implement `Hooks<{Conn}>`, or \
            `AsyncHooks<{Conn}>` for a connection that is awaited",
    note = "`{Conn}` must be a connection"
)]
#[doc(hidden)]
pub trait RunsHooks<Conn, D>: IdentityMapped {
    fn pre_save(
        saving: Saving<'_, Self>,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send;

    fn post_save(
        object: &Arc<Self>,
        created: bool,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send;

    fn post_upsert(
        object: &Arc<Self>,
        created: Option<bool>,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send;

    fn pre_delete(
        object: &Arc<Self>,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send;

    fn post_delete(
        object: &Arc<Self>,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send;

    fn post_load(
        object: &Arc<Self>,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send;

    fn after_commit(object: &Arc<Self>, change: Change);
}

/// Implements the seven methods by the trait `$hooks`. `$run` makes a future of what a hook returns.
macro_rules! run_hooks_of {
    ($hooks:ident, $run:expr) => {
        fn pre_save(
            saving: Saving<'_, Self>,
            conn: &mut Conn,
        ) -> impl Future<Output = QueryResult<()>> + Send {
            $run(<M as $hooks<Conn>>::pre_save(saving, conn))
        }

        fn post_save(
            object: &Arc<Self>,
            created: bool,
            conn: &mut Conn,
        ) -> impl Future<Output = QueryResult<()>> + Send {
            $run(<M as $hooks<Conn>>::post_save(object, created, conn))
        }

        fn post_upsert(
            object: &Arc<Self>,
            created: Option<bool>,
            conn: &mut Conn,
        ) -> impl Future<Output = QueryResult<()>> + Send {
            $run(<M as $hooks<Conn>>::post_upsert(object, created, conn))
        }

        fn pre_delete(
            object: &Arc<Self>,
            conn: &mut Conn,
        ) -> impl Future<Output = QueryResult<()>> + Send {
            $run(<M as $hooks<Conn>>::pre_delete(object, conn))
        }

        fn post_delete(
            object: &Arc<Self>,
            conn: &mut Conn,
        ) -> impl Future<Output = QueryResult<()>> + Send {
            $run(<M as $hooks<Conn>>::post_delete(object, conn))
        }

        fn post_load(
            object: &Arc<Self>,
            conn: &mut Conn,
        ) -> impl Future<Output = QueryResult<()>> + Send {
            $run(<M as $hooks<Conn>>::post_load(object, conn))
        }

        fn after_commit(object: &Arc<Self>, change: Change) {
            <M as $hooks<Conn>>::after_commit(object, change);
        }
    };
}

#[diagnostic::do_not_recommend]
impl<M, Conn, D> RunsHooks<Conn, D> for M
where
    D: Dialect,
    Conn: LoadConnection,
    M: Hooks<Conn>,
{
    run_hooks_of!(Hooks, ready);
}

#[cfg(feature = "async")]
pub(crate) use run_hooks_of;
