//! Where MySQL and MariaDB, which return no rows, have the key of a written row: [`KeySource`].
//!
//! A key that the statement gives is captured in session variables while it is written; a key that the
//! server generates is its `LAST_INSERT_ID()`.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

use super::sql_parts::{name_parts, quoted};

/// Where the server has the keys of the rows that a statement wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeySource {
    pub(super) rows: usize,
    pub(super) location: KeyLocation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyLocation {
    /// In variables, for rows that are numbered from `first`.
    Variables { first: usize, columns: usize },
    /// The key of the first row is `LAST_INSERT_ID()`, and the others follow it.
    LastInsertId,
}

/// The key that the last statement has generated; `NULL` if it has generated none.
const LAST_INSERT_ID: &str = "NULLIF(LAST_INSERT_ID(), 0)";

impl KeySource {
    /// The SQL of the key of one row.
    pub(super) fn key_sql(&self, row: usize) -> String {
        match self.location {
            KeyLocation::Variables { first, columns } => {
                let variables = (0..columns).map(|column| variable(first + row, column));
                variables.collect::<Vec<_>>().join(", ")
            }
            KeyLocation::LastInsertId if row == 0 => LAST_INSERT_ID.to_owned(),
            KeyLocation::LastInsertId => {
                format!("{LAST_INSERT_ID} + {row} * @@auto_increment_increment")
            }
        }
    }

    /// The query of all keys, in the order of the rows.
    pub(super) fn select_keys<ST>(&self) -> SelectKeys<ST> {
        let each = (0..self.rows).map(|row| format!("SELECT {}", self.key_sql(row)));
        SelectKeys {
            sql: each.collect::<Vec<_>>().join(" UNION ALL "),
            sql_type: PhantomData,
        }
    }
}

/// The variable of one column of a row's key.
pub(super) fn variable(row: usize, column: usize) -> String {
    format!("@identity_map_{row}_{column}")
}

/// The variable that keeps `LAST_INSERT_ID()` from before a statement.
pub(super) const LAST_ID_BEFORE: &str = "@identity_map_last_id";

/// The SQL of the key that the last statement has generated for this column of a table; `NULL` if it has
/// generated none, or one for another column, or one that an earlier statement had generated too.
pub(super) fn generated_key_of(table: &str, column: &str) -> String {
    let names = name_parts(table);
    let literal = |name: &String| format!("'{}'", name.replace('\\', "\\\\").replace('\'', "''"));
    let schema = match names.as_slice() {
        [schema, _] => literal(schema),
        _ => "DATABASE()".to_owned(),
    };
    let table = names.last().map(literal).unwrap_or_default();
    let column = literal(&column.to_owned());
    format!(
        "SELECT NULLIF(LAST_INSERT_ID(), {LAST_ID_BEFORE}) FROM information_schema.columns WHERE table_schema = {schema} \
         AND table_name = {table} AND column_name = {column} AND extra LIKE '%auto_increment%'"
    )
}

/// Assignments for an `UPDATE` that leave the key as it is and capture it in the variables of this row.
pub(super) fn capture_updated_key(row: usize, key: &[String]) -> String {
    let assignments = key.iter().enumerate().map(|(column, name)| {
        let name = quoted(name);
        format!(", {name} = ({} := {name})", variable(row, column))
    });
    assignments.collect()
}

/// A query of keys, whose SQL is given.
pub(super) struct SelectKeys<ST> {
    pub(super) sql: String,
    pub(super) sql_type: PhantomData<fn() -> ST>,
}

impl<ST> Query for SelectKeys<ST> {
    type SqlType = ST;
}

impl<ST> QueryId for SelectKeys<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST, DB: Backend> QueryFragment<DB> for SelectKeys<ST> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.unsafe_to_cache_prepared();
        pass.push_sql(&self.sql);
        Ok(())
    }
}
