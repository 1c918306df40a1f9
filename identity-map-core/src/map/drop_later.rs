//! Objects that are dropped once a lock is released: [`DropLater`].

use std::any::Any;
use std::cell::Cell;
use std::sync::{Arc, Weak};

use crate::model::{Address, KeyHash, Object};

/// Objects whose last reference was met under a lock, to be dropped after it. Nearly always there are none.
#[derive(Default)]
pub(super) struct DropLater(Cell<Option<Box<Vec<Box<dyn Any + Send + Sync>>>>>);

impl DropLater {
    #[cold]
    fn release(&self, object: Arc<dyn Object>) {
        if let Some(object) = object.release() {
            let mut objects = self.0.take().unwrap_or_default();
            objects.push(object);
            self.0.set(Some(objects));
        }
    }

    /// The object that an entry refers to, if it is alive and `is_it`.
    #[inline]
    pub(super) fn object_if(
        &self,
        entry: &Weak<dyn Object>,
        is_it: impl FnOnce(&dyn Object) -> bool,
    ) -> Option<Arc<dyn Object>> {
        let object = entry.upgrade()?;
        if is_it(&*object) {
            return Some(object);
        }
        self.release(object);
        None
    }

    /// Where an entry stands. That of a dead object is looked for by nobody, so it may stand anywhere; but
    /// many of them are to stand apart.
    pub(super) fn hash_of(&self, entry: &Weak<dyn Object>) -> u64 {
        let Some(object) = entry.upgrade() else {
            return KeyHash::of(&Address::of(entry.as_ptr())).as_u64();
        };
        let hash = object.key_hash();
        self.release(object);
        hash.as_u64()
    }
}
