//! What a statement or a transaction may have changed: [`Invalidation`].

use std::sync::Arc;

use super::key_set::KeySet;
use super::retain::Retain;
use super::store::Store;
use super::type_map::TypeMap;
use crate::database::{Catalogue, Reached};
use crate::model::{Facts, ModelRegistry, ModelType};
use crate::statement::{ObjectName, Operations, SessionEffect};

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
    /// Whether the session may see other rows as well.
    session: SessionEffect,
    /// A trigger may change some of it only when the transaction ends.
    is_deferred: bool,
}

impl Invalidation {
    /// Whether the write may also have changed which rows the session sees.
    pub(crate) fn session_effect(&self) -> SessionEffect {
        self.session
    }

    /// Whether the end of the transaction may change it once more.
    pub(crate) fn is_deferred(&self) -> bool {
        self.is_deferred
    }

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

    /// What a statement of the program's changes, by the catalogue: the models that read what it writes to, and
    /// what the database writes to then. `names` are all names in it: a model whose table the catalogue does
    /// not have is judged by them.
    pub(crate) fn reached<'a>(
        reached: &Reached<'_>,
        catalogue: &Catalogue,
        names: impl FnOnce() -> Vec<ObjectName<'a>>,
    ) -> Self {
        let is_deferred = reached.is_deferred();
        if reached.may_do_anything() {
            return Self {
                is_deferred,
                ..Self::everything()
            };
        }
        let mut invalidation = Self {
            anything: true,
            is_deferred,
            ..Self::default()
        };
        catalogue.each_reader(&reached.changed(), &mut |model| {
            invalidation.add_model(model);
        });
        let elsewhere = catalogue.models_elsewhere();
        let models = ModelRegistry::known();
        invalidation.known_models = Some(models.count());
        if elsewhere.is_empty() {
            return invalidation;
        }
        for name in names() {
            models.each_on_table(name.name, true, &mut |model| {
                if elsewhere.contains(&model) {
                    invalidation.add_model(model);
                }
            });
        }
        invalidation
    }

    /// Rows of one model that are written, and the other models that the write may change.
    pub(crate) fn rows(model: ModelType, keys: KeySet, write: &ModelWrite<'_>) -> Self {
        let mut invalidation = Self::keys(model, keys);
        if let Some(facts) = model.facts() {
            invalidation.add_others(facts, write);
        }
        invalidation
    }

    /// Rows of one model, and nothing else.
    pub(crate) fn keys(model: ModelType, keys: KeySet) -> Self {
        let keys = Arc::new(keys);
        Self {
            anything: true,
            keys: vec![InvalidatedKeys { model, keys }],
            ..Self::default()
        }
    }

    /// A whole model, and the other models that a write to its rows may change.
    pub(crate) fn model(model: ModelType, write: &ModelWrite<'_>) -> Self {
        let Some(facts) = model.facts() else {
            return Self::everything();
        };
        let mut invalidation = Self {
            anything: true,
            ..Self::default()
        };
        invalidation.add_others(facts, write);
        invalidation.add_model(facts.index());
        invalidation.known_models = Some(ModelRegistry::known().count());
        invalidation
    }

    /// Adds what a write to rows of a model may change beside them. The model itself is among it if the
    /// database may change other rows of it.
    fn add_others(&mut self, facts: &Facts, write: &ModelWrite<'_>) {
        let effects = write.catalogue.and_then(|catalogue| {
            catalogue.effects_of_write(facts.index(), write.operations, write.assigned)
        });
        let Some(effects) = effects else {
            let models = ModelRegistry::known();
            let mut others = Vec::new();
            models.each_other_affected(facts, write.cascades(), &mut |model| others.push(model));
            drop(models);
            return self.add_models(&others);
        };
        if effects.may_do_anything {
            *self = Self::everything();
        } else {
            self.add_models(&effects.models);
        }
        self.session = self.session.max(effects.session);
        self.is_deferred |= effects.is_deferred;
    }

    fn add_models(&mut self, others: &[usize]) {
        if others.is_empty() {
            return;
        }
        for model in others {
            self.add_model(*model);
        }
        self.known_models = Some(ModelRegistry::known().count());
    }

    /// The tables of the models that are invalidated as a whole, without quotes.
    pub(crate) fn tables_of_models(&self) -> Vec<String> {
        let models = ModelRegistry::known();
        let named = self.models.iter().enumerate().filter(|(_, named)| **named);
        let tables = named.map(|(index, _)| models.reads(index).table.replace(['"', '`'], ""));
        tables.collect()
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
        self.is_deferred |= other.is_deferred;
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

/// A write of the manager to rows of a model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ModelWrite<'c> {
    pub(crate) operations: Operations,
    /// The columns that it assigns, if they are known.
    pub(crate) assigned: Option<&'c [String]>,
    /// `None` until the connection has said which.
    pub(crate) catalogue: Option<&'c Catalogue>,
}

impl<'c> ModelWrite<'c> {
    pub(crate) fn by(operations: Operations) -> Self {
        Self::assigning(operations, None)
    }

    pub(crate) fn assigning(operations: Operations, assigned: Option<&'c [String]>) -> Self {
        Self {
            operations,
            assigned,
            catalogue: None,
        }
    }

    /// Whether rows that refer to the written ones may change, as far as the program says.
    fn cascades(&self) -> bool {
        let moves = self.assigned.is_none() && self.operations.overlaps(Operations::MOVE);
        moves || self.operations.overlaps(Operations::DELETE)
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
