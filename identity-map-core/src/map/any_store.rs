//! A store, whatever its model: [`AnyStore`].

use std::any::{Any, TypeId};
use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::retain::Retain;
use super::stamp::Stamp;
use super::stats::Stats;
use super::store::{Adopted, Store};
use crate::model::{Facts, IdentityMapped};

/// Keys of the model `M`.
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
    /// Chooses the objects that are alive, read from `since` on, for the `target` of the same model.
    /// `written` are the keys that were written one by one, a [`KeySet`]; with `whole` any may have
    /// been. What may be older than a write of somebody else is not chosen.
    fn choose_for(
        &self,
        target: &dyn AnyStore,
        written: Option<&dyn Any>,
        whole: bool,
        since: Stamp,
    ) -> Box<dyn Any>;
    /// Takes in what was [chosen](Self::choose_for) for this store.
    fn take_over(&self, chosen: Box<dyn Any>, since: Stamp);
}

/// The objects that one store takes over from another.
struct Chosen<M: IdentityMapped> {
    /// These replaced another object where they were, so they do so again.
    replacing: Vec<(M::Key, Arc<M>)>,
    /// These give way to an object that is held.
    joining: Vec<(M::Key, Arc<M>)>,
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
        written: Option<&dyn Any>,
        whole: bool,
        since: Stamp,
    ) -> Box<dyn Any> {
        let mut chosen = Chosen::<M> {
            replacing: Vec::new(),
            joining: Vec::new(),
        };
        let Some(target) = target.as_any().downcast_ref::<Self>() else {
            return Box::new(chosen);
        };
        let written = written.and_then(|keys| keys.downcast_ref::<KeySet<M>>());
        // All objects come first: one of them may be dropped here, and no lock is held then.
        for (key, object) in self.entries.alive() {
            let is_written = written.is_some_and(|keys| keys.contains(&key));
            if !is_written && target.is_written_since(since, &key) {
                continue;
            }
            if is_written || whole || self.is_written_since(Stamp::default(), &key) {
                chosen.replacing.push((key, object));
            } else {
                chosen.joining.push((key, object));
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
        for (key, object) in chosen.joining {
            if let Adopted::InMap(object) = self.adopt(key, object, since) {
                self.keep(&[object]);
            }
        }
    }
}
