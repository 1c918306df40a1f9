//! Rows with the positions of the keys that found them: [`PairedRows`].

use std::ops::ControlFlow;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::deserialize::FromSqlRow;
use diesel::row::Row;
use diesel::sql_types::Text;

use crate::connection::{ConnectionKind, Driver, Visitor};
use crate::model::{DecodableModel, Model};
use crate::query::decode::{first_column_of, model_of};

/// The rows that some keys have found, as objects. A row that several keys have found is there once for
/// each.
#[doc(hidden)]
pub struct PairedRows<M> {
    /// How many keys were asked for by statements before this one.
    asked_before: usize,
    /// Of each row the position of the key that found it.
    pub(crate) positions: Vec<usize>,
    /// Aligned with the positions.
    pub(crate) objects: Vec<Arc<M>>,
}

impl<M: Model> PairedRows<M> {
    pub(crate) fn new() -> Self {
        Self {
            asked_before: 0,
            positions: Vec::new(),
            objects: Vec::new(),
        }
    }

    /// Notes that a statement for so many keys was answered.
    pub(crate) fn end_batch(&mut self, keys: usize) {
        self.asked_before += keys;
    }

    /// Adds a row that was found by the key at a position of this statement's keys.
    pub(super) fn push(&mut self, position: usize, object: Arc<M>) {
        self.positions.push(self.asked_before + position);
        self.objects.push(object);
    }
}

/// The positions of the keys that are marked in the first column of a row.
#[doc(hidden)]
pub struct MarkedKeys(String);

impl MarkedKeys {
    pub(crate) fn of<'row, DB>(row: &impl Row<'row, DB>) -> QueryResult<Self>
    where
        DB: Backend,
        String: FromSqlRow<Text, DB>,
    {
        first_column_of::<_, Text, DB>(row).map(Self)
    }

    /// The marked positions, of which there are `keys`.
    pub(crate) fn positions(&self, keys: usize) -> impl Iterator<Item = usize> {
        let marks = self.0.bytes().take(keys).enumerate();
        marks
            .filter(|(_, mark)| *mark == b'1')
            .map(|(position, _)| position)
    }
}

/// Collects rows with [`KeyMarks`](super::KeyMarks) in front of the model.
pub(super) struct MarkedRows<'p, M: Model> {
    pub(super) keys: usize,
    pub(super) rows: &'p mut PairedRows<M>,
}

impl<M, Conn, D> Visitor<Conn, D> for MarkedRows<'_, M>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: DecodableModel<Conn::Backend>,
    String: FromSqlRow<Text, Conn::Backend>,
{
    fn visit_row<'conn>(
        &mut self,
        row: &Conn::AnsweredRow<'conn, '_>,
    ) -> QueryResult<ControlFlow<()>>
    where
        Conn: 'conn,
    {
        let marked = MarkedKeys::of(row)?;
        let object = Arc::new(model_of(1, row)?);
        for position in marked.positions(self.keys) {
            self.rows.push(position, Arc::clone(&object));
        }
        Ok(ControlFlow::Continue(()))
    }
}
