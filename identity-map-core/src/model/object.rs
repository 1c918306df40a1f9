//! An object whatever its model: [`Object`], and the [`ModelType`] that says which model it is of.

use std::any::{Any, TypeId};
use std::sync::{Arc, Weak};

use super::address::{Address, address_of};
use super::facts::Facts;
use super::identity_mapped::IdentityMapped;
use super::key_hash::KeyHash;

/// An object of any model. The engine holds objects as `Arc<dyn Object>`, so that it is compiled once and
/// not again for every model.
pub(crate) trait Object: Any + Send + Sync {
    /// Whether this is the object's key, of whatever type it is.
    fn has_key(&self, key: &dyn Any) -> bool;

    /// Whether the other object is of the same model and has the same key.
    fn has_same_key(&self, other: &dyn Object) -> bool;

    fn key_hash(&self) -> KeyHash;

    /// Whether the other object is of the same model and equals this one. Asked only of models that
    /// [keep unchanged objects](ModelType::keeps_unchanged).
    fn is_unchanged(&self, other: &dyn Object) -> bool;

    /// Whether the other object, which has the same key, may be of the same row.
    #[cfg(all(debug_assertions, feature = "tracing"))]
    fn is_same_row(&self, other: &dyn Object) -> bool;

    /// The model.
    #[cfg(all(debug_assertions, feature = "tracing"))]
    fn model_type(&self) -> ModelType;

    /// The name of the model's type.
    #[cfg(all(debug_assertions, feature = "tracing"))]
    fn model_name(&self) -> &'static str;

    /// Drops a reference. If it was the last one, the object comes back, to be dropped by the caller where
    /// no lock is held.
    fn release(self: Arc<Self>) -> Option<Box<dyn Any + Send + Sync>>;
}

impl<M: IdentityMapped> Object for M {
    fn has_key(&self, key: &dyn Any) -> bool {
        key.downcast_ref().is_some_and(|key| self.__has_key(key))
    }

    fn has_same_key(&self, other: &dyn Object) -> bool {
        model_of::<M>(other).is_some_and(|other| self.__has_same_key(other))
    }

    fn key_hash(&self) -> KeyHash {
        KeyHash::of_object(self)
    }

    fn is_unchanged(&self, other: &dyn Object) -> bool {
        let Some((is_unchanged, other)) = M::__UNCHANGED.zip(model_of::<M>(other)) else {
            return false;
        };
        is_unchanged(self, other)
    }

    #[cfg(all(debug_assertions, feature = "tracing"))]
    fn is_same_row(&self, other: &dyn Object) -> bool {
        model_of::<M>(other).is_none_or(|other| self.__is_same_row(other))
    }

    #[cfg(all(debug_assertions, feature = "tracing"))]
    fn model_type(&self) -> ModelType {
        ModelType::of::<M>()
    }

    #[cfg(all(debug_assertions, feature = "tracing"))]
    fn model_name(&self) -> &'static str {
        std::any::type_name::<M>()
    }

    fn release(self: Arc<Self>) -> Option<Box<dyn Any + Send + Sync>> {
        match Arc::into_inner(self) {
            Some(object) => Some(Box::new(object)),
            None => None,
        }
    }
}

fn model_of<M: IdentityMapped>(object: &dyn Object) -> Option<&M> {
    (object as &dyn Any).downcast_ref()
}

/// The object as one of its model; `None` if it is of another model.
#[inline]
pub(crate) fn downcast<M: IdentityMapped>(object: Arc<dyn Object>) -> Option<Arc<M>> {
    (object as Arc<dyn Any + Send + Sync>).downcast().ok()
}

/// Objects of one model, for code that does not know the model.
pub(crate) trait Objects {
    fn count(&self) -> usize;
    fn get(&self, at: usize) -> Arc<dyn Object>;
    fn pointer(&self, at: usize) -> *const ();
    /// Aligned with the objects.
    fn addresses(&self) -> Vec<Address>;
}

