//! The maps of all scopes, by database. A statement may be sent on a thread that is in no scope, and
//! then concerns all of them.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard};

use foldhash::fast::RandomState;

use crate::database::Realm;
use crate::lock::lock;
use crate::map::{IdentityMap, WeakMap};

/// Weak handles to the maps of one database.
#[derive(Default)]
struct RegisteredMaps {
    maps: Vec<WeakMap>,
    /// How many maps there may be before the dead ones are removed.
    limit: usize,
}

/// How many databases, or maps of one, there may be at least before the dead ones are removed.
const MIN_LIMIT: usize = 32;

type Registry = HashMap<Realm, RegisteredMaps, RandomState>;

static REGISTRY: LazyLock<Mutex<Registry>> = LazyLock::new(Mutex::default);

/// Registers the map of a scope. The map of a unique realm is not registered: its one connection knows
/// it.
pub(super) fn add(realm: &Realm, map: &IdentityMap) {
    if realm.is_unique() {
        return;
    }
    let realm = realm.home();
    let mut registry = registry();
    if registry.len() > MIN_LIMIT && !registry.contains_key(realm) {
        registry.retain(|_, maps| maps.sweep() > 0);
    }
    let of_realm = registry.entry(realm.clone()).or_default();
    if of_realm.maps.len() >= of_realm.limit {
        of_realm.limit = MIN_LIMIT.max(2 * of_realm.sweep());
    }
    of_realm.maps.push(map.downgrade());
}

pub(super) fn maps_of(realm: &Realm) -> Vec<IdentityMap> {
    let registry = registry();
    let of_realm = registry
        .get(realm.home())
        .into_iter()
        .flat_map(|of| &of.maps);
    of_realm.filter_map(WeakMap::upgrade).collect()
}

impl RegisteredMaps {
    /// Removes the dead maps, and says how many are left.
    fn sweep(&mut self) -> usize {
        self.maps.retain(|map| map.upgrade().is_some());
        self.maps.len()
    }
}

fn registry() -> MutexGuard<'static, Registry> {
    lock(&REGISTRY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::{Peers, Retain};

    #[test]
    fn dead_maps_are_removed() {
        let realm = Realm::named("registry".to_owned());
        let new_map = || IdentityMap::for_realm(realm.clone(), Retain::default(), Peers::default());
        let held = new_map();
        add(&realm, &held);
        for _ in 0..10 * MIN_LIMIT {
            add(&realm, &new_map());
        }
        assert!(maps_of(&realm).iter().all(|map| map.is(&held)));
        assert!(registry()[&realm].maps.len() <= MIN_LIMIT);
    }
}
