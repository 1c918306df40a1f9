//! Inserting one row: `insert`.

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::result::Error::NotFound;

use super::changes::Changed;
use super::frame::{Frame, Steps, queue_after_commit, write};
use super::insert_row::{InsertRow, Inserts};
use crate::connection::{ConnectionKind, Driver};
use crate::error::IdentityMapError;
use crate::hooks::{Change, RunsHooks, Saving};
use crate::map::{KeySet, ModelWrite};
use crate::model::Model;
use crate::query::{Cached, Loading, Take};
use crate::statement::Operations;

impl<M: Model> Cached<M, M::Query> {
    /// Inserts a row, and returns it as the database has it: with generated keys and defaults.
    ///
    /// `values` is what Diesel's `insert_into(..).values(..)` takes for one row. One statement
    /// on SQLite and PostgreSQL; on MySQL and MariaDB two, or three with a given key, in a transaction (or,
    /// inside one, a savepoint) of their own. Where the key is not given, `LAST_INSERT_ID()` is the key that
    /// the insert has generated, else zero. What a trigger changes *after* the insert is not in the result:
    /// [`refresh`](Self::refresh) reads it.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let post = Post::cached().insert(posts::title.eq("Runs"), conn)?;
    /// let same = Post::cached().find(post.id).first(conn)?; // sends nothing
    /// assert!(Arc::ptr_eq(&post, &same));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Whatever the database answers, an error of a hook,
    /// [`NotOneRow`](IdentityMapError::NotOneRow) for values of several rows,
    /// [`KeyNotReturned`](IdentityMapError::KeyNotReturned) on MySQL where it is not certain which row was
    /// inserted: its key is neither given, nor an `AUTO_INCREMENT`, nor (on MariaDB) a default expression; or
    /// the column or a trigger has made another value of it. Database and map are then as before, except that one statement whose
    /// row does not decode is done, outside a transaction of its own: what it may have changed is read again.
    #[track_caller]
    pub fn insert<'c, V, Conn, D>(self, values: V, conn: &'c mut Conn) -> D::Output<'c, Arc<M>>
    where
        D: ConnectionKind,
        Conn: Inserts<M, V, D>,
        V: 'c,
    {
        let caller = Location::caller();
        Conn::run(async move {
            let values = values.into_row();
            let values = values.ok_or(IdentityMapError::NotOneRow { model: M::name() })?;
            let insert = async |frame: &mut Frame, conn: &mut Conn| {
                <M as RunsHooks<Conn, D>>::pre_save(Saving::Insert, conn).await?;
                insert_row::<M, V, Conn, D>(&values, frame, conn).await
            };
            write(&self.plan, Steps::RowsAndHooks, caller, conn, insert).await
        })
    }

    /// [`insert`](Self::insert) of a whole model that derives `Insertable` (or a reference to one that is `Clone`). The hook `pre_save` sees it, as
    /// [`Saving::Save`].
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # mod whole { use super::*;
    /// #[derive(Queryable, Selectable, Insertable, IdentityMapped)]
    /// #[diesel(table_name = posts)]
    /// struct Title {
    ///     id: i32,
    ///     title: String,
    /// }
    ///
    /// # pub(super) fn run() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let title = "Runs".to_owned();
    /// let post = Title::cached().insert_model(Title { id: 40, title }, conn)?;
    /// # Ok(()) }}
    /// # fn main() -> QueryResult<()> { whole::run() }
    /// ```
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    #[track_caller]
    pub fn insert_model<Conn, D>(
        self,
        model: impl Changed<M>,
        conn: &mut Conn,
    ) -> D::Output<'_, Arc<M>>
    where
        D: ConnectionKind,
        Conn: Inserts<M, M, D>,
    {
        let caller = Location::caller();
        let model = model.into_model();
        Conn::run(async move {
            let insert = async |frame: &mut Frame, conn: &mut Conn| {
                <M as RunsHooks<Conn, D>>::pre_save(Saving::Save(&model), conn).await?;
                let values = model.into_row();
                let values = values.ok_or(IdentityMapError::NotOneRow { model: M::name() })?;
                insert_row::<M, M, Conn, D>(&values, frame, conn).await
            };
            write(&self.plan, Steps::RowsAndHooks, caller, conn, insert).await
        })
    }
}

/// Inserts the values of a row, and runs the hooks that follow.
async fn insert_row<M, V, Conn, D>(
    values: &ValuesOf<M, V, Conn, D>,
    frame: &mut Frame,
    conn: &mut Conn,
) -> QueryResult<Arc<M>>
where
    M: Model,
    D: ConnectionKind,
    Conn: Inserts<M, V, D>,
{
    let write = ModelWrite::by(Operations::INSERT);
    frame.begin_model_statement(write, conn);
    let mut rows = Loading::uncached(Take::All);
    let inserted = conn.insert_one(values, frame.map(), &mut rows).await;
    frame.end_statement(inserted, conn)?;
    let row = rows.into_objects().into_iter().next().ok_or(NotFound)?;
    let written = (KeySet::of([row.key()]), write);
    frame.put(written, &(Arc::clone(&row) as _), conn);
    <M as RunsHooks<Conn, D>>::post_save(&row, true, conn).await?;
    queue_after_commit(&row, Change::Created, conn);
    Ok(row)
}

/// The values of a `V` as a row of `M`.
type ValuesOf<M, V, Conn, D> = <V as InsertRow<M, <Conn as Driver<D>>::Backend>>::Values;
