//! Deleting one row: `delete`.

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;

use super::changed_rows::{invalidate, invalidate_rows, rows_of};
use super::frame::{Frame, Steps, queue_after_commit, write};
use super::missing_row::missing_row_error;
use super::writes::{DeletedRow, Writes};
use super::written_row::row_of_key;
use crate::connection::ConnectionKind;
use crate::hooks::{Change, RunsHooks};
use crate::map::ModelWrite;
use crate::model::Model;
use crate::query::Cached;
use crate::statement::Operations;

impl<M: Model> Cached<M, M::Query> {
    /// Deletes one row.
    ///
    /// One statement on every database. Objects whose rows a foreign key or a trigger may have deleted or
    /// changed with it are read again by their next load.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let post = Post::cached().find(2).first(conn)?;
    /// Post::cached().delete(&post, conn)?;
    /// assert_eq!(Post::cached().find(2).first(conn).unwrap_err(), diesel::NotFound);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`update`](Self::update).
    #[track_caller]
    pub fn delete<'c, Conn, D>(self, object: &'c Arc<M>, conn: &'c mut Conn) -> D::Output<'c, ()>
    where
        D: ConnectionKind,
        Conn: Writes<M, D>,
    {
        let caller = Location::caller();
        Conn::run(async move {
            let delete = async |frame: &mut Frame, conn: &mut Conn| {
                <M as RunsHooks<Conn, D>>::pre_delete(object, conn).await?;
                delete_row(frame, object, conn).await
            };
            write(&self.plan, Steps::StatementAndHooks, caller, conn, delete).await
        })
    }
}

/// Deletes the row of an object, and makes the map forget the object.
async fn delete_row<M, Conn, D>(
    frame: &mut Frame,
    object: &Arc<M>,
    conn: &mut Conn,
) -> QueryResult<()>
where
    M: Model,
    D: ConnectionKind,
    Conn: Writes<M, D>,
{
    let key = object.key();
    let this_row = row_of_key::<M, D, Conn>(&key, Operations::DELETE, frame.map(), conn);
    frame.begin_statement(this_row.clone(), conn);
    let deleted = conn.delete_one((object.key(), object.version()), frame.map());
    let deleted = deleted.await;
    match frame.end_statement(deleted, conn)? {
        DeletedRow::Missing => {
            invalidate(this_row, conn);
            frame.mark_stale(&key);
            return Err(missing_row_error(key, frame.map(), conn).await);
        }
        DeletedRow::WithKey(own) => {
            invalidate_rows(
                rows_of::<M>([key, own]),
                ModelWrite::by(Operations::DELETE),
                conn,
            );
        }
        DeletedRow::Found => invalidate(this_row, conn),
    }
    <M as RunsHooks<Conn, D>>::post_delete(object, conn).await?;
    queue_after_commit(object, Change::Deleted, conn);
    Ok(())
}
