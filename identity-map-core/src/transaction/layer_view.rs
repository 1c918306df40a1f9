//! The layers of a transaction as one load sees them: [`LayerView`], and the innermost once more,
//! [`TopLayer`].

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::map::{IdentityMap, KeySet, Store};
use crate::model::ModelType;

/// The innermost layer, which takes in what is read.
pub(super) struct TopLayer {
    pub(super) objects: IdentityMap,
    /// The transaction has written, so that a rollback may undo what it reads.
    pub(super) has_written: bool,
    /// The transaction has read, so that the database has taken its snapshot.
    pub(super) has_read: Arc<AtomicBool>,
}

/// One layer of a transaction.
pub(super) struct LayerView {
    /// What the layer has read or written, if anything.
    pub(super) objects: Option<IdentityMap>,
    /// Any row of the model may have been written in the layer.
    pub(super) is_model_written: bool,
    /// The keys that were written one by one.
    pub(super) written_keys: Option<Arc<KeySet>>,
}

impl LayerView {
    pub(super) fn objects(&self, model: ModelType) -> Option<&Store> {
        self.objects.as_ref()?.known_store(model.id)
    }

    pub(super) fn has_written(&self, is_among: impl FnOnce(&KeySet) -> bool) -> bool {
        self.is_model_written || self.written_keys.as_deref().is_some_and(is_among)
    }
}
