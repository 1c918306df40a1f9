//! The maps of one scope, by database: [`ScopeMaps`].

use crate::database::Realm;
use crate::map::{IdentityMap, Stats};

#[derive(Default)]
pub(super) struct ScopeMaps {
    pub(super) of: Vec<(Realm, IdentityMap)>,
    pub(super) ended: bool,
    /// What the maps of sessions that are no more had counted.
    pub(super) earlier: Stats,
}

impl ScopeMaps {
    pub(super) fn of(&self, realm: &Realm) -> Option<IdentityMap> {
        let mut known = self.of.iter();
        known
            .find(|(known, _)| known == realm)
            .map(|(_, map)| map.clone())
    }

    /// Takes out the maps of sessions that no connection can come back to.
    pub(super) fn drop_orphans(&mut self) -> Vec<IdentityMap> {
        let (orphans, living) = std::mem::take(&mut self.of)
            .into_iter()
            .partition(|(realm, map): &(Realm, IdentityMap)| map.is_orphan(realm));
        self.of = living;
        let orphans: Vec<IdentityMap> = orphans.into_iter().map(|(_, map)| map).collect();
        for map in &orphans {
            self.earlier += Stats {
                alive: 0,
                ..map.stats()
            };
        }
        orphans
    }
}
