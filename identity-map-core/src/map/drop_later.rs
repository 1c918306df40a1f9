//! Objects that are dropped once a lock is released: [`DropLater`].

use std::any::Any;
use std::cell::Cell;
use std::sync::{Arc, Weak};

use crate::model::{IdentityMapped, KeyHash, Object, address_of, downcast};

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

    /// The object that an entry refers to, if it is alive and has this key.
    #[inline]
    pub(super) fn model_if<M: IdentityMapped>(
        &self,
        entry: &Weak<dyn Object>,
        key: &M::Key,
    ) -> Option<Arc<M>> {
        let object: Arc<M> = downcast(entry.upgrade()?)?;
        if object.__has_key(key) {
            return Some(object);
        }
        self.release(object);
        None
    }

    /// Where an entry stands. That of a dead object is looked for by nobody, so it may stand anywhere; but
    /// many of them are to stand apart.
    pub(super) fn hash_of(&self, entry: &Weak<dyn Object>) -> u64 {
        let Some(object) = entry.upgrade() else {
            return KeyHash::of(&address_of(entry.as_ptr())).as_u64();
        };
        let hash = object.key_hash();
        self.release(object);
        hash.as_u64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TestModel;

    #[test]
    fn live_entries_stand_by_their_keys_and_dead_ones_apart() {
        let objects = [1, 2].map(|key| Arc::new(TestModel(key)) as Arc<dyn Object>);
        let entries = objects.each_ref().map(Arc::downgrade);
        let hashes = || {
            entries
                .each_ref()
                .map(|entry| DropLater::default().hash_of(entry))
        };
        assert_eq!(
            hashes(),
            [1, 2].map(|key: usize| KeyHash::of(&key).as_u64())
        );
        drop(objects);
        let [one, other] = hashes();
        assert_ne!(one, other);
    }

    #[test]
    fn the_last_reference_is_kept_until_later() {
        let later = DropLater::default();
        let object = Arc::new(TestModel(1)) as Arc<dyn Object>;
        later.release(Arc::clone(&object));
        assert!(later.0.take().is_none());
        later.release(object);
        assert_eq!(later.0.take().map(|objects| objects.len()), Some(1));
    }
}
