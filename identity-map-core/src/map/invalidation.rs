//! What a statement or a transaction may have changed: [`Invalidation`].

use std::sync::Arc;

use super::key_set::KeySet;
use super::retain::Retain;
use super::store::Store;
use super::type_map::TypeMap;
use crate::model::{Facts, IdentityMapped, ModelRegistry, ModelType};

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
    keys: Vec<InvalidatedKeys>,
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
        Self::keys(ModelType::of::<M>(), KeySet::of(keys), cascades)
    }

    /// [`rows`](Self::rows) of a model that is not known by its type.
    pub(crate) fn keys(model: ModelType, keys: KeySet, cascades: bool) -> Self {
        let mut invalidation = Self {
            anything: true,
            ..Self::default()
        };
        let keys = Arc::new(keys);
        invalidation.keys.push(InvalidatedKeys { model, keys });
        if let Some(facts) = model.facts() {
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
        let has_keys = |index| other.keys.iter().any(|keys| keys.index() == Some(index));
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
    pub(crate) fn keys_of(&self, model: ModelType) -> Option<&Arc<KeySet>> {
        let mut keys = self.keys.iter();
        let keys = keys.find(|keys| keys.model.id == model.id)?;
        Some(&keys.keys)
    }

    /// Expires what is invalidated in the stores of a map. A missing store is made if one of its keys was
    /// written, since it notes the write for loads in flight.
    pub(super) fn expire_in(&self, stores: &TypeMap, retain: Retain) {
        for store in stores.iter().filter(|store| self.covers(store.facts())) {
            store.clear();
        }
        for InvalidatedKeys { model, keys } in &self.keys {
            let store = stores.get_or_insert(*model, || Store::new(*model, retain));
            keys.iter().for_each(|key| store.expire(key));
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
            let mut mine = self.keys.iter_mut();
            match mine.find(|mine| mine.model.id == keys.model.id) {
                // The view of a load in flight may share the set, which is then copied.
                Some(mine) => Arc::make_mut(&mut mine.keys).extend(&keys.keys),
                None => self.keys.push(keys),
            }
        }
    }
}

#[derive(Clone)]
struct InvalidatedKeys {
    model: ModelType,
    keys: Arc<KeySet>,
}

#[cfg(all(feature = "async", feature = "postgres"))]
impl InvalidatedKeys {
    fn index(&self) -> Option<usize> {
        self.model.facts().map(Facts::index)
    }

    fn overlaps(&self, other: &Invalidation) -> bool {
        let shares_keys = |keys: &Arc<KeySet>| !keys.is_disjoint(&self.keys);
        other.covers(self.model.facts()) || other.keys_of(self.model).is_some_and(shares_keys)
    }
}
