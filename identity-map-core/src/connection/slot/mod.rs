//! The instrumentation that is the slot: [`Slot`].

mod effects;

use std::fmt::{self, Display, Write};
use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::connection::{Instrumentation, InstrumentationEvent};

use crate::connection::database::Database;
use crate::connection::driver::{Driver, Spoken};
use crate::connection::install::default_of_this_program;
use crate::connection::options::MapOptions;
use crate::connection::overlay::{AfterCommit, Overlay};
use crate::connection::realm::Realm;
use crate::connection::record::{Logs, StatementLog};
use crate::connection::served::Served;
use crate::connection::touched::Touched;
use crate::connection::view::View;
use crate::connection::watch::{Effect, Statement, Watch};
use crate::error::IdentityMapError;
use crate::map::{IdentityMap, List, Peers, Retain};
use crate::model::IdentityMapped;
use crate::scope::{Scope, WeakScope};

pub(crate) struct Slot {
    inner: Option<Box<dyn Instrumentation>>,
    realm: Realm,
    map: IdentityMap,
    database: Database,
    served: Served,
    overlay: Overlay,
    /// None if the program has switched it off.
    watch: Option<Watch>,
    next: Next,
    /// Where the program has called the method that sends statements now.
    called_from: Option<&'static Location<'static>>,
    /// The scope in which it did. A statement may be sent on another thread, that knows of no scope.
    called_in: Option<WeakScope>,
    /// Whether it is, once the library has been used on this connection.
    elsewhere: Option<bool>,
    logs: Logs,
    /// What Diesel has said that the next statement does.
    announced: Option<Effect>,
    answer: Answer,
    /// The statement under way, if it does anything.
    under_way: Option<Statement>,
    /// A setting was changed inside the transaction, whose end may take it back.
    unsettled: bool,
    /// A write of the manager is being undone, and nothing else.
    undoing: bool,
    /// What a write of the manager touches that is under way.
    writing: Option<Touched>,
    /// Whether MySQL gives the rows of one statement consecutive keys; asked once.
    #[cfg(feature = "mysql")]
    consecutive_keys: Option<bool>,
}

/// Whose the next statement is. This library's own need no look.
#[derive(Default)]
enum Next {
    /// The program's, by plain Diesel or raw.
    #[default]
    Program,
    /// What the program asked this library for.
    Call,
    /// What this library wants to know of the server, once.
    Question,
}

/// What is known of the answer to the last statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Given,
    /// Nobody has said how the statement ended.
    Outstanding,
    /// It was a text of nothing: see [`Driver::settle`].
    ToNothing,
}

impl Slot {
    pub(super) fn new(inner: Option<Box<dyn Instrumentation>>) -> Self {
        let realm = Realm::unique();
        let map = IdentityMap::for_realm(realm.clone(), Retain::default(), Peers::default());
        Self {
            inner,
            realm,
            map,
            database: Database::Unknown,
            served: Served::default(),
            overlay: Overlay::default(),
            watch: Some(Watch::default()),
            next: Next::default(),
            called_from: None,
            called_in: None,
            elsewhere: None,
            logs: Logs::default(),
            announced: None,
            answer: Answer::Given,
            under_way: None,
            unsettled: false,
            undoing: false,
            writing: None,
            #[cfg(feature = "mysql")]
            consecutive_keys: None,
        }
    }

    /// Enables the map on a connection with this instrumentation, which is in so many transactions.
    /// The answer is the instrumentation to give it, if it has not got a slot.
    pub(crate) fn enable<DB: Backend>(
        options: MapOptions,
        instrumentation: &mut dyn Instrumentation,
        depth: u32,
    ) -> Option<Self> {
        let MapOptions {
            database,
            instrumentation: inner,
            watch,
        } = options;
        if let Some(slot) = instrumentation.downcast_mut::<Self>() {
            if database.is_none() && inner.is_none() && watch.is_none() {
                return None;
            }
            if inner.is_some() {
                slot.inner = inner;
            }
            if let Some(watch) = watch {
                slot.watch = watch.then(Watch::default);
            }
            slot.enter(database.map_or_else(|| slot.realm.clone(), Realm::named));
            return None;
        }
        let mut slot = Self::new(inner.or_else(default_of_this_program));
        slot.database = Database::of::<DB>();
        if let Some(name) = database {
            slot.enter(Realm::named(name));
        }
        slot.overlay = Overlay::as_deep_as(depth);
        slot.watch = watch.unwrap_or(true).then(Watch::default);
        Some(slot)
    }

