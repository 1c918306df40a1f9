//! What a statement or a transaction may have changed: [`Invalidation`].

use std::any::{Any, TypeId};
use std::sync::Arc;

use super::any_store::{AnyStore, KeySet};
use super::retain::Retain;
use super::store::Store;
use super::type_map::TypeMap;
use crate::model::{Facts, IdentityMapped, ModelRegistry};

/// What has to be read again: everything, whole models, or single keys.
#[derive(Default, Clone)]
pub struct Invalidation {
    anything: bool,
    everything: bool,
    /// Whether a model is invalidated as a whole, by its index; see [`Facts`].
    models: Vec<bool>,
    /// How many models were known when tables were first named. A model that came later may be on one
    /// of the tables, so it counts as invalidated.
    known_models: Option<usize>,
    keys: Vec<Box<dyn AnyKeys>>,
}

impl Invalidation {
    pub(crate) fn everything() -> Self {
        Self {
            anything: true,
            everything: true,
            ..Self::default()
        }
    }

    /// The models on these tables; with `cascades` also the models that belong to those.
    pub(crate) fn tables<'a>(names: impl Iterator<Item = &'a str>, cascades: bool) -> Self {
        let mut invalidation = Self::default();
        let models = ModelRegistry::known();
        invalidation.anything = true;
        invalidation.known_models = Some(models.count());
        for name in names {
            models.each_on_table(name, cascades, &mut |index| invalidation.add_model(index));
        }
        invalidation
    }

    /// Rows of one model, and the other models that a write to them may change: those on the same table,
    /// and with `cascades` those that belong to it.
    pub(crate) fn rows<M: IdentityMapped>(
        keys: impl IntoIterator<Item = M::Key>,
        cascades: bool,
    ) -> Self {
        let mut invalidation = Self {
            anything: true,
            ..Self::default()
        };
        let keys: KeySet<M> = keys.into_iter().collect();
        invalidation
            .keys
            .push(Box::new(InvalidatedKeys::<M>(Arc::new(keys))));
        if let Some(facts) = M::__facts() {
            let models = ModelRegistry::known();
            models.each_other_affected(facts, cascades, &mut |index| invalidation.add_model(index));
            if !invalidation.models.is_empty() {
                invalidation.known_models = Some(models.count());
            }
        }
        invalidation
    }

    /// A whole model, and the other models that a write to its rows may change.
    pub(crate) fn model<M: IdentityMapped>(cascades: bool) -> Self {
        match M::__facts() {
            Some(facts) => Self::tables([facts.table()].into_iter(), cascades),
            None => Self::everything(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.anything
    }

    pub(crate) fn is_everything(&self) -> bool {
        self.everything
    }

    /// Whether the two may come from writes to the same rows. Where keys are named, the other models that
    /// their write may change do not count.
    #[cfg(all(feature = "async", feature = "postgres"))]
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        if !self.keys.is_empty() {
            return self.keys.iter().any(|keys| keys.overlaps(other));
        }
        let named = self.models.iter().enumerate().filter(|(_, named)| **named);
        let has_keys = |index| other.keys.iter().any(|keys| keys.model() == Some(index));
        let mut overlaps = named.map(|(index, _)| other.covers_model(index) || has_keys(index));
        self.everything || overlaps.any(|overlaps| overlaps)
    }

    fn add_model(&mut self, index: usize) {
        if self.models.len() <= index {
            self.models.resize(index + 1, false);
        }
        self.models[index] = true;
    }

    /// Whether a model is invalidated as a whole.
    pub(crate) fn covers(&self, facts: Option<&Facts>) -> bool {
        self.everything || facts.is_some_and(|facts| self.covers_model(facts.index()))
    }

    fn covers_model(&self, index: usize) -> bool {
        self.everything
            || self.models.get(index).copied().unwrap_or(false)
            || self.known_models.is_some_and(|known| index >= known)
    }

    /// The keys of a model that were written one by one.
    pub(crate) fn keys_of<M: IdentityMapped>(&self) -> Option<Arc<KeySet<M>>> {
        self.keys.iter().find_map(|keys| {
            let InvalidatedKeys(keys) = keys.as_any().downcast_ref::<InvalidatedKeys<M>>()?;
            Some(Arc::clone(keys))
        })
    }

    /// The keys that were written one by one of the model that a store is of: a [`KeySet`].
    pub(super) fn keys_for(&self, store: &dyn AnyStore) -> Option<&dyn Any> {
        let mut keys = self.keys.iter();
        keys.find_map(|keys| keys.key_set_for(store))
    }

    /// Expires what is invalidated in the stores of a map. A missing store is made if one of its keys was
    /// written, since it notes the write for loads in flight.
    pub(super) fn expire_in(&self, stores: &TypeMap, retain: Retain) {
        for store in stores.iter().filter(|store| self.covers(store.facts())) {
            store.clear();
        }
        for keys in &self.keys {
            keys.expire_in(stores, retain);
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.anything |= other.anything;
        self.everything |= other.everything;
        for (index, _) in other.models.iter().enumerate().filter(|(_, named)| **named) {
            self.add_model(index);
        }
        self.known_models = match (self.known_models, other.known_models) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        for keys in other.keys {
            match self.keys.iter_mut().find(|mine| mine.same_model(&*keys)) {
                Some(mine) => mine.extend(&*keys),
                None => self.keys.push(keys),
            }
        }
    }
}

struct InvalidatedKeys<M: IdentityMapped>(Arc<KeySet<M>>);

/// Invalidated keys of a model that is not known by its type.
trait AnyKeys: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn boxed(&self) -> Box<dyn AnyKeys>;
    /// The keys, if they are of the model of this store.
    fn key_set_for(&self, store: &dyn AnyStore) -> Option<&dyn Any>;
    #[cfg(all(feature = "async", feature = "postgres"))]
    fn model(&self) -> Option<usize>;
    #[cfg(all(feature = "async", feature = "postgres"))]
    fn overlaps(&self, other: &Invalidation) -> bool;
    fn same_model(&self, other: &dyn AnyKeys) -> bool;
    fn extend(&mut self, other: &dyn AnyKeys);
    fn expire_in(&self, stores: &TypeMap, retain: Retain);
}

