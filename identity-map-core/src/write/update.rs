//! `update`, `save`, `delete`, `refresh` and `expire`.

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AsChangeset, QueryFragment};
use diesel::result::Error::NotFound;

use super::hooks::{Change, RunsHooks, Saving};
use super::write::{Whole, Write, announce_commit, changed_nothing};
use super::writes::Writes;
use crate::connection::{Driver, Spoken, Touched};
use crate::error::IdentityMapError;
use crate::map::IdentityMap;
use crate::model::{Model, VersionNumber};
use crate::query::{Cached, Given, run_post_load};

/// Changes to rows of `M`, as plain Diesel sets them on the connection `Conn`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no change of a `{M}` on this connection",
    note = "`update` takes what `diesel::update(..).set(..)` takes: a struct that derives \
            `AsChangeset` for the table of `{M}`, `column.eq(value)`, or a tuple of those"
)]
pub trait Changes<M: Model, DB: Backend>: Sized + Send {
    /// The assignments, as a part of a statement.
    type Changeset: QueryFragment<DB> + Send;

    /// The assignments.
    fn into_changeset(self) -> Self::Changeset;
}

#[diagnostic::do_not_recommend]
impl<M, DB, C> Changes<M, DB> for C
where
    M: Model,
    M::Table: diesel::QuerySource,
    DB: Backend,
    C: AsChangeset<Target = M::Table> + Send,
    C::Changeset: QueryFragment<DB> + Send,
{
    type Changeset = C::Changeset;

    fn into_changeset(self) -> Self::Changeset {
        self.as_changeset()
    }
}

/// A connection on which the changes `C` can be made to rows of `M`.
#[diagnostic::on_unimplemented(
    message = "`{C}` is no change of a `{M}` on `{Self}`",
    note = "`update` takes what `diesel::update(..).set(..)` takes: a struct that derives \
            `AsChangeset` for the table of `{M}`, `column.eq(value)`, or a tuple of those",
    note = "`{M}` must be loadable on this connection, and implement `Hooks<{Self}>` if it says \
            `#[identity_map(hooks)]`"
)]
pub trait Updates<M: Model, C, D: Spoken>:
    Writes<M, D> + Given<C, Is: Changes<M, <Self as Driver<D>>::Backend>>
{
}

#[diagnostic::do_not_recommend]
impl<M, C, D, Conn> Updates<M, C, D> for Conn
where
    M: Model,
    D: Spoken,
    Conn: Writes<M, D>,
    C: Changes<M, <Conn as Driver<D>>::Backend>,
{
}

/// A whole changed model: the model, or a reference to one that can be cloned.
pub trait Changed<M> {
    /// The model.
    fn into_model(self) -> M;
}

impl<M> Changed<M> for M {
    fn into_model(self) -> M {
        self
    }
}

impl<M: Clone> Changed<M> for &M {
    fn into_model(self) -> M {
        self.clone()
    }
}

