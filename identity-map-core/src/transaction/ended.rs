//! What remains of a transaction that has ended: [`EndedTransaction`].

use super::after_commit::AfterCommit;
use super::layer_maps::LayerMaps;
use crate::map::{IdentityMap, Invalidation, ReadAge};

/// What a transaction that has ended does to the maps, and the hooks that waited for it.
pub(crate) struct EndedTransaction {
    /// What has to be read again from now on.
    pub(super) invalidation: Invalidation,
    /// Empty after a rollback.
    pub(crate) after_commit: Vec<AfterCommit>,
    /// The objects of the transaction; none after a rollback.
    pub(super) maps: LayerMaps,
    /// How old is what it has read.
    pub(super) age: ReadAge,
}

impl EndedTransaction {
    /// Moves the objects of the transaction into `map`, and expires the rest of what it wrote.
    pub(crate) fn apply_to(&self, map: &IdentityMap) {
        match self.maps.get(map) {
            Some(objects) => map.take_over(objects, &self.invalidation, self.age),
            None => map.invalidate(&self.invalidation),
        }
    }

    /// The maps whose place the layers of the transaction took.
    pub(crate) fn maps(&self) -> impl Iterator<Item = &IdentityMap> {
        self.maps.base_maps()
    }
}
