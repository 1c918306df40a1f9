//! Rows that one statement inserts: [`InsertBatch`].

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, QueryFragment};

use super::rewritten_values::is_bind_pass;
use super::sql_parts::{column_names, columns_and_values, split_list};

/// Rows that give the same columns.
pub(super) struct InsertBatch<R> {
    rows: Vec<R>,
    /// The SQL of each row.
    pub(super) shown: Vec<String>,
    /// How many more values the statement can bind.
    free_binds: usize,
}

impl<R> InsertBatch<R> {
    /// Adds a row to the last batch, or to a new one where the columns differ, or those that are left to
    /// their defaults. A row of nothing but defaults is a batch of its own.
    pub(super) fn add(batches: &mut Vec<Self>, row: R, shown: String, limit: usize) {
        let parts = columns_and_values(&shown);
        let binds = parts.map_or(limit, |(columns, _)| column_names(columns).len());
        if let (Some((columns, values)), Some(last)) = (parts, batches.last_mut())
            && last.free_binds >= binds
            && let Some((known, known_values)) = columns_and_values(&last.shown[0])
            && known == columns
            && defaults(known_values).eq(defaults(values))
        {
            last.rows.push(row);
            last.shown.push(shown);
            last.free_binds -= binds;
            return;
        }
        batches.push(Self {
            rows: vec![row],
            shown: vec![shown],
            free_binds: limit.saturating_sub(binds),
        });
    }

    /// The SQL of all rows together.
    fn sql(&self) -> String {
        let mut sql = self.shown[0].clone();
        for row in &self.shown[1..] {
            if let Some((_, values)) = columns_and_values(row) {
                sql.push_str(", (");
                sql.push_str(values);
                sql.push(')');
            }
        }
        sql
    }
}

/// Which values of a list are left to their defaults.
fn defaults(values: &str) -> impl Iterator<Item = usize> {
    let values = split_list(values).into_iter().enumerate();
    let defaults = values.filter(|(_, value)| *value == "DEFAULT");
    defaults.map(|(at, _)| at)
}

impl<R, DB> QueryFragment<DB> for InsertBatch<R>
where
    DB: Backend,
    R: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if is_bind_pass(&mut pass) {
            for row in &self.rows {
                row.walk_ast(pass.reborrow())?;
            }
            return Ok(());
        }
        if self.rows.len() > 1 {
            pass.unsafe_to_cache_prepared();
        }
        pass.push_sql(&self.sql());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIND_LIMIT: usize = 4;

    /// The SQL of each batch of these rows.
    fn batches(rows: &[&str]) -> Vec<String> {
        let mut batches = Vec::new();
        for sql in rows {
            InsertBatch::add(&mut batches, (), (*sql).to_owned(), BIND_LIMIT);
        }
        batches.iter().map(InsertBatch::sql).collect()
    }

    #[test]
    fn rows_of_the_same_columns_share_a_statement() {
        let two = "(a, b) VALUES (?, ?)";
        assert_eq!(batches(&[two, two]), ["(a, b) VALUES (?, ?), (?, ?)"]);
        assert_eq!(batches(&[two, "(a) VALUES (?)"]).len(), 2);
        let key_by_default = "(a, b) VALUES (DEFAULT, ?)";
        assert_eq!(batches(&[two, key_by_default, key_by_default]).len(), 2);
        let defaults = "DEFAULT VALUES";
        assert_eq!(batches(&[defaults, defaults]).len(), 2);
    }

    #[test]
    fn a_statement_stays_below_the_bind_limit() {
        let two = "(a, b) VALUES (?, ?)";
        assert_eq!(batches(&[two, two, two]).len(), 2);
        let many = "(a, b, c, d, e) VALUES (?, ?, ?, ?, ?)";
        assert_eq!(batches(&[many, many]).len(), 2);
    }
}
