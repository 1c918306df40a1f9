//! The objects that a load has made of rows: [`NewObjects`].

use std::sync::Arc;

/// The objects that a load has made, in the order of their rows.
pub(crate) struct NewObjects<M>(Vec<NewObject<M>>);

/// An object that was made of a row, and the one whose place it took.
pub(crate) struct NewObject<M> {
    pub(crate) object: Arc<M>,
    pub(super) before: Option<Arc<M>>,
}

impl<M> Default for NewObjects<M> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<M> NewObjects<M> {
    pub(super) fn note(&mut self, object: &Arc<M>, before: Option<Arc<M>>) {
        self.0.push(NewObject {
            object: Arc::clone(object),
            before,
        });
    }

    pub(crate) fn as_slice(&self) -> &[NewObject<M>] {
        &self.0
    }

    pub(super) fn latest_first(self) -> impl Iterator<Item = NewObject<M>> {
        self.0.into_iter().rev()
    }
}
