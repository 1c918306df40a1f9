//! What an open transaction has written, and the objects that it has read since: [`OpenTransaction`].
//!
//! It has one layer per savepoint. This connection alone sees what is in a layer. A
//! [release](super::commit) folds a layer into the one below, a [rollback](super::rollback) drops it,
//! and a confirmed commit hands its objects to the maps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::after_commit::AfterCommit;
use super::layer::Layer;
use super::layer_view::{LayerView, TopLayer};
use super::read_view::ReadView;
use super::session::Session;
use crate::database::{Isolation, StatementFailure};
use crate::map::{Filler, IdentityMap, Invalidation, ReadAge, Stamp};
use crate::model::ModelType;

/// The layers of one connection's transaction, and what holds for all of them.
pub(crate) struct OpenTransaction {
    /// Outermost first; never empty while the transaction is open.
    pub(super) layers: Vec<Layer>,
    began: Stamp,
    /// Whether it has read, so that the database has taken its snapshot.
    has_read: Arc<AtomicBool>,
    pub(super) isolation: Isolation,
    /// The connection.
    filler: Filler,
    pub(super) doubt: Doubt,
    /// What it wrote before the outermost layer is not known: it may have savepoints that are not either.
    has_unknown_past: bool,
    /// The next rollback undoes one write of the manager and nothing else, so that the maps are as before
    /// the write.
    pub(super) rollback_undoes_write: bool,
}

/// Whether it may have ended already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    No,
    /// A statement failed in a way that may have undone earlier ones.
    MayBeUndone,
    /// The database may have committed it by itself.
    MayBeCommitted,
}

impl OpenTransaction {
    /// A transaction began; its snapshot is not older than `began`.
    pub(super) fn begin(
        began: Stamp,
        isolation: Isolation,
        filler: Filler,
        session: &Session,
    ) -> Self {
        let layer = Layer {
            session_before: session.clone(),
            ..Layer::default()
        };
        Self {
            layers: vec![layer],
            began,
            has_read: Arc::default(),
            isolation,
            filler,
            doubt: Doubt::No,
            has_unknown_past: false,
            rollback_undoes_write: false,
        }
    }

    /// The same transaction, begun by a savepoint where none was open.
    pub(super) fn begun_by_savepoint(mut self, name: String) -> Self {
        if let Some(layer) = self.layers.last_mut() {
            layer.savepoint = Some(name);
        }
        self
    }

    /// The same transaction, which may have written anything before, and set savepoints. `session_before` is
    /// the session as a rollback may make it.
    pub(super) fn of_unknown_past(mut self, session_before: Session) -> Self {
        self.has_unknown_past = true;
        self.forget(session_before);
        self
    }

