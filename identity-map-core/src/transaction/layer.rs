//! What happened since a transaction or a savepoint began: [`Layer`].

use super::after_commit::AfterCommit;
use super::layer_maps::LayerMaps;
use super::session::Session;
use crate::map::{IdentityMap, Invalidation, ReadAge};

/// What a transaction, or a part of it since a savepoint, has read and written.
#[derive(Default)]
pub(super) struct Layer {
    /// The name; `None` for the transaction itself.
    pub(super) savepoint: Option<String>,
    /// How many more savepoints of this name were set while the layer was empty. They share the layer.
    pub(super) repeated: usize,
    pub(super) invalidation: Invalidation,
    pub(super) maps: LayerMaps,
    pub(super) after_commit: Vec<AfterCommit>,
    /// A statement failed on PostgreSQL, which refuses every statement until a rollback.
    pub(super) aborted: bool,
    /// The session as it was when the layer began.
    pub(super) session_before: Session,
}

impl Layer {
    pub(super) fn of_savepoint(name: String, session: &Session) -> Self {
        Self {
            savepoint: Some(name),
            session_before: session.clone(),
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

    /// Takes over what happened in the layer above, which is released.
    pub(super) fn fold_in(&mut self, above: Self, age: ReadAge) {
        self.maps.invalidate(&above.invalidation);
        self.maps.take_over(&above.maps, &above.invalidation, age);
        self.invalidation.merge(above.invalidation);
        self.after_commit.extend(above.after_commit);
        self.aborted |= above.aborted;
    }

    /// Forgets what happened in the layer, and says what was written.
    pub(super) fn undo(&mut self) -> Invalidation {
        self.maps.clear();
        self.after_commit.clear();
        self.aborted = false;
        std::mem::take(&mut self.invalidation)
    }

    /// The map for what is read or written now in place of `map`.
    pub(super) fn map_for(&mut self, map: &IdentityMap, age: ReadAge) -> IdentityMap {
        self.maps.get_or_insert(map, age)
    }
}
