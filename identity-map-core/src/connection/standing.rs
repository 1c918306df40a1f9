//! Where a connection stands: [`Standing`].
//!
//! | standing | it reads and fills | it tells of its writes |
//! |---|---|---|
//! | *shared* | the maps of its database | the same maps, and those of the connections that stand apart |
//! | *apart*: its session may read other rows or values | maps of its own | the same |
//! | *lost*: nobody knows whether a transaction is open | no map | the same |
//!
//! Whether it is lost says the [`TransactionStatus`](crate::transaction::TransactionStatus); this is about
//! the other two.

use super::filled_maps::FilledMaps;
use crate::database::Realm;
use crate::map::{IdentityMap, Peers, Retain};
use crate::transaction::Session;

/// The realm of a connection, its own map, and the maps that may hold what it has read.
pub(super) struct Standing {
    home: OwnMap,
    /// Where it stands instead, while its session may read other rows or values than its database's
    /// other connections.
    apart: Option<Apart>,
    filled: FilledMaps,
}

/// A realm, and the connection's own map there.
struct OwnMap {
    realm: Realm,
    map: IdentityMap,
}

struct Apart {
    /// The session that has its rows in this map.
    session: Session,
    own: OwnMap,
}

impl OwnMap {
    fn empty(realm: Realm) -> Self {
        Self {
            map: IdentityMap::for_realm(realm.clone(), Retain::default(), Peers::default()),
            realm,
        }
    }
}

impl Standing {
    pub(super) fn new() -> Self {
        Self {
            home: OwnMap::empty(Realm::unknown()),
            apart: None,
            filled: FilledMaps::default(),
        }
    }

    pub(super) fn realm(&self) -> &Realm {
        &self.own().realm
    }

    #[inline]
    pub(super) fn own_map(&self) -> &IdentityMap {
        &self.own().map
    }

    #[inline]
    fn own(&self) -> &OwnMap {
        match &self.apart {
            None => &self.home,
            Some(apart) => &apart.own,
        }
    }

    /// Makes it a connection of `realm`, with an empty map.
    pub(super) fn enter(&mut self, realm: Realm) {
        self.home = OwnMap::empty(realm);
        if let Some(apart) = &mut self.apart {
            let reads_uncommitted = apart.session.reads_uncommitted();
            apart.own = OwnMap::empty(self.home.realm.apart(reads_uncommitted));
        }
    }

    /// Gives it an empty map, as a connection of the same realm.
    pub(super) fn start_anew(&mut self) {
        self.enter(self.home.realm.clone());
    }

    /// Takes the standing that the session asks for. It says whether that is another than before.
    pub(super) fn follow(&mut self, session: &Session) -> bool {
        let known = self.apart.as_ref().map(|apart| &apart.session);
        if known == Some(session) || known.is_none() && session.is_as_new() {
            return false;
        }
        self.apart = (!session.is_as_new()).then(|| Apart {
            session: session.clone(),
            own: OwnMap::empty(self.home.realm.apart(session.reads_uncommitted())),
        });
        true
    }

    /// Notes that a map may hold what this connection reads, and says whether that is new.
    pub(super) fn note_filled(&mut self, map: &IdentityMap) -> bool {
        self.filled.add(map)
    }

    /// Every map that may hold rows that this connection has read or may write. `scoped` are the maps
    /// of the scopes that the connection may be in.
    pub(super) fn maps(&self, scoped: impl Iterator<Item = IdentityMap>) -> Vec<IdentityMap> {
        let mut maps = self.filled.alive();
        let apart = self.apart.as_ref().map(|apart| apart.own.map.clone());
        for map in [self.home.map.clone()]
            .into_iter()
            .chain(apart)
            .chain(scoped)
        {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::SessionChange;
    use crate::transaction::TransactionStatus;

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
    }

    #[test]
    fn it_stands_apart_until_its_session_is_as_before() {
        let mut standing = Standing::new();
        let blog = Realm::named("blog".to_owned());
        standing.enter(blog.clone());
        let shared = standing.own_map().clone();
        let mut status = TransactionStatus::new();
        status.change_session(&SessionChange::Anything);
        assert!(standing.follow(status.session()));
        assert!(!standing.follow(status.session()), "nothing was set since");
        assert_ne!(*standing.realm(), blog);
        assert_eq!(*standing.realm().home(), blog);
        let maps = standing.maps(std::iter::empty());
        assert!(
            maps.iter().any(|map| map.is(&shared)),
            "it tells of its writes"
        );
        status.change_session(&SessionChange::ResetAll { except: &[] });
        status.change_session(&SessionChange::DropTemporary);
        assert!(standing.follow(status.session()));
        assert!(standing.own_map().is(&shared));
    }
}
