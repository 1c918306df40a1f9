//! Where MySQL and MariaDB, which return no rows, have the key of a written row: [`KeySource`].
//!
//! A key that the statement gives is captured in session variables while it is written; a key that the
//! server generates is its `LAST_INSERT_ID()`. The text of the statement tells which it is, since Diesel
//! shows nobody what it binds.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

use super::sql_parts::{column_names, columns_and_values, split_list};

/// Where the server has the keys of the rows that a statement wrote.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySource {
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

impl KeySource {
    /// The SQL of the key of one row.
    pub(super) fn key_sql(&self, row: usize) -> String {
        match self.location {
            KeyLocation::Variables { first, columns } => {
                let variables = (0..columns).map(|column| variable(first + row, column));
                variables.collect::<Vec<_>>().join(", ")
            }
            KeyLocation::LastInsertId if row == 0 => "LAST_INSERT_ID()".to_owned(),
            KeyLocation::LastInsertId => {
                format!("LAST_INSERT_ID() + {row} * @@auto_increment_increment")
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

fn variable(row: usize, column: usize) -> String {
    format!("@identity_map_{row}_{column}")
}

/// Assignments for an `UPDATE` that leave the key as it is and capture it in variables.
pub(super) fn capture_updated_key(key: &[String]) -> String {
    let assignments = key
        .iter()
        .enumerate()
        .map(|(column, name)| format!(", `{name}` = ({} := `{name}`)", variable(0, column)));
    assignments.collect()
}

/// Rewrites the values of one row, `(..) VALUES (..)`, so that they capture the row's key. `None` if the
/// key can be neither captured nor asked for: a part of it is generated.
pub(super) fn capture_inserted_key(
    values: &str,
    row: usize,
    key: &[String],
) -> Option<(String, KeySource)> {
    let generated = KeySource {
        rows: 1,
        location: KeyLocation::LastInsertId,
    };
    let Some((columns, values)) = columns_and_values(values) else {
        // The row has nothing but defaults.
        return (key.len() == 1).then(|| (values.to_owned(), generated));
    };
    let names = column_names(columns);
    let mut values: Vec<String> = split_list(values).into_iter().map(str::to_owned).collect();
    let mut captured = 0;
    for (column, part) in key.iter().enumerate() {
        let at = names.iter().position(|name| name == part);
        let value = at.and_then(|at| values.get_mut(at));
        if let Some(value) = value.filter(|value| *value != "DEFAULT") {
            *value = format!("({} := {value})", variable(row, column));
            captured += 1;
        }
    }
    let source = match captured {
        0 if key.len() == 1 => generated,
        captured if captured == key.len() => KeySource {
            rows: 1,
            location: KeyLocation::Variables {
                first: row,
                columns: captured,
            },
        },
        _ => return None,
    };
    Some((
        format!("({columns}) VALUES ({})", values.join(", ")),
        source,
    ))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn key(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_given_key_is_captured() {
        let values = "(`title`, `id`) VALUES (concat(?, ','), ?)";
        let (text, source) = capture_inserted_key(values, 7, &key(&["id"])).expect("a source");
        assert_eq!(
            text,
            "(`title`, `id`) VALUES (concat(?, ','), (@identity_map_7_0 := ?))"
        );
        assert_eq!(source.key_sql(0), "@identity_map_7_0");
    }

    #[test]
    fn a_generated_key_is_the_last_insert_id() {
        for values in [
            "(`title`) VALUES (?)",
            "() VALUES ()",
            "(`id`, `a`) VALUES (DEFAULT, ?)",
        ] {
            let (text, source) = capture_inserted_key(values, 0, &key(&["id"])).expect("a source");
            assert_eq!(text, values);
            assert_eq!(source.key_sql(0), "LAST_INSERT_ID()");
        }
    }

    #[test]
    fn a_partly_generated_key_has_no_source() {
        let values = "(`a`) VALUES (?)";
        assert!(capture_inserted_key(values, 0, &key(&["a", "b"])).is_none());
        assert!(capture_inserted_key(values, 0, &key(&["b", "c"])).is_none());
    }
}
