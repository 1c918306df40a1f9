//! The maps of one scope, by database: [`ScopeMaps`].

use crate::database::Realm;
use crate::map::{IdentityMap, Stats};

/// The maps of one scope: one for each realm whose rows it has read.
#[derive(Default)]
pub(super) struct ScopeMaps {
    pub(super) by_realm: Vec<(Realm, IdentityMap)>,
    pub(super) ended: bool,
    /// The counts of the maps that were taken out.
    pub(super) earlier: Stats,
}

impl ScopeMaps {
    pub(super) fn get(&self, realm: &Realm) -> Option<IdentityMap> {
        let mut maps = self.by_realm.iter();
        let (_, map) = maps.find(|(known, _)| known == realm)?;
        Some(map.clone())
    }

    /// The maps of all realms of one database: of the connections that share, and of those that stand
    /// apart.
    pub(super) fn of_database(&self, realm: &Realm) -> Vec<IdentityMap> {
        let maps = self.by_realm.iter();
        let of_database = maps.filter(|(known, _)| known.home() == realm.home());
        of_database.map(|(_, map)| map.clone()).collect()
    }

    pub(super) fn all(&self) -> Vec<IdentityMap> {
        let maps = self.by_realm.iter();
        maps.map(|(_, map)| map.clone()).collect()
    }

    /// Takes out the maps of realms that no connection can come to be in any more.
    pub(super) fn take_orphans(&mut self) -> Vec<IdentityMap> {
        let (orphans, others) = std::mem::take(&mut self.by_realm)
            .into_iter()
            .partition(|(realm, map): &(Realm, IdentityMap)| map.is_orphan(realm));
        self.by_realm = others;
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
