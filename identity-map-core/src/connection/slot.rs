//! The instrumentation that is the slot: [`Slot`].

use std::sync::Arc;

use diesel::QueryResult;
use diesel::connection::{Connection, Instrumentation, InstrumentationEvent};
use diesel::result::{DatabaseErrorKind, Error};

use super::database::Database;
use super::install::default_of_this_program;
use super::options::MapOptions;
use super::overlay::{AfterCommit, Ended, Failure, Overlay, Released};
use super::realm::Realm;
use super::served::Served;
use super::touched::Touched;
use super::view::View;
use super::watch::{Effect, Statement, Watch};
use crate::error::IdentityMapError;
use crate::map::{IdentityMap, Retain, Stamp};
use crate::model::IdentityMapped;
use crate::scope::Scope;

pub(crate) struct Slot {
    inner: Option<Box<dyn Instrumentation>>,
    realm: Realm,
    map: IdentityMap,
    database: Database,
    served: Served,
    overlay: Overlay,
    /// None if the program has switched it off.
    watch: Option<Watch>,
    /// The next statement is this library's own, and needs no look.
    own_statement: bool,
    /// What Diesel has said that the next statement does.
    announced: Option<Effect>,
    /// The statement under way, if it does anything.
    under_way: Option<Statement>,
    /// A setting was changed inside the transaction, whose end may take it back.
    unsettled: bool,
    /// A write of the manager is being undone, and nothing else.
    undoing: bool,
    /// Whether MySQL gives the rows of one statement consecutive keys; asked once.
    #[cfg(feature = "mysql")]
    consecutive_keys: Option<bool>,
}

impl Slot {
    pub(super) fn new(inner: Option<Box<dyn Instrumentation>>) -> Self {
        let realm = Realm::unique();
        let map = IdentityMap::for_realm(realm.clone(), Retain::default());
        Self {
            inner,
            realm,
            map,
            database: Database::Unknown,
            served: Served::default(),
            overlay: Overlay::default(),
            watch: Some(Watch::default()),
            own_statement: false,
            announced: None,
            under_way: None,
            unsettled: false,
            undoing: false,
            #[cfg(feature = "mysql")]
            consecutive_keys: None,
        }
    }

