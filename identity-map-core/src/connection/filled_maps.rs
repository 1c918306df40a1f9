//! The maps that a connection has filled: [`FilledMaps`].

use crate::map::{IdentityMap, WeakMap};

/// Weak references to maps, by which a write reaches every map that may hold its rows.
#[derive(Default)]
pub(super) struct FilledMaps(Vec<WeakMap>);

impl FilledMaps {
    /// Adds a map, and says whether it is a new one.
    #[inline]
    pub(super) fn add(&mut self, map: &IdentityMap) -> bool {
        // Nearly always it is the one that was added last.
        !self.is_latest(map) && self.add_another(map)
    }

    /// Whether this map was added last.
    #[inline]
    pub(super) fn is_latest(&self, map: &IdentityMap) -> bool {
        self.0.last().is_some_and(|latest| latest.is(map))
    }

    fn add_another(&mut self, map: &IdentityMap) -> bool {
        if self.0.iter().any(|known| known.is(map)) {
            return false;
        }
        self.0.retain(|known| known.upgrade().is_some());
        self.0.push(map.downgrade());
        true
    }

    pub(super) fn alive(&self) -> Vec<IdentityMap> {
        self.0.iter().filter_map(WeakMap::upgrade).collect()
    }
}
