//! The maps of transactions' layers beside a map.

use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, Weak};

use super::identity_map::{IdentityMap, Inner};
use super::invalidation::Invalidation;
use super::read_age::ReadAge;
use crate::lock::lock;

impl IdentityMap {
    /// A map for a layer of a transaction, to be looked up before this one. What the program expires or
    /// clears here is expired and cleared there too; with `follows_commits` also what is written and
    /// committed.
    pub(crate) fn new_layer_map(&self, follows_commits: bool) -> Self {
        let inner = Arc::new(Inner {
            retain: self.inner.retain,
            follows_commits,
            ..Inner::default()
        });
        let mut layer_maps = self.lock_layer_maps();
        layer_maps.retain(|layer_map| layer_map.strong_count() > 0);
        layer_maps.push(Arc::downgrade(&inner));
        drop(layer_maps);
        if self.inner.closed.load(Ordering::Acquire) {
            inner.closed.store(true, Ordering::Release);
        }
        Self { inner }
    }

    pub(super) fn layer_maps(&self) -> Vec<Self> {
        let layer_maps = self.lock_layer_maps();
        let alive = layer_maps.iter().filter_map(Weak::upgrade);
        alive.map(|inner| Self { inner }).collect()
    }

    fn lock_layer_maps(&self) -> MutexGuard<'_, Vec<Weak<Inner>>> {
        lock(&self.inner.layer_maps)
    }

    /// Takes over the objects of a transaction layer, which were read at this age, and expires whatever
    /// else was invalidated.
    pub(crate) fn take_over(&self, layer_map: &Self, invalidation: &Invalidation, age: ReadAge) {
        let chosen: Vec<_> = layer_map
            .inner
            .stores
            .iter()
            .map(|store| {
                let target = self.store(store.model());
                let chosen = store.choose_for(target, invalidation, age);
                (target, chosen)
            })
            .collect();
        self.invalidate(invalidation);
        for (target, chosen) in chosen {
            target.note_filler(age.filler);
            target.take_over(chosen, age.since);
        }
    }
}
