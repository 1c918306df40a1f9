//! The maps that a connection has filled: [`FilledMaps`].

use crate::map::{IdentityMap, WeakMap};

/// Weak references to maps, by which a write reaches every map that may hold its rows.
#[derive(Default)]
pub(super) struct FilledMaps(Vec<WeakMap>);

impl FilledMaps {
    /// Adds a map, and says whether it is a new one.
    pub(super) fn add(&mut self, map: &IdentityMap) -> bool {
        // The one used last stands last.
        if self.0.iter().rev().any(|known| known.is(map)) {
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
