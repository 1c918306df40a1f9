//! What holds for all that is loaded along: [`EagerOptions`].

use crate::map::IdentityMap;
use crate::model::Model;
use crate::query::{CacheMode, Cached, Plan};

/// What a query said that holds for what is loaded along with it.
#[derive(Debug, Clone, Default)]
#[doc(hidden)]
pub struct EagerOptions {
    map: Option<IdentityMap>,
    mode: CacheMode,
}

impl EagerOptions {
    pub(super) fn of<M: Model>(plan: &Plan<M>) -> Self {
        Self {
            map: plan.map.clone(),
            mode: plan.mode,
        }
    }

    pub(super) fn plan<M: Model>(&self) -> Plan<M> {
        self.apply(Cached::new()).plan
    }

    /// What the outer query said holds for this one, unless this one says it itself.
    pub(super) fn apply<M: Model, Q>(&self, mut query: Cached<M, Q>) -> Cached<M, Q> {
        let plan = &mut query.plan;
        if plan.mode == CacheMode::Cached {
            plan.mode = self.mode;
        }
        plan.map = plan.map.take().or_else(|| self.map.clone());
        query
    }
}
