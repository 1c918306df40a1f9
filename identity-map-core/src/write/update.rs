//! Changing one row: `update` and `save`.

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::query_builder::QueryFragment;
use diesel::result::Error::NotFound;

use super::changed_rows::{invalidate, invalidate_rows, rows_of};
use super::changes::{Changed, Changes, Updates};
use super::frame::{Frame, Steps, queue_after_commit, write};
use super::missing_row::missing_row_error;
use super::writes::Writes;
use super::written_row::row_of_key;
use crate::connection::{ConnectionKind, Driver};
use crate::hooks::{Change, RunsHooks, Saving};
use crate::map::{KeySet, ModelWrite};
use crate::model::{Model, VersionNumber};
use crate::query::Cached;
use crate::statement::Operations;

const UPDATE: Operations = Operations::UPDATE;
const MOVE: Operations = Operations::MOVE;

impl<M: Model> Cached<M, M::Query> {
    /// Makes changes to one row, and returns it as the database has it then.
    ///
    /// `changes` is what Diesel's `update(..).set(..)` takes. Whoever holds `object` keeps it,
    /// unchanged; the next load gives the new one. If the key is among the changes, the entry
    /// moves. One statement on SQLite and PostgreSQL; on MySQL and MariaDB two, in a transaction (or, inside
    /// one, a savepoint) of their own.
    ///
    /// With `#[identity_map(version = ..)]` the row must still have the version of `object`, and
    /// gets the next one.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let old = Post::cached().find(2).first(conn)?;
    /// let new = Post::cached().update(&old, posts::title.eq("Tables"), conn)?;
    /// assert_eq!((&*old.title, &*new.title), ("Rust", "Tables"));
    /// let same = Post::cached().find(2).first(conn)?; // sends nothing
    /// assert!(Arc::ptr_eq(&new, &same));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotFound`](diesel::NotFound) if the row is gone (and the map forgets it);
    /// [`VersionConflict`](crate::IdentityMapError::VersionConflict) if it is another version (the next
    /// load reads it); Diesel's `EmptyChangeset` if there is nothing to change; an error of a
    /// hook; whatever the database answers. Nothing is changed then, except as [`insert`](Self::insert)
    /// says.
    #[track_caller]
    pub fn update<'c, C, Conn, D>(
        self,
        object: &'c Arc<M>,
        changes: C,
        conn: &'c mut Conn,
    ) -> D::Output<'c, Arc<M>>
    where
        D: ConnectionKind,
        Conn: Updates<M, C, D>,
        C: 'c,
    {
        let caller = Location::caller();
        Conn::run(async move {
            let update = async |frame: &mut Frame, conn: &mut Conn| {
                <M as RunsHooks<Conn, D>>::pre_save(Saving::Update(object), conn).await?;
                let row = (object.key(), Some(object.version()));
                update_row(frame, row, changes.into_changeset(), false, conn).await
            };
            write(&self.plan, Steps::RowsAndHooks, caller, conn, update).await
        })
    }

    /// Writes a whole changed model: all that its `AsChangeset` sets, as Diesel's `save_changes`.
    ///
    /// Takes the model, or a reference to one that is `Clone`. A field that is `None` is left as
    /// it is in the database, unless the model says `#[diesel(treat_none_as_null = true)]`: that
    /// is Diesel's rule.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # mod edited { use super::*;
    /// #[derive(Queryable, Selectable, AsChangeset, IdentityMapped, Clone)]
    /// #[diesel(table_name = posts)]
    /// struct Draft {
    ///     id: i32,
    ///     title: String,
    /// }
    ///
    /// # pub(super) fn run() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let draft = Draft::cached().find(2).first(conn)?;
    /// let mut changed = Draft::clone(&draft);
    /// changed.title.push_str(" and rows");
    /// let draft = Draft::cached().save(changed, conn)?;
    /// assert_eq!(draft.title, "Rust and rows");
    /// # Ok(()) }}
    /// # fn main() -> QueryResult<()> { edited::run() }
    /// ```
    ///
    /// # Errors
    /// As [`update`](Self::update).
    #[track_caller]
    pub fn save<'c, S, Conn, D>(self, model: S, conn: &'c mut Conn) -> D::Output<'c, Arc<M>>
    where
        D: ConnectionKind,
        S: Changed<M>,
        Conn: Writes<M, D>,
        for<'a> &'a M: Changes<M, <Conn as Driver<D>>::Backend>,
    {
        let caller = Location::caller();
        let mut model = model.into_model();
        Conn::run(async move {
            let save = async |frame: &mut Frame, conn: &mut Conn| {
                <M as RunsHooks<Conn, D>>::pre_save(Saving::Save(&model), conn).await?;
                let (key, version) = (model.key(), model.version());
                model.set_version(version.next());
                let row = (key, Some(version));
                update_row(frame, row, (&model).into_changeset(), true, conn).await
            };
            write(&self.plan, Steps::RowsAndHooks, caller, conn, save).await
        })
    }
}

/// Updates a row, and makes the result the object that loads find.
pub(super) async fn update_row<M, C, Conn, D>(
    frame: &mut Frame,
    row: (M::Key, Option<M::Version>),
    changes: C,
    sets_version: bool,
    conn: &mut Conn,
) -> QueryResult<Arc<M>>
where
    M: Model,
    D: ConnectionKind,
    Conn: Writes<M, D>,
    C: QueryFragment<Conn::Backend> + Send,
{
    let key = row.0.clone();
    let has_any_version = row.1.is_none();
    let this_row = row_of_key::<M, D, Conn>(&key, UPDATE | MOVE, frame.map(), conn);
    let assignments = Conn::assignments(&changes);
    if let Some(assignments) = &assignments {
        frame.set_may_call(assignments.may_call);
    }
    let assigned = assignments.map(|assignments| assignments.columns);
    let assigned = assigned.as_deref();
    frame.begin_statement(this_row.clone(), conn);
    let updated = conn.update_one((changes, assigned), row, sets_version, frame.map());
    let updated = updated.await;
    let Some(updated) = frame.end_statement(updated, conn)? else {
        // A trigger may have taken the row away, or kept it from being updated, and have written elsewhere.
        let write = ModelWrite::assigning(UPDATE | MOVE, Some(assigned.unwrap_or_default()));
        invalidate_rows(rows_of::<M>([key.clone()]), write, conn);
        frame.mark_stale(&key);
        if has_any_version {
            return Err(NotFound);
        }
        return Err(missing_row_error(key, frame.map(), conn).await);
    };
    let moved = updated.key() != key;
    if moved {
        // The key that the row had may be another value than the one that found it.
        invalidate(this_row, conn);
    }
    // A trigger may have moved the key. The columns are not known where there is no catalogue either.
    let assigned = (!moved).then(|| assigned.unwrap_or_default());
    let keys = KeySet::of([key, updated.key()]);
    let written = (keys, ModelWrite::assigning(UPDATE | MOVE, assigned));
    frame.put(written, &(Arc::clone(&updated) as _), conn);
    <M as RunsHooks<Conn, D>>::post_save(&updated, false, conn).await?;
    queue_after_commit(&updated, Change::Updated, conn);
    Ok(updated)
}
