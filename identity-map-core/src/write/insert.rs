//! `insert` and `insert_many`.

use std::panic::Location;
use std::sync::Arc;

use diesel::backend::Backend;
use diesel::insertable::{CanInsertInSingleQuery, Insertable};
use diesel::query_builder::QueryFragment;

use super::hooks::{Change, RunsHooks, Saving};
use super::insert_many::InsertsMany;
use super::write::{Whole, Write, announce_commit};
use super::writes::Writes;
use crate::connection::{Driver, Spoken, Touched};
use crate::error::IdentityMapError;
use crate::model::Model;
use crate::query::{Cached, Given};

/// Values of one row of `M`, as plain Diesel inserts them on the connection `Conn`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be inserted as a `{M}` on this connection",
    note = "`insert` takes what `diesel::insert_into(..).values(..)` takes for one row: a struct \
            that derives `Insertable` for the table of `{M}`, or a tuple of `column.eq(value)`"
)]
pub trait InsertRow<M: Model, DB: Backend>: Sized + Send {
    /// The row, as a part of a statement.
    type Values: QueryFragment<DB> + Send + Sync;

    /// The row; `None` if it is not one.
    fn into_row(self) -> Option<Self::Values>;
}

#[diagnostic::do_not_recommend]
impl<M, DB, V> InsertRow<M, DB> for V
where
    M: Model,
    DB: Backend,
    V: Insertable<M::Table> + Send,
    V::Values: QueryFragment<DB> + CanInsertInSingleQuery<DB> + Send + Sync,
{
    type Values = V::Values;

    fn into_row(self) -> Option<Self::Values> {
        let values = self.values();
        (values.rows_to_insert() == Some(1)).then_some(values)
    }
}

/// A connection on which `V` can be inserted as a row of `M`.
#[diagnostic::on_unimplemented(
    message = "`{V}` cannot be inserted as a `{M}` on `{Self}`",
    note = "`insert` takes what `diesel::insert_into(..).values(..)` takes for one row: a struct \
            that derives `Insertable` for the table of `{M}`, or a tuple of `column.eq(value)`",
    note = "`{M}` must be loadable on this connection, and implement `Hooks<{Self}>` if it says \
            `#[identity_map(hooks)]`"
)]
pub trait Inserts<M: Model, V, D: Spoken>:
    Writes<M, D> + Given<V, Is: InsertRow<M, <Self as Driver<D>>::Backend>>
{
}

#[diagnostic::do_not_recommend]
impl<M, V, D, Conn> Inserts<M, V, D> for Conn
where
    M: Model,
    D: Spoken,
    Conn: Writes<M, D>,
    V: InsertRow<M, <Conn as Driver<D>>::Backend>,
{
}

impl<M: Model> Cached<M, M::Query> {
    /// Inserts a row, and returns it as the database has it: with generated keys and defaults.
    ///
    /// `values` is what Diesel's `insert_into(..).values(..)` takes for one row. One statement
    /// on SQLite and PostgreSQL, two on MySQL and MariaDB. What a trigger changes *after* the
    /// insert is not in the result: [`refresh`](Self::refresh) reads it.
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
    /// [`KeyNotReturned`](IdentityMapError::KeyNotReturned) on MySQL for a key that is neither
    /// given nor an `AUTO_INCREMENT`. Database and map are then as before, except that on MySQL a row
    /// whose key is made up otherwise (`DEFAULT (uuid())`) is inserted and not found.
    #[track_caller]
    pub fn insert<'c, V, Conn, D>(self, values: V, conn: &'c mut Conn) -> Conn::Output<'c, Arc<M>>
    where
        D: Spoken,
        Conn: Inserts<M, V, D>,
        V: 'c,
    {
        let caller = Location::caller();
        Conn::run(async move {
            conn.settle().await?;
            let values = values.into_row();
            let values = values.ok_or(IdentityMapError::NotOneRow { model: M::name() })?;
            let whole = Whole::begin(M::HAS_HOOKS || !M::IS_PLAIN, conn).await?;
            let inserted = async {
                let write = Write::new(&self.plan, conn)?;
                <M as RunsHooks<Conn, D>>::pre_save(Saving::Insert, conn).await?;
                conn.called_from(caller);
                conn.writes(Touched::model::<M>(false));
                let row = conn.insert_one(&values, write.map.as_ref()).await;
                conn.has_written();
                let row = row?;
                Write::touch(conn, Touched::rows::<M>([row.key()], false));
                let object = write.put(row, conn);
                <M as RunsHooks<Conn, D>>::post_save(&object, true, conn).await?;
                announce_commit(&object, Change::Created, conn);
                Ok(object)
            };
            let inserted = inserted.await;
            whole.end(inserted, conn).await
        })
    }

    /// Inserts rows, and returns them as the database has them, in the order of `rows`.
    ///
    /// One statement for as many rows as the backend can bind: on PostgreSQL whatever they are, on
    /// SQLite for rows that give the same columns (an `Option` field that is `None` is a column
    /// left out). On MySQL and MariaDB three for all rows together, if all of them give their keys or
    /// none does. All are inserted or none.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let new = ["Rain", "Rice"].map(|title| posts::title.eq(title));
    /// let posts = Post::cached().insert_many(new, conn)?; // one statement
    /// assert_eq!(posts[1].title, "Rice");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    #[track_caller]
    pub fn insert_many<'c, V, Conn, D>(
        self,
        rows: impl IntoIterator<Item = V>,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, Vec<Arc<M>>>
    where
        D: Spoken,
        Conn: Writes<M, D> + InsertsMany<M, V, D, D::Dialect>,
        V: Send + 'c,
    {
        let caller = Location::caller();
        let rows: Vec<V> = rows.into_iter().collect();
        Conn::run(async move {
            if rows.is_empty() {
                return Ok(Vec::new());
            }
            conn.settle().await?;
            let whole = Whole::begin(M::HAS_HOOKS || !M::IS_PLAIN, conn).await?;
            let inserted = async {
                let write = Write::new(&self.plan, conn)?;
                for _ in 0..rows.len() {
                    <M as RunsHooks<Conn, D>>::pre_save(Saving::Insert, conn).await?;
                }
                conn.called_from(caller);
                conn.writes(Touched::model::<M>(false));
                let rows = conn.insert_rows(rows, write.map.as_ref()).await;
                conn.has_written();
                let rows = rows?;
                Write::touch(conn, Touched::rows::<M>(rows.iter().map(M::key), false));
                let objects = write.put_all(rows, conn);
                for object in &objects {
                    <M as RunsHooks<Conn, D>>::post_save(object, true, conn).await?;
                    announce_commit(object, Change::Created, conn);
                }
                Ok(objects)
            };
            let inserted = inserted.await;
            whole.end(inserted, conn).await
        })
    }
}
