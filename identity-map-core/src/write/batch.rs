//! Rows that one statement inserts: [`InsertBatch`].

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, QueryFragment};

use super::key_source::{KeyLocation, KeySource};
use super::rewritten_values::is_bind_pass;
use super::sql_parts::{columns_and_values, names};

/// Rows that give the same columns, and the text of all of them together.
pub(super) struct InsertBatch<R> {
    rows: Vec<R>,
    text: String,
    pub(super) source: Option<KeySource>,
    /// How many more values there is room for.
    room: usize,
}

impl<R> InsertBatch<R> {
    /// Adds a row to the last batch, or begins another. A row that is nothing but defaults stands
    /// alone.
    pub(super) fn add(
        batches: &mut Vec<Self>,
        row: R,
        text: String,
        source: Option<KeySource>,
        limit: usize,
    ) {
        let parts = columns_and_values(&text);
        let places = parts.map_or(limit, |(columns, _)| names(columns).len());
        if let (Some((columns, values)), Some(last)) = (parts, batches.last_mut())
            && last.room >= places
            && columns_and_values(&last.text).is_some_and(|(known, _)| known == columns)
            && last.continues_with(source)
        {
            last.text.push_str(", (");
            last.text.push_str(values);
            last.text.push(')');
            last.rows.push(row);
            last.room -= places;
            return;
        }
        batches.push(Self {
            rows: vec![row],
            text,
            source,
            room: limit.saturating_sub(places),
        });
    }

    /// Whether the keys of this batch and of one more row come from one source; then they do.
    fn continues_with(&mut self, next: Option<KeySource>) -> bool {
        let (Some(mine), Some(next)) = (&mut self.source, next) else {
            return self.source.is_none() && next.is_none();
        };
        let alike = match (mine.location, next.location) {
            (KeyLocation::LastInsertId, KeyLocation::LastInsertId) => true,
            (KeyLocation::Variables { first, .. }, KeyLocation::Variables { first: other, .. }) => {
                first + mine.rows == other
            }
            _ => false,
        };
        mine.rows += usize::from(alike);
        alike
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
        pass.push_sql(&self.text);
        Ok(())
    }
}
