//! The instrumentation that is the slot: [`Slot`].

use diesel::QueryResult;
use diesel::connection::{Connection, Instrumentation, InstrumentationEvent};

use super::install::default_of_this_program;
use super::options::MapOptions;
use super::realm::Realm;
use super::session::{Change, Session};
use crate::error::IdentityMapError;
use crate::map::{IdentityMap, Retain};

pub(crate) struct Slot {
    inner: Option<Box<dyn Instrumentation>>,
    realm: Realm,
    map: IdentityMap,
    session: Session,
    /// The next statement is this library's own, and needs no look.
    own_statement: bool,
}

impl Slot {
    pub(super) fn new(inner: Option<Box<dyn Instrumentation>>) -> Self {
        let realm = Realm::unique();
        let map = IdentityMap::for_realm(realm.clone(), Retain::default());
        Self {
            inner,
            realm,
            map,
            session: Session::default(),
            own_statement: false,
        }
    }

    pub(super) fn enable<C: Connection>(conn: &mut C, options: MapOptions) {
        let MapOptions {
            database,
            instrumentation,
        } = options;
        let enabled = conn.instrumentation().downcast_mut::<Self>();
        if let Some(slot) = enabled {
            if database.is_none() && instrumentation.is_none() {
                return;
            }
            if instrumentation.is_some() {
                slot.inner = instrumentation;
            }
            slot.enter(database.map_or_else(|| slot.realm.clone(), Realm::named));
            return;
        }
        let mut slot = Self::new(instrumentation.or_else(default_of_this_program));
        if let Some(name) = database {
            slot.enter(Realm::named(name));
        }
        conn.set_instrumentation(slot);
    }

    /// The slot of a connection.
    pub(crate) fn of<C: Connection>(conn: &mut C) -> QueryResult<&mut Self> {
        let slot = conn.instrumentation().downcast_mut::<Self>();
        slot.ok_or_else(|| IdentityMapError::NotEnabled.into())
    }

    /// Says that the next statement on this connection is this library's own.
    pub(crate) fn announce<C: Connection>(conn: &mut C) {
        if let Some(slot) = conn.instrumentation().downcast_mut::<Self>() {
            slot.own_statement = true;
        }
    }

    pub(crate) fn realm(&self) -> &Realm {
        &self.realm
    }

    pub(crate) fn map(&self) -> &IdentityMap {
        &self.map
    }

    /// Starts anew, with an empty map, as a connection of `realm`.
    fn enter(&mut self, realm: Realm) {
        self.map = IdentityMap::for_realm(realm.clone(), Retain::default());
        self.realm = realm;
    }

    fn look(&mut self, event: &InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                self.enter(Realm::of_address(url));
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                if std::mem::take(&mut self.own_statement) {
                    return;
                }
                match self.session.look(*query) {
                    Change::Nothing => {}
                    Change::NewHolder => self.enter(self.realm.clone()),
                    Change::OtherRows => self.enter(Realm::unique()),
                }
            }
            _ => {}
        }
    }
}

impl Instrumentation for Slot {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        self.look(&event);
        if let Some(inner) = &mut self.inner {
            inner.on_connection_event(event);
        }
    }
}
