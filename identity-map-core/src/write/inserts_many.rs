//! Inserting several rows with the fewest statements that each database allows: [`InsertsMany`].

use std::future::Future;
use std::sync::Arc;

use diesel::QueryResult;
#[cfg(feature = "postgres")]
use diesel::insertable::Insertable;
#[cfg(any(feature = "postgres", feature = "mysql"))]
use diesel::query_builder::QueryFragment;

#[cfg(any(feature = "sqlite", feature = "mysql"))]
use super::batch::InsertBatch;
use super::insert_row::InsertRow;
#[cfg(any(feature = "postgres", feature = "mysql"))]
use super::sql_parts::column_names;
#[cfg(feature = "mysql")]
use super::sql_parts::{columns_and_values, split_list};
use super::transaction::WriteTransaction;
use super::writes::Writes;
use crate::connection::{ConnectionKind, Driver};
use crate::database::CommonDialect;
#[cfg(feature = "sqlite")]
use crate::database::Dialect;
#[cfg(feature = "mysql")]
use crate::database::MysqlDialect;
#[cfg(feature = "postgres")]
use crate::database::PgDialect;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
use crate::database::Speaks;
#[cfg(feature = "sqlite")]
use crate::database::SqliteDialect;
#[cfg(feature = "postgres")]
use crate::database::rows_per_insert;
use crate::error::IdentityMapError;
use crate::map::IdentityMap;
use crate::model::Model;
use crate::query::{Loading, Take};

type BackendOf<Conn, D> = <Conn as Driver<D>>::Backend;

/// A connection on which several `V` can be inserted as rows of `M`.
#[diagnostic::on_unimplemented(
    message = "`{V}` cannot be inserted as a `{M}` on `{Self}`",
    note = "`insert_many` takes what `diesel::insert_into(..).values(..)` takes for one row: a \
            struct that derives `Insertable` for the table of `{M}`, or a tuple of \
            `column.eq(value)`"
)]
pub trait InsertsMany<M: Model, V, D: ConnectionKind, L>: Writes<M, D> {
    /// Inserts all rows or none, and gives them as the database has them, in their order.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn insert_rows(
        &mut self,
        rows: Vec<V>,
        map: Option<&IdentityMap>,
    ) -> impl Future<Output = QueryResult<Vec<Arc<M>>>> + Send
    where
        V: Send;
}

/// PostgreSQL takes Diesel's own batch insert, with as many rows as the bind limit allows.
#[cfg(feature = "postgres")]
#[diagnostic::do_not_recommend]
impl<M, V, Conn, D> InsertsMany<M, V, D, PgDialect> for Conn
where
    M: Model,
    M::Table: diesel::Table<AllColumns: QueryFragment<BackendOf<Conn, D>>>,
    D: ConnectionKind<Dialect = PgDialect>,
    Conn: Writes<M, D>,
    Vec<V>: Insertable<M::Table>,
    <Vec<V> as Insertable<M::Table>>::Values: QueryFragment<BackendOf<Conn, D>> + Send + Sync,
{
    async fn insert_rows(
        &mut self,
        rows: Vec<V>,
        map: Option<&IdentityMap>,
    ) -> QueryResult<Vec<Arc<M>>>
    where
        V: Send,
    {
        let columns = <BackendOf<Conn, D>>::text(&<M::Table as diesel::Table>::all_columns())
            .map_or(1, |columns| column_names(&columns).len());
        let limit = rows_per_insert::<PgDialect>(columns);
        let mut inserted = Loading::uncached(Take::All);
        let several = rows.len() > limit;
        let mut rows = rows.into_iter();
        WriteTransaction::run(several, self, async |conn| {
            loop {
                let chunk: Vec<V> = rows.by_ref().take(limit).collect();
                if chunk.is_empty() {
                    return Ok(inserted.into_objects());
                }
                let values = chunk.values();
                conn.insert_all(&values, map, &mut inserted).await?;
            }
        })
        .await
    }
}

/// SQLite has no `DEFAULT` among values, so rows that give the same columns go into one statement.
#[cfg(feature = "sqlite")]
#[diagnostic::do_not_recommend]
impl<M, V, Conn, D> InsertsMany<M, V, D, SqliteDialect> for Conn
where
    M: Model,
    D: ConnectionKind<Dialect = SqliteDialect>,
    Conn: Writes<M, D>,
    V: InsertRow<M, BackendOf<Conn, D>>,
{
    async fn insert_rows(
        &mut self,
        rows: Vec<V>,
        map: Option<&IdentityMap>,
    ) -> QueryResult<Vec<Arc<M>>>
    where
        V: Send,
    {
        let mut batches = Vec::new();
        for row in rows {
            let row = row.into_row().ok_or_else(not_one_row::<M>)?;
            let text = <BackendOf<Conn, D>>::text(&row).unwrap_or_default();
            InsertBatch::add(&mut batches, row, text, SqliteDialect::BIND_LIMIT);
        }
        let mut inserted = Loading::uncached(Take::All);
        WriteTransaction::run(batches.len() > 1, self, async |conn| {
            for batch in batches {
                conn.insert_all(&batch, map, &mut inserted).await?;
            }
            Ok(inserted.into_objects())
        })
        .await
    }
}

