//! The hooks of a model on connections that are awaited: [`AsyncHooks`].

use std::future::{Future, ready};
use std::sync::Arc;

use diesel::QueryResult;

use super::hook_arguments::{Change, Saving};
use crate::model::IdentityMapped;

/// [`Hooks`](super::Hooks) on connections that are awaited.
///
/// Each hook runs when its namesake in [`Hooks`](super::Hooks) does. Write it as an `async fn`; its future must be
/// `Send`.
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
    /// Before a row is inserted or updated; see [`Hooks::pre_save`](super::Hooks::pre_save).
    ///
    /// # Errors
    /// An error keeps the row from being written, and is the error of the write.
    fn pre_save(
        saving: Saving<'_, Self>,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send {
        ready(Ok(()))
    }

    /// After a row was inserted (`created`) or updated; see [`Hooks::post_save`](super::Hooks::post_save).
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

    /// After an upsert; see [`Hooks::post_upsert`](super::Hooks::post_upsert).
    ///
    /// # Errors
    /// An error undoes the write, and is its error.
    fn post_upsert(
        object: &Arc<Self>,
        created: Option<bool>,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send {
        Self::post_save(object, created == Some(true), conn)
    }

    /// Before a row is deleted; see [`Hooks::pre_delete`](super::Hooks::pre_delete).
    ///
    /// # Errors
    /// An error keeps the row from being deleted, and is the error of the delete.
    fn pre_delete(
        object: &Arc<Self>,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send {
        ready(Ok(()))
    }

    /// After a row was deleted; see [`Hooks::post_delete`](super::Hooks::post_delete).
    ///
    /// # Errors
    /// An error undoes the delete, and is its error.
    fn post_delete(
        object: &Arc<Self>,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send {
        ready(Ok(()))
    }

    /// After an object was made of a row that was read; see [`Hooks::post_load`](super::Hooks::post_load).
    ///
    /// # Errors
    /// An error is the error of the load, and the map gives up the objects that it read.
    fn post_load(
        object: &Arc<Self>,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send {
        ready(Ok(()))
    }

    /// After the outermost transaction of a write has really committed; see [`Hooks::after_commit`](super::Hooks::after_commit).
    fn after_commit(object: &Arc<Self>, change: Change) {}
}
