//! What an open transaction has written, and the objects it has read since: [`OpenTransaction`].
//!
//! One layer per savepoint. What is in a layer is seen by this connection alone; a
//! [release](super::commit) folds it into the layer below, a [rollback](super::rollback) drops it,
//! and a confirmed commit hands it to the maps.

use super::after_commit::AfterCommit;
use super::layer::Layer;
use super::read_view::{LayerView, ReadView};
use crate::database::StatementFailure;
use crate::map::{IdentityMap, Invalidation, Stamp};
use crate::model::IdentityMapped;

/// The layers of one connection's transaction, and what holds for all of them.
pub(crate) struct OpenTransaction {
    /// Outermost first; never empty while the transaction is open.
    pub(super) layers: Vec<Layer>,
    pub(super) began: Stamp,
    /// A statement failed in a way that may have undone what was done before.
    pub(super) is_doubtful: bool,
    /// A setting was changed inside the transaction, whose end may take it back.
    pub(super) session_changed: bool,
    /// The next rollback undoes a write of the manager and nothing else, so that what was known before
    /// the write holds again.
    pub(super) undoes_write: bool,
}

impl OpenTransaction {
    /// A transaction began; its snapshot is not older than `began`.
    pub(crate) fn begin(began: Stamp) -> Self {
        Self::with_layer(Layer::default(), began)
    }

    /// A savepoint was set where no transaction was open, which begins one.
    pub(crate) fn begin_by_savepoint(name: String, began: Stamp) -> Self {
        Self::with_layer(Layer::of_savepoint(name), began)
    }

    fn with_layer(layer: Layer, began: Stamp) -> Self {
        Self {
            layers: vec![layer],
            began,
            is_doubtful: false,
            session_changed: false,
            undoes_write: false,
        }
    }

    pub(crate) fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Whether anything was written.
    fn has_written(&self) -> bool {
        let mut layers = self.layers.iter();
        layers.any(|layer| !layer.invalidation.is_empty())
    }

    /// A savepoint was set.
    pub(crate) fn savepoint(&mut self, name: String) {
        if let Some(top) = self.layers.last_mut()
            && top.is_empty()
            && top.is_named(&name)
        {
            top.repeated += 1;
            return;
        }
        self.layers.push(Layer::of_savepoint(name));
    }

    /// Rows were written: what these keys or models hold is from now on this connection's own affair.
    pub(crate) fn invalidate(&mut self, invalidation: Invalidation) {
        if let Some(top) = self.layers.last_mut() {
            top.invalidate(invalidation);
        }
    }

    /// The map for what is read or written now in place of `map`.
    pub(crate) fn layer_map(&mut self, map: &IdentityMap) -> Option<IdentityMap> {
        self.layers.last_mut().map(|top| top.map_for(map))
    }

    pub(crate) fn after_commit(&mut self, hook: AfterCommit) {
        if let Some(top) = self.layers.last_mut() {
            top.after_commit.push(hook);
        }
    }

    /// The map as this connection sees it now.
    pub(crate) fn view<M: IdentityMapped>(&mut self, map: IdentityMap) -> ReadView<M> {
        let Some(layer_map) = self.layer_map(&map) else {
            return ReadView::plain(map);
        };
        let layers = self.layers.iter().rev().map(|layer| LayerView {
            objects: layer.maps.of(&map).cloned(),
            whole: layer.invalidation.covers(M::__facts()),
            keys: layer.invalidation.keys_of::<M>(),
        });
        let layers = layers.collect();
        ReadView::in_transaction(layers, layer_map, self.has_written(), self.began, map)
    }

    /// A setting of the session was changed.
    pub(crate) fn change_session(&mut self) {
        self.session_changed = true;
    }

    /// Whether a setting was changed, which the end of a savepoint or transaction may take back.
    pub(crate) fn has_changed_session(&self) -> bool {
        self.session_changed
    }

    pub(crate) fn set_undoes_write(&mut self, undoes_write: bool) {
        self.undoes_write = undoes_write;
    }

    /// A statement failed.
    pub(crate) fn failed(&mut self, failure: StatementFailure) {
        match failure {
            StatementFailure::Harmless => {}
            StatementFailure::Aborts => {
                if let Some(top) = self.layers.last_mut() {
                    top.aborted = true;
                }
            }
            StatementFailure::Doubtful | StatementFailure::RolledBack => {
                self.is_doubtful = true;
                for layer in &mut self.layers {
                    layer.maps.clear();
                    if failure == StatementFailure::RolledBack {
                        layer.after_commit.clear();
                    }
                }
            }
        }
    }

    pub(super) fn find(&self, savepoint: &str) -> Option<usize> {
        self.layers
            .iter()
            .rposition(|layer| layer.is_named(savepoint))
    }
}
