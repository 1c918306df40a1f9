//! The result of a strategy: [`Loaded`].

use std::sync::Arc;

/// The objects of a query in its order, and how many of them the map held before.
pub(super) struct Loaded<M> {
    pub(super) objects: Vec<Arc<M>>,
    pub(super) hits: usize,
}

impl<M> Default for Loaded<M> {
    fn default() -> Self {
        Self {
            objects: Vec::new(),
            hits: 0,
        }
    }
}
