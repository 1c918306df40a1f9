//! A store whose model is not known by its type: [`AnyStore`].

use std::any::{Any, TypeId};
use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::retain::Retain;
use super::stamp::Stamp;
use super::stats::Stats;
use super::store::{Adopted, Store};
use crate::model::{Facts, IdentityMapped};

pub(crate) type KeySet<M> = HashSet<<M as IdentityMapped>::Key, RandomState>;

/// What the map asks of its stores whatever their model.
pub(super) trait AnyStore: Any + Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn model(&self) -> TypeId;
    fn facts(&self) -> Option<&'static Facts>;
    /// An empty store of the same model.
    fn empty(&self, retain: Retain) -> Box<dyn AnyStore>;
    fn clear(&self);
    fn close(&self);
    fn add_to(&self, stats: &mut Stats);
    /// Chooses the live objects that the `target`, a store of the same model, can take over. They were
    /// read from `since` on. `written_keys`, a [`KeySet`], were written one by one;
    /// `is_model_written` says that any row may have been. An object that may be older than a write of
    /// another connection is not chosen.
    fn choose_for(
        &self,
        target: &dyn AnyStore,
        written_keys: Option<&dyn Any>,
        is_model_written: bool,
        since: Stamp,
    ) -> Box<dyn Any>;
    /// Takes in the objects that were [chosen](Self::choose_for) for this store.
    fn take_over(&self, chosen: Box<dyn Any>, since: Stamp);
}

/// The objects that one store takes over from another.
struct Chosen<M: IdentityMapped> {
    /// New versions, which replace an object that is held.
    replacing: Vec<(M::Key, Arc<M>)>,
    /// Versions that were only read, over which an object that is held wins.
    yielding: Vec<(M::Key, Arc<M>)>,
}

impl<M: IdentityMapped> AnyStore for Store<M> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn model(&self) -> TypeId {
        TypeId::of::<M>()
    }

    fn facts(&self) -> Option<&'static Facts> {
        self.facts
    }

    fn empty(&self, retain: Retain) -> Box<dyn AnyStore> {
        Box::new(Self::new(retain))
    }

    fn clear(&self) {
        Self::clear(self);
    }

    fn close(&self) {
        Self::close(self);
    }

    fn add_to(&self, stats: &mut Stats) {
        *stats += self.usage.stats(self.entries.count_alive());
    }

    fn choose_for(
        &self,
        target: &dyn AnyStore,
        written_keys: Option<&dyn Any>,
        is_model_written: bool,
        since: Stamp,
    ) -> Box<dyn Any> {
        let mut chosen = Chosen::<M> {
            replacing: Vec::new(),
            yielding: Vec::new(),
        };
        let Some(target) = target.as_any().downcast_ref::<Self>() else {
            return Box::new(chosen);
        };
        let written_keys = written_keys.and_then(|keys| keys.downcast_ref::<KeySet<M>>());
        // The objects are collected first: the loop may drop one of them, and no lock is held then.
        for (key, object) in self.entries.alive() {
            let is_written = written_keys.is_some_and(|keys| keys.contains(&key));
            if !is_written && target.is_written_since(since, &key) {
                continue;
            }
            if is_written || is_model_written || self.is_written_since(Stamp::default(), &key) {
                chosen.replacing.push((key, object));
            } else {
                chosen.yielding.push((key, object));
            }
        }
        Box::new(chosen)
    }

    fn take_over(&self, chosen: Box<dyn Any>, since: Stamp) {
        let Ok(chosen) = chosen.downcast::<Chosen<M>>() else {
            return;
        };
        for (key, object) in chosen.replacing {
            self.replace(key, &object);
            self.keep(&[object]);
        }
        for (key, object) in chosen.yielding {
            if let Adopted::InMap(object) = self.adopt(key, object, since) {
                self.keep(&[object]);
            }
        }
    }
}
