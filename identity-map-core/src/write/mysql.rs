//! Learning the key of a row on MySQL and MariaDB, which return nothing.
//!
//! A key that a statement gives is remembered by the server in variables while it is written; a
//! key that the server makes up is its `LAST_INSERT_ID()`. Both are looked up in the statement's
//! text: what Diesel binds is not for others to read.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::internal::derives::multiconnection::AstPassHelper;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// Where the server has the keys of the rows that a statement wrote.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    pub(super) rows: usize,
    pub(super) place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In variables: of rows numbered from `first`, with keys of so many columns.
    Variables { first: usize, columns: usize },
    /// `LAST_INSERT_ID()` of the first, and consecutive ones.
    LastInsertId,
}

impl Told {
    /// The key of one row, as SQL.
    pub(super) fn key(&self, row: usize) -> String {
        match self.place {
            Place::Variables { first, columns } => {
                let variables = (0..columns).map(|column| variable(first + row, column));
                variables.collect::<Vec<_>>().join(", ")
            }
            Place::LastInsertId if row == 0 => "LAST_INSERT_ID()".to_owned(),
            Place::LastInsertId => {
                format!("LAST_INSERT_ID() + {row} * @@auto_increment_increment")
            }
        }
    }

    /// A query of all keys, in the order of the rows.
    pub(super) fn keys<ST>(&self) -> Keys<ST> {
        let each = (0..self.rows).map(|row| format!("SELECT {}", self.key(row)));
        Keys {
            sql: each.collect::<Vec<_>>().join(" UNION ALL "),
            sql_type: PhantomData,
        }
    }
}

fn variable(row: usize, column: usize) -> String {
    format!("@identity_map_{row}_{column}")
}

/// Assignments that leave the key as it is and let the server remember it.
pub(super) fn tell_updated(key: &[String]) -> String {
    let assignments = key
        .iter()
        .enumerate()
        .map(|(column, name)| format!(", `{name}` = ({} := `{name}`)", variable(0, column)));
    assignments.collect()
}

/// The values of one row, `(..) VALUES (..)`, as a text that tells the row's key. `None` if
/// nobody could know the key.
pub(super) fn tell_inserted(values: &str, row: usize, key: &[String]) -> Option<(String, Told)> {
    let made_up = Told {
        rows: 1,
        place: Place::LastInsertId,
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
    let told = match given {
        0 if key.len() == 1 => made_up,
        given if given == key.len() => Told {
            rows: 1,
            place: Place::Variables {
                first: row,
                columns: given,
            },
        },
        _ => return None,
    };
    Some((format!("({columns}) VALUES ({})", values.join(", ")), told))
}

/// The insides of `(columns) VALUES (values)`.
pub(super) fn columns_and_values(text: &str) -> Option<(&str, &str)> {
    let (columns, values) = text.split_once(") VALUES (")?;
    Some((columns.strip_prefix('(')?, values.strip_suffix(')')?))
}

/// The names of columns in a text of columns: without quotes and tables.
pub(super) fn names(columns: &str) -> Vec<String> {
    split(columns).iter().map(|column| name(column)).collect()
}

/// The names of the columns in a text of assignments.
pub(super) fn assigned(changes: &str) -> Vec<String> {
    let parts = split(changes);
    let left = parts.iter().filter_map(|part| part.split_once('='));
    left.map(|(column, _)| name(column)).collect()
}

/// The last name in a text.
fn name(column: &str) -> String {
    let column = column.trim().trim_end_matches(')');
    let quoted = |quote| {
        let (_, name) = column.strip_suffix(quote)?.rsplit_once(quote)?;
        Some(name)
    };
    let plain = || column.rsplit(['.', ' ', '(']).next();
    let name = quoted('`').or_else(|| quoted('"')).or_else(plain);
    name.unwrap_or(column).to_owned()
}

/// The parts between the commas that stand in no parentheses and no quotes.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut quote, mut start) = (0_usize, None, 0);
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) => quote = quote.filter(|_| open != byte),
            (None, b'\'' | b'"' | b'`') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => depth = depth.saturating_sub(1),
            (None, b',') if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

/// Values whose text is replaced; they are bound as they bind themselves.
pub(super) struct Retold<'a, V> {
    pub(super) values: &'a V,
    pub(super) text: String,
}

impl<V, DB> QueryFragment<DB> for Retold<'_, V>
where
    DB: Backend,
    V: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if binds(&mut pass) {
            return self.values.walk_ast(pass);
        }
        pass.push_sql(&self.text);
        Ok(())
    }
}

/// Whether this pass is after the values, not the text.
pub(super) fn binds<DB: Backend>(pass: &mut AstPass<'_, '_, DB>) -> bool {
    let mut pass = pass.reborrow();
    AstPassHelper::bind_collector(&mut pass).is_some()
        || AstPassHelper::debug_binds(&mut pass).is_some()
}

pub(super) struct Keys<ST> {
    pub(super) sql: String,
    pub(super) sql_type: PhantomData<fn() -> ST>,
}

impl<ST> Query for Keys<ST> {
    type SqlType = ST;
}

impl<ST> QueryId for Keys<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST, DB: Backend> QueryFragment<DB> for Keys<ST> {
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
        let (text, told) = tell_inserted(values, 7, &key(&["id"])).expect("told");
        assert_eq!(
            text,
            "(`title`, `id`) VALUES (concat(?, ','), (@identity_map_7_0 := ?))"
        );
        assert_eq!(told.key(0), "@identity_map_7_0");
    }

    #[test]
    fn a_key_that_is_made_up_is_the_last_insert_id() {
        for values in [
            "(`title`) VALUES (?)",
            "() VALUES ()",
            "(`id`, `a`) VALUES (DEFAULT, ?)",
        ] {
            let (text, told) = tell_inserted(values, 0, &key(&["id"])).expect("told");
            assert_eq!(text, values);
            assert_eq!(told.key(0), "LAST_INSERT_ID()");
        }
    }

    #[test]
    fn half_a_key_is_none() {
        let values = "(`a`) VALUES (?)";
        assert!(tell_inserted(values, 0, &key(&["a", "b"])).is_none());
        assert!(tell_inserted(values, 0, &key(&["b", "c"])).is_none());
    }

    #[test]
    fn assignments_have_names() {
        let changes = "`id` = ?, `posts`.`title` = concat(a, `b` = ?), `c` = `d` + 1";
        assert_eq!(assigned(changes), ["id", "title", "c"]);
        let statement = "UPDATE \"a\" SET \"a b\" = $1, c = 2 WHERE \"d\" = $2";
        assert_eq!(assigned(statement), ["a b", "c"]);
    }
}
