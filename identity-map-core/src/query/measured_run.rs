//! A run of a query from which `Auto` learns: [`MeasuredRun`].

use std::time::Instant;

use super::auto::{QueryRun, QueryShape};
use super::plan::Strategy;

/// A run of a query whose strategy `Auto` has chosen, and from which it learns.
pub(super) struct MeasuredRun {
    shape: QueryShape,
    strategy: Strategy,
    alive: usize,
    start: Instant,
}

impl MeasuredRun {
    /// Chooses the strategy, when the map holds about `alive` objects of the model.
    pub(super) fn begin(shape: QueryShape, alive: usize) -> Self {
        let strategy = shape.cheaper(alive);
        Self {
            shape,
            strategy,
            alive,
            start: Instant::now(),
        }
    }

    pub(super) fn is_keys_first(&self) -> bool {
        self.strategy == Strategy::KeysFirst
    }

    /// Notes what the run has cost, and how many of its rows were held.
    pub(super) fn remember(self, rows: usize, hits: usize) {
        self.shape.remember(&QueryRun {
            strategy: self.strategy,
            alive: self.alive,
            rows,
            hits,
            time: self.start.elapsed(),
        });
    }
}