/// MySQL gives the rows of one statement consecutive keys. Where it is configured otherwise, each row is
/// inserted by a statement of its own.
#[cfg(feature = "mysql")]
#[diagnostic::do_not_recommend]
impl<M, V, Conn, D> InsertsMany<M, V, D, MysqlDialect> for Conn
where
    M: Model,
    M::KeyColumns: QueryFragment<BackendOf<Conn, D>>,
    D: ConnectionKind<Dialect = MysqlDialect>,
    Conn: Writes<M, D>,
    V: InsertRow<M, BackendOf<Conn, D>>,
{
    async fn insert_rows(
        &mut self,
        rows: Vec<V>,
        map: Option<&IdentityMap>,
    ) -> QueryResult<Vec<Arc<M>>>
    where
        V: Send,
    {
        // Each captured key leaves a variable in the session, so a statement does not use all 65,535
        // binds.
        const BIND_LIMIT: usize = 16_384;
        let key = column_names(&<BackendOf<Conn, D>>::text(&M::key_columns()).unwrap_or_default());
        let together = rows.len() > 1 && consecutive_keys(self).await;
        let mut batches = Vec::new();
        for row in rows {
            let row = row.into_row().ok_or_else(not_one_row::<M>)?;
            let text = <BackendOf<Conn, D>>::text(&row).unwrap_or_default();
            let limit = if together || gives_key(&text, &key) {
                BIND_LIMIT
            } else {
                0
            };
            InsertBatch::add(&mut batches, row, text, limit);
        }
        // Every insert of rows that come back is in a transaction here.
        let mut inserted = Loading::uncached(Take::All);
        let mut first = 0;
        for batch in batches {
            let shown = (&*batch.shown, first);
            self.insert_shown(&batch, shown, map, &mut inserted).await?;
            first += batch.shown.len();
        }
        Ok(inserted.into_objects())
    }
}

/// Whether the values of a row give all parts of its key.
#[cfg(feature = "mysql")]
fn gives_key(row: &str, key: &[String]) -> bool {
    let Some((columns, values)) = columns_and_values(row) else {
        return false;
    };
    let names = column_names(columns);
    let values = split_list(values);
    key.iter().all(|part| {
        let at = names.iter().position(|name| name == part);
        at.and_then(|at| values.get(at))
            .is_some_and(|value| *value != "DEFAULT")
    })
}

/// Whether the server generates consecutive keys for the rows of one statement.
#[cfg(feature = "mysql")]
async fn consecutive_keys<D: ConnectionKind, Conn: Driver<D>>(conn: &mut Conn) -> bool {
    if let Ok(Some(known)) = conn.with_slot(|slot| *slot.consecutive_keys()) {
        return known;
    }
    conn.announce_question();
    // The question fails where the setting is 2, "interleaved": its subquery has two rows then.
    let question = "SELECT CASE WHEN @@innodb_autoinc_lock_mode < 2 THEN 1 \
                    ELSE (SELECT 1 UNION SELECT 2) END";
    let asked = conn.send_text(question).await;
    let _ = conn.with_slot(|slot| *slot.consecutive_keys() = Some(asked.is_ok()));
    asked.is_ok()
}

fn not_one_row<M: Model>() -> IdentityMapError {
    IdentityMapError::NotOneRow { model: M::name() }
}

/// On a connection whose database is known only at run time each row is a statement of its own.
#[diagnostic::do_not_recommend]
impl<M, V, Conn, D> InsertsMany<M, V, D, CommonDialect> for Conn
where
    M: Model,
    D: ConnectionKind<Dialect = CommonDialect>,
    Conn: Writes<M, D>,
    V: InsertRow<M, BackendOf<Conn, D>>,
{
    async fn insert_rows(
        &mut self,
        rows: Vec<V>,
        map: Option<&IdentityMap>,
    ) -> QueryResult<Vec<Arc<M>>>
    where
        V: Send,
    {
        WriteTransaction::run(rows.len() > 1, self, async |conn| {
            let mut inserted = Loading::uncached(Take::All);
            for row in rows {
                let values = row.into_row().ok_or_else(not_one_row::<M>)?;
                conn.insert_one(&values, map, &mut inserted).await?;
            }
            Ok(inserted.into_objects())
        })
        .await
    }
}
