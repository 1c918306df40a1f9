//! `update_all` and `delete_all`: the rows of a query, without an object each.

use std::panic::Location;

use diesel::QueryResult;
use diesel::associations::HasTable;
use diesel::connection::Connection;
use diesel::query_builder::{IntoUpdateTarget, QueryFragment, UpdateStatement};

use super::update::Updates;
use super::write::{Write, changed_nothing};
use super::writes::Writes;
use crate::connection::{Slot, Touched};
use crate::map::IdentityMap;
use crate::model::Model;
use crate::query::Cached;

/// A query whose rows can be deleted on the connection `Conn`.
#[diagnostic::on_unimplemented(
    message = "the rows of this query cannot be written all at once",
    note = "`update_all` and `delete_all` take what `diesel::update(..)` and `diesel::delete(..)` \
            take: the table of `{M}` with `filter` and `find`, and no order, limit or join"
)]
pub trait DeletesAll<M: Model, Conn: Connection>: Sized {
    /// The statement.
    type Statement: QueryFragment<Conn::Backend>;

    /// The statement that deletes the rows.
    fn into_delete(self) -> Self::Statement;
}

#[diagnostic::do_not_recommend]
impl<M, Q, Conn, S> DeletesAll<M, Conn> for Q
where
    M: Model,
    Conn: Connection,
    Q: IntoUpdateTarget + HasTable<Table = M::Table>,
    M::Table: diesel::QuerySource,
    diesel::query_builder::DeleteStatement<M::Table, Q::WhereClause>: IsStatement<Is = S>,
    S: QueryFragment<Conn::Backend>,
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
pub trait UpdatesAll<M: Model, C, Conn: Connection>: Sized {
    /// The statement.
    type Statement: QueryFragment<Conn::Backend>;

    /// The statement that changes the rows.
    fn into_update(self, changes: C) -> Self::Statement;
}

#[diagnostic::do_not_recommend]
impl<M, Q, C, Conn> UpdatesAll<M, C, Conn> for Q
where
    M: Model,
    Conn: Connection,
    Q: IntoUpdateTarget + HasTable<Table = M::Table>,
    M::Table: diesel::Table,
    C: diesel::query_builder::AsChangeset<Target = M::Table>,
    UpdateStatement<M::Table, Q::WhereClause, C::Changeset>:
        QueryFragment<Conn::Backend> + diesel::query_builder::AsQuery,
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
    pub fn update_all<C, Conn, D>(self, changes: C, conn: &mut Conn) -> QueryResult<usize>
    where
        Q: UpdatesAll<M, C, Conn>,
        Conn: Updates<M, C, D>,
    {
        let Self { query, plan, .. } = self;
        let write = Write::new(&plan, conn)?;
        let statement = query.into_update(changes);
        let moves = Conn::moves_key(&statement);
        write_all(&statement, false, moves, write.map.as_ref(), conn)
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
    pub fn delete_all<Conn, D>(self, conn: &mut Conn) -> QueryResult<usize>
    where
        Q: DeletesAll<M, Conn>,
        Conn: Writes<M, D>,
    {
        let Self { query, plan, .. } = self;
        let write = Write::new(&plan, conn)?;
        write_all(&query.into_delete(), true, true, write.map.as_ref(), conn)
    }
}

#[track_caller]
fn write_all<M, S, Conn, D>(
    statement: &S,
    deletes: bool,
    cascades: bool,
    counts: Option<&IdentityMap>,
    conn: &mut Conn,
) -> QueryResult<usize>
where
    M: Model,
    Conn: Writes<M, D>,
    S: QueryFragment<Conn::Backend>,
{
    Slot::called_from(conn, Location::caller());
    let written = conn.write_all(statement, counts);
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
