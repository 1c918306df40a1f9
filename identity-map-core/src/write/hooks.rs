//! What a model does when it is written or loaded: [`Hooks`].

use std::future::{Future, ready};
use std::sync::Arc;

use diesel::QueryResult;
use diesel::connection::LoadConnection;

use crate::model::IdentityMapped;
use crate::query::Dialect;

/// What happens around the writes and loads of a model on connections of type `Conn`.
///
/// Mark the model with `#[identity_map(hooks)]` and implement this for the connection types the
/// program uses; each method does nothing unless it is written.
///
/// The hooks of a write run in one transaction with it (a savepoint, inside an open one). One
/// that fails undoes the write, and the map is as before. They may load, save and delete through
/// the connection they get; what they load of the row itself is the version that was just
/// written. A panic leaves the transaction as it leaves any of Diesel's: open, until the
/// connection is rolled back or dropped.
///
/// An implementation for any connection is bounded by Diesel's `Connection`, or by
/// [`CachedConnection`](crate::CachedConnection) of *other* models: that of this model asks for its
/// hooks.
///
/// Plain Diesel statements, `update_all` and `delete_all` run no hooks.
///
/// ```
/// # include!("../doctest_setup.rs");
/// # mod tracked { use super::*;
/// #[derive(Queryable, Selectable, IdentityMapped)]
/// #[diesel(table_name = posts)]
/// #[identity_map(hooks)]
/// struct Tracked {
///     id: i32,
///     title: String,
/// }
///
/// impl Hooks<SqliteConnection> for Tracked {
///     fn pre_delete(post: &Arc<Self>, _: &mut SqliteConnection) -> QueryResult<()> {
///         if post.title == "Rust" {
///             return Err(diesel::result::Error::RollbackTransaction);
///         }
///         Ok(())
///     }
/// }
///
/// # pub(super) fn run() -> QueryResult<()> {
/// # let conn = &mut blog();
/// let rust = Tracked::cached().find(2).first(conn)?;
/// assert!(Tracked::cached().delete(&rust, conn).is_err());
/// let same = Tracked::cached().find(rust.id).first(conn)?;
/// assert!(Arc::ptr_eq(&rust, &same));
/// # Ok(()) }}
/// # fn main() -> QueryResult<()> { tracked::run() }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` says `#[identity_map(hooks)]`, but does not implement `Hooks<{Conn}>`",
    note = "implement `Hooks<{Conn}> for {Self}`, or remove `hooks`"
)]
#[allow(unused_variables)]
pub trait Hooks<Conn>: IdentityMapped {
    /// Before a row is inserted or updated.
    ///
    /// # Errors
    /// An error keeps the row from being written, and is the error of the write.
    fn pre_save(saving: Saving<'_, Self>, conn: &mut Conn) -> QueryResult<()> {
        Ok(())
    }

    /// After a row was inserted (`created`) or updated; `object` is the new version.
    ///
    /// # Errors
    /// An error undoes the write, and is its error.
    fn post_save(object: &Arc<Self>, created: bool, conn: &mut Conn) -> QueryResult<()> {
        Ok(())
    }

    /// Before a row is deleted.
    ///
    /// # Errors
    /// An error keeps the row from being deleted, and is the error of the delete.
    fn pre_delete(object: &Arc<Self>, conn: &mut Conn) -> QueryResult<()> {
        Ok(())
    }

    /// After a row was deleted; `object` is what it was.
    ///
    /// # Errors
    /// An error undoes the delete, and is its error.
    fn post_delete(object: &Arc<Self>, conn: &mut Conn) -> QueryResult<()> {
        Ok(())
    }

    /// After an object was made of a row that was read: once per object, not once per hit. Not
    /// for rows that are streamed by `load_iter`, whose connection is busy.
    ///
    /// # Errors
    /// An error is the error of the load, and the map gives up the objects that it read.
    fn post_load(object: &Arc<Self>, conn: &mut Conn) -> QueryResult<()> {
        Ok(())
    }

