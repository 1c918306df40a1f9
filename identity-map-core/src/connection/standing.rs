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

use std::mem;
use std::sync::Arc;

use super::filled_maps::FilledMaps;
use crate::database::{Declared, KnownCatalogue, Realm, catalogue_of};
use crate::map::{IdentityMap, Peers, Retain};
use crate::transaction::Session;

/// The realm of a connection, its own map, and the maps that may hold what it has read.
pub(super) struct Standing {
    own: OwnMap,
    /// Where it stands instead of at home, while its session may read other rows or values than its
    /// database's other connections: `own` is a map of that session then.
    apart: Option<Apart>,
    filled: FilledMaps,
    /// Its database's.
    catalogue: Arc<KnownCatalogue>,
    reads_catalogue: bool,
    /// The connection has not compared the version of the schema yet.
    version_is_due: bool,
    /// What the program says of the database.
    declared: Declared,
    /// The same as the open transaction sees it, if that has changed the schema or may see an older one.
    own_schema: Option<OwnSchema>,
    /// How often the schema had changed when the open transaction began, if that was seen.
    changes_at_begin: Option<u64>,
}

/// The schema as one transaction sees it.
struct OwnSchema {
    catalogue: Arc<KnownCatalogue>,
    /// The transaction has changed it.
    is_changed: bool,
}

/// A realm, and the connection's own map there.
struct OwnMap {
    realm: Realm,
    map: IdentityMap,
}

struct Apart {
    /// The session whose rows `own` has.
    session: Session,
    home: OwnMap,
}

impl OwnMap {
    fn empty(realm: Realm) -> Self {
        Self {
            map: IdentityMap::for_realm(realm.clone(), Retain::default(), Peers::default()),
            realm,
        }
    }

    /// An empty one for a session that stands apart from `home`.
    fn of_session(home: &Realm, session: &Session) -> Self {
        Self::empty(home.apart(session.reads_uncommitted()))
    }
}

impl Standing {
    pub(super) fn new() -> Self {
        let realm = Realm::unknown();
        Self {
            catalogue: catalogue_of(&realm),
            own: OwnMap::empty(realm),
            apart: None,
            filled: FilledMaps::default(),
            reads_catalogue: true,
            version_is_due: true,
            declared: Declared::default(),
            own_schema: None,
            changes_at_begin: None,
        }
    }

    #[inline]
    pub(super) fn realm(&self) -> &Realm {
        &self.own.realm
    }

    #[inline]
    pub(super) fn own_map(&self) -> &IdentityMap {
        &self.own.map
    }

    #[inline]
    pub(super) fn catalogue(&self) -> &Arc<KnownCatalogue> {
        let own = self.own_schema.as_ref().map(|own| &own.catalogue);
        own.unwrap_or(&self.catalogue)
    }

    /// The schema may be another one: for this connection alone, if a transaction is open. Where nobody can read
    /// that, any write may do anything.
    pub(super) fn change_schema(&mut self, in_transaction: bool, is_unreadable: bool) {
        if in_transaction {
            let catalogue = if is_unreadable {
                KnownCatalogue::unknowable()
            } else {
                self.catalogue().of_transaction()
            };
            self.own_schema = Some(OwnSchema {
                catalogue,
                is_changed: true,
            });
        } else {
            self.catalogue.change_schema();
        }
    }

    /// A transaction begins, which may go on to see the schema as it is now.
    pub(super) fn begin_transaction(&mut self) {
        self.changes_at_begin = Some(self.catalogue.changes());
    }

    /// Whether the open transaction may see an older schema than there is: others have changed it since it began.
    pub(super) fn may_see_older_schema(&self) -> bool {
        self.own_schema.is_none() && self.changes_at_begin != Some(self.catalogue.changes())
    }

    /// Nobody can say what a write in the open transaction changes.
    pub(super) fn give_up_schema(&mut self) {
        let is_changed = self.own_schema.as_ref().is_some_and(|own| own.is_changed);
        self.own_schema = Some(OwnSchema {
            catalogue: KnownCatalogue::unknowable(),
            is_changed,
        });
    }

    /// A transaction has ended, and with it the schema as it saw it.
    pub(super) fn end_own_schema(&mut self) {
        self.changes_at_begin = None;
        let own = self.own_schema.take();
        if own.is_some_and(|own| own.is_changed) {
            self.catalogue.change_schema();
        }
    }

    /// Whether the catalogue of the database is read.
    pub(super) fn read_catalogue(&mut self, reads: bool) {
        if reads == self.reads_catalogue {
            return;
        }
        self.reads_catalogue = reads;
        self.catalogue = if reads {
            catalogue_of(&self.own.realm)
        } else {
            KnownCatalogue::switched_off()
        };
        self.catalogue.declare(&self.declared);
    }

    pub(super) fn is_version_due(&self) -> bool {
        self.version_is_due
    }

    pub(super) fn note_version(&mut self) {
        self.version_is_due = false;
    }

    /// What the program says of the database, whose name may come later.
    pub(super) fn declare(&mut self, declared: Declared) {
        if !declared.is_empty() {
            self.declared = declared;
            self.catalogue.declare(&self.declared);
        }
    }

    /// Makes it a connection of `realm`, with an empty map.
    pub(super) fn enter(&mut self, realm: Realm) {
        self.version_is_due = true;
        if self.reads_catalogue && realm != *self.own.realm.home() {
            self.catalogue = catalogue_of(&realm);
            self.catalogue.declare(&self.declared);
        }
        let home = OwnMap::empty(realm);
        self.own = match &mut self.apart {
            None => home,
            Some(apart) => {
                apart.home = home;
                OwnMap::of_session(&apart.home.realm, &apart.session)
            }
        };
    }

    /// Gives it an empty map, as a connection of the same realm.
    pub(super) fn start_anew(&mut self) {
        let home = self.apart.as_ref().map_or(&self.own, |apart| &apart.home);
        self.enter(home.realm.clone());
    }

    /// Takes the standing that the session asks for. It says whether that is another than before.
    pub(super) fn follow(&mut self, session: &Session) -> bool {
        let known = self.apart.as_ref().map(|apart| &apart.session);
        if known == Some(session) || known.is_none() && session.is_as_new() {
            return false;
        }
        if let Some(apart) = self.apart.take() {
            self.own = apart.home;
        }
        if !session.is_as_new() {
            self.stand_apart(session.clone());
        }
        true
    }

    fn stand_apart(&mut self, session: Session) {
        let own = OwnMap::of_session(&self.own.realm, &session);
        let home = mem::replace(&mut self.own, own);
        self.apart = Some(Apart { session, home });
    }

    /// Notes that a map may hold what this connection reads, and says whether that is new.
    pub(super) fn note_filled(&mut self, map: &IdentityMap) -> bool {
        self.filled.add(map)
    }

    /// Whether this map is the one that was noted last.
    #[inline]
    pub(super) fn fills(&self, map: &IdentityMap) -> bool {
        self.filled.is_latest(map)
    }

    /// Every map that may hold rows that this connection has read or may write. `scoped` are the maps
    /// of the scopes that the connection may be in.
    pub(super) fn maps(&self, scoped: impl Iterator<Item = IdentityMap>) -> Vec<IdentityMap> {
        let mut maps = self.filled.alive();
        let home = self.apart.as_ref().map(|apart| apart.home.map.clone());
        for map in [self.own.map.clone()].into_iter().chain(home).chain(scoped) {
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
