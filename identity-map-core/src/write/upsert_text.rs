//! What the text of an `INSERT` with a clause for conflicts says: [`UpsertText`].

use super::sql_parts::{assigned_columns, split_list, split_once_outside};
use crate::statement::Operations;

/// An `INSERT` as Diesel writes it, with or without `ON CONFLICT`, or `ON DUPLICATE KEY UPDATE`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UpsertText<'s> {
    /// `(columns) VALUES (..), ..`
    pub(super) values: &'s str,
    /// What is assigned in rows that are there: the assignments, and the condition behind them. `None` if nothing
    /// is.
    pub(super) changes: Option<&'s str>,
    /// The assignments of `ON DUPLICATE KEY UPDATE`, whether or not they change anything.
    pub(super) on_duplicate_key: Option<&'s str>,
}

impl<'s> UpsertText<'s> {
    /// The parts of a statement that inserts into this table; `None` if they are not understood.
    pub(super) fn of(sql: &'s str, table: &str) -> Option<Self> {
        let sql = sql.strip_prefix("INSERT INTO ")?.strip_prefix(table)?;
        let sql = sql.strip_prefix(' ')?;
        if let Some((values, assignments)) = split_once_outside(sql, " ON DUPLICATE KEY UPDATE ") {
            return Some(Self {
                values,
                changes: Some(assignments).filter(|changes| !assigns_nothing(changes)),
                on_duplicate_key: Some(assignments),
            });
        }
        let Some((values, clause)) = split_once_outside(sql, " ON CONFLICT") else {
            let values = sql;
            // Whoever hides such a clause from this reader is not understood.
            let is_plain = !values.contains(" ON CONFLICT") && !values.contains(" ON DUPLICATE ");
            return is_plain.then_some(Self {
                values,
                changes: None,
                on_duplicate_key: None,
            });
        };
        let changes = match split_once_outside(clause, " DO UPDATE SET ") {
            Some((_, changes)) => Some(changes),
            None if clause.ends_with(" DO NOTHING") => None,
            None => return None,
        };
        Some(Self {
            values,
            changes,
            on_duplicate_key: None,
        })
    }

    /// How many rows it inserts at most, if that is known.
    pub(super) fn rows(&self) -> Option<usize> {
        match split_once_outside(self.values, " VALUES ") {
            Some((_, rows)) => Some(split_list(rows).len()),
            None => (self.values == "DEFAULT VALUES").then_some(1),
        }
    }

    /// What it does to rows.
    pub(super) fn operations(&self) -> Operations {
        match self.changes {
            Some(_) => Operations::UPSERT,
            None => Operations::INSERT,
        }
    }

    /// The columns that it assigns in rows that are there.
    pub(super) fn assigned(&self) -> Vec<String> {
        self.changes.map(assigned_columns).unwrap_or_default()
    }
}

/// Whether every column is assigned to itself. So Diesel does nothing on MySQL.
fn assigns_nothing(changes: &str) -> bool {
    split_list(changes).iter().all(|assignment| {
        let sides = assignment.split_once(" = ");
        sides.is_some_and(|(column, value)| column == value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sql: &str) -> Option<UpsertText<'_>> {
        UpsertText::of(
            sql,
            if sql.contains('`') {
                "`posts`"
            } else {
                "\"posts\""
            },
        )
    }

    #[test]
    fn the_clause_has_changes() {
        for (sql, rows, assigned) in [
            (
                "INSERT INTO \"posts\" (\"id\", \"title\") VALUES ($1, $2) ON CONFLICT (\"id\") DO UPDATE SET \"title\" = $3",
                Some(1),
                vec!["title"],
            ),
            (
                "INSERT INTO `posts` (`a`, `b`) VALUES (?, ' ON CONFLICT'), (?, DEFAULT) ON DUPLICATE KEY UPDATE `a` = VALUES(`a`), `b` = ?",
                Some(2),
                vec!["a", "b"],
            ),
            (
                "INSERT INTO \"posts\" DEFAULT VALUES ON CONFLICT DO UPDATE SET \"a\" = 1 WHERE \"b\" = 2",
                Some(1),
                vec!["a"],
            ),
            (
                "INSERT INTO \"posts\" SELECT 1 ON CONFLICT (\"id\") DO UPDATE SET \"a\" = 1",
                None,
                vec!["a"],
            ),
        ] {
            let text = of(sql).expect("an upsert");
            assert_eq!(text.rows(), rows, "{sql}");
            assert_eq!(text.assigned(), assigned, "{sql}");
            assert_eq!(text.operations(), Operations::UPSERT);
        }
    }

    #[test]
    fn an_insert_and_one_that_does_nothing_change_no_row() {
        for sql in [
            "INSERT INTO \"posts\" (\"id\") VALUES ($1)",
            "INSERT INTO \"posts\" (\"id\") VALUES ($1) ON CONFLICT DO NOTHING",
            "INSERT INTO `posts` (`id`) VALUES (?) ON DUPLICATE KEY UPDATE `id` = `id`, `b` = `b`",
        ] {
            let text = of(sql).expect("an insert");
            assert_eq!(text.operations(), Operations::INSERT, "{sql}");
            assert_eq!(text.rows(), Some(1), "{sql}");
        }
    }

    #[test]
    fn what_is_not_understood_is_not_guessed() {
        for sql in [
            "REPLACE INTO \"posts\" (\"id\") VALUES ($1)",
            "INSERT INTO \"users\" (\"id\") VALUES ($1)",
            "INSERT INTO \"posts\" (\"id\") VALUES ('\\'') ON CONFLICT (\"id\") DO UPDATE SET \"id\" = 2",
        ] {
            assert_eq!(of(sql), None, "{sql}");
        }
    }
}
