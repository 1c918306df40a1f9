//! What an open transaction has written, and the objects that it has read since: [`OpenTransaction`].
//!
//! It has one layer per savepoint. This connection alone sees what is in a layer. A
//! [release](super::commit) folds a layer into the one below, a [rollback](super::rollback) drops it,
//! and a confirmed commit hands its objects to the maps.

use super::after_commit::AfterCommit;
use super::layer::Layer;
use super::read_view::{LayerView, ReadView};
use crate::database::StatementFailure;
use crate::map::{IdentityMap, Invalidation, Stamp};
use crate::model::ModelType;

/// The layers of one connection's transaction, and what holds for all of them.
pub(crate) struct OpenTransaction {
    /// Outermost first; never empty while the transaction is open.
    pub(super) layers: Vec<Layer>,
    pub(super) began: Stamp,
    /// A statement failed in a way that may have undone earlier ones.
    pub(super) is_doubtful: bool,
    /// A setting of the session was changed inside the transaction, whose end may take that back.
    pub(super) session_changed: bool,
    /// The next rollback undoes one write of the manager and nothing else, so that the maps are as before
    /// the write.
    pub(super) rollback_undoes_write: bool,
}

impl OpenTransaction {
    /// A transaction began; its snapshot is not older than `began`.
    pub(crate) fn begin(began: Stamp) -> Self {
        Self::with_layer(Layer::default(), began)
    }

    /// A savepoint was set where no transaction was open, and began one.
    pub(crate) fn begin_by_savepoint(name: String, began: Stamp) -> Self {
        Self::with_layer(Layer::of_savepoint(name), began)
    }

    fn with_layer(layer: Layer, began: Stamp) -> Self {
        Self {
            layers: vec![layer],
            began,
            is_doubtful: false,
            session_changed: false,
            rollback_undoes_write: false,
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

    /// Notes that rows were written. From now on this connection looks them up in its own layers alone.
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

    /// The view of a map that a load on this connection takes now.
    pub(crate) fn view(&mut self, model: ModelType, map: IdentityMap) -> ReadView {
        let Some(layer_map) = self.layer_map(&map) else {
            return ReadView::plain(model, map);
        };
        let layers = self.layers.iter().rev().map(|layer| LayerView {
            objects: layer.maps.get(&map).cloned(),
            is_model_written: layer.invalidation.covers(model.facts()),
            written_keys: layer.invalidation.keys_of(model).cloned(),
        });
        let layers = layers.collect();
        ReadView::in_transaction(
            model,
            layers,
            layer_map,
            self.has_written(),
            self.began,
            map,
        )
    }

    pub(crate) fn note_session_change(&mut self) {
        self.session_changed = true;
    }

    pub(crate) fn has_changed_session(&self) -> bool {
        self.session_changed
    }

    pub(crate) fn set_rollback_undoes_write(&mut self, rollback_undoes_write: bool) {
        self.rollback_undoes_write = rollback_undoes_write;
    }

    /// Notes what the failure of a statement means for the transaction.
    pub(crate) fn note_failure(&mut self, failure: StatementFailure) {
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

    pub(super) fn position_of(&self, savepoint: &str) -> Option<usize> {
        self.layers
            .iter()
            .rposition(|layer| layer.is_named(savepoint))
    }
}
