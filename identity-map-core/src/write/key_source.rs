//! Where MySQL and MariaDB, which return nothing, have the key of a row: [`KeySource`].
//!
//! A key that a statement gives is remembered by the server in variables while it is written; a
//! key that the server makes up is its `LAST_INSERT_ID()`. Both are looked up in the statement's
//! text: what Diesel binds is not for others to read.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

use super::sql_parts::{columns_and_values, names, split};

/// Where the server has the keys of the rows that a statement wrote.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySource {
    pub(super) rows: usize,
    pub(super) location: KeyLocation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyLocation {
    /// In variables: of rows numbered from `first`, with keys of so many columns.
    Variables { first: usize, columns: usize },
    /// `LAST_INSERT_ID()` of the first, and consecutive ones.
    LastInsertId,
}

impl KeySource {
    /// The key of one row, as SQL.
    pub(super) fn key(&self, row: usize) -> String {
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

    /// A query of all keys, in the order of the rows.
    pub(super) fn keys<ST>(&self) -> SelectKeys<ST> {
        let each = (0..self.rows).map(|row| format!("SELECT {}", self.key(row)));
        SelectKeys {
            sql: each.collect::<Vec<_>>().join(" UNION ALL "),
            sql_type: PhantomData,
        }
    }
}

fn variable(row: usize, column: usize) -> String {
    format!("@identity_map_{row}_{column}")
}

/// Assignments that leave the key as it is and let the server remember it.
pub(super) fn capture_updated_key(key: &[String]) -> String {
    let assignments = key
        .iter()
        .enumerate()
        .map(|(column, name)| format!(", `{name}` = ({} := `{name}`)", variable(0, column)));
    assignments.collect()
}

/// The values of one row, `(..) VALUES (..)`, as a text by which the server remembers the row's key. `None` if
/// nobody could know the key.
pub(super) fn capture_inserted_key(
    values: &str,
    row: usize,
    key: &[String],
) -> Option<(String, KeySource)> {
    let made_up = KeySource {
        rows: 1,
        location: KeyLocation::LastInsertId,
    };
    let Some((columns, values)) = columns_and_values(values) else {
        // Nothing but defaults.
        return (key.len() == 1).then(|| (values.to_owned(), made_up));
    };
    let names = names(columns);
    let mut values: Vec<String> = split(values).into_iter().map(str::to_owned).collect();
    let mut given = 0;
    for (column, part) in key.iter().enumerate() {
        let at = names.iter().position(|name| name == part);
        let value = at.and_then(|at| values.get_mut(at));
        if let Some(value) = value.filter(|value| *value != "DEFAULT") {
            *value = format!("({} := {value})", variable(row, column));
            given += 1;
        }
    }
    let source = match given {
        0 if key.len() == 1 => made_up,
        given if given == key.len() => KeySource {
            rows: 1,
            location: KeyLocation::Variables {
                first: row,
                columns: given,
            },
        },
        _ => return None,
    };
    Some((
        format!("({columns}) VALUES ({})", values.join(", ")),
        source,
    ))
}

/// A query of keys, given as SQL.
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
    fn a_given_key_is_remembered() {
        let values = "(`title`, `id`) VALUES (concat(?, ','), ?)";
        let (text, source) = capture_inserted_key(values, 7, &key(&["id"])).expect("a source");
        assert_eq!(
            text,
            "(`title`, `id`) VALUES (concat(?, ','), (@identity_map_7_0 := ?))"
        );
        assert_eq!(source.key(0), "@identity_map_7_0");
    }

    #[test]
    fn a_key_that_is_made_up_is_the_last_insert_id() {
        for values in [
            "(`title`) VALUES (?)",
            "() VALUES ()",
            "(`id`, `a`) VALUES (DEFAULT, ?)",
        ] {
            let (text, source) = capture_inserted_key(values, 0, &key(&["id"])).expect("a source");
            assert_eq!(text, values);
            assert_eq!(source.key(0), "LAST_INSERT_ID()");
        }
    }

    #[test]
    fn half_a_key_is_none() {
        let values = "(`a`) VALUES (?)";
        assert!(capture_inserted_key(values, 0, &key(&["a", "b"])).is_none());
        assert!(capture_inserted_key(values, 0, &key(&["b", "c"])).is_none());
    }
}
