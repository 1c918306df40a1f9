//! What one transaction or savepoint has done: [`Layer`].

use super::after_commit::AfterCommit;
use super::layer_maps::LayerMaps;
use crate::map::{IdentityMap, Invalidation};

/// What happened since a transaction or a savepoint began.
#[derive(Default)]
pub(super) struct Layer {
    /// `None` for the transaction itself.
    pub(super) savepoint: Option<String>,
    /// Savepoints of the same name that were set here while the layer was empty.
    pub(super) repeated: usize,
    pub(super) invalidation: Invalidation,
    pub(super) maps: LayerMaps,
    pub(super) after_commit: Vec<AfterCommit>,
    /// PostgreSQL ignores everything until a rollback, and then commits nothing.
    pub(super) aborted: bool,
}

impl Layer {
    pub(super) fn of_savepoint(name: String) -> Self {
        Self {
            savepoint: Some(name),
            ..Self::default()
        }
    }

    pub(super) fn is_named(&self, savepoint: &str) -> bool {
        self.savepoint.as_deref() == Some(savepoint)
    }

    /// Whether nothing has happened in it.
    pub(super) fn is_empty(&self) -> bool {
        self.invalidation.is_empty() && self.maps.is_empty() && self.after_commit.is_empty()
    }

    /// Notes that rows were written.
    pub(super) fn invalidate(&mut self, invalidation: Invalidation) {
        self.maps.invalidate(&invalidation);
        self.invalidation.merge(invalidation);
    }

    /// Takes over what happened in a layer above, which is released.
    pub(super) fn fold_in(&mut self, above: Self) {
        self.maps.invalidate(&above.invalidation);
        self.maps.take_over(&above.maps, &above.invalidation);
        self.invalidation.merge(above.invalidation);
        self.after_commit.extend(above.after_commit);
        self.aborted |= above.aborted;
    }

    /// Forgets what happened in it, and says what was written.
    pub(super) fn undo(&mut self) -> Invalidation {
        self.maps.clear();
        self.after_commit.clear();
        self.aborted = false;
        std::mem::take(&mut self.invalidation)
    }

    /// The map for what is read or written now in place of `map`.
    pub(super) fn map_for(&mut self, map: &IdentityMap) -> IdentityMap {
        self.maps.of_or_new(map)
    }
}
