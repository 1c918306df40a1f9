//! The maps of one scope, by database: [`ScopeMaps`].

use crate::database::{Product, Realm};
use crate::map::{IdentityMap, Stats};

/// The maps of one scope: one for each realm whose rows it has read.
#[derive(Default)]
pub(super) struct ScopeMaps {
    pub(super) by_realm: Vec<ScopeMap>,
    pub(super) ended: bool,
    /// The counts of the maps that were taken out, if there were any.
    pub(super) earlier: Option<Box<Stats>>,
}

/// The map of one realm, and what is known of the database.
#[derive(Clone)]
pub(super) struct ScopeMap {
    pub(super) realm: Realm,
    pub(super) product: Product,
    pub(super) map: IdentityMap,
}

impl ScopeMap {
    /// Whether the map may hold rows that a connection of this realm and product writes.
    pub(super) fn may_hold_rows_of(&self, realm: &Realm, product: Product) -> bool {
        self.realm.may_be(realm) && self.product.may_be(product)
    }
}

impl ScopeMaps {
    pub(super) fn get(&self, realm: &Realm) -> Option<IdentityMap> {
        let mut maps = self.by_realm.iter();
        let of_realm = maps.find(|known| known.realm == *realm)?;
        Some(of_realm.map.clone())
    }

    pub(super) fn all(&self) -> Vec<IdentityMap> {
        let maps = self.by_realm.iter();
        maps.map(|of_realm| of_realm.map.clone()).collect()
    }

    /// Every map that may hold rows which a connection of this realm and product writes.
    pub(super) fn written_from(&self, realm: &Realm, product: Product) -> Vec<IdentityMap> {
        let maps = self.by_realm.iter();
        let written = maps.filter(|known| known.may_hold_rows_of(realm, product));
        written.map(|known| known.map.clone()).collect()
    }

    /// Whether there is a map of an unknown database that may be this product's, beside this realm's own.
    pub(super) fn has_other_unknown(&self, realm: &Realm, product: Product) -> bool {
        let mut maps = self.by_realm.iter();
        maps.any(|known| {
            known.realm.is_unknown()
                && known.realm.home() != realm.home()
                && known.product.may_be(product)
        })
    }

    /// Takes out the maps of realms that no connection can come to be in any more.
    pub(super) fn take_orphans(&mut self) -> Vec<IdentityMap> {
        let (orphans, others): (Vec<ScopeMap>, _) = std::mem::take(&mut self.by_realm)
            .into_iter()
            .partition(|known| known.map.is_orphan(&known.realm));
        self.by_realm = others;
        let orphans: Vec<IdentityMap> = orphans.into_iter().map(|orphan| orphan.map).collect();
        for map in &orphans {
            **self.earlier.get_or_insert_default() += Stats {
                alive: 0,
                without_catalogue: 0,
                ..map.stats()
            };
        }
        orphans
    }
}
