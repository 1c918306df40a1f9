//! A run of a query from which `Auto` learns: [`MeasuredRun`].

use std::time::Duration;

use super::auto::{QueryRun, QueryShape, ShapeId};
use super::plan::Strategy;
use crate::transaction::ReadView;

/// A run of a query whose strategy `Auto` has chosen, and from which it learns.
pub(super) struct MeasuredRun {
    shape: QueryShape,
    strategy: Strategy,
    alive: usize,
    /// By the clock of the view.
    start: Duration,
}

impl MeasuredRun {
    /// Chooses the strategy, when the map holds about `alive` objects of the model.
    pub(super) fn begin(shape: ShapeId, alive: usize, view: &ReadView) -> Self {
        let shape = QueryShape::with_id(shape);
        let strategy = shape.cheaper(alive);
        Self {
            shape,
            strategy,
            alive,
            start: view.clock().now(),
        }
    }

    pub(super) fn is_keys_first(&self) -> bool {
        self.strategy == Strategy::KeysFirst
    }

    /// Notes what the run has cost, and how many of its rows were held.
    pub(super) fn remember(self, rows: usize, hits: usize, view: &ReadView) {
        self.shape.remember(&QueryRun {
            strategy: self.strategy,
            alive: self.alive,
            rows,
            hits,
            time: view.clock().now().saturating_sub(self.start),
        });
    }
}
