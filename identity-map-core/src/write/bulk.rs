//! `update_all` and `delete_all`: the rows of a query, without an object each.

use std::panic::Location;

use diesel::QueryResult;
use diesel::associations::HasTable;
use diesel::backend::Backend;
use diesel::query_builder::{IntoUpdateTarget, QueryFragment, UpdateStatement};

use super::update::Updates;
use super::write::{Write, changed_nothing};
use super::writes::Writes;
use crate::connection::{Driver, Slot, Spoken, Touched};
use crate::map::IdentityMap;
use crate::model::Model;
use crate::query::Cached;

/// A query whose rows can be deleted on the connection `Conn`.
#[diagnostic::on_unimplemented(
    message = "the rows of this query cannot be written all at once",
    note = "`update_all` and `delete_all` take what `diesel::update(..)` and `diesel::delete(..)` \
            take: the table of `{M}` with `filter` and `find`, and no order, limit or join"
)]
pub trait DeletesAll<M: Model, DB: Backend>: Sized {
    /// The statement.
    type Statement: QueryFragment<DB> + Send + Sync;

    /// The statement that deletes the rows.
    fn into_delete(self) -> Self::Statement;
}

#[diagnostic::do_not_recommend]
impl<M, Q, DB, S> DeletesAll<M, DB> for Q
where
    M: Model,
    DB: Backend,
    Q: IntoUpdateTarget + HasTable<Table = M::Table>,
    M::Table: diesel::QuerySource,
    diesel::query_builder::DeleteStatement<M::Table, Q::WhereClause>: IsStatement<Is = S>,
    S: QueryFragment<DB> + Send + Sync,
{
    type Statement = S;

    fn into_delete(self) -> S {
        IsStatement::is(diesel::delete(self))
    }
}

/// Names a type by a projection, so that an implementation can be bounded by it.
#[doc(hidden)]
pub trait IsStatement {
    /// `Self`.
    type Is;

    /// Nothing.
    fn is(self) -> Self::Is;
}

impl<T> IsStatement for T {
    type Is = T;

    fn is(self) -> T {
        self
    }
}

/// A query whose rows can be changed by `C` on the connection `Conn`.
#[diagnostic::on_unimplemented(
    message = "the rows of this query cannot be written all at once",
    note = "`update_all` and `delete_all` take what `diesel::update(..)` and `diesel::delete(..)` \
            take: the table of `{M}` with `filter` and `find`, and no order, limit or join"
)]
pub trait UpdatesAll<M: Model, C, DB: Backend>: Sized {
    /// The statement.
    type Statement: QueryFragment<DB> + Send + Sync;

    /// The statement that changes the rows.
    fn into_update(self, changes: C) -> Self::Statement;
}

#[diagnostic::do_not_recommend]
impl<M, Q, C, DB> UpdatesAll<M, C, DB> for Q
where
    M: Model,
    DB: Backend,
    Q: IntoUpdateTarget + HasTable<Table = M::Table>,
    M::Table: diesel::Table,
    C: diesel::query_builder::AsChangeset<Target = M::Table>,
    UpdateStatement<M::Table, Q::WhereClause, C::Changeset>:
        QueryFragment<DB> + diesel::query_builder::AsQuery + Send + Sync,
{
    type Statement = UpdateStatement<M::Table, Q::WhereClause, C::Changeset>;

    fn into_update(self, changes: C) -> Self::Statement {
        diesel::update(self).set(changes)
    }
}

impl<M: Model, Q> Cached<M, Q> {
    /// Makes the same changes to every row of the query, in one statement, and says how many
    /// rows there were.
    ///
    /// The query is what Diesel's `update(..)` takes: the table with `filter` and `find`. Hooks
    /// do not run, and versions stay. Where the database returns keys (SQLite, PostgreSQL)
    /// exactly the rows that were changed are read again by their next load, elsewhere every row
    /// of the model.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let all = Post::cached().order(posts::id).load(conn)?;
    /// let query = Post::cached().filter(posts::id.gt(1));
    /// assert_eq!(query.update_all(posts::title.eq("Same"), conn)?, 2);
    /// let again = Post::cached().order(posts::id).load(conn)?;
    /// assert!(Arc::ptr_eq(&all[0], &again[0]));
    /// assert_eq!(again[1].title, "Same");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Whatever the database answers.
    #[track_caller]
    pub fn update_all<'c, C, Conn, D>(
        self,
        changes: C,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, usize>
    where
        D: Spoken,
        Q: UpdatesAll<M, C, <Conn as Driver<D>>::Backend, Statement: 'c>,
        Conn: Updates<M, C, D>,
    {
        let caller = Location::caller();
        let statement = self.query.into_update(changes);
        let moves = Conn::moves_key(&statement);
        let plan = self.plan;
        Conn::run(async move {
            conn.settle().await?;
            let write = Write::new(&plan, conn)?;
            Slot::called_from(conn, caller);
            write_all(&statement, false, moves, write.map.as_ref(), conn).await
        })
    }

    /// Deletes every row of the query, in one statement, and says how many rows there were.
    ///
    /// The query is what Diesel's `delete(..)` takes: the table with `filter` and `find`. Hooks
    /// do not run. Where the database returns keys (SQLite, PostgreSQL) exactly the
    /// rows that were deleted are forgotten, elsewhere every row of the model; and the models
    /// that belong to it, as after [`delete`](Self::delete).
    ///
    /// # Errors
    /// Whatever the database answers.
    #[track_caller]
    pub fn delete_all<'c, Conn, D>(self, conn: &'c mut Conn) -> Conn::Output<'c, usize>
    where
        D: Spoken,
        Q: DeletesAll<M, <Conn as Driver<D>>::Backend, Statement: 'c>,
        Conn: Writes<M, D>,
    {
        let caller = Location::caller();
        let statement = self.query.into_delete();
        let plan = self.plan;
        Conn::run(async move {
            conn.settle().await?;
            let write = Write::new(&plan, conn)?;
            Slot::called_from(conn, caller);
            write_all(&statement, true, true, write.map.as_ref(), conn).await
        })
    }
}

async fn write_all<M, S, Conn, D>(
    statement: &S,
    deletes: bool,
    cascades: bool,
    counts: Option<&IdentityMap>,
    conn: &mut Conn,
) -> QueryResult<usize>
where
    M: Model,
    D: Spoken,
    Conn: Writes<M, D>,
    S: QueryFragment<Conn::Backend> + Sync,
{
    Slot::writes(conn, Touched::model::<M>(true));
    let written = conn.write_all(statement, counts).await;
    Slot::has_written(conn);
    if written.as_ref().is_err_and(changed_nothing) {
        return written.map(|(rows, _)| rows);
    }
    let touched = match &written {
        // The keys are those that the rows have now: where they moved, the old ones are unknown.
        Ok((_, Some(keys))) if deletes || !cascades => {
            Touched::rows::<M>(keys.iter().cloned(), cascades)
        }
        _ => Touched::model::<M>(cascades),
    };
    Write::touch(conn, touched);
    written.map(|(rows, _)| rows)
}
