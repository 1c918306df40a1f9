//! Values found by their key, whatever its type: [`ByHash`].

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use super::identity_mapped::IdentityMapped;
use super::key_hash::{HashIsHash, KeyHash, KeyRef};
use super::key_type::KeyType;
use super::object::{Object, downcast};

/// Values by the hash of their keys. Two keys of one hash are told apart by the caller, who has the keys or
/// finds them in the values.
#[derive(Clone)]
pub(crate) struct ByHash<V>(HashMap<KeyHash, V, HashIsHash>);

/// Objects by their own keys.
pub(crate) type ObjectsByKey = ByHash<Arc<dyn Object>>;

/// Where each key stands in a list of keys without repetitions.
pub(crate) type KeyIndex = ByHash<u32>;

impl<V> Default for ByHash<V> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<V> ByHash<V> {
    pub(crate) fn with_capacity(keys: usize) -> Self {
        Self(HashMap::with_capacity_and_hasher(
            keys,
            HashIsHash::default(),
        ))
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.values()
    }

    /// The value with this hash of which `is_it` is true.
    #[inline]
    pub(crate) fn get(&self, hash: KeyHash, is_it: &dyn Fn(&V) -> bool) -> Option<&V> {
        self.find(hash, is_it).ok()
    }

    /// Puts a value under this hash, unless there is one of which `is_it` is true, which stays and is
    /// given.
    #[inline]
    pub(crate) fn get_or_insert(
        &mut self,
        hash: KeyHash,
        value: V,
        is_it: &dyn Fn(&V) -> bool,
    ) -> Option<V>
    where
        V: Clone,
    {
        let free = match self.find(hash, is_it) {
            Ok(known) => return Some(known.clone()),
            Err(free) => free,
        };
        self.0.insert(free, value);
        None
    }

    /// The value; else the place for it. A value of a taken hash stands under the next one that is free.
    #[inline]
    fn find(&self, hash: KeyHash, is_it: &dyn Fn(&V) -> bool) -> Result<&V, KeyHash> {
        let mut at = hash;
        while let Some(value) = self.0.get(&at) {
            if is_it(value) {
                return Ok(value);
            }
            at = at.next();
        }
        Err(at)
    }
}

impl ObjectsByKey {
    pub(crate) fn get_by_key(&self, key: KeyRef<'_>) -> Option<&Arc<dyn Object>> {
        self.get(key.hash, &|object| object.has_key(key.key))
    }

    /// [`get_by_key`](Self::get_by_key) of a model that is known.
    pub(crate) fn get_model<M: IdentityMapped>(&self, key: &M::Key) -> Option<Arc<M>> {
        downcast(Arc::clone(self.get_by_key(KeyRef::of(key))?))
    }

    /// The object with the same key.
    pub(crate) fn get_same(&self, object: &dyn Object) -> Option<Arc<dyn Object>> {
        let is_it = |known: &Arc<dyn Object>| known.has_same_key(object);
        self.get(object.key_hash(), &is_it).cloned()
    }

    /// [`first_of_key`](Self::first_of_key) of a model that is known.
    pub(crate) fn first_of<M: IdentityMapped>(&mut self, object: Arc<M>) -> Arc<M> {
        let first = self.first_of_key(&(Arc::clone(&object) as Arc<dyn Object>));
        downcast(first).unwrap_or(object)
    }

    /// The first object that was put in under this object's key: this one, if there was none.
    pub(crate) fn first_of_key(&mut self, object: &Arc<dyn Object>) -> Arc<dyn Object> {
        let is_it = |known: &Arc<dyn Object>| known.has_same_key(&**object);
        let known = self.get_or_insert(object.key_hash(), Arc::clone(object), &is_it);
        known.unwrap_or_else(|| Arc::clone(object))
    }
}

/// A list of keys whose type is not known.
pub(crate) trait KeyList: Send + Sync {
    /// Whether this key stands at this position.
    fn is_at(&self, at: usize, key: &dyn Any) -> bool;
}

impl<K: KeyType> KeyList for Vec<K> {
    fn is_at(&self, at: usize, key: &dyn Any) -> bool {
        self.get(at)
            .is_some_and(|known| key.downcast_ref() == Some(known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_keys_of_one_hash_are_two_keys() {
        let hash = KeyHash::of(&1);
        let mut values = ByHash::default();
        for key in ["one", "other"] {
            let is_it = |value: &&str| *value == key;
            assert_eq!(values.get(hash, &is_it), None);
            assert_eq!(values.get_or_insert(hash, key, &is_it), None);
            assert_eq!(values.get_or_insert(hash, key, &is_it), Some(key));
        }
        assert_eq!(values.values().count(), 2);
        assert_eq!(values.get(hash, &|value| *value == "one"), Some(&"one"));
        assert_eq!(values.get(hash, &|_| false), None);
    }
}
