//! What a rollback undoes: all that was read and written since the savepoint or the beginning.

use super::ended::EndedTransaction;
use super::layer_maps::LayerMaps;
use super::open_transaction::OpenTransaction;
use crate::map::Invalidation;

impl OpenTransaction {
    /// `ROLLBACK TO`: what happened since is no more, and the savepoint stays. The answer is what has
    /// to be read again: what was written since, or nothing where the rollback undoes a write of the
    /// manager. `None` if there is no such savepoint.
    pub(crate) fn rollback_to(&mut self, savepoint: &str) -> Option<Invalidation> {
        let at = self.find(savepoint)?;
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

    /// The end of the transaction: nothing of it was committed. What was written has to be read again,
    /// unless the rollback undoes a write of the manager.
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
            began: self.began,
            session_changed: self.session_changed,
        }
    }

    fn restores_what_was_known(&self) -> bool {
        self.undoes_write && !self.is_doubtful
    }
}
