//! Values whose text is rewritten: [`RewrittenValues`].

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::internal::derives::multiconnection::AstPassHelper;
use diesel::query_builder::{AstPass, QueryFragment};

/// Values with another text. The binds stay those of the values.
pub(super) struct RewrittenValues<'a, V> {
    pub(super) values: &'a V,
    pub(super) text: String,
    /// Of how many rows the values are.
    pub(super) rows: usize,
}

impl<V, DB> QueryFragment<DB> for RewrittenValues<'_, V>
where
    DB: Backend,
    V: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if is_bind_pass(&mut pass) {
            return self.values.walk_ast(pass);
        }
        if self.rows > 1 {
            pass.unsafe_to_cache_prepared();
        }
        pass.push_sql(&self.text);
        Ok(())
    }
}

/// Whether this pass collects the binds; else it collects the text.
pub(super) fn is_bind_pass<DB: Backend>(pass: &mut AstPass<'_, '_, DB>) -> bool {
    let mut pass = pass.reborrow();
    AstPassHelper::bind_collector(&mut pass).is_some()
        || AstPassHelper::debug_binds(&mut pass).is_some()
}
