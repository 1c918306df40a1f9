//! The objects that a load has made of rows, for `post_load`: [`NewObjects`].

use std::sync::Arc;

use crate::model::Object;

/// The objects that a load has made, in the order of their rows.
#[derive(Default)]
pub(crate) struct NewObjects(Vec<NewObject>);

/// An object that was made of a row, and the one that it replaced.
pub(crate) struct NewObject {
    pub(crate) object: Arc<dyn Object>,
    pub(super) replaced: Option<Arc<dyn Object>>,
}

impl NewObjects {
    pub(super) fn note(&mut self, object: &Arc<dyn Object>, replaced: Option<Arc<dyn Object>>) {
        self.0.push(NewObject {
            object: Arc::clone(object),
            replaced,
        });
    }

    pub(crate) fn as_slice(&self) -> &[NewObject] {
        &self.0
    }

    pub(super) fn latest_first(self) -> impl Iterator<Item = NewObject> {
        self.0.into_iter().rev()
    }
}