    pub(super) fn enable<C: Connection>(conn: &mut C, options: MapOptions) {
        let MapOptions {
            database,
            instrumentation,
            watch,
        } = options;
        let enabled = conn.instrumentation().downcast_mut::<Self>();
        if let Some(slot) = enabled {
            if database.is_none() && instrumentation.is_none() && watch.is_none() {
                return;
            }
            if instrumentation.is_some() {
                slot.inner = instrumentation;
            }
            if let Some(watch) = watch {
                slot.watch = watch.then(Watch::default);
            }
            slot.enter(database.map_or_else(|| slot.realm.clone(), Realm::named));
            return;
        }
        let mut slot = Self::new(instrumentation.or_else(default_of_this_program));
        slot.database = Database::of::<C>();
        if let Some(name) = database {
            slot.enter(Realm::named(name));
        }
        slot.overlay = Overlay::as_deep_as(conn);
        slot.watch = watch.unwrap_or(true).then(Watch::default);
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

    /// The connection's own map, when nothing stands before it.
    pub(crate) fn bare_map(&self) -> Option<&IdentityMap> {
        (!self.overlay.is_open()).then_some(&self.map)
    }

    /// The map that a query uses now: the one it was given, else the current scope's, else the
    /// connection's own.
    pub(crate) fn map_or<C: Connection>(
        &mut self,
        given: Option<&IdentityMap>,
        model: &'static str,
    ) -> QueryResult<IdentityMap> {
        if self.database == Database::Unknown {
            self.database = Database::of::<C>();
        }
        let map = match given {
            Some(map) => {
                map.bind(&self.realm, model)?;
                map.clone()
            }
            None => self.current_map(),
        };
        self.served.add(&map);
        Ok(map)
    }

    fn current_map(&self) -> IdentityMap {
        Scope::current_map(&self.realm).unwrap_or_else(|| self.map.clone())
    }

    /// What a load on this connection asks and fills.
    pub(crate) fn view<M: IdentityMapped>(&mut self, map: IdentityMap) -> View<M> {
        self.overlay.view(map)
    }

    /// Runs a hook when the open transaction has committed; at once if there is none.
    pub(crate) fn after_commit(&mut self, hook: AfterCommit) {
        if self.overlay.is_open() {
            self.overlay.after_commit(hook);
        } else {
            run_hooks(vec![hook]);
        }
    }

    /// Forgets what was written, wherever this connection has filled a map; inside a transaction
    /// for this connection alone, until it commits.
    pub(crate) fn touch(&mut self, touched: Touched) {
        if self.overlay.is_open() {
            self.overlay.touch(touched);
        } else {
            self.expire(&touched);
        }
    }

    fn expire(&mut self, touched: &Touched) {
        if touched.is_empty() {
            return;
        }
        for map in self.maps() {
            map.expire_touched(touched);
        }
    }

    /// Puts an object that was just written where the next load finds it.
    pub(crate) fn put<M: IdentityMapped>(&mut self, map: &IdentityMap, object: &Arc<M>) {
        let landing = self.overlay.landing(map);
        let store = landing.as_ref().unwrap_or(map).store::<M>();
        store.replace(object.key(), object);
        store.keep(std::slice::from_ref(object));
        store.used(0, 0);
    }

    /// Says that the rollbacks that follow undo a write of the manager, so that the maps are as
    /// before it.
    pub(crate) fn set_undoing<C: Connection>(conn: &mut C, undoing: bool) {
        if let Ok(slot) = Self::of(conn) {
            slot.undoing = undoing;
        }
    }

    pub(crate) fn database(&self) -> Database {
        self.database
    }

    pub(crate) fn set_database(&mut self, database: Database) {
        self.database = database;
    }

    #[cfg(feature = "mysql")]
    pub(crate) fn consecutive_keys(&mut self) -> &mut Option<bool> {
        &mut self.consecutive_keys
    }

    /// How many transactions and savepoints are open.
    pub(crate) fn depth(&self) -> usize {
        self.overlay.depth()
    }

    /// Every map that this connection has filled or may fill now.
    fn maps(&mut self) -> Vec<IdentityMap> {
        let mut maps = self.served.alive();
        let scoped = Scope::known_map(&self.realm);
        for map in [self.map.clone()].into_iter().chain(scoped) {
            if !maps.iter().any(|known| known.is(&map)) {
                maps.push(map);
            }
        }
        maps
    }

    /// Starts anew, with an empty map, as a connection of `realm`.
    fn enter(&mut self, realm: Realm) {
        self.map = IdentityMap::for_realm(realm.clone(), Retain::default());
        self.realm = realm;
    }

    fn starts(&mut self, query: &(impl std::fmt::Display + ?Sized)) {
        // Nobody said how the last one ended: an async connection whose future was dropped.
        if let Some(unfinished) = self.under_way.take() {
            self.took_effect_perhaps(unfinished);
        }
        if std::mem::take(&mut self.own_statement) {
            return;
        }
        if let Some(effect) = self.announced.take() {
            self.under_way = Some(Statement::announced(effect));
            return;
        }
        if let Some(watch) = &mut self.watch {
            self.under_way = watch.look(query);
        }
    }

    fn finishes(&mut self, error: Option<&Error>) {
        if let Some(statement) = self.under_way.take() {
            match error {
                None => self.takes_effect(statement),
                Some(_) if statement.or_rollback => self.rolls_back(),
                Some(error) if ends_no_transaction(error) => self.rolls_back(),
                Some(error) if is_undone_by(error, &statement) => {}
                Some(_) => self.took_effect_perhaps(statement),
            }
        }
        if let Some(error) = error
            && self.overlay.is_open()
        {
            self.overlay.failed(self.database.failure(error));
        }
    }

    fn takes_effect(&mut self, statement: Statement) {
        let began = statement.began;
        for effect in statement.effects {
            match effect {
                Effect::NewHolder => self.enter(self.realm.clone()),
                Effect::Touch(touched) => self.touch(touched),
                Effect::OtherRows { writes } => self.sees_other_rows(writes),
                Effect::Begin => self.begins(began),
                Effect::Savepoint(name) => self.overlay.savepoint(name, began),
                Effect::Release(name) => match self.overlay.release(&name) {
                    Released::Transaction(ended) => self.ends(ended),
                    Released::Savepoint => self.settles(),
                    Released::Unknown => self.lose_track(),
                },
                Effect::RollbackTo(name) => {
                    match self.overlay.rollback_to(&name, self.undoing) {
                        Some(touched) => self.expire(&touched),
                        None => self.lose_track(),
                    }
                    self.settles();
                }
                Effect::Commit => {
                    let ended = self.overlay.commit();
                    self.ends(ended);
                }
                Effect::Rollback => self.rolls_back(),
                Effect::LostTransaction => self.lose_track(),
            }
        }
    }

    /// A statement failed, or nobody knows how it ended.
    fn took_effect_perhaps(&mut self, statement: Statement) {
        match statement.single() {
            Some(Effect::Touch(touched)) => self.touch(touched),
            Some(Effect::Begin | Effect::Savepoint(_) | Effect::Release(_)) => {}
            // SQLite leaves the transaction open; Diesel rolls it back then.
            Some(Effect::Commit) if self.database == Database::Sqlite => {}
            Some(Effect::Commit | Effect::Rollback) => self.rolls_back(),
            Some(Effect::RollbackTo(_)) => self.overlay.failed(Failure::Doubtful),
            Some(Effect::NewHolder) => self.enter(self.realm.clone()),
            Some(Effect::OtherRows { writes }) => self.sees_other_rows(writes),
            Some(Effect::LostTransaction) | None => self.lose_track(),
        }
    }

    fn sees_other_rows(&mut self, writes: bool) {
        if writes {
            // It may even have ended the transaction, for all that can be said.
            self.expire(&Touched::everything());
            self.touch(Touched::everything());
            self.overlay.failed(Failure::Doubtful);
        }
        self.unsettled |= self.overlay.is_open();
        self.enter(Realm::unique());
    }

    fn begins(&mut self, began: Stamp) {
        if self.overlay.is_open() {
            match self.database {
                // A warning, and nothing else.
                Database::Postgres => return,
                // The transaction before is committed.
                Database::Mysql => {
                    let ended = self.overlay.commit();
                    self.ends(ended);
                }
                Database::Sqlite | Database::Unknown => self.lose_track(),
            }
        }
        self.overlay.begin(began);
    }

    fn rolls_back(&mut self) {
        if self.overlay.is_open() {
            let ended = self.overlay.roll_back(self.undoing);
            self.ends(ended);
        } else {
            self.touch(Touched::everything());
        }
    }

    fn ends(&mut self, ended: Ended) {
        let mut maps = self.maps();
        for map in ended.maps() {
            if !maps.iter().any(|known| known.is(map)) {
                maps.push(map.clone());
            }
        }
        for map in maps {
            ended.tell(&map);
        }
        self.settles();
        self.unsettled = false;
        run_hooks(ended.after_commit);
    }

    /// A part of the transaction has ended, and what was set in it may have with it.
    fn settles(&mut self) {
        if self.unsettled {
            self.enter(Realm::unique());
        }
    }

    /// Nobody can say whether a transaction is open: what is held is given up, and until the
    /// session is understood again it shares with nobody.
    fn lose_track(&mut self) {
        drop(self.overlay.roll_back(false));
        self.unsettled = false;
        self.touch(Touched::everything());
        self.enter(Realm::unique());
    }
}

/// SQLite had ended the transaction before somebody asked it to.
fn ends_no_transaction(error: &Error) -> bool {
    let Error::DatabaseError(_, information) = error else {
        return false;
    };
    information.message().contains("no transaction is active")
}

/// A failed statement that changed nothing.
fn is_undone_by(error: &Error, statement: &Statement) -> bool {
    matches!(
        error,
        Error::DatabaseError(
            DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::NotNullViolation
                | DatabaseErrorKind::CheckViolation,
            _
        )
    ) && statement.is_atomic_write()
}

/// Diesel is about to note that it has committed, and must not be kept from it: a panic is
/// reported by the program's panic hook and goes no further.
fn run_hooks(hooks: Vec<AfterCommit>) {
    for hook in hooks {
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(hook));
    }
}

impl Instrumentation for Slot {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match &event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                self.enter(Realm::of_address(url));
            }
            InstrumentationEvent::StartQuery { query, .. } => self.starts(*query),
            InstrumentationEvent::FinishQuery { error, .. } => self.finishes(*error),
            other => self.announced = Effect::of_event(other).or(self.announced.take()),
        }
        if let Some(inner) = &mut self.inner {
            inner.on_connection_event(event);
        }
    }
}
