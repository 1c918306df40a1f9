//! The columns that a load selects, chosen when its statement is sent: [`LoadColumns`].
//!
//! A query is loaded keys first, by models, or by both. Each could be a statement of its own type, which Rust would
//! compile three times. So a query has one statement, whose columns are chosen when it is sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Untyped;

use crate::connection::SelectedColumns;
use crate::model::{Model, ModelSelection};

/// The key and the model of each row. The key comes first, so that the rest may stay undecoded.
pub(crate) type KeyAndModel<M, DB> = (
    <M as Model>::KeyColumns,
    <M as ModelSelection<DB>>::Selection,
);

/// The choice of columns of a statement, which has lost its type.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct ChosenColumns(Arc<AtomicU8>);

impl ChosenColumns {
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicU8::new(SelectedColumns::Model as u8)))
    }

    pub(super) fn choose(&self, columns: SelectedColumns) {
        self.0.store(columns as u8, Ordering::Relaxed);
    }

    fn get(&self) -> SelectedColumns {
        let chosen = self.0.load(Ordering::Relaxed);
        [SelectedColumns::Key, SelectedColumns::KeyAndModel]
            .into_iter()
            .find(|columns| *columns as u8 == chosen)
            .unwrap_or(SelectedColumns::Model)
    }
}

/// The columns of a model, of its key, or both, for a backend.
#[doc(hidden)]
pub struct LoadColumns<M: ModelSelection<DB>, DB: Backend> {
    columns: KeyAndModel<M, DB>,
    /// `None` if it is the columns of the model.
    chosen: Option<ChosenColumns>,
}

impl<M: ModelSelection<DB>, DB: Backend> LoadColumns<M, DB> {
    pub(super) fn new(chosen: Option<ChosenColumns>) -> Self {
        Self {
            columns: (M::key_columns(), M::selection()),
            chosen,
        }
    }
}

/// The SQL types of the rows are said where the statement is sent.
impl<M: ModelSelection<DB>, DB: Backend> Expression for LoadColumns<M, DB> {
    type SqlType = Untyped;
}

impl<M, DB> QueryFragment<DB> for LoadColumns<M, DB>
where
    DB: Backend,
    M: ModelSelection<DB, Selection: QueryFragment<DB>> + Model<KeyColumns: QueryFragment<DB>>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let (key, model) = &self.columns;
        let chosen = self.chosen.as_ref().map(ChosenColumns::get);
        match chosen.unwrap_or(SelectedColumns::Model) {
            SelectedColumns::Key => key.walk_ast(pass),
            SelectedColumns::Model => model.walk_ast(pass),
            SelectedColumns::KeyAndModel => {
                key.walk_ast(pass.reborrow())?;
                pass.push_sql(", ");
                model.walk_ast(pass)
            }
        }
    }
}

impl<M, DB> QueryId for LoadColumns<M, DB>
where
    DB: Backend,
    M: ModelSelection<DB, Selection: QueryId> + Model<KeyColumns: QueryId>,
{
    type QueryId = <KeyAndModel<M, DB> as QueryId>::QueryId;
    const HAS_STATIC_QUERY_ID: bool = <KeyAndModel<M, DB> as QueryId>::HAS_STATIC_QUERY_ID;
}

impl<M, DB, QS> SelectableExpression<QS> for LoadColumns<M, DB>
where
    DB: Backend,
    M: ModelSelection<DB, Selection: SelectableExpression<QS>>
        + Model<KeyColumns: SelectableExpression<QS>>,
{
}

impl<M, DB, QS> AppearsOnTable<QS> for LoadColumns<M, DB>
where
    DB: Backend,
    M: ModelSelection<DB, Selection: AppearsOnTable<QS>> + Model<KeyColumns: AppearsOnTable<QS>>,
{
}

impl<M, DB, By> ValidGrouping<By> for LoadColumns<M, DB>
where
    DB: Backend,
    M: ModelSelection<DB>,
    KeyAndModel<M, DB>: ValidGrouping<By>,
{
    type IsAggregate = <KeyAndModel<M, DB> as ValidGrouping<By>>::IsAggregate;
}