    /// The slot of a connection.
    pub(crate) fn of<C: Driver<D>, D: Spoken>(conn: &mut C) -> QueryResult<&mut Self> {
        Self::within(conn.instrumentation())
    }

    /// The slot that this instrumentation is.
    pub(crate) fn within(instrumentation: &mut dyn Instrumentation) -> QueryResult<&mut Self> {
        let slot = instrumentation.downcast_mut::<Self>();
        slot.ok_or_else(|| IdentityMapError::NotEnabled.into())
    }

    /// Says that the next statement on this connection is this library's own.
    pub(crate) fn announce<C: Driver<D>, D: Spoken>(conn: &mut C) {
        if let Some(slot) = conn.instrumentation().downcast_mut::<Self>() {
            slot.next = Next::Call;
        }
    }

    /// Says that the next statement is a question of this library's about the server, which
    /// nobody has called for.
    pub(crate) fn announce_question<C: Driver<D>, D: Spoken>(conn: &mut C) {
        if let Some(slot) = conn.instrumentation().downcast_mut::<Self>() {
            slot.next = Next::Question;
        }
    }

    /// Says from where the program has called for the statements that are announced after this:
    /// `Slot::called_from(conn, Location::caller())` in every public method that sends some, which
    /// is `#[track_caller]`; after its hooks of the before kind, which call from elsewhere.
    pub(crate) fn called_from<C: Driver<D>, D: Spoken>(
        conn: &mut C,
        location: &'static Location<'static>,
    ) {
        if let Some(slot) = conn.instrumentation().downcast_mut::<Self>() {
            slot.called_from = Some(location);
            slot.called_in = Scope::current().map(|scope| scope.downgrade());
            slot.elsewhere = Some(C::sends_elsewhere());
        }
    }

    /// Notes that a write of the manager is sent now, and what it touches. A future that is dropped
    /// meanwhile leaves the note behind.
    pub(crate) fn writes<C: Driver<D>, D: Spoken>(conn: &mut C, touched: Touched) {
        if let Ok(slot) = Self::of(conn) {
            slot.writing = Some(touched);
        }
    }

    /// Notes that the write has been answered: whoever sent it knows what it touched.
    pub(crate) fn has_written<C: Driver<D>, D: Spoken>(conn: &mut C) {
        if let Ok(slot) = Self::of(conn) {
            slot.writing = None;
        }
    }

    /// Takes account of what was under way when a future was dropped; `by_itself` says that nobody
    /// has gone on to wait for the answer.
    ///
    /// # Errors
    /// [`IdentityMapError::Interrupted`] on MySQL, whose client would take the answer to the statement
    /// before for that to the next.
    #[cfg(feature = "async")]
    pub(crate) fn resume(&mut self, by_itself: bool) -> QueryResult<()> {
        self.gives_up();
        let outstanding = by_itself && self.answer == Answer::Outstanding;
        if outstanding && self.database == Database::Mysql {
            return Err(IdentityMapError::Interrupted.into());
        }
        Ok(())
    }

    /// What was under way will not be answered any more: it may have been done.
    fn gives_up(&mut self) {
        if let Some(touched) = self.writing.take() {
            self.touch(touched);
        }
        if let Some(unfinished) = self.under_way.take() {
            self.took_effect_perhaps(unfinished);
        }
    }

    /// Records what this connection sends, until the log is dropped.
    pub(crate) fn record(&mut self) -> StatementLog {
        self.logs.open()
    }

    /// The connection's own map, when nothing stands before it.
    pub(crate) fn bare_map(&self) -> Option<&IdentityMap> {
        (!self.overlay.is_open()).then_some(&self.map)
    }

