//! A rollback undoes what the transaction has read and written: all of it, or since a savepoint.

use super::ended::EndedTransaction;
use super::layer_maps::LayerMaps;
use super::open_transaction::{Doubt, OpenTransaction};
use crate::map::Invalidation;

impl OpenTransaction {
    /// `ROLLBACK TO`: drops what happened since the savepoint, which stays. The result is what has to be
    /// read again: what was written since, or nothing if the rollback undoes a write of the manager.
    /// `None` if no savepoint of this name is known.
    pub(crate) fn rollback_to(&mut self, savepoint: &str) -> Option<Invalidation> {
        let at = self.position_of(savepoint)?;
        let mut undone = Invalidation::default();
        for mut layer in self.layers.drain(at + 1..).rev() {
            undone.merge(layer.undo());
        }
        undone.merge(self.layers.last_mut()?.undo());
        if self.restores_what_was_known() {
            return Some(Invalidation::default());
        }
        for below in &self.layers {
            below.maps.invalidate(&undone);
        }
        Some(undone)
    }

    /// `ROLLBACK`: drops all layers. What was written has to be read again, unless the rollback undoes a
    /// write of the manager.
    pub(crate) fn roll_back(mut self) -> EndedTransaction {
        let mut undone = Invalidation::default();
        for mut layer in std::mem::take(&mut self.layers) {
            undone.merge(layer.undo());
        }
        if self.restores_what_was_known() {
            undone = Invalidation::default();
        }
        EndedTransaction {
            invalidation: undone,
            after_commit: Vec::new(),
            maps: LayerMaps::default(),
            age: self.age(),
        }
    }

    fn restores_what_was_known(&self) -> bool {
        self.rollback_undoes_write && self.doubt == Doubt::No
    }
}