/// Objects that may be replaced by others of the same model.
pub(crate) trait ObjectsMut: Objects {
    fn borrow(&self, at: usize) -> &dyn Object;
    fn downgrade(&self, at: usize) -> Weak<dyn Object>;
    fn set(&mut self, at: usize, object: Arc<dyn Object>);
}

#[cfg(test)]
impl<M: IdentityMapped> Objects for &[Arc<M>] {
    fn count(&self) -> usize {
        self.len()
    }

    fn get(&self, at: usize) -> Arc<dyn Object> {
        Arc::clone(&self[at]) as Arc<dyn Object>
    }

    fn pointer(&self, at: usize) -> *const () {
        Arc::as_ptr(&self[at]).cast()
    }

    fn addresses(&self) -> Vec<Address> {
        let addresses = self.iter().map(|object| address_of(Arc::as_ptr(object)));
        addresses.collect()
    }
}

/// One object.
impl Objects for Arc<dyn Object> {
    fn count(&self) -> usize {
        1
    }

    fn get(&self, _: usize) -> Arc<dyn Object> {
        Arc::clone(self)
    }

    fn pointer(&self, _: usize) -> *const () {
        Arc::as_ptr(self).cast()
    }

    fn addresses(&self) -> Vec<Address> {
        vec![address_of(Arc::as_ptr(self))]
    }
}

impl ObjectsMut for Arc<dyn Object> {
    fn borrow(&self, _: usize) -> &dyn Object {
        &**self
    }

    fn downgrade(&self, _: usize) -> Weak<dyn Object> {
        Arc::downgrade(self)
    }

    fn set(&mut self, _: usize, object: Arc<dyn Object>) {
        *self = object;
    }
}

impl<M: IdentityMapped> Objects for Arc<M> {
    fn count(&self) -> usize {
        1
    }

    fn get(&self, _: usize) -> Arc<dyn Object> {
        Arc::clone(self) as Arc<dyn Object>
    }

    fn pointer(&self, _: usize) -> *const () {
        Arc::as_ptr(self).cast()
    }

    fn addresses(&self) -> Vec<Address> {
        vec![address_of(Arc::as_ptr(self))]
    }
}

impl<M: IdentityMapped> Objects for Vec<Arc<M>> {
    fn count(&self) -> usize {
        self.len()
    }

    fn get(&self, at: usize) -> Arc<dyn Object> {
        Arc::clone(&self[at]) as Arc<dyn Object>
    }

    fn pointer(&self, at: usize) -> *const () {
        Arc::as_ptr(&self[at]).cast()
    }

    fn addresses(&self) -> Vec<Address> {
        let addresses = self.iter().map(|object| address_of(Arc::as_ptr(object)));
        addresses.collect()
    }
}

impl<M: IdentityMapped> ObjectsMut for Vec<Arc<M>> {
    fn borrow(&self, at: usize) -> &dyn Object {
        &*self[at]
    }

    fn downgrade(&self, at: usize) -> Weak<dyn Object> {
        Arc::downgrade(&self[at]) as Weak<dyn Object>
    }

    fn set(&mut self, at: usize, object: Arc<dyn Object>) {
        if let Some(object) = downcast(object) {
            self[at] = object;
        }
    }
}

/// A model, as a value.
#[derive(Clone, Copy)]
pub(crate) struct ModelType {
    pub(crate) id: TypeId,
    facts: fn() -> Option<&'static Facts>,
    /// Whether an object stays the object of its key if its row was read again and has not changed.
    pub(crate) keeps_unchanged: bool,
}

impl ModelType {
    pub(crate) fn of<M: IdentityMapped>() -> Self {
        Self {
            id: TypeId::of::<M>(),
            facts: M::__facts,
            keeps_unchanged: M::__UNCHANGED.is_some(),
        }
    }

    /// The model's table, and its place in the registry of all models.
    pub(crate) fn facts(self) -> Option<&'static Facts> {
        (self.facts)()
    }
}
