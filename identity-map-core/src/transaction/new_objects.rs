//! The objects that a load has made of rows, for `post_load`: [`NewObjects`].

use std::sync::Arc;

/// The objects that a load has made, in the order of their rows.
pub(crate) struct NewObjects<M>(Vec<NewObject<M>>);

/// An object that was made of a row, and the one that it replaced.
pub(crate) struct NewObject<M> {
    pub(crate) object: Arc<M>,
    pub(super) replaced: Option<Arc<M>>,
}

impl<M> Default for NewObjects<M> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<M> NewObjects<M> {
    pub(super) fn note(&mut self, object: &Arc<M>, replaced: Option<Arc<M>>) {
        self.0.push(NewObject {
            object: Arc::clone(object),
            replaced,
        });
    }

    pub(crate) fn as_slice(&self) -> &[NewObject<M>] {
        &self.0
    }

    pub(super) fn latest_first(self) -> impl Iterator<Item = NewObject<M>> {
        self.0.into_iter().rev()
    }
}
