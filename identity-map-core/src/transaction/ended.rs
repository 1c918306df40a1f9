//! How a transaction ended: [`EndedTransaction`].

use super::after_commit::AfterCommit;
use super::layer_maps::LayerMaps;
use crate::map::{IdentityMap, Invalidation, Stamp};

/// What a transaction leaves behind when it ends.
pub(crate) struct EndedTransaction {
    /// What has to be read again.
    pub(super) invalidation: Invalidation,
    /// Empty after a rollback.
    pub(crate) after_commit: Vec<AfterCommit>,
    /// What the transaction has read; nothing after a rollback.
    pub(super) maps: LayerMaps,
    pub(super) began: Stamp,
    /// A setting was changed inside it, which its end may have taken back.
    pub(crate) session_changed: bool,
}

impl EndedTransaction {
    /// Lets a map know: it takes what the transaction read for it, and forgets the rest of what
    /// was written.
    pub(crate) fn apply_to(&self, map: &IdentityMap) {
        match self.maps.of(map) {
            Some(objects) => map.take_over(objects, &self.invalidation, self.began),
            None => map.invalidate(&self.invalidation),
        }
    }

    /// The maps that the transaction read for.
    pub(crate) fn maps(&self) -> impl Iterator<Item = &IdentityMap> {
        self.maps.bases()
    }
}
