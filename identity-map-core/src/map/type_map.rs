//! One store per model, found without a lock: [`TypeMap`].
//!
//! The stores form a linked list that only grows. A reference into it lives as long as the map, so a
//! hit reaches its store without a lock and without a reference count. A program has few models, and
//! the list is short.

use std::any::TypeId;
use std::sync::OnceLock;

use super::any_store::AnyStore;
use super::store::Store;
use crate::model::IdentityMapped;

/// The stores of a map, by the type of their model.
#[derive(Default)]
pub(super) struct TypeMap {
    first: Link,
}

type Link = OnceLock<Box<Node>>;

struct Node {
    model: TypeId,
    store: Box<dyn AnyStore>,
    next: Link,
}

impl Node {
    fn store<M: IdentityMapped>(&self) -> Option<&Store<M>> {
        (self.model == TypeId::of::<M>()).then(|| self.store.as_any().downcast_ref())?
    }
}

impl TypeMap {
    pub(super) fn get<M: IdentityMapped>(&self) -> Option<&Store<M>> {
        self.nodes().find_map(Node::store)
    }

    pub(super) fn get_or_insert<M: IdentityMapped>(
        &self,
        make: impl Fn() -> Store<M>,
    ) -> &Store<M> {
        let mut link = &self.first;
        loop {
            // Another thread may have put another model here first; then the search goes on.
            let node = link.get_or_init(|| {
                Box::new(Node {
                    model: TypeId::of::<M>(),
                    store: Box::new(make()),
                    next: Link::new(),
                })
            });
            if let Some(store) = node.store() {
                return store;
            }
            link = &node.next;
        }
    }

    /// [`get_or_insert`](Self::get_or_insert) for a model whose type only `make` knows.
    pub(super) fn get_or_insert_any(
        &self,
        model: TypeId,
        make: impl Fn() -> Box<dyn AnyStore>,
    ) -> &dyn AnyStore {
        let mut link = &self.first;
        loop {
            let node = link.get_or_init(|| {
                Box::new(Node {
                    model,
                    store: make(),
                    next: Link::new(),
                })
            });
            if node.model == model {
                return &*node.store;
            }
            link = &node.next;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &dyn AnyStore> {
        self.nodes().map(|node| &*node.store)
    }

    fn nodes(&self) -> impl Iterator<Item = &Node> {
        let first = self.first.get();
        std::iter::successors(first, |node| node.next.get()).map(|node| &**node)
    }
}
