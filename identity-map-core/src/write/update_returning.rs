//! `update_returning`: changes to all rows of a query, which come back.

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::associations::HasTable;
use diesel::backend::Backend;
use diesel::query_builder::{IntoUpdateTarget, QueryFragment};
use diesel::result::{EmptyChangeset, Error};

use super::changed_rows::{invalidate, rows_of, written_model, written_rows};
use super::changes::{Changes, Updates};
use super::frame::{Frame, Steps, write};
use super::missing_row::key_not_returned;
use super::sql_parts::may_move_key;
use super::writes::Writes;
use crate::connection::{Blocks, ConnectionKind, Driver, identify_product};
use crate::database::{Dialect, returns_rows};
use crate::map::{KeySet, ModelWrite};
use crate::model::{Model, ModelType};
use crate::query::{Cached, Loading, Plan, Take};
use crate::statement::Operations;

/// A query whose rows can be updated on the backend `DB`: it has nothing but a `WHERE` clause.
#[diagnostic::on_unimplemented(
    message = "the rows of this query cannot be written all at once",
    note = "`update_returning` takes what `diesel::update(..)` takes: the table of `{M}` with `filter` and `find`, \
            and no order, limit or join"
)]
pub trait UpdatableQuery<M: Model, DB: Backend>: Sized {
    /// The clause; it is empty if the query has none.
    type WhereClause: QueryFragment<DB>;

    /// The clause.
    fn into_where_clause(self) -> Self::WhereClause;
}

#[diagnostic::do_not_recommend]
impl<M, Q, DB> UpdatableQuery<M, DB> for Q
where
    M: Model,
    DB: Backend,
    Q: IntoUpdateTarget<WhereClause: QueryFragment<DB>> + HasTable<Table = M::Table>,
{
    type WhereClause = Q::WhereClause;

    fn into_where_clause(self) -> Q::WhereClause {
        self.into_update_target().where_clause
    }
}

impl<M: Model, Q> Cached<M, Q> {
    /// Makes the same changes to every row of the query, and returns the rows as the database has them then, in
    /// any order.
    ///
    /// The query is what Diesel's `update(..)` takes: the table with `filter` and `find`. Hooks do not run, and
    /// versions stay. One statement on SQLite and PostgreSQL, if the model is the whole of its table. On MySQL and
    /// MariaDB three, in a transaction (or, inside one, a savepoint) of their own: the rows are locked, changed by
    /// their keys, and read.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let query = Post::cached().filter(posts::id.gt(1));
    /// let posts = query.update_returning(posts::title.eq("Same"), conn)?;
    /// assert_eq!(posts.len(), 2);
    /// let same = Post::cached().find(posts[0].id).first(conn)?; // sends nothing
    /// assert!(Arc::ptr_eq(&same, &posts[0]));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Diesel's `EmptyChangeset` if there is nothing to change;
    /// [`KeyNotReturned`](crate::IdentityMapError::KeyNotReturned) on MySQL and MariaDB where the changes assign the
    /// key; whatever the database answers. Nothing is changed then.
    #[track_caller]
    pub fn update_returning<'c, C, Conn, D>(
        self,
        changes: C,
        conn: &'c mut Conn,
    ) -> D::Output<'c, Vec<Arc<M>>>
    where
        D: ConnectionKind,
        C: Changes<M, <Conn as Driver<D>>::Backend>,
        Q: UpdatableQuery<M, <Conn as Driver<D>>::Backend, WhereClause: 'c>,
        Conn: Updates<M, C, D> + UpdatesReturning<M, C::Changeset, Q::WhereClause, D>,
        C::Changeset: 'c,
    {
        let update = UpdateReturning {
            changes: changes.into_changeset(),
            condition: self.query.into_where_clause(),
            plan: self.plan,
            caller: Location::caller(),
        };
        conn.update_returning(update)
    }
}

/// An update whose rows come back, ready to be sent.
#[doc(hidden)]
pub struct UpdateReturning<M: Model, C, W> {
    changes: C,
    condition: W,
    plan: Plan<M>,
    caller: &'static Location<'static>,
}

/// A connection, of dialect `D`, on which the changes `C` can be made to the rows of `M` that `W` finds.
#[diagnostic::on_unimplemented(
    message = "this query cannot write rows of `{M}` on `{Self}`",
    note = "on a connection that is awaited its conditions must be `Send`"
)]
pub trait UpdatesReturning<M: Model, C, W, D: ConnectionKind>: Driver<D> {
    /// Sends the update, and gives the rows.
    #[doc(hidden)]
    fn update_returning<'c>(
        &'c mut self,
        update: UpdateReturning<M, C, W>,
    ) -> D::Output<'c, Vec<Arc<M>>>
    where
        C: 'c,
        W: 'c;
}