impl<M: Model> Cached<M, M::Query> {
    /// Makes changes to one row, and returns it as the database has it then.
    ///
    /// `changes` is what Diesel's `update(..).set(..)` takes. Whoever holds `object` keeps it,
    /// unchanged; the next load gives the new one. If the key is among the changes, the entry
    /// moves. One statement on SQLite and PostgreSQL, two on MySQL and MariaDB.
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
    /// [`NotFound`] if the row is gone (and the map forgets it);
    /// [`VersionConflict`](IdentityMapError::VersionConflict) if it is another version (the next
    /// load reads it); Diesel's `EmptyChangeset` if there is nothing to change; an error of a
    /// hook; whatever the database answers. Nothing is changed then.
    #[track_caller]
    pub fn update<'c, C, Conn, D>(
        self,
        object: &'c Arc<M>,
        changes: C,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, Arc<M>>
    where
        D: Spoken,
        Conn: Updates<M, C, D>,
        C: 'c,
    {
        let caller = Location::caller();
        Conn::run(async move {
            conn.settle().await?;
            let mut gone = None;
            let whole = Whole::begin(several::<M>(), conn).await?;
            let written = async {
                let write = Write::new(&self.plan, conn)?;
                <M as RunsHooks<Conn, D>>::pre_save(Saving::Update(object), conn).await?;
                conn.called_from(caller);
                let row = (object.key(), object.version());
                let changes = changes.into_changeset();
                updated(&write, row, changes, false, &mut gone, conn).await
            };
            let written = written.await;
            let updated = whole.end(written, conn).await;
            forget::<M, D, Conn>(gone, conn);
            updated
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
    pub fn save<'c, S, Conn, D>(self, model: S, conn: &'c mut Conn) -> Conn::Output<'c, Arc<M>>
    where
        D: Spoken,
        S: Changed<M>,
        Conn: Writes<M, D>,
        for<'a> &'a M: Changes<M, <Conn as Driver<D>>::Backend>,
    {
        let caller = Location::caller();
        let mut model = model.into_model();
        Conn::run(async move {
            conn.settle().await?;
            let mut gone = None;
            let whole = Whole::begin(several::<M>(), conn).await?;
            let written = async {
                let write = Write::new(&self.plan, conn)?;
                <M as RunsHooks<Conn, D>>::pre_save(Saving::Save(&model), conn).await?;
                conn.called_from(caller);
                let row = (model.key(), model.version());
                model.set_version(row.1.next());
                let changes = (&model).into_changeset();
                updated(&write, row, changes, true, &mut gone, conn).await
            };
            let written = written.await;
            let updated = whole.end(written, conn).await;
            forget::<M, D, Conn>(gone, conn);
            updated
        })
    }

    /// Deletes one row.
    ///
    /// One statement on every database. Objects of models that belong to this one are read again
    /// by their next load, since the database may have deleted or changed their rows as well.
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
    pub fn delete<'c, Conn, D>(self, object: &'c Arc<M>, conn: &'c mut Conn) -> Conn::Output<'c, ()>
    where
        D: Spoken,
        Conn: Writes<M, D>,
    {
        let caller = Location::caller();
        Conn::run(async move {
            conn.settle().await?;
            let mut gone = None;
            let whole = Whole::begin(M::HAS_HOOKS, conn).await?;
            let written = async {
                let write = Write::new(&self.plan, conn)?;
                <M as RunsHooks<Conn, D>>::pre_delete(object, conn).await?;
                conn.called_from(caller);
                deleted(&write, object, &mut gone, conn).await
            };
            let written = written.await;
            let deleted = whole.end(written, conn).await;
            forget::<M, D, Conn>(gone, conn);
            deleted
        })
    }

    /// Reads the row of an object again; the result replaces it.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let post = Post::cached().find(2).first(conn)?;
    /// let post = Post::cached().refresh(&post, conn)?;
    /// # assert_eq!(post.id, 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotFound`] if the row is gone (and the map forgets it), else as
    /// [`load`](Self::load).
    #[track_caller]
    pub fn refresh<'c, Conn, D>(
        self,
        object: &'c Arc<M>,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, Arc<M>>
    where
        D: Spoken,
        Conn: Writes<M, D>,
    {
        let caller = Location::caller();
        Conn::run(async move {
            conn.settle().await?;
            conn.called_from(caller);
            let write = Write::new(&self.plan, conn)?;
            let key = object.key();
            let view = match write.map.clone() {
                Some(map) => Some(conn.slot(|slot| slot.view::<M>(map))?.noting(M::HAS_HOOKS)),
                None => None,
            };
            let Some(row) = conn.read_one(key.clone(), write.map.as_ref()).await? else {
                Write::touch(conn, Touched::rows::<M>([key], false));
                return Err(NotFound);
            };
            let fresh = Arc::new(row);
            let Some(view) = view else {
                <M as RunsHooks<Conn, D>>::post_load(&fresh, conn).await?;
                return Ok(fresh);
            };
            view.replace(std::iter::once(&fresh));
            run_post_load(&view, conn).await?;
            view.keep(std::slice::from_ref(&fresh));
            Ok(fresh)
        })
    }

    /// Forgets an object, so that the next load reads its row again. Sends nothing.
    ///
    /// # Errors
    /// [`NotEnabled`](IdentityMapError::NotEnabled) on a connection without a map.
    pub fn expire<D: Spoken, Conn: Driver<D>>(
        self,
        object: &Arc<M>,
        conn: &mut Conn,
    ) -> QueryResult<()> {
        match Write::new(&self.plan, conn)?.map {
            Some(map) => map.expire::<M>(&object.key()),
            None => Write::touch(conn, Touched::rows::<M>([object.key()], false)),
        }
        Ok(())
    }
}

/// Updates a row, and makes of it what loads find.
async fn updated<M, C, Conn, D>(
    write: &Write,
    row: (M::Key, M::Version),
    changes: C,
    sets_version: bool,
    gone: &mut Option<M::Key>,
    conn: &mut Conn,
) -> QueryResult<Arc<M>>
where
    M: Model,
    D: Spoken,
    Conn: Writes<M, D>,
    C: QueryFragment<Conn::Backend> + Send,
{
    let key = row.0.clone();
    let counts = write.map.as_ref();
    conn.writes(Touched::rows::<M>([key.clone()], true));
    let updated = conn.update_one(changes, row, sets_version, counts).await;
    conn.has_written();
    if updated.as_ref().is_err_and(changed_nothing) {
        return Err(updated.err().unwrap_or(NotFound));
    }
    let updated = match updated {
        Ok(updated) => updated,
        Err(error) => {
            Write::touch(conn, Touched::rows::<M>([key], true));
            return Err(error);
        }
    };
    let Some(updated) = updated else {
        *gone = Some(key.clone());
        return Err(missing(key, write.map.as_ref(), conn).await);
    };
    let moved = updated.key() != key;
    Write::touch(conn, Touched::rows::<M>([key, updated.key()], moved));
    let object = write.put(updated, conn);
    <M as RunsHooks<Conn, D>>::post_save(&object, false, conn).await?;
    announce_commit(&object, Change::Updated, conn);
    Ok(object)
}

/// Deletes the row of an object, and lets the map forget it.
async fn deleted<M, Conn, D>(
    write: &Write,
    object: &Arc<M>,
    gone: &mut Option<M::Key>,
    conn: &mut Conn,
) -> QueryResult<()>
where
    M: Model,
    D: Spoken,
    Conn: Writes<M, D>,
{
    let row = (object.key(), object.version());
    conn.writes(Touched::rows::<M>([object.key()], true));
    let deleted = conn.delete_one(row, write.map.as_ref()).await;
    conn.has_written();
    if deleted.as_ref().is_err_and(changed_nothing) {
        return deleted.map(drop);
    }
    Write::touch(conn, Touched::rows::<M>([object.key()], true));
    if !deleted? {
        *gone = Some(object.key());
        return Err(missing(object.key(), write.map.as_ref(), conn).await);
    }
    <M as RunsHooks<Conn, D>>::post_delete(object, conn).await?;
    announce_commit(object, Change::Deleted, conn);
    Ok(())
}

/// Whether a write is more than a statement, so that it needs a transaction to be done or not.
fn several<M: Model>() -> bool {
    M::HAS_HOOKS || !M::IS_PLAIN
}

/// Lets the next load read a row that was not as the program believed. Not before the write was
/// undone, which restores what was known before.
fn forget<M: Model, D: Spoken, Conn: Driver<D>>(gone: Option<M::Key>, conn: &mut Conn) {
    if let Some(key) = gone {
        Write::touch(conn, Touched::rows::<M>([key], false));
    }
}

/// Why a row was not there to be written.
async fn missing<M, Conn, D>(
    key: M::Key,
    counts: Option<&IdentityMap>,
    conn: &mut Conn,
) -> diesel::result::Error
where
    M: Model,
    D: Spoken,
    Conn: Writes<M, D>,
{
    if !Conn::has_versions() {
        return NotFound;
    }
    match conn.read_one(key, counts).await {
        Ok(Some(_)) => IdentityMapError::VersionConflict { model: M::name() }.into(),
        Ok(None) => NotFound,
        Err(error) => error,
    }
}
