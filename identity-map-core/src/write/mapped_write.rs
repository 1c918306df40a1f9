//! Diesel's own statements that return what they write: [`MapReturning`].

use std::any::type_name;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::expression::QueryMetadata;
use diesel::query_builder::{
    DeleteStatement, InsertStatement, Query, QueryFragment, QueryId, UpdateStatement,
};
use diesel::query_source::QuerySource;

use super::changed_rows::{invalidate, invalidate_rows, rows_of, written_model};
use super::frame::{Frame, Steps, write};
use super::sql_parts::{assigned_columns, column_names, may_move_key};
use crate::connection::{Blocks, ConnectionKind, Driver};
use crate::database::{Dialect, Speaks};
use crate::map::{IdentityMap, KeySet, ModelWrite};
use crate::model::{DecodableModel, Model, ModelType};
use crate::query::{CacheMode, Loading, Plan, SelectsModel, Take, first_of, only_of};
use crate::statement::Operations;

/// Turns a statement of Diesel's that returns the rows it writes into one that gives them as shared objects.
///
/// Implemented for Diesel's `INSERT`, `UPDATE` and `DELETE` with `.returning(..)`: on PostgreSQL, and on SQLite with
/// Diesel's feature `returning_clauses_for_sqlite_3_35`.
pub trait MapReturning: Sized {
    /// This statement, with its rows as shared objects.
    ///
    /// It has to return one whole model by Diesel's `as_returning`, whose table it writes to. It is sent as it is.
    /// What it has inserted or updated is what the map holds then; what it has deleted is forgotten. Hooks do not
    /// run, as around any statement of Diesel's. The objects of a model whose query is not its table (it has a
    /// `base_query`) are not held, since the row may be none of that query's.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let post: Arc<Post> = diesel::insert_into(posts::table)
    ///     .values((posts::id.eq(2), posts::title.eq("Tables")))
    ///     .on_conflict(posts::id)
    ///     .do_update()
    ///     .set(posts::title.eq("Tables"))
    ///     .returning(Post::as_returning())
    ///     .mapped()
    ///     .get_result(conn)?;
    /// let same = Post::cached().find(2).first(conn)?; // sends nothing
    /// assert!(Arc::ptr_eq(&post, &same));
    /// # Ok(())
    /// # }
    /// ```
    fn mapped(self) -> MappedWrite<Self> {
        MappedWrite {
            statement: self,
            map: None,
            mode: CacheMode::Cached,
        }
    }
}

impl<S: ReturningStatement> MapReturning for S {}

/// A statement that returns rows of the table that it writes to. It is a query of Diesel's only with `returning`.
pub trait ReturningStatement {
    /// The table.
    type Table;

    /// What it does to rows.
    #[doc(hidden)]
    fn kind() -> WriteKind;
}

/// What a statement does to the rows that it returns.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteKind {
    Insert,
    /// An insert that updates the row that is there.
    Upsert,
    /// An insert that deletes the rows that are there.
    Replace,
    Update,
    Delete,
}

impl WriteKind {
    fn operations(self) -> Operations {
        match self {
            Self::Insert => Operations::INSERT,
            Self::Upsert => Operations::UPSERT,
            Self::Replace => Operations::ALL,
            Self::Update => Operations::UPDATE | Operations::MOVE,
            Self::Delete => Operations::DELETE,
        }
    }

    /// The columns that the statement with this text assigns in rows that were there before; `None` if that is
    /// not known.
    fn assigned_columns(self, sql: Option<String>) -> Option<Vec<String>> {
        match self {
            Self::Update => Some(assigned_columns(&sql?)),
            Self::Upsert => {
                let sql = sql?;
                let (_, changes) = sql.split_once(" DO UPDATE SET ")?;
                Some(assigned_columns(changes))
            }
            Self::Insert | Self::Replace | Self::Delete => None,
        }
    }
}

