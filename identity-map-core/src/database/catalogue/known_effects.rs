//! The effects of the manager's writes that there were so far: [`KnownEffects`].

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use foldhash::fast::RandomState;

use crate::lock::{read, write};
use crate::statement::{Operations, SessionEffect};

/// What a write to rows of a model changes beside them.
#[derive(Debug, Default)]
pub(crate) struct ModelEffects {
    /// The models of which any object may be old. The model itself is among them if the database may change
    /// other rows of it than the write does, or the written ones afterwards.
    pub(crate) models: Vec<usize>,
    /// Any table may be written to.
    pub(crate) may_do_anything: bool,
    pub(crate) session: SessionEffect,
    /// Some of it may happen only when the transaction ends.
    pub(crate) is_deferred: bool,
}

/// The effects of the writes that there were so far, by model and kind. There are few of both.
#[derive(Debug, Default)]
pub(super) struct KnownEffects(RwLock<EffectsOfModels>);

#[derive(Debug, Default)]
struct EffectsOfModels {
    /// So many models were known.
    models: usize,
    by_write: HashMap<(usize, Operations), Arc<ModelEffects>, RandomState>,
}

impl KnownEffects {
    /// The effects of a write to the model of an index, while so many `models` are known.
    pub(super) fn get_or_insert(
        &self,
        models: usize,
        of_write: (usize, Operations),
        follow: impl FnOnce() -> ModelEffects,
    ) -> Arc<ModelEffects> {
        {
            let known = read(&self.0);
            if known.models == models
                && let Some(effects) = known.by_write.get(&of_write)
            {
                return Arc::clone(effects);
            }
        }
        let effects = Arc::new(follow());
        let mut known = write(&self.0);
        if known.models != models {
            known.models = models;
            known.by_write.clear();
        }
        known.by_write.insert(of_write, Arc::clone(&effects));
        effects
    }
}
