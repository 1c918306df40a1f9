//! The values of an `INSERT`, written so that the row's key can be had afterwards: [`KeyedValues`].
//!
//! MySQL and MariaDB return no rows. A key that is given is captured in session variables. A key that is not
//! given is generated, or the value of a default expression; which of both, the server says by refusing
//! `NULL` for it or not.

use super::key_source::{KeyLocation, KeySource, variable};
use super::sql_parts::{columns_and_values, last_name, quoted, split_list};

/// What becomes of a key that is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MissingKey {
    /// The server generates it: an `AUTO_INCREMENT`.
    Generated,
    /// The column has a default expression, such as `UUID()`.
    Default,
}

/// `(columns) VALUES (values)` of one row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct KeyedValues {
    pub(super) sql: String,
    pub(super) source: KeySource,
    /// The condition that a row has the key, if one is given. It takes the same binds as the values.
    pub(super) is_there: Option<String>,
}

/// For a key that is not given, in the last row of a statement. `LAST_INSERT_ID()` is zero afterwards, unless
/// the statement has generated a key; and a column that is no `AUTO_INCREMENT` refuses `NULL`. It comes behind
/// all values of the program's, which may have asked for `LAST_INSERT_ID()`.
const GENERATED_LAST: &str = "NULLIF(LAST_INSERT_ID(0), 0)";
/// The same in the other rows.
const GENERATED: &str = "NULL";

impl KeyedValues {
    /// Rewrites the values of the row numbered `row`, of which Diesel shows `values`. `None` if a part of the
    /// key is given and a part is not.
    pub(super) fn of(
        values: &str,
        (row, is_last): (usize, bool),
        key: &[String],
        missing: MissingKey,
    ) -> Option<Self> {
        // A row of nothing but defaults has no columns.
        let parts = columns_and_values(values).filter(|(columns, _)| !columns.is_empty());
        let (columns, values) = parts.map_or((Vec::new(), Vec::new()), |(columns, values)| {
            (split_list(columns), split_list(values))
        });
        let names = columns
            .iter()
            .map(|column| last_name(column))
            .collect::<Vec<_>>();
        let mut given = 0;
        let mut pairs = Vec::new();
        for ((column, name), value) in columns.iter().zip(&names).zip(&values) {
            match key.iter().position(|part| part == name) {
                Some(_) if *value == "DEFAULT" => {}
                Some(at) => {
                    given += 1;
                    pairs.push((
                        (*column).to_owned(),
                        format!("({} := {value})", variable(row, at)),
                    ));
                }
                None => pairs.push(((*column).to_owned(), (*value).to_owned())),
            }
        }
        let is_given = |part: &String| {
            let mut given = names.iter().zip(&values);
            given.any(|(name, value)| name == part && *value != "DEFAULT")
        };
        for (at, part) in key.iter().enumerate().filter(|(_, part)| !is_given(part)) {
            let value = match missing {
                MissingKey::Generated if is_last => GENERATED_LAST.to_owned(),
                MissingKey::Generated => GENERATED.to_owned(),
                MissingKey::Default => {
                    format!("({} := DEFAULT({}))", variable(row, at), quoted(part))
                }
            };
            pairs.push((quoted(part), value));
        }
        let location = match (given, missing) {
            (0, MissingKey::Generated) if key.len() == 1 => KeyLocation::LastInsertId,
            (given, missing) if given == key.len() || missing == MissingKey::Default => {
                let (first, columns) = (row, key.len());
                KeyLocation::Variables { first, columns }
            }
            _ => return None,
        };
        let (columns, written): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        Some(Self {
            sql: format!("({}) VALUES ({})", columns.join(", "), written.join(", ")),
            source: KeySource { rows: 1, location },
            is_there: (given > 0).then(|| is_there(&names, &values, key)),
        })
    }
}

