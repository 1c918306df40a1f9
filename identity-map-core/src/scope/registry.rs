//! The maps of all scopes, by database. A statement may be sent on a thread that is in no scope, and
//! then concerns all of them.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard};

use foldhash::fast::RandomState;

use super::maps::ScopeMap;
use crate::database::{Product, Realm};
use crate::lock::lock;
use crate::map::{AtomicStamp, IdentityMap, Stamp, WeakMap};

/// Weak handles to the maps of one database, and its product.
#[derive(Default)]
struct RegisteredMaps {
    maps: Vec<(WeakMap, Product)>,
    /// How many maps there may be before the dead ones are removed.
    limit: usize,
}

/// How many databases, or maps of one, there may be at least before the dead ones are removed.
const MIN_LIMIT: usize = 32;

#[derive(Default)]
struct Registry {
    by_realm: HashMap<Realm, RegisteredMaps, RandomState>,
    /// The maps of unknown databases. Nobody notes their realms, so that a scope can tell when the
    /// connection of one is gone.
    unknown: RegisteredMaps,
}

static REGISTRY: LazyLock<Mutex<Registry>> = LazyLock::new(Mutex::default);

/// When a statement wrote last of which nobody knows the scope.
static WRITTEN_AT: LazyLock<AtomicStamp> = LazyLock::new(AtomicStamp::default);

/// Registers the map of a scope. The map of a unique realm is not registered: its one connection knows
/// it.
pub(super) fn add(new: &ScopeMap) {
    let realm = &new.realm;
    if realm.is_unique() {
        return;
    }
    let realm = realm.home();
    let mut registry = registry();
    if realm.is_unknown() {
        registry.unknown.push(new);
        return;
    }
    let by_realm = &mut registry.by_realm;
    if by_realm.len() > MIN_LIMIT && !by_realm.contains_key(realm) {
        by_realm.retain(|_, maps| maps.sweep() > 0);
    }
    by_realm.entry(realm.clone()).or_default().push(new);
}

/// Every map of the realm that a connection writes, or of an unknown database of its product. Maps that are
/// made later hear of the write by [`written_at`].
pub(super) fn written_from(realm: &Realm, product: Product) -> Vec<IdentityMap> {
    WRITTEN_AT.note_write();
    let registry = registry();
    let mut maps = registry.unknown.of_product(product);
    if realm.is_unknown() {
        let known = registry.by_realm.values();
        maps.extend(known.flat_map(|of_realm| of_realm.of_product(product)));
    } else if let Some(of_realm) = registry.by_realm.get(realm.home()) {
        maps.extend(of_realm.of_product(product));
    }
    maps
}

/// When a statement wrote last of which nobody knows the scope.
pub(super) fn written_at() -> Stamp {
    WRITTEN_AT.get()
}

impl RegisteredMaps {
    fn push(&mut self, new: &ScopeMap) {
        if self.maps.len() >= self.limit {
            self.limit = MIN_LIMIT.max(2 * self.sweep());
        }
        self.maps.push((new.map.downgrade(), new.product));
    }

    fn of_product(&self, product: Product) -> Vec<IdentityMap> {
        let maps = self.maps.iter();
        let of_product = maps.filter(|(_, known)| known.may_be(product));
        of_product.filter_map(|(map, _)| map.upgrade()).collect()
    }

    /// Removes the dead maps, and says how many are left.
    fn sweep(&mut self) -> usize {
        self.maps.retain(|(map, _)| map.upgrade().is_some());
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
        let new_map = || ScopeMap {
            realm: realm.clone(),
            product: Product::Sqlite,
            map: IdentityMap::for_realm(realm.clone(), Retain::default(), Peers::default()),
        };
        let held = new_map();
        add(&held);
        for _ in 0..10 * MIN_LIMIT {
            add(&new_map());
        }
        let maps = written_from(&realm, Product::Sqlite);
        assert!(maps.iter().all(|map| map.is(&held.map)));
        assert!(registry().by_realm[&realm].maps.len() <= MIN_LIMIT);
    }
}
