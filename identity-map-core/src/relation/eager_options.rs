//! The options of a query that also hold for what is loaded along: [`EagerOptions`].

use crate::map::IdentityMap;
use crate::model::Model;
use crate::query::{CacheMode, Cached, Plan};

/// The map and the cache mode of a query, which also hold for what is loaded along.
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

    /// Gives the options to another query, where that query has none of its own.
    pub(super) fn apply<M: Model, Q>(&self, mut query: Cached<M, Q>) -> Cached<M, Q> {
        let plan = &mut query.plan;
        if plan.mode == CacheMode::Cached {
            plan.mode = self.mode;
        }
        plan.map = plan.map.take().or_else(|| self.map.clone());
        query
    }
}