#[diagnostic::do_not_recommend]
impl<M, C, W, D, Conn> UpdatesReturning<M, C, W, D> for Conn
where
    M: Model,
    D: Dialect,
    Conn: Writes<M, D> + Blocks<D>,
    C: QueryFragment<<Conn as Driver<D>>::Backend>,
    W: QueryFragment<<Conn as Driver<D>>::Backend>,
{
    fn update_returning<'c>(
        &'c mut self,
        update: UpdateReturning<M, C, W>,
    ) -> QueryResult<Vec<Arc<M>>>
    where
        C: 'c,
        W: 'c,
    {
        Conn::poll_once(update.send(self))
    }
}

impl<M: Model, C, W> UpdateReturning<M, C, W> {
    pub(crate) async fn send<Conn, D>(self, conn: &mut Conn) -> QueryResult<Vec<Arc<M>>>
    where
        D: ConnectionKind,
        Conn: Writes<M, D>,
        C: QueryFragment<Conn::Backend>,
        W: QueryFragment<Conn::Backend>,
    {
        let Self {
            changes,
            condition,
            plan,
            caller,
        } = self;
        let assigned = Conn::assignments(&changes).map(|assignments| assignments.columns);
        let assigns_nothing = assigned.as_ref().is_some_and(Vec::is_empty);
        let moves_key = may_move_key(assigned.as_deref(), Conn::key_names());
        let update = async |frame: &mut Frame, conn: &mut Conn| {
            if assigns_nothing {
                return Err(Error::QueryBuilderError(Box::new(EmptyChangeset)));
            }
            let written = ModelWrite::assigning(
                Operations::UPDATE | Operations::MOVE,
                assigned.as_deref().filter(|_| !moves_key),
            );
            let rows = if returns_rows(identify_product(conn).await) {
                frame.begin_model_statement(written, conn);
                let rows = returned_rows((changes, condition), frame, conn).await;
                let rows = frame.end_statement(rows, conn)?;
                if moves_key {
                    // The keys that the rows had are not known.
                    invalidate(written_model(ModelType::of::<M>(), written, conn), conn);
                }
                rows
            } else if moves_key {
                return Err(key_not_returned::<M>());
            } else {
                update_locked(&changes, &condition, written, frame, conn).await?
            };
            let keys = KeySet::of(rows.iter().map(|row| row.key()));
            frame.put_all((keys, written), &rows, conn);
            Ok(rows)
        };
        write(&plan, Steps::Rows, caller, conn, update).await
    }
}

/// Sends an update to a database that returns what it writes, and gives the rows.
async fn returned_rows<M, Conn, D, C, W>(
    (changes, condition): (C, W),
    frame: &Frame,
    conn: &mut Conn,
) -> QueryResult<Vec<Arc<M>>>
where
    M: Model,
    D: ConnectionKind,
    Conn: Writes<M, D>,
    C: QueryFragment<Conn::Backend>,
    W: QueryFragment<Conn::Backend>,
{
    frame.map().inspect(|map| map.count_statement());
    if M::IS_PLAIN {
        let mut rows = Loading::uncached(Take::All);
        conn.update_where(changes, condition, &mut rows).await?;
        return Ok(rows.into_objects());
    }
    let mut keys = Vec::new();
    conn.update_keys_where(changes, condition, &mut keys)
        .await?;
    conn.read_keys(&keys, frame.map()).await
}

/// Updates rows on a database that returns none: it locks them, changes those that it has locked, and reads them.
async fn update_locked<M, Conn, D, C, W>(
    changes: &C,
    condition: &W,
    written: ModelWrite<'_>,
    frame: &mut Frame,
    conn: &mut Conn,
) -> QueryResult<Vec<Arc<M>>>
where
    M: Model,
    D: ConnectionKind,
    Conn: Writes<M, D>,
    C: QueryFragment<Conn::Backend>,
    W: QueryFragment<Conn::Backend>,
{
    /// So many keys are compared by one statement.
    const KEYS_AT_ONCE: usize = 500;

    let mut keys = Vec::new();
    frame.map().inspect(|map| map.count_statement());
    frame.set_call_site(conn);
    conn.lock_keys(condition, &mut keys).await?;
    for keys in keys.chunks(KEYS_AT_ONCE) {
        let rows = written_rows(rows_of::<M>(keys.iter().cloned()), written, conn);
        frame.begin_statement(rows, conn);
        frame.map().inspect(|map| map.count_statement());
        let updated = conn.update_keys(changes, keys).await;
        frame.end_statement(updated, conn)?;
    }
    conn.read_keys(&keys, frame.map()).await
}
