//! Where a connection stands: the database that it belongs to, and the maps that it fills.

use super::filled_maps::FilledMaps;
use crate::database::Realm;
use crate::map::{IdentityMap, Peers, Retain};

/// The realm of a connection, its own map, and the maps that may hold what it has read.
///
/// Connections of one realm share the maps of the realm. If the session of one of them may see other
/// rows, that connection is in a realm of its own from then on.
pub(super) struct Standing {
    realm: Realm,
    own_map: IdentityMap,
    filled: FilledMaps,
}

impl Standing {
    pub(super) fn new() -> Self {
        let realm = Realm::unknown();
        Self {
            own_map: empty_map(&realm),
            realm,
            filled: FilledMaps::default(),
        }
    }

    pub(super) fn realm(&self) -> &Realm {
        &self.realm
    }

    pub(super) fn own_map(&self) -> &IdentityMap {
        &self.own_map
    }

    /// Makes it a connection of `realm`, with an empty map.
    pub(super) fn enter(&mut self, realm: Realm) {
        self.own_map = empty_map(&realm);
        self.realm = realm;
    }

    /// Gives it an empty map, as a connection of the same realm.
    pub(super) fn start_anew(&mut self) {
        self.enter(self.realm.clone());
    }

    /// Makes it a connection of a realm of its own, which shares no map from now on.
    pub(super) fn stand_apart(&mut self) {
        self.enter(self.realm.apart());
    }

    /// Notes that a map may hold what this connection reads, and says whether that is new.
    pub(super) fn note_filled(&mut self, map: &IdentityMap) -> bool {
        self.filled.add(map)
    }

    /// Every map that may hold what this connection has read, or may fill now. `scoped` are the maps of
    /// the scopes that the connection may be in.
    pub(super) fn maps(&self, scoped: impl Iterator<Item = IdentityMap>) -> Vec<IdentityMap> {
        let mut maps = self.filled.alive();
        for map in [self.own_map.clone()].into_iter().chain(scoped) {
            add_once(&mut maps, map);
        }
        maps
    }
}

/// Adds a map unless it is there.
pub(super) fn add_once(maps: &mut Vec<IdentityMap>, map: IdentityMap) {
    if !maps.iter().any(|known| known.is(&map)) {
        maps.push(map);
    }
}

fn empty_map(realm: &Realm) -> IdentityMap {
    IdentityMap::for_realm(realm.clone(), Retain::default(), Peers::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_map_is_listed_once() {
        let mut standing = Standing::new();
        let own = standing.own_map().clone();
        let other = IdentityMap::new();
        standing.note_filled(&own);
        standing.note_filled(&other);
        assert_eq!(standing.maps([other.clone()].into_iter()).len(), 2);
        drop(other);
        assert_eq!(standing.maps(std::iter::empty()).len(), 1);
    }

    #[test]
    fn a_connection_that_starts_anew_has_another_map_of_the_same_realm() {
        let mut standing = Standing::new();
        standing.enter(Realm::named("blog".to_owned()));
        let before = standing.own_map().clone();
        standing.start_anew();
        assert!(!standing.own_map().is(&before));
        assert_eq!(*standing.realm(), Realm::named("blog".to_owned()));
        standing.stand_apart();
        assert_ne!(*standing.realm(), Realm::named("blog".to_owned()));
    }
}