/// The condition that a row has the given key: a comparison for each part of it, and for every other value
/// what is true whatever the value is.
fn is_there(names: &[String], values: &[&str], key: &[String]) -> String {
    let mut compared = 0;
    let mut conditions = Vec::new();
    for (name, value) in names.iter().zip(values) {
        if *value == "DEFAULT" {
            continue;
        }
        // Any other expression may have another value for each row of the table.
        if *value == "?" && key.contains(name) {
            compared += 1;
            conditions.push(format!("{} = ?", quoted(name)));
        } else {
            conditions.push(format!("(({value}) IS NULL OR TRUE)"));
        }
    }
    if compared < key.len() {
        conditions.push("FALSE".to_owned());
    }
    format!("({})", conditions.join(" AND "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use MissingKey::{Default, Generated};

    fn keyed(values: &str, row: usize, key: &[&str], missing: MissingKey) -> Option<KeyedValues> {
        let key: Vec<String> = key.iter().map(|name| (*name).to_owned()).collect();
        KeyedValues::of(values, (row, true), &key, missing)
    }

    #[test]
    fn a_given_key_is_captured() {
        let values = "(`title`, `id`) VALUES (concat(?, ','), ?)";
        for missing in [Generated, Default] {
            let keyed = keyed(values, 7, &["id"], missing).expect("a source");
            assert_eq!(
                keyed.sql,
                "(`title`, `id`) VALUES (concat(?, ','), (@identity_map_7_0 := ?))"
            );
            assert_eq!(keyed.source.key_sql(0), "@identity_map_7_0");
            let is_there = "(((concat(?, ',')) IS NULL OR TRUE) AND `id` = ?)";
            assert_eq!(keyed.is_there.as_deref(), Some(is_there));
        }
    }

    #[test]
    fn a_generated_key_is_the_last_insert_id() {
        for (values, sql) in [
            (
                "(`title`) VALUES (?)",
                "(`title`, `id`) VALUES (?, NULLIF(LAST_INSERT_ID(0), 0))",
            ),
            (
                "() VALUES ()",
                "(`id`) VALUES (NULLIF(LAST_INSERT_ID(0), 0))",
            ),
            (
                "(`id`, `a`) VALUES (DEFAULT, ?)",
                "(`a`, `id`) VALUES (?, NULLIF(LAST_INSERT_ID(0), 0))",
            ),
        ] {
            let keyed = keyed(values, 0, &["id"], Generated).expect("a source");
            assert_eq!(keyed.sql, sql);
            assert_eq!(keyed.source.location, KeyLocation::LastInsertId);
        }
        let key = ["id".to_owned()];
        let first = KeyedValues::of("(`a`) VALUES (?)", (0, false), &key, Generated);
        assert_eq!(first.expect("a source").sql, "(`a`, `id`) VALUES (?, NULL)");
    }

    #[test]
    fn the_value_of_a_default_is_captured() {
        let keyed = keyed("(`title`) VALUES (?)", 2, &["id"], Default).expect("a source");
        assert_eq!(
            keyed.sql,
            "(`title`, `id`) VALUES (?, (@identity_map_2_0 := DEFAULT(`id`)))"
        );
        assert_eq!(keyed.source.key_sql(0), "@identity_map_2_0");
        assert_eq!(keyed.is_there, None);
    }

    #[test]
    fn an_expression_is_compared_with_no_row() {
        let values = "(`title`, `id`) VALUES (?, UUID())";
        let keyed = keyed(values, 0, &["id"], Generated).expect("a source");
        let is_there = "(((?) IS NULL OR TRUE) AND ((UUID()) IS NULL OR TRUE) AND FALSE)";
        assert_eq!(keyed.is_there.as_deref(), Some(is_there));
    }

    #[test]
    fn a_partly_generated_key_has_no_source() {
        let values = "(`a`) VALUES (?)";
        assert!(keyed(values, 0, &["a", "b"], Generated).is_none());
        assert!(keyed(values, 0, &["b", "c"], Generated).is_none());
        assert!(keyed(values, 0, &["a", "b"], Default).is_some());
    }
}