    /// Whether the database has to be asked if it is still open.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.doubt != Doubt::No
    }

    pub(crate) fn has_unknown_past(&self) -> bool {
        self.has_unknown_past
    }

    /// It may be another one than was begun. Its hooks stay: if it is, the `COMMIT` fails.
    pub(crate) fn doubt_past(&mut self) {
        self.has_unknown_past = true;
        for layer in &mut self.layers {
            layer.maps.clear();
        }
        self.invalidate(Invalidation::everything());
    }

    /// Forgets what is known of the transaction, but that it is open.
    fn forget(&mut self, session_before: Session) {
        let mut layer = Layer {
            session_before,
            ..Layer::default()
        };
        layer.invalidate(Invalidation::everything());
        self.layers = vec![layer];
    }

    /// A savepoint that is not known was released or rolled back to. Says whether there may be one.
    pub(crate) fn had_unknown_savepoint(&mut self) -> bool {
        if self.has_unknown_past {
            self.forget(self.session_before());
        }
        self.has_unknown_past
    }

    /// The session as it was when the transaction began.
    pub(super) fn session_before(&self) -> Session {
        let outermost = self.layers.first();
        outermost.map_or_else(Session::default, |layer| layer.session_before.clone())
    }

    pub(super) fn set_session_before(&mut self, session: Session) {
        if let Some(outermost) = self.layers.first_mut() {
            outermost.session_before = session;
        }
    }

    /// The session as it was when the innermost layer began.
    pub(super) fn session_at_savepoint(&self) -> Session {
        let innermost = self.layers.last();
        innermost.map_or_else(Session::default, |layer| layer.session_before.clone())
    }

    /// How old the rows are that it reads.
    pub(super) fn age(&self) -> ReadAge {
        let is_snapshot = self.isolation.is_snapshot();
        ReadAge {
            filler: self.filler,
            since: if is_snapshot {
                self.began
            } else {
                Stamp::now()
            },
            is_snapshot,
            asks_for_each: self.isolation.asks_for_each(),
            follows_commits: self.isolation.follows_commits(),
        }
    }

    /// Rows are read now, and with the first of them the database takes the snapshot.
    pub(crate) fn note_read(&self) {
        self.has_read.store(true, Ordering::Relaxed);
    }

    /// The database may have committed it by itself.
    pub(crate) fn expect_commit(&mut self) {
        self.note_failure(StatementFailure::Doubtful);
        self.doubt = Doubt::MayBeCommitted;
    }

    pub(crate) fn is_aborted(&self) -> bool {
        self.layers.iter().any(|layer| layer.aborted)
    }

    /// PostgreSQL refuses every statement until a rollback.
    pub(super) fn abort(&mut self) {
        if let Some(top) = self.layers.last_mut() {
            top.aborted = true;
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
    pub(super) fn savepoint(&mut self, name: String, session: &Session) {
        if let Some(top) = self.layers.last_mut()
            && top.is_empty()
            && top.is_named(&name)
            && top.session_before == *session
        {
            top.repeated += 1;
            return;
        }
        self.layers.push(Layer::of_savepoint(name, session));
    }

    /// Notes that rows were written. From now on this connection looks them up in its own layers alone.
    pub(crate) fn invalidate(&mut self, invalidation: Invalidation) {
        if let Some(top) = self.layers.last_mut() {
            top.invalidate(invalidation);
        }
    }

    /// The map for what is read or written now in place of `map`.
    pub(crate) fn layer_map(&mut self, map: &IdentityMap) -> Option<IdentityMap> {
        let age = self.age();
        self.layers.last_mut().map(|top| top.map_for(map, age))
    }

    pub(crate) fn after_commit(&mut self, hook: AfterCommit) {
        if let Some(top) = self.layers.last_mut() {
            top.after_commit.push(hook);
        }
    }

    /// The view of a map that a load on this connection takes now.
    pub(crate) fn view(&mut self, model: ModelType, map: IdentityMap) -> ReadView {
        let Some(layer_map) = self.layer_map(&map) else {
            return ReadView::plain(model, map, self.filler);
        };
        let layers = self.layers.iter().rev().map(|layer| LayerView {
            objects: layer.maps.get(&map).cloned(),
            is_model_written: layer.invalidation.covers(model.facts()),
            written_keys: layer.invalidation.keys_of(model).cloned(),
        });
        let layers = layers.collect();
        let top = TopLayer {
            objects: layer_map,
            has_written: self.has_written(),
            has_read: Arc::clone(&self.has_read),
        };
        ReadView::in_transaction(model, layers, top, self.age(), map)
    }

    pub(crate) fn set_rollback_undoes_write(&mut self, rollback_undoes_write: bool) {
        self.rollback_undoes_write = rollback_undoes_write;
    }

    /// Notes what the failure of a statement means for the transaction.
    pub(crate) fn note_failure(&mut self, failure: StatementFailure) {
        match failure {
            StatementFailure::Harmless => {}
            StatementFailure::Aborts => self.abort(),
            StatementFailure::MayEnd => self.doubt_undone(),
            StatementFailure::Doubtful | StatementFailure::RolledBack => {
                self.doubt_undone();
                for layer in &mut self.layers {
                    layer.maps.clear();
                    if failure == StatementFailure::RolledBack {
                        layer.after_commit.clear();
                    }
                }
            }
        }
    }

    fn doubt_undone(&mut self) {
        // What the database has committed by itself is not undone by the statement that made it do so.
        if self.doubt == Doubt::No {
            self.doubt = Doubt::MayBeUndone;
        }
    }

    pub(super) fn position_of(&self, savepoint: &str) -> Option<usize> {
        self.layers
            .iter()
            .rposition(|layer| layer.is_named(savepoint))
    }
}
