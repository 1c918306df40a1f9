//! The maps of every scope, by database: for statements that are sent on a thread which knows of no
//! scope.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard};

use foldhash::fast::RandomState;

use crate::database::Realm;
use crate::lock::lock;
use crate::map::{IdentityMap, WeakMap};

/// The maps of one database. They are remembered and not kept.
#[derive(Default)]
struct RegisteredMaps {
    maps: Vec<WeakMap>,
    /// How many there may be before those that are gone are looked for.
    limit: usize,
}

/// How many databases, or maps of one, there may be at least before that.
const FEW: usize = 32;

type All = HashMap<Realm, RegisteredMaps, RandomState>;

static ALL: LazyLock<Mutex<All>> = LazyLock::new(Mutex::default);

/// Notes the map of a scope. One of a session that nobody else can be in is not noted: the
/// connection knows it.
pub(super) fn add(realm: &Realm, map: &IdentityMap) {
    if realm.is_unique() {
        return;
    }
    let mut all = all();
    if all.len() > FEW && !all.contains_key(realm) {
        all.retain(|_, maps| maps.sweep() > 0);
    }
    let of_realm = all.entry(realm.clone()).or_default();
    if of_realm.maps.len() >= of_realm.limit {
        of_realm.limit = FEW.max(2 * of_realm.sweep());
    }
    of_realm.maps.push(map.downgrade());
}

pub(super) fn of(realm: &Realm) -> Vec<IdentityMap> {
    let all = all();
    let of_realm = all.get(realm).into_iter().flat_map(|of| &of.maps);
    of_realm.filter_map(WeakMap::upgrade).collect()
}

impl RegisteredMaps {
    /// Forgets what is gone, and says how many are left.
    fn sweep(&mut self) -> usize {
        self.maps.retain(|map| map.upgrade().is_some());
        self.maps.len()
    }
}

fn all() -> MutexGuard<'static, All> {
    lock(&ALL)
}
