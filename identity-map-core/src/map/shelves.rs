//! One store per model, found without a lock.
//!
//! The stores stand in a chain that only grows: a reference into it lives as long as the map,
//! so a hit needs neither a lock nor a reference count to reach its store. A program has few
//! models, and the ones it uses first stand first.

use std::any::TypeId;
use std::sync::OnceLock;

use super::store::{AnyStore, Store};
use crate::model::IdentityMapped;

#[derive(Default)]
pub(super) struct Shelves {
    first: Link,
}

type Link = OnceLock<Box<Shelf>>;

struct Shelf {
    model: TypeId,
    store: Box<dyn AnyStore>,
    next: Link,
}

impl Shelf {
    fn store<M: IdentityMapped>(&self) -> Option<&Store<M>> {
        (self.model == TypeId::of::<M>()).then(|| self.store.as_any().downcast_ref())?
    }
}

impl Shelves {
    pub(super) fn get<M: IdentityMapped>(&self) -> Option<&Store<M>> {
        self.shelves().find_map(Shelf::store)
    }

    pub(super) fn get_or_insert<M: IdentityMapped>(
        &self,
        make: impl Fn() -> Store<M>,
    ) -> &Store<M> {
        let mut link = &self.first;
        loop {
            // Another thread may put another model here first; then the walk goes on.
            let place = link.get_or_init(|| {
                Box::new(Shelf {
                    model: TypeId::of::<M>(),
                    store: Box::new(make()),
                    next: Link::new(),
                })
            });
            if let Some(store) = place.store() {
                return store;
            }
            link = &place.next;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &dyn AnyStore> {
        self.shelves().map(|shelf| &*shelf.store)
    }

    fn shelves(&self) -> impl Iterator<Item = &Shelf> {
        let first = self.first.get();
        std::iter::successors(first, |shelf| shelf.next.get()).map(|shelf| &**shelf)
    }
}
