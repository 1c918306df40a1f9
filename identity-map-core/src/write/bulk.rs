//! `update_all` and `delete_all`: writes to all rows of a query, without an object for each.

use std::panic::Location;

use diesel::QueryResult;
use diesel::associations::HasTable;
use diesel::backend::Backend;
use diesel::query_builder::{IntoUpdateTarget, QueryFragment, UpdateStatement};

use super::changed_rows::{invalidate, invalidate_rows, rows_of, written_model};
use super::changes::Updates;
use super::frame::{Frame, Steps, write};
use super::send::CachedByText;
use super::sql_parts::may_move_key;
use super::writes::Writes;
use crate::connection::{Blocks, ConnectionKind, Driver, identify_product};
use crate::database::{Dialect, returns_rows};
use crate::map::ModelWrite;
use crate::model::{Model, ModelType};
use crate::query::{Cached, Plan};
use crate::statement::Operations;

/// A query whose rows can be deleted on the connection `Conn`.
#[diagnostic::on_unimplemented(
    message = "the rows of this query cannot be written all at once",
    note = "`update_all` and `delete_all` take what `diesel::update(..)` and `diesel::delete(..)` \
            take: the table of `{M}` with `filter` and `find`, and no order, limit or join"
)]
pub trait DeletesAll<M: Model, DB: Backend>: Sized {
    /// The statement.
    type Statement: QueryFragment<DB>;

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
    S: QueryFragment<DB>,
{
    type Statement = S;

    fn into_delete(self) -> S {
        IsStatement::is(diesel::delete(self))
    }
}

/// Names a type by a projection, so that the bounds of an implementation can name it.
#[doc(hidden)]
pub trait IsStatement {
    /// `Self`.
    type Is;

    /// The same value, under the name [`Is`](Self::Is).
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
    type Statement: QueryFragment<DB>;

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
        QueryFragment<DB> + diesel::query_builder::AsQuery,
{
    type Statement = UpdateStatement<M::Table, Q::WhereClause, C::Changeset>;

    fn into_update(self, changes: C) -> Self::Statement {
        diesel::update(self).set(changes)
    }
}

impl<M: Model, Q> Cached<M, Q> {
    /// Makes the same changes to every row of the query, in one statement, and gives the number of
    /// rows.
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
    pub fn update_all<'c, C, Conn, D>(self, changes: C, conn: &'c mut Conn) -> D::Output<'c, usize>
    where
        D: ConnectionKind,
        Q: UpdatesAll<M, C, <Conn as Driver<D>>::Backend, Statement: 'c>,
        Conn: Updates<M, C, D> + WritesAll<M, Q::Statement, D>,
    {
        let statement = self.query.into_update(changes);
        let assigned = Conn::assignments(&statement).map(|assignments| assignments.columns);
        let moves_key = may_move_key(assigned.as_deref(), Conn::key_names());
        let write = WriteAll {
            statement,
            plan: self.plan,
            deletes: false,
            cascades: moves_key,
            assigned,
            caller: Location::caller(),
        };
        conn.write_all(write)
    }

    /// Deletes every row of the query, in one statement, and gives the number of rows.
    ///
    /// The query is what Diesel's `delete(..)` takes: the table with `filter` and `find`. Hooks
    /// do not run. Where the database returns keys (SQLite, PostgreSQL) exactly the
    /// rows that were deleted are forgotten, elsewhere every row of the model; and what the database has
    /// changed with them, as after [`delete`](Self::delete).
    ///
    /// # Errors
    /// Whatever the database answers.
    #[track_caller]
    pub fn delete_all<'c, Conn, D>(self, conn: &'c mut Conn) -> D::Output<'c, usize>
    where
        D: ConnectionKind,
        Q: DeletesAll<M, <Conn as Driver<D>>::Backend, Statement: 'c>,
        Conn: Writes<M, D> + WritesAll<M, Q::Statement, D>,
    {
        let write = WriteAll {
            statement: self.query.into_delete(),
            plan: self.plan,
            deletes: true,
            cascades: true,
            assigned: None,
            caller: Location::caller(),
        };
        conn.write_all(write)
    }
}

/// A write to many rows that is ready to be sent.
#[doc(hidden)]
pub struct WriteAll<M: Model, S> {
    statement: S,
    plan: Plan<M>,
    deletes: bool,
    cascades: bool,
    /// The columns that it assigns, if they are known.
    assigned: Option<Vec<String>>,
    caller: &'static Location<'static>,
}

/// A connection, of dialect `D`, on which the statement `S` can write rows of `M`.
#[diagnostic::on_unimplemented(
    message = "this statement cannot write rows of `{M}` on `{Self}`",
    note = "on a connection that is awaited it must be `Send`"
)]
pub trait WritesAll<M: Model, S, D: ConnectionKind>: Driver<D> {
    /// Sends the statement, and gives the number of rows.
    #[doc(hidden)]
    fn write_all<'c>(&'c mut self, write: WriteAll<M, S>) -> D::Output<'c, usize>
    where
        S: 'c;
}

#[diagnostic::do_not_recommend]
impl<M, S, D, C> WritesAll<M, S, D> for C
where
    M: Model,
    D: Dialect,
    C: Writes<M, D> + Blocks<D>,
    S: QueryFragment<<C as Driver<D>>::Backend>,
{
    fn write_all<'c>(&'c mut self, write: WriteAll<M, S>) -> QueryResult<usize>
    where
        S: 'c,
    {
        C::poll_once(write.send(self))
    }
}

impl<M: Model, S> WriteAll<M, S> {
    pub(crate) async fn send<Conn, D>(self, conn: &mut Conn) -> QueryResult<usize>
    where
        D: ConnectionKind,
        Conn: Writes<M, D>,
        S: QueryFragment<Conn::Backend>,
    {
        let Self {
            statement,
            plan,
            deletes,
            cascades,
            assigned,
            caller,
        } = self;
        let write_all = async |frame: &mut Frame, conn: &mut Conn| {
            let returns = returns_rows(identify_product(conn).await);
            frame.map().inspect(|map| map.count_statement());
            let mut keys = Vec::new();
            let operations = if deletes {
                Operations::DELETE
            } else {
                Operations::UPDATE | Operations::MOVE
            };
            let assigned = assigned.as_deref().filter(|_| !cascades);
            let written_as = ModelWrite::assigning(operations, assigned);
            let any_row = written_model(ModelType::of::<M>(), written_as, conn);
            frame.begin_statement(any_row, conn);
            let written = if returns {
                let written = conn.write_keys(statement, &mut keys).await;
                written.map(|()| keys.len())
            } else {
                conn.execute(CachedByText(statement)).await
            };
            let written = frame.end_statement(written, conn)?;
            // The returned keys are the new ones, so where keys have moved the old ones are unknown.
            let knows_rows = returns && (deletes || !cascades);
            if knows_rows {
                invalidate_rows(rows_of::<M>(keys), written_as, conn);
            } else {
                invalidate(written_model(ModelType::of::<M>(), written_as, conn), conn);
            }
            Ok(written)
        };
        write(&plan, Steps::Statement, caller, conn, write_all).await
    }
}
