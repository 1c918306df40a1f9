//! One store per model, found without a lock: [`TypeMap`].
//!
//! The stores form a linked list that only grows. A reference into it lives as long as the map, so a
//! hit reaches its store without a lock and without a reference count. A program has few models, and
//! the list is short.

use std::any::TypeId;
use std::sync::OnceLock;

use super::store::Store;
use crate::model::ModelType;

/// The stores of a map, by their model.
#[derive(Default)]
pub(super) struct TypeMap {
    first: Link,
}

type Link = OnceLock<Box<Node>>;

struct Node {
    store: Store,
    next: Link,
}

impl TypeMap {
    #[inline]
    pub(super) fn get(&self, model: TypeId) -> Option<&Store> {
        self.iter().find(|store| store.model().id == model)
    }

    #[inline]
    pub(super) fn get_or_insert(&self, model: ModelType, make: impl Fn() -> Store) -> &Store {
        if let Some(store) = self.get(model.id) {
            return store;
        }
        self.insert(model, make)
    }

    #[cold]
    fn insert(&self, model: ModelType, make: impl Fn() -> Store) -> &Store {
        let mut link = &self.first;
        loop {
            // Another thread may have put another model here first; then the search goes on.
            let node = link.get_or_init(|| {
                Box::new(Node {
                    store: make(),
                    next: Link::new(),
                })
            });
            if node.store.model().id == model.id {
                return &node.store;
            }
            link = &node.next;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Store> {
        let first = self.first.get();
        std::iter::successors(first, |node| node.next.get()).map(|node| &node.store)
    }
}
