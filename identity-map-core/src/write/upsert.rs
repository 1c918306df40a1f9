//! Inserting a row, or updating the one that is there: `upsert`, `upsert_many`.

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;

use super::changed_rows::{invalidate, written_model};
use super::frame::{Frame, Steps, queue_after_commit, write};
use super::sql_parts::may_move_key;
use super::upsert_text::UpsertText;
use super::upserts::{UpsertParts, UpsertedRows, Upserts};
use crate::choice::Yes;
use crate::connection::ConnectionKind;
use crate::database::{Asked, Dialect};
use crate::error::IdentityMapError;
use crate::hooks::{Change, RunsHooks, Saving};
use crate::map::{KeySet, ModelWrite};
use crate::model::{Model, ModelType};
use crate::query::{Cached, only_of};
use crate::statement::Operations;

impl<M: Model> Cached<M, M::Query> {
    /// Inserts a row, or updates the one that is there, and returns it as the database has it; `None` if the
    /// statement has done nothing.
    ///
    /// `statement` is Diesel's own: `diesel::insert_into(posts::table).values(..)` with `.on_conflict(..)` and
    /// `.do_update().set(..)` or `.do_nothing()`, without `returning`. It is one statement on SQLite and PostgreSQL. On
    /// MySQL and MariaDB, which return no rows, the target is Diesel's `DuplicatedKeys`, and the row is read by its key:
    /// up to five statements, in a transaction (or, inside one, a savepoint) of their own. A version column is what the
    /// statement makes of it.
    ///
    /// The hooks `pre_save`, with [`Saving::Insert`](crate::Saving::Insert), and `post_upsert` run.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let new = (posts::id.eq(2), posts::title.eq("Tables"));
    /// let upsert = diesel::insert_into(posts::table)
    ///     .values(new)
    ///     .on_conflict(posts::id)
    ///     .do_update()
    ///     .set(posts::title.eq("Tables"));
    /// let post = Post::cached().upsert(upsert, conn)?.expect("a row");
    /// let same = Post::cached().find(2).first(conn)?; // sends nothing
    /// assert!(Arc::ptr_eq(&post, &same));
    ///
    /// let again = diesel::insert_into(posts::table).values(new).on_conflict_do_nothing();
    /// assert!(Post::cached().upsert(again, conn)?.is_none());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`insert`](Self::insert): [`NotOneRow`](IdentityMapError::NotOneRow) for values of no row or of several, and for
    /// `INSERT .. SELECT`. On MySQL and MariaDB [`KeyNotReturned`](IdentityMapError::KeyNotReturned) also if a trigger gives
    /// the row that is there another key. [`NotFound`](diesel::NotFound), or `KeyNotReturned`, if the row is none of the
    /// model's query: the write is undone.
    #[track_caller]
    pub fn upsert<'c, S, Conn, D>(
        self,
        statement: S,
        conn: &'c mut Conn,
    ) -> D::Output<'c, Option<Arc<M>>>
    where
        D: ConnectionKind,
        Conn: Upserts<M, S, D>,
        S: Send + 'c,
    {
        let caller = Location::caller();
        Conn::run(async move {
            let rows = self
                .upsert_rows::<S, Conn, D>(statement, true, caller, conn)
                .await?;
            if rows.is_empty() {
                return Ok(None);
            }
            only_of(M::name(), rows).map(Some)
        })
    }

    /// [`upsert`](Self::upsert) of the values of several rows: those that were inserted or updated, in the order in
    /// which the database returns them.
    ///
    /// Not on MySQL and MariaDB, which return no rows, and not on SQLite with Diesel's batch of values. There `upsert`
    /// takes one row after the other.
    ///
    /// # Errors
    /// As [`upsert`](Self::upsert).
    #[track_caller]
    pub fn upsert_many<'c, S, Conn, D>(
        self,
        statement: S,
        conn: &'c mut Conn,
    ) -> D::Output<'c, Vec<Arc<M>>>
    where
        D: ConnectionKind<Dialect: Dialect<ReturnsRows: MayReturnRows>>,
        Conn: Upserts<M, S, D>,
        S: Send + 'c,
    {
        let caller = Location::caller();
        Conn::run(async move {
            self.upsert_rows::<S, Conn, D>(statement, false, caller, conn)
                .await
        })
    }

    async fn upsert_rows<S, Conn, D>(
        self,
        statement: S,
        is_one: bool,
        caller: &'static Location<'static>,
        conn: &mut Conn,
    ) -> QueryResult<Vec<Arc<M>>>
    where
        D: ConnectionKind,
        Conn: Upserts<M, S, D>,
        S: Send,
    {
        let sql = Conn::upsert_text(&statement);
        if sql.as_deref().is_some_and(inserts_nothing) {
            return if is_one {
                Err(IdentityMapError::NotOneRow { model: M::name() }.into())
            } else {
                Ok(Vec::new())
            };
        }
        let table = Conn::table_text();
        let text = sql.as_deref().and_then(|sql| UpsertText::of(sql, &table));
        if is_one && text.as_ref().is_some_and(|text| text.rows() != Some(1)) {
            return Err(IdentityMapError::NotOneRow { model: M::name() }.into());
        }
        let operations = text
            .as_ref()
            .map_or(Operations::UPSERT, UpsertText::operations);
        let assigned = text.as_ref().map(UpsertText::assigned);
        let moves_key = may_move_key(assigned.as_deref(), Conn::key_names());
        let written = ModelWrite::assigning(operations, assigned.as_deref().filter(|_| !moves_key));
        let upsert = async |frame: &mut Frame, conn: &mut Conn| {
            <M as RunsHooks<Conn, D>>::pre_save(Saving::Insert, conn).await?;
            frame.begin_model_statement(written, conn);
            let answer = conn
                .send_upsert(statement, text.map(UpsertParts), frame.map())
                .await;
            let rows = frame.end_statement(answer, conn)?;
            if moves_key {
                // The key that a row had before is not known.
                invalidate(written_model(ModelType::of::<M>(), written, conn), conn);
            }
            let (rows, inserted) = unzip(rows);
            let keys = KeySet::of(rows.iter().map(|row| row.key()));
            frame.put_all((keys, written), &rows, conn);
            for (row, inserted) in rows.iter().zip(inserted) {
                <M as RunsHooks<Conn, D>>::post_upsert(row, inserted, conn).await?;
                let change = match inserted {
                    Some(true) => Change::Created,
                    Some(false) | None => Change::Updated,
                };
                queue_after_commit(row, change, conn);
            }
            Ok(rows)
        };
        write(&self.plan, Steps::RowsAndHooks, caller, conn, upsert).await
    }
}

/// Whether this is what Diesel writes for the values of no row.
fn inserts_nothing(sql: &str) -> bool {
    sql.starts_with("SELECT 1 FROM ")
}

fn unzip<M>(rows: UpsertedRows<M>) -> (Vec<Arc<M>>, Vec<Option<bool>>) {
    rows.into_iter().unzip()
}

/// The databases of a dialect return the rows that they write, all or some of them.
#[diagnostic::on_unimplemented(
    message = "MySQL and MariaDB do not return the rows that `upsert_many` writes",
    note = "`upsert` takes one row after the other there"
)]
#[doc(hidden)]
pub trait MayReturnRows {}

impl MayReturnRows for Yes {}
impl MayReturnRows for Asked {}
