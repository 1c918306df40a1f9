//! What a store takes over from the store of a transaction's layer: [`Chosen`].

use std::sync::Arc;

use super::invalidation::Invalidation;
use super::known_groups::KnownGroups;
use super::read_age::ReadAge;
use super::stamp::Stamp;
use super::store::{Adopted, Store};
use crate::model::Object;

/// The objects that one store takes over from another.
pub(super) struct Chosen {
    /// New versions, which replace an object that is held.
    replacing: Vec<Arc<dyn Object>>,
    /// Versions that were only read, over which an object that is held wins.
    yielding: Vec<Arc<dyn Object>>,
    /// Which of them were loaded together.
    groups: KnownGroups,
}

impl Store {
    /// Chooses the live objects that the `target`, a store of the same model, can take over. They were
    /// read at this age, and `invalidation` says what was written. An object that may be
    /// older than what another connection has written, or has read meanwhile, is not chosen.
    pub(super) fn choose_for(
        &self,
        target: &Self,
        invalidation: &Invalidation,
        age: ReadAge,
    ) -> Chosen {
        let mut chosen = Chosen {
            replacing: Vec::new(),
            yielding: Vec::new(),
            groups: self.peer_groups.take(),
        };
        let is_behind = age.is_behind(target);
        let written_keys = invalidation.keys_of(self.model());
        let is_model_written = invalidation.covers(self.facts());
        // The objects are collected first: the loop may drop one of them, and no lock is held then.
        for object in self.entries.alive() {
            let key = object.key_hash();
            let is_written = written_keys.is_some_and(|keys| keys.contains_key_of(&*object));
            // What was written here is the latest version. But a write may have found no row, which another
            // connection had deleted, and the snapshot still has it.
            let is_latest = is_written && !age.is_snapshot;
            if !is_latest && target.is_written_since(age.since, key) {
                continue;
            }
            if is_written || is_model_written || self.is_written_since(Stamp::default(), key) {
                chosen.replacing.push(object);
            } else if !is_behind {
                chosen.yielding.push(object);
            }
        }
        chosen
    }

    /// Takes in the objects that were [chosen](Self::choose_for) for this store.
    pub(super) fn take_over(&self, chosen: Chosen, since: Stamp) {
        for object in chosen.replacing {
            self.replace(&object);
            self.keep(&object);
        }
        for object in chosen.yielding {
            if let Adopted::InMap(object) = self.adopt(object, since) {
                self.keep(&object);
            }
        }
        if !self.is_closed() {
            self.peer_groups.take_over(chosen.groups, &self.entries);
        }
    }
}