impl<T: QuerySource, U, Op, R> ReturningStatement for InsertStatement<T, U, Op, R>
where
    Self: Query,
{
    type Table = T;

    fn kind() -> WriteKind {
        let values = type_name::<U>();
        if type_name::<Op>().ends_with("::Replace") {
            WriteKind::Replace
        } else if values.contains("::OnConflictValues<") && !values.contains("::DoNothing<") {
            WriteKind::Upsert
        } else {
            WriteKind::Insert
        }
    }
}

impl<T: QuerySource, U, V, R> ReturningStatement for UpdateStatement<T, U, V, R>
where
    Self: Query,
{
    type Table = T;

    fn kind() -> WriteKind {
        WriteKind::Update
    }
}

impl<T: QuerySource, U, R> ReturningStatement for DeleteStatement<T, U, R>
where
    Self: Query,
{
    type Table = T;

    fn kind() -> WriteKind {
        WriteKind::Delete
    }
}

/// A statement of Diesel's whose rows come back as shared objects: see [`mapped`](MapReturning::mapped).
#[must_use = "statements are only executed when calling `get_result`, `get_results` or their like"]
pub struct MappedWrite<S> {
    statement: S,
    map: Option<IdentityMap>,
    mode: CacheMode,
}

impl<S> MappedWrite<S> {
    /// Puts the objects into this map, instead of the current scope's or the connection's own.
    pub fn in_map(mut self, map: &IdentityMap) -> Self {
        self.map = Some(map.clone());
        self
    }

    /// Fills no map: the results are objects of their own. What was written is forgotten all the same.
    pub fn uncached(mut self) -> Self {
        self.mode = CacheMode::Uncached;
        self
    }

    /// Runs the statement: the rows that it has written.
    ///
    /// # Errors
    /// Whatever the database answers; [`NotEnabled`](crate::IdentityMapError::NotEnabled) on a connection without a
    /// map. A statement that has failed has changed nothing; one whose rows do not decode is done, outside a
    /// transaction.
    #[track_caller]
    pub fn get_results<'c, Conn, D>(
        self,
        conn: &'c mut Conn,
    ) -> D::Output<'c, Vec<Arc<Conn::Model>>>
    where
        D: ConnectionKind,
        Conn: WritesMapped<S, D>,
        S: 'c,
    {
        conn.write_mapped(self, Location::caller(), Ok)
    }

    /// Alias of [`get_results`](Self::get_results), as in Diesel.
    ///
    /// # Errors
    /// As [`get_results`](Self::get_results).
    #[track_caller]
    pub fn load<'c, Conn, D>(self, conn: &'c mut Conn) -> D::Output<'c, Vec<Arc<Conn::Model>>>
    where
        D: ConnectionKind,
        Conn: WritesMapped<S, D>,
        S: 'c,
    {
        self.get_results(conn)
    }

    /// Runs the statement: the first row that it has written.
    ///
    /// # Errors
    /// [`NotFound`](diesel::NotFound) if it has written none, as `do_nothing` may; else as
    /// [`get_results`](Self::get_results).
    #[track_caller]
    pub fn get_result<'c, Conn, D>(self, conn: &'c mut Conn) -> D::Output<'c, Arc<Conn::Model>>
    where
        D: ConnectionKind,
        Conn: WritesMapped<S, D>,
        S: 'c,
    {
        conn.write_mapped(self, Location::caller(), first_of)
    }

    /// Runs the statement: the only row that it has written. That there were several is an error after they
    /// were written.
    ///
    /// # Errors
    /// [`NotFound`](diesel::NotFound) if it has written none;
    /// [`MultipleRows`](crate::IdentityMapError::MultipleRows) if it has written several; else as
    /// [`get_results`](Self::get_results).
    #[track_caller]
    pub fn one<'c, Conn, D>(self, conn: &'c mut Conn) -> D::Output<'c, Arc<Conn::Model>>
    where
        D: ConnectionKind,
        Conn: WritesMapped<S, D>,
        S: 'c,
    {
        conn.write_mapped(self, Location::caller(), |rows| only_of("row", rows))
    }

    pub(crate) async fn send<M, Conn, D, DB, T>(
        self,
        caller: &'static Location<'static>,
        finish: fn(Vec<Arc<M>>) -> QueryResult<T>,
        conn: &mut Conn,
    ) -> QueryResult<T>
    where
        D: ConnectionKind,
        DB: Speaks<D::Dialect> + QueryMetadata<S::SqlType>,
        Conn: Driver<D, Backend = DB>,
        M: DecodableModel<DB, KeyColumns: QueryFragment<DB>>,
        S: ReturningStatement + Query + QueryFragment<DB> + QueryId,
    {
        let kind = S::kind();
        let operations = kind.operations();
        let assigned = kind.assigned_columns(DB::text(&self.statement));
        let key = DB::text(&M::key_columns()).map(|columns| column_names(&columns));
        let moves_key =
            operations.overlaps(Operations::MOVE) && may_move_key(assigned.as_deref(), key);
        let written = ModelWrite::assigning(operations, assigned.as_deref().filter(|_| !moves_key));
        let plan = Plan::<M>::into_map(self.map, self.mode);
        let statement = self.statement;
        let send = async |frame: &mut Frame, conn: &mut Conn| {
            frame.begin_model_statement(written, conn);
            frame.map().inspect(|map| map.count_statement());
            let mut rows = Loading::uncached(Take::All);
            let answer = conn.visit_rows(statement, &mut rows).await;
            frame.end_statement(answer, conn)?;
            let rows: Vec<Arc<M>> = rows.into_objects();
            let keys = rows.iter().map(|row| row.key());
            if moves_key || kind == WriteKind::Replace {
                // The keys of rows that are gone are not known.
                invalidate(written_model(ModelType::of::<M>(), written, conn), conn);
            }
            if kind == WriteKind::Delete || !M::IS_PLAIN {
                invalidate_rows(rows_of::<M>(keys), written, conn);
            } else {
                frame.put_all((KeySet::of(keys), written), &rows, conn);
            }
            Ok(rows)
        };
        finish(write(&plan, Steps::Statement, caller, conn, send).await?)
    }
}

