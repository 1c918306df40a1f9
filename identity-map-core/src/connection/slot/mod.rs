//! What a connection carries: its [`Slot`], in a [`Holder`].

#[cfg(all(feature = "async", feature = "postgres"))]
mod begun;
mod effects;
mod holder;
#[cfg(all(feature = "async", feature = "postgres"))]
pub(crate) mod turn;
mod under_way;

use std::fmt::{self, Display, Write};
use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::connection::{Instrumentation, InstrumentationEvent};

use crate::connection::database::Database;
use crate::connection::overlay::{AfterCommit, Overlay};
use crate::connection::realm::Realm;
use crate::connection::record::{Logs, StatementLog};
use crate::connection::served::Served;
use crate::connection::touched::Touched;
use crate::connection::view::View;
use crate::connection::watch::{Effect, Watch};
#[cfg(feature = "async")]
use crate::error::IdentityMapError;
use crate::map::{IdentityMap, List, Peers, Retain};
use crate::model::IdentityMapped;
use crate::scope::{Clock, Scope, WeakScope, is_in_scope};
use under_way::UnderWay;

#[cfg(all(feature = "async", feature = "postgres"))]
pub(crate) use begun::Begun;
pub(crate) use effects::run_hooks;
pub(crate) use holder::Holder;
#[cfg(feature = "async")]
pub(crate) use holder::{Handle, lock};

/// What the library keeps beside one connection.
pub struct Slot {
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
    /// Runs until the statement that was sent last is answered, if its scope wants to know.
    clock: Option<Clock>,
    under_way: UnderWay,
    /// The manager's writes that are under way, where several can be.
    #[cfg(all(feature = "async", feature = "postgres"))]
    begun: begun::Writes,
    /// Several futures have the connection.
    shared: bool,
    /// A setting was changed inside the transaction, whose end may take it back.
    unsettled: bool,
    /// A write of the manager is being undone, and nothing else.
    undoing: bool,
    /// What the manager's writes touch whose futures were dropped half-way, until the next call.
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
            clock: None,
            under_way: UnderWay::default(),
            #[cfg(all(feature = "async", feature = "postgres"))]
            begun: begun::Writes::default(),
            shared: false,
            unsettled: false,
            undoing: false,
            writing: None,
            #[cfg(feature = "mysql")]
            consecutive_keys: None,
        }
    }

    /// Says that the next statement is this library's own.
    pub(crate) fn announce(&mut self) {
        self.next = Next::Call;
    }

    /// Says that the next statement is a question of this library's.
    pub(crate) fn announce_question(&mut self) {
        self.next = Next::Question;
    }

    pub(crate) fn set_called_from(
        &mut self,
        location: &'static Location<'static>,
        elsewhere: bool,
    ) {
        self.called_from = Some(location);
        self.called_in = Scope::current().map(|scope| scope.downgrade());
        self.elsewhere = Some(elsewhere);
    }

    /// Takes account of what was under way when a future was dropped; `by_itself` says that nobody
    /// has gone on to wait for the answer.
    ///
    /// # Errors
    /// [`IdentityMapError::Interrupted`] on MySQL, whose client would take the answer to the statement
    /// before for that to the next.
    #[cfg(feature = "async")]
    pub(crate) fn resume(&mut self, by_itself: bool) -> QueryResult<()> {
        self.shared = false;
        self.gives_up();
        let outstanding = by_itself && self.answer == Answer::Outstanding;
        if outstanding && self.database == Database::Mysql {
            return Err(IdentityMapError::Interrupted.into());
        }
        Ok(())
    }

    /// What was under way will not be answered any more: it may have been done.
    pub(crate) fn gives_up(&mut self) {
        if let Some(touched) = self.writing.take() {
            self.touch(touched);
        }
        while let Some(unfinished) = self.under_way.take_oldest() {
            self.took_effect_perhaps(unfinished);
        }
    }

    /// Takes account of what is under way, and of what was when a future was dropped, on a
    /// connection that several share: nobody knows which it is.
    #[cfg(all(feature = "async", feature = "postgres"))]
    pub(crate) fn goes_on(&mut self) {
        self.shared = true;
        if let Some(touched) = self.writing.take() {
            self.touch(touched);
        }
        self.overlaps();
    }

    /// A write of the manager begins, on a connection that several share; the answer is for
    /// [`ends_write`](Self::ends_write).
    #[cfg(all(feature = "async", feature = "postgres"))]
    pub(crate) fn begins_write(&mut self, touched: Touched) -> Begun {
        if self.overlay.is_open() {
            // Loads under way may see what it writes, which may be undone.
            self.touch(touched.clone());
        }
        let meets = touched.meets(&self.under_way.touched());
        self.begun.begin(touched, meets)
    }

    /// Whether no other write to the same rows was under way meanwhile.
    #[cfg(all(feature = "async", feature = "postgres"))]
    pub(crate) fn ends_write(&mut self, begun: Begun) -> bool {
        self.begun.end(begun)
    }

    /// A write of the manager was dropped half-way.
    #[cfg(feature = "async")]
    pub(crate) fn was_dropped(&mut self, touched: Touched) {
        self.touch(touched.clone());
        self.writing.get_or_insert_default().merge(touched);
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

    /// Keeps a hook until the open transaction has committed; gives it back to be run at once if
    /// there is none.
    pub(crate) fn after_commit(&mut self, hook: AfterCommit) -> Option<AfterCommit> {
        if !self.overlay.is_open() {
            return Some(hook);
        }
        self.overlay.after_commit(hook);
        None
    }

    /// Forgets what was written, wherever this connection has filled a map; inside a transaction
    /// for this connection alone, until it commits.
    pub(crate) fn touch(&mut self, touched: Touched) {
        if self.shared || !self.overlay.is_open() {
            self.expire(&touched);
        }
        self.overlay.touch(touched);
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

    pub(crate) fn set_undoing(&mut self, undoing: bool) {
        self.undoing = undoing;
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
        let is_any = !is_in_scope() && self.elsewhere.unwrap_or_else(is_thread_of_tokio);
        let any = if is_any {
            Scope::known_maps(&self.realm)
        } else {
            Vec::new()
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
        !self.shared
            && self.inner.is_some()
            && matches!(self.next, Next::Program)
            && is_empty(query)
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

impl Slot {
    /// `ours` says that the event is about a statement of this library's, where there may be others
    /// under way.
    fn on_event(&mut self, event: InstrumentationEvent<'_>, ours: bool) {
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
                if !ours {
                    self.clock = Clock::start(self.scope());
                }
                self.logs.note(*query);
                self.starts(*query);
            }
            InstrumentationEvent::FinishQuery { .. } if self.answer == Answer::ToNothing => {
                self.answer = Answer::Given;
                return;
            }
            InstrumentationEvent::FinishQuery { query, error, .. } => {
                self.answer = Answer::Given;
                if !ours && let Some(clock) = self.clock.take() {
                    clock.stop();
                }
                let statement = if ours { None } else { self.ended(*query) };
                self.finishes(statement, *error);
            }
            other => self.announced = Effect::of_event(other).or(self.announced.take()),
        }
        if let Some(inner) = &mut self.inner {
            inner.on_connection_event(event);
        }
    }
}
