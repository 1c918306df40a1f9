//! The hooks of a model on connections that block: [`Hooks`].

use std::sync::Arc;

use diesel::QueryResult;

use super::hook_arguments::{Change, Saving};
use crate::model::IdentityMapped;

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
/// [`CachedConnection`](crate::CachedConnection) of *other* models: that of this model requires the
/// hooks that are being implemented.
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
    /// `saving` shows the object that [`update`](crate::Cached::update) was given, and the model that
    /// [`save`](crate::Cached::save) and [`insert_model`](crate::Cached::insert_model) were given. What
    /// [`insert`](crate::Cached::insert), `insert_many` and `upsert` insert are values of any type, such as a tuple, of which it
    /// shows nothing.
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

    /// After an [`upsert`](crate::Cached::upsert): a row was inserted (`Some(true)`) or updated (`Some(false)`), or the
    /// database does not say which (`None`: SQLite; on PostgreSQL a view or a partitioned table). Calls
    /// [`post_save`](Self::post_save) if it is not implemented, for `None` as if the row was updated.
    ///
    /// # Errors
    /// An error undoes the write, and is its error.
    fn post_upsert(object: &Arc<Self>, created: Option<bool>, conn: &mut Conn) -> QueryResult<()> {
        Self::post_save(object, created == Some(true), conn)
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

    /// After an object was made of a row that was read: once per object, not once per hit. It does
    /// not run for rows that `load_iter` streams, since the connection is busy.
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
    /// panic in it goes no further than to the program's panic hook.
    fn after_commit(object: &Arc<Self>, change: Change) {}
}