    /// The map that a query uses now: the one it was given, else the current scope's, else the
    /// connection's own.
    pub(crate) fn map_or<DB: Backend>(
        &mut self,
        given: Option<&IdentityMap>,
        model: &'static str,
    ) -> QueryResult<IdentityMap> {
        if self.database == Database::Unknown {
            self.database = Database::of::<DB>();
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
            effects::run_hooks(vec![hook]);
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
        store.enlist(List::NONE, std::slice::from_ref(object), true);
        store.replace(object.key(), object);
        store.keep(std::slice::from_ref(object));
        store.used(0, 0);
    }

    /// Puts objects that were just inserted where the next load finds them.
    pub(crate) fn put_all<M: IdentityMapped>(&mut self, map: &IdentityMap, objects: &[Arc<M>]) {
        let landing = self.overlay.landing(map);
        let store = landing.as_ref().unwrap_or(map).store::<M>();
        for object in objects {
            store.replace(object.key(), object);
        }
        store.enlist(map.peers().list(true), objects, true);
        store.keep(objects);
        store.used(0, 0);
    }

    /// Says that the rollbacks that follow undo a write of the manager, so that the maps are as
    /// before it.
    pub(crate) fn set_undoing<C: Driver<D>, D: Spoken>(conn: &mut C, undoing: bool) {
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
        let scoped = self.scope().and_then(|scope| scope.known_map(&self.realm));
        // Nobody says in which scope a statement is sent on another thread: it may be any.
        let any = match Scope::current() {
            None if self.elsewhere.unwrap_or_else(is_thread_of_tokio) => {
                Scope::known_maps(&self.realm)
            }
            _ => Vec::new(),
        };
        for map in [self.map.clone()].into_iter().chain(scoped).chain(any) {
            if !maps.iter().any(|known| known.is(&map)) {
                maps.push(map);
            }
        }
        maps
    }

    /// Whether this is the text of nothing by which the library waits for what was sent before it.
    /// Nobody else need know of it; without an instrumentation of the program's it does no harm.
    fn is_nothing(&self, query: &(impl Display + ?Sized)) -> bool {
        self.inner.is_some() && matches!(self.next, Next::Program) && is_empty(query)
    }

    /// The scope of this thread; where there is none, the one in which this connection was used last.
    fn scope(&self) -> Option<Scope> {
        Scope::current().or_else(|| self.called_in.as_ref()?.upgrade())
    }

    /// Starts anew, with an empty map, as a connection of `realm`.
    fn enter(&mut self, realm: Realm) {
        self.map = IdentityMap::for_realm(realm.clone(), Retain::default(), Peers::default());
        self.realm = realm;
    }
}

/// Whether this may be one of the threads that block in place of async ones: they bear the names of
/// the runtime's workers.
fn is_thread_of_tokio() -> bool {
    let thread = std::thread::current();
    thread.name().is_some_and(|name| name.starts_with("tokio-"))
}

/// Whether a statement has no text. It is not written down for that.
fn is_empty(query: &(impl Display + ?Sized)) -> bool {
    struct Nothing;

    impl fmt::Write for Nothing {
        fn write_str(&mut self, piece: &str) -> fmt::Result {
            if piece.is_empty() {
                Ok(())
            } else {
                Err(fmt::Error)
            }
        }
    }

    write!(Nothing, "{query}").is_ok()
}

/// The connection goes, perhaps in the midst of a write, and its scope has other connections.
impl Drop for Slot {
    fn drop(&mut self) {
        self.gives_up();
    }
}

impl Instrumentation for Slot {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match &event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                self.enter(Realm::of_address(url));
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                if self.is_nothing(*query) {
                    self.answer = Answer::ToNothing;
                    return;
                }
                self.answer = Answer::Outstanding;
                self.logs.note(*query);
                self.starts(*query);
            }
            InstrumentationEvent::FinishQuery { .. } if self.answer == Answer::ToNothing => {
                self.answer = Answer::Given;
                return;
            }
            InstrumentationEvent::FinishQuery { error, .. } => {
                self.answer = Answer::Given;
                self.finishes(*error);
            }
            other => self.announced = Effect::of_event(other).or(self.announced.take()),
        }
        if let Some(inner) = &mut self.inner {
            inner.on_connection_event(event);
        }
    }
}