impl<S> fmt::Debug for MappedWrite<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MappedWrite")
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

/// A connection on which the statement `S` writes rows that come back as shared objects.
#[diagnostic::on_unimplemented(
    message = "the rows of this statement cannot be shared objects on `{Self}`",
    note = "it must return one whole model of the table that it writes to, by `.returning(Post::as_returning())`, \
            and the model must derive `IdentityMapped`; for anything else leave `.mapped()` out",
    note = "on SQLite Diesel returns rows with its feature `returning_clauses_for_sqlite_3_35`",
    note = "MySQL and MariaDB return no rows to Diesel: `Post::cached().insert(..)` and `update(..)` read them"
)]
pub trait WritesMapped<S, D: ConnectionKind>: Driver<D> {
    /// The model.
    type Model: Model;

    /// Sends the statement, and makes of its rows what the method returns.
    #[doc(hidden)]
    fn write_mapped<'c, T: Send + 'c>(
        &'c mut self,
        write: MappedWrite<S>,
        caller: &'static Location<'static>,
        finish: fn(Vec<Arc<Self::Model>>) -> QueryResult<T>,
    ) -> D::Output<'c, T>
    where
        S: 'c;
}

#[diagnostic::do_not_recommend]
impl<S, D, C, DB, M> WritesMapped<S, D> for C
where
    D: Dialect,
    DB: Speaks<D> + QueryMetadata<S::SqlType>,
    C: Driver<D, Backend = DB> + Blocks<D>,
    S: ReturningStatement<Table = M::Table> + Query<SqlType: SelectsModel<DB, Model = M>>,
    S: QueryFragment<DB> + QueryId,
    M: DecodableModel<DB, KeyColumns: QueryFragment<DB>>,
{
    type Model = M;

    fn write_mapped<'c, T: Send + 'c>(
        &'c mut self,
        write: MappedWrite<S>,
        caller: &'static Location<'static>,
        finish: fn(Vec<Arc<M>>) -> QueryResult<T>,
    ) -> QueryResult<T>
    where
        S: 'c,
    {
        C::poll_once(write.send::<M, C, D, DB, T>(caller, finish, self))
    }
}
