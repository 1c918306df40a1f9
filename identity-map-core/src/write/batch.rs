//! Rows that one statement inserts: [`InsertBatch`].

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, QueryFragment};

use super::key_source::{KeyLocation, KeySource};
use super::rewritten_values::is_bind_pass;
use super::sql_parts::{column_names, columns_and_values};

/// Rows that give the same columns, and the SQL of all of them together.
pub(super) struct InsertBatch<R> {
    rows: Vec<R>,
    sql: String,
    pub(super) key_source: Option<KeySource>,
    /// How many more values the statement can bind.
    free_binds: usize,
}

impl<R> InsertBatch<R> {
    /// Adds a row to the last batch, or to a new one where the columns or the source of the key differ.
    /// A row of nothing but defaults is a batch of its own.
    pub(super) fn add(
        batches: &mut Vec<Self>,
        row: R,
        sql: String,
        key_source: Option<KeySource>,
        limit: usize,
    ) {
        let parts = columns_and_values(&sql);
        let binds = parts.map_or(limit, |(columns, _)| column_names(columns).len());
        if let (Some((columns, values)), Some(last)) = (parts, batches.last_mut())
            && last.free_binds >= binds
            && columns_and_values(&last.sql).is_some_and(|(known, _)| known == columns)
            && last.join_source(key_source)
        {
            last.sql.push_str(", (");
            last.sql.push_str(values);
            last.sql.push(')');
            last.rows.push(row);
            last.free_binds -= binds;
            return;
        }
        batches.push(Self {
            rows: vec![row],
            sql,
            key_source,
            free_binds: limit.saturating_sub(binds),
        });
    }

    /// Extends the key source of this batch by that of the next row, and says whether that was possible:
    /// neither has one, or the next row's key follows the last one.
    fn join_source(&mut self, next: Option<KeySource>) -> bool {
        let (Some(mine), Some(next)) = (&mut self.key_source, next) else {
            return self.key_source.is_none() && next.is_none();
        };
        let continues = match (mine.location, next.location) {
            (KeyLocation::LastInsertId, KeyLocation::LastInsertId) => true,
            (KeyLocation::Variables { first, .. }, KeyLocation::Variables { first: other, .. }) => {
                first + mine.rows == other
            }
            _ => false,
        };
        mine.rows += usize::from(continues);
        continues
    }
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
        pass.push_sql(&self.sql);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIND_LIMIT: usize = 4;

    /// The SQL of each batch of these rows.
    fn batches(rows: &[(&str, Option<KeySource>)]) -> Vec<String> {
        let mut batches = Vec::new();
        for (sql, key_source) in rows {
            InsertBatch::add(&mut batches, (), (*sql).to_owned(), *key_source, BIND_LIMIT);
        }
        batches.into_iter().map(|batch| batch.sql).collect()
    }

    /// A row whose key is there.
    fn row(location: KeyLocation) -> (&'static str, Option<KeySource>) {
        ("(a) VALUES (?)", Some(KeySource { rows: 1, location }))
    }

    #[test]
    fn rows_of_the_same_columns_share_a_statement() {
        let two = ("(a, b) VALUES (?, ?)", None);
        assert_eq!(batches(&[two, two]), ["(a, b) VALUES (?, ?), (?, ?)"]);
        assert_eq!(batches(&[two, ("(a) VALUES (?)", None)]).len(), 2);
        let defaults = ("DEFAULT VALUES", None);
        assert_eq!(batches(&[defaults, defaults]).len(), 2);
    }

    #[test]
    fn a_statement_stays_below_the_bind_limit() {
        let two = ("(a, b) VALUES (?, ?)", None);
        assert_eq!(batches(&[two, two, two]).len(), 2);
        let many = ("(a, b, c, d, e) VALUES (?, ?, ?, ?, ?)", None);
        assert_eq!(batches(&[many, many]).len(), 2);
    }

    #[test]
    fn keys_of_one_statement_come_from_one_source() {
        let captured = |first| row(KeyLocation::Variables { first, columns: 1 });
        let generated = row(KeyLocation::LastInsertId);
        assert_eq!(batches(&[captured(0), captured(1), captured(2)]).len(), 1);
        assert_eq!(batches(&[captured(0), captured(2)]).len(), 2);
        assert_eq!(batches(&[generated, generated]).len(), 1);
        assert_eq!(batches(&[generated, captured(1)]).len(), 2);
    }
}
