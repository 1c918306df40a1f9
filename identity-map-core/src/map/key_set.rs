//! Keys of one model, whatever their type: [`KeySet`].

use std::any::Any;
use std::sync::Arc;

use crate::model::{ByHash, KeyHash, KeyRef, KeyType, Object};

/// A set of keys of one model.
#[derive(Default, Clone)]
pub(crate) struct KeySet(ByHash<Arc<dyn AnyKey>>);

/// A key whose type is not known.
trait AnyKey: Any + Send + Sync {
    fn is(&self, key: &dyn Any) -> bool;
    fn hash(&self) -> KeyHash;
}

impl<K: KeyType> AnyKey for K {
    fn is(&self, key: &dyn Any) -> bool {
        key.downcast_ref() == Some(self)
    }

    fn hash(&self) -> KeyHash {
        KeyHash::of(self)
    }
}

impl KeySet {
    pub(crate) fn of<K: KeyType>(keys: impl IntoIterator<Item = K>) -> Self {
        let mut set = Self::default();
        for key in keys {
            set.insert(Arc::new(key));
        }
        set
    }

    pub(crate) fn contains(&self, key: KeyRef<'_>) -> bool {
        self.0.get(key.hash, &|known| known.is(key.key)).is_some()
    }

    /// Whether the object's key is in the set.
    pub(crate) fn contains_key_of(&self, object: &dyn Object) -> bool {
        let is_it = |known: &Arc<dyn AnyKey>| object.has_key(&**known);
        self.0.get(object.key_hash(), &is_it).is_some()
    }

    #[cfg(all(feature = "async", feature = "postgres"))]
    pub(super) fn is_disjoint(&self, other: &Self) -> bool {
        !self.iter().any(|key| other.contains(key))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = KeyRef<'_>> {
        self.0.values().map(|key| KeyRef {
            hash: key.hash(),
            key: &**key,
        })
    }

    pub(super) fn extend(&mut self, other: &Self) {
        for key in other.0.values() {
            self.insert(Arc::clone(key));
        }
    }

    fn insert(&mut self, key: Arc<dyn AnyKey>) {
        let known = Arc::clone(&key);
        let is_it = |other: &Arc<dyn AnyKey>| other.is(&*known);
        self.0.get_or_insert(key.hash(), key, &is_it);
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{Hash, Hasher};

    use super::*;

    /// A key that says nothing when it is hashed.
    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Colliding(i32);

    impl Hash for Colliding {
        fn hash<H: Hasher>(&self, _: &mut H) {}
    }

    #[test]
    fn keys_of_one_hash_are_told_apart() {
        let keys = [1, 2].map(Colliding);
        let mut set = KeySet::of(keys.clone());
        assert!(keys.iter().all(|key| set.contains(KeyRef::of(key))));
        assert!(!set.contains(KeyRef::of(&Colliding(3))));
        set.extend(&KeySet::of([Colliding(3), Colliding(1)]));
        assert!(set.contains(KeyRef::of(&Colliding(3))));
        assert_eq!(set.iter().count(), 3);
    }
}