    /// After the outermost transaction of a write has really committed: never after a rollback,
    /// nor after a `COMMIT` that failed. Outside a transaction it runs at once after the write.
    ///
    /// It gets no connection, because Diesel is still busy with the commit. For the same reason a
    /// panic goes no further than to the program's panic hook.
    fn after_commit(object: &Arc<Self>, change: Change) {}
}

/// [`Hooks`] on connections that are awaited.
///
/// Each is what its namesake in [`Hooks`] is; write it as an `async fn`. The future must be `Send`.
///
/// ```ignore
/// impl AsyncHooks<AsyncPgConnection> for Post {
///     async fn pre_delete(post: &Arc<Self>, conn: &mut AsyncPgConnection) -> QueryResult<()> {
///         let comments = post.load_children::<Comment>(conn).await?;
///         if comments.is_empty() { Ok(()) } else { Err(Error::RollbackTransaction) }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` says `#[identity_map(hooks)]`, but does not implement `AsyncHooks<{Conn}>`",
    note = "implement `AsyncHooks<{Conn}> for {Self}`, or remove `hooks`"
)]
#[allow(unused_variables)]
pub trait AsyncHooks<Conn>: IdentityMapped {
    /// Before a row is inserted or updated; see [`Hooks::pre_save`].
    ///
    /// # Errors
    /// An error keeps the row from being written, and is the error of the write.
    fn pre_save(
        saving: Saving<'_, Self>,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send {
        ready(Ok(()))
    }

    /// After a row was inserted (`created`) or updated; see [`Hooks::post_save`].
    ///
    /// # Errors
    /// An error undoes the write, and is its error.
    fn post_save(
        object: &Arc<Self>,
        created: bool,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send {
        ready(Ok(()))
    }

    /// Before a row is deleted; see [`Hooks::pre_delete`].
    ///
    /// # Errors
    /// An error keeps the row from being deleted, and is the error of the delete.
    fn pre_delete(
        object: &Arc<Self>,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send {
        ready(Ok(()))
    }

    /// After a row was deleted; see [`Hooks::post_delete`].
    ///
    /// # Errors
    /// An error undoes the delete, and is its error.
    fn post_delete(
        object: &Arc<Self>,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send {
        ready(Ok(()))
    }

    /// After an object was made of a row that was read; see [`Hooks::post_load`].
    ///
    /// # Errors
    /// An error is the error of the load, and the map gives up the objects that it read.
    fn post_load(
        object: &Arc<Self>,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send {
        ready(Ok(()))
    }

    /// After the outermost transaction of a write has really committed; see [`Hooks::after_commit`].
    fn after_commit(object: &Arc<Self>, change: Change) {}
}

/// The hooks of a model as the engine runs them: [`Hooks`] or [`AsyncHooks`].
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

/// The six of them, each as `$run` makes it.
macro_rules! runs {
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
    runs!(Hooks, ready);
}

#[cfg(feature = "async")]
#[diagnostic::do_not_recommend]
impl<M, Conn, D, By> RunsHooks<Conn, crate::asynchronous::Async<D, By>> for M
where
    D: Dialect,
    Conn: diesel_async::AsyncConnectionCore,
    M: AsyncHooks<Conn>,
{
    runs!(AsyncHooks, std::convert::identity);
}

/// What is about to be written; see [`Hooks::pre_save`].
#[derive(Debug)]
pub enum Saving<'a, M> {
    /// A new row.
    Insert,
    /// A row, by `update`: the object as the program knows it.
    Update(&'a Arc<M>),
    /// A whole changed model, by `save`.
    Save(&'a M),
}

/// What was done to a row; see [`Hooks::after_commit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// It was inserted.
    Created,
    /// It was updated.
    Updated,
    /// It was deleted.
    Deleted,
}
