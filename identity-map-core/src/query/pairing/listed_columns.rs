//! The comparison of columns with a list of keys: [`ListedColumns`].

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, QueryFragment};

use super::key_origin::KeyOrigin;
use crate::query::BindKey;
use crate::query::key_sql_types::is_text;

/// The columns of a table that are compared with a list `identity_map_keys (part_0, ..)`, on PostgreSQL.
pub(in crate::query) struct ListedColumns<'b, Columns, Table> {
    pub(in crate::query) columns: &'b Columns,
    pub(in crate::query) table: &'b Table,
    /// Where the keys come from.
    pub(in crate::query) origin: KeyOrigin,
}

impl<'b, Columns, Table> ListedColumns<'b, Columns, Table> {
    /// Writes `a = identity_map_keys.part_0`, or `(a = .. AND b = ..)`.
    ///
    /// A value of a `CHAR(n)` has blanks at its end, which do not count when it is compared with another one. A
    /// text that is bound is no `CHAR(n)`, so with it they count. So they are cut off where the key is
    /// compared with such a column.
    pub(in crate::query) fn write_equals<Key, Shape, DB>(
        &self,
        pass: &mut AstPass<'_, 'b, DB>,
    ) -> QueryResult<()>
    where
        DB: Backend,
        Key: BindKey<Columns, DB, Shape>,
        Table: QueryFragment<DB>,
    {
        let mut part = 0;
        let mut listed =
            |column: &'b dyn QueryFragment<DB>, sql_type, pass: &mut AstPass<'_, 'b, DB>| {
                let value = format!("identity_map_keys.part_{part}");
                part += 1;
                if self.origin == KeyOrigin::Column && is_text(sql_type) {
                    pass.push_sql("CASE pg_typeof((SELECT ");
                    column.walk_ast(pass.reborrow())?;
                    pass.push_sql(" FROM ");
                    self.table.walk_ast(pass.reborrow())?;
                    let cut = format!("rtrim({value}, ' ')");
                    pass.push_sql(" LIMIT 0)) WHEN 'character'::regtype THEN ");
                    pass.push_sql(&format!("{cut} ELSE {value} END"));
                } else {
                    pass.push_sql(&value);
                }
                Ok(())
            };
        Key::equals_values(self.columns, &mut listed, pass)
    }
}
