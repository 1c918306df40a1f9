//! Inserting a row, or updating the one that is there, on a database that returns none.
//!
//! `ON DUPLICATE KEY UPDATE` assigns the key of the row that is there to itself, and so captures it in session
//! variables. They are empty where the row was inserted.

use std::sync::Arc;

use diesel::QueryResult;
use diesel::dsl::{Filter, SqlTypeOf};
use diesel::expression::QueryMetadata;
use diesel::query_dsl::methods::FilterDsl;
use diesel::result::Error;

use super::key_source::{KeyLocation, KeySource, LAST_ID_BEFORE, capture_updated_key, variable};
use super::send::{load_keys, read_row, read_row_by_sql};
use super::sql_parts::{bind_count, quoted};
use crate::connection::{ConnectionKind, Driver};
use crate::database::Speaks;
use crate::map::IdentityMap;
use crate::model::DecodableModel;
use crate::query::{CachedQuery, KeyFromServer, KeyIs};

/// `ON DUPLICATE KEY UPDATE`
#[derive(Debug, Clone, Copy)]
pub(super) struct OnDuplicateKey<'v> {
    /// As Diesel shows them. Their binds are those behind the values.
    pub(super) assignments: &'v str,
    pub(super) changes_rows: bool,
}

impl OnDuplicateKey<'_> {
    /// The clause, in which the key of the row that is there is captured. The values of the program's find the
    /// `LAST_INSERT_ID()` from before the statement.
    pub(super) fn capturing(&self, key: &[String]) -> String {
        let first = key.first().map(|name| quoted(name)).unwrap_or_default();
        // They may end in a comment.
        format!(
            " ON DUPLICATE KEY UPDATE {first} = IF(LAST_INSERT_ID({LAST_ID_BEFORE}) IS NULL, {first}, {first}), {}\n{}",
            self.assignments.trim_end_matches([';', ' ']),
            capture_updated_key(UPDATED_ROW, key)
        )
    }

    /// Conditions that take the binds of the assignments, and are true whatever they are.
    pub(super) fn any_binds(&self) -> String {
        " AND ((?) IS NULL OR TRUE)".repeat(bind_count(self.assignments))
    }
}

/// What became of a row that was to be inserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Upserted {
    Inserted,
    /// The row that is there was updated.
    Updated,
    /// The row that is there was left as it is.
    Nothing,
}

/// The variables of this row hold the key of a row that was there. The one that is to be inserted is row zero.
const UPDATED_ROW: usize = 1;

/// Empties the variables that will hold the key of a row that is there, and remembers `LAST_INSERT_ID()`.
pub(super) async fn prepare_variables<Conn, D>(columns: usize, conn: &mut Conn) -> QueryResult<()>
where
    D: ConnectionKind,
    Conn: Driver<D>,
{
    let variables = (0..columns).map(|column| format!("{} = NULL", variable(UPDATED_ROW, column)));
    let variables = variables.collect::<Vec<_>>().join(", ");
    let text = format!("SET {LAST_ID_BEFORE} = LAST_INSERT_ID(), {variables}");
    conn.announce_question();
    conn.send_text(&text).await
}

/// Reads the row that was there, if the statement has met one.
pub(super) async fn read_updated<M, DB, Conn, D>(
    columns: usize,
    map: Option<&IdentityMap>,
    conn: &mut Conn,
) -> QueryResult<Option<Arc<M>>>
where
    D: ConnectionKind,
    DB: Speaks<D::Dialect> + QueryMetadata<SqlTypeOf<M::KeyColumns>>,
    Conn: Driver<D, Backend = DB>,
    M: DecodableModel<DB>,
    M::Query: FilterDsl<KeyFromServer<M>> + FilterDsl<KeyIs<M>>,
    Filter<M::Query, KeyFromServer<M>>: CachedQuery<M, Conn, D> + 'static,
    Filter<M::Query, KeyIs<M>>: CachedQuery<M, Conn, D> + 'static,
{
    let first = UPDATED_ROW;
    let source = KeySource {
        rows: 1,
        location: KeyLocation::Variables { first, columns },
    };
    match read_row_by_sql::<M, Conn, D>(conn, source.key_sql(0), map).await {
        Ok(Some(row)) => return Ok(Some(row)),
        Ok(None) if M::IS_PLAIN => return Ok(None),
        // It may be none of the model's query, or the variable and the column have different collations.
        Ok(None) | Err(_) => {}
    }
    match load_keys::<M, DB, Conn, D, _>(conn, source.select_keys(), map).await {
        Ok(mut keys) => match keys.pop() {
            Some(key) => {
                let row = read_row(conn, key, map).await?;
                row.map(Some).ok_or(Error::NotFound)
            }
            None => Ok(None),
        },
        // The variables are empty.
        Err(Error::DeserializationError(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
