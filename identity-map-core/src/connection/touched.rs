//! What a statement or a transaction may have changed: [`Touched`].

use std::any::Any;
use std::collections::HashSet;
use std::sync::Arc;

use crate::map::IdentityMap;
use crate::model::{Facts, IdentityMapped, Models};

type KeySet<M> = HashSet<<M as IdentityMapped>::Key, foldhash::fast::RandomState>;

/// Everything, whole models, or single keys.
#[derive(Default, Clone)]
pub struct Touched {
    anything: bool,
    everything: bool,
    /// By index; see [`Facts`].
    models: Vec<bool>,
    /// How many models there were when tables were first named: those that came later may be on
    /// one of the tables, and nobody looked.
    known: Option<usize>,
    keys: Vec<Box<dyn AnyKeys>>,
}

impl Touched {
    pub(crate) fn everything() -> Self {
        Self {
            anything: true,
            everything: true,
            ..Self::default()
        }
    }

    /// The models on these tables; with `cascades` those that belong to them as well.
    pub(crate) fn tables<'a>(names: impl Iterator<Item = &'a str>, cascades: bool) -> Self {
        let mut touched = Self::default();
        let models = Models::known();
        touched.anything = true;
        touched.known = Some(models.count());
        for name in names {
            models.on_table(name, cascades, &mut |index| touched.add_model(index));
        }
        touched
    }

    /// Rows of one model, and what a write to them may touch beside; with `cascades` that
    /// includes the models that belong to it.
    pub(crate) fn rows<M: IdentityMapped>(
        keys: impl IntoIterator<Item = M::Key>,
        cascades: bool,
    ) -> Self {
        let mut touched = Self {
            anything: true,
            ..Self::default()
        };
        let keys: KeySet<M> = keys.into_iter().collect();
        touched.keys.push(Box::new(Keys::<M>(Arc::new(keys))));
        if let Some(facts) = M::__facts() {
            let models = Models::known();
            models.beside(facts, cascades, &mut |index| touched.add_model(index));
            if !touched.models.is_empty() {
                touched.known = Some(models.count());
            }
        }
        touched
    }

    /// A whole model, and what a write to any of its rows may touch beside.
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

    /// Whether the other may be a write to the same rows: not to those that are touched beside.
    #[cfg(all(feature = "async", feature = "postgres"))]
    pub(crate) fn meets(&self, other: &Self) -> bool {
        if !self.keys.is_empty() {
            return self.keys.iter().any(|keys| keys.meets(other));
        }
        let named = self.models.iter().enumerate().filter(|(_, named)| **named);
        let has_keys = |index| other.keys.iter().any(|keys| keys.model() == Some(index));
        let mut meets = named.map(|(index, _)| other.covers_model(index) || has_keys(index));
        self.everything || meets.any(|meets| meets)
    }

    fn add_model(&mut self, index: usize) {
        if self.models.len() <= index {
            self.models.resize(index + 1, false);
        }
        self.models[index] = true;
    }

    /// The whole model.
    pub(crate) fn covers(&self, facts: Option<&Facts>) -> bool {
        self.everything || facts.is_some_and(|facts| self.covers_model(facts.index()))
    }

    fn covers_model(&self, index: usize) -> bool {
        self.everything
            || self.models.get(index).copied().unwrap_or(false)
            || self.known.is_some_and(|known| index >= known)
    }

    /// The keys of a model that were touched one by one.
    pub(crate) fn keys_of<M: IdentityMapped>(&self) -> Option<Arc<KeySet<M>>> {
        self.keys.iter().find_map(|keys| {
            let Keys(keys) = keys.as_any().downcast_ref::<Keys<M>>()?;
            Some(Arc::clone(keys))
        })
    }

    pub(crate) fn expire_keys(&self, map: &IdentityMap) {
        self.keys.iter().for_each(|keys| keys.expire_in(map));
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.anything |= other.anything;
        self.everything |= other.everything;
        for (index, _) in other.models.iter().enumerate().filter(|(_, named)| **named) {
            self.add_model(index);
        }
        self.known = match (self.known, other.known) {
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

struct Keys<M: IdentityMapped>(Arc<KeySet<M>>);

/// The keys of some model.
trait AnyKeys: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn boxed(&self) -> Box<dyn AnyKeys>;
    #[cfg(all(feature = "async", feature = "postgres"))]
    fn model(&self) -> Option<usize>;
    #[cfg(all(feature = "async", feature = "postgres"))]
    fn meets(&self, other: &Touched) -> bool;
    fn same_model(&self, other: &dyn AnyKeys) -> bool;
    fn extend(&mut self, other: &dyn AnyKeys);
    fn expire_in(&self, map: &IdentityMap);
}

impl Clone for Box<dyn AnyKeys> {
    fn clone(&self) -> Self {
        (**self).boxed()
    }
}

impl<M: IdentityMapped> AnyKeys for Keys<M> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    #[cfg(all(feature = "async", feature = "postgres"))]
    fn model(&self) -> Option<usize> {
        M::__facts().map(Facts::index)
    }

    #[cfg(all(feature = "async", feature = "postgres"))]
    fn meets(&self, other: &Touched) -> bool {
        let shares_keys = |keys: Arc<KeySet<M>>| !keys.is_disjoint(&self.0);
        other.covers(M::__facts()) || other.keys_of::<M>().is_some_and(shares_keys)
    }

    fn boxed(&self) -> Box<dyn AnyKeys> {
        Box::new(Self(Arc::clone(&self.0)))
    }

    fn same_model(&self, other: &dyn AnyKeys) -> bool {
        other.as_any().is::<Self>()
    }

    fn extend(&mut self, other: &dyn AnyKeys) {
        if let Some(Self(other)) = other.as_any().downcast_ref::<Self>() {
            // A view of a running load may share the set: then it is copied.
            Arc::make_mut(&mut self.0).extend(other.iter().cloned());
        }
    }

    fn expire_in(&self, map: &IdentityMap) {
        let store = map.store::<M>();
        for key in self.0.iter() {
            store.expire(key);
        }
    }
}