impl Clone for Box<dyn AnyKeys> {
    fn clone(&self) -> Self {
        (**self).boxed()
    }
}

impl<M: IdentityMapped> AnyKeys for InvalidatedKeys<M> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    #[cfg(all(feature = "async", feature = "postgres"))]
    fn model(&self) -> Option<usize> {
        M::__facts().map(Facts::index)
    }

    #[cfg(all(feature = "async", feature = "postgres"))]
    fn overlaps(&self, other: &Invalidation) -> bool {
        let shares_keys = |keys: Arc<KeySet<M>>| !keys.is_disjoint(&self.0);
        other.covers(M::__facts()) || other.keys_of::<M>().is_some_and(shares_keys)
    }

    fn boxed(&self) -> Box<dyn AnyKeys> {
        Box::new(Self(Arc::clone(&self.0)))
    }

    fn key_set_for(&self, store: &dyn AnyStore) -> Option<&dyn Any> {
        (store.model() == TypeId::of::<M>()).then_some(&*self.0 as &dyn Any)
    }

    fn same_model(&self, other: &dyn AnyKeys) -> bool {
        other.as_any().is::<Self>()
    }

    fn extend(&mut self, other: &dyn AnyKeys) {
        if let Some(Self(other)) = other.as_any().downcast_ref::<Self>() {
            // The view of a load in flight may share the set, which is then copied.
            Arc::make_mut(&mut self.0).extend(other.iter().cloned());
        }
    }

    fn expire_in(&self, stores: &TypeMap, retain: Retain) {
        let store = stores.get_or_insert(|| Store::<M>::new(retain));
        for key in self.0.iter() {
            store.expire(key);
        }
    }
}
