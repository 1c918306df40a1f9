//! What the library keeps beside one connection: [`Slot`].
//!
//! The slot answers the engine: which map a load uses, what a load sees, where a written object is put.
//! What it makes of the connection's events stands in [`events`](super::events).

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::connection::Instrumentation;

use super::early_writes::EarlyWrites;
use super::in_flight::{InFlight, NextStatement};
#[cfg(all(feature = "async", feature = "postgres"))]
use super::pending_writes::PendingWriteId;
use super::reporting::Reporting;
use super::server::Server;
use super::standing::Standing;
use super::statement_log::StatementLog;
use super::visited_scopes::VisitedScopes;
use super::watch::StatementWatch;
use crate::database::Product;
use crate::map::{Clock, IdentityMap, Invalidation, PeerGroup, Store};
use crate::model::{ModelType, Object, Objects};
use crate::scope::{Scope, is_in_scope, known_map_in_current, look_in_latest, note_latest};
use crate::transaction::{AfterCommit, ReadView, TransactionStatus};

/// What the library keeps beside one connection, in parts with one job each.
pub struct Slot {
    pub(super) standing: Standing,
    pub(super) transaction: TransactionStatus,
    pub(super) in_flight: InFlight,
    pub(super) reporting: Reporting,
    /// `None` if the program has switched watching off.
    pub(super) watch: Option<StatementWatch>,
    pub(super) server: Server,
    pub(super) early_writes: EarlyWrites,
    visited: VisitedScopes,
}

impl Slot {
    pub(super) fn new(inner: Option<Box<dyn Instrumentation>>) -> Self {
        Self {
            standing: Standing::new(),
            transaction: TransactionStatus::new(),
            in_flight: InFlight::default(),
            reporting: Reporting::new(inner),
            watch: Some(StatementWatch::default()),
            server: Server::new(),
            early_writes: EarlyWrites::default(),
            visited: VisitedScopes::default(),
        }
    }

    /// Says that the next statement is this library's own.
    pub(crate) fn announce_statement(&mut self) {
        if !self.in_flight.is_next_catalogue() {
            self.in_flight.set_next(NextStatement::FromLibrary);
        }
    }

    /// Says that the next statement is a question of this library's, for which the program has not
    /// called.
    pub(crate) fn announce_question(&mut self) {
        self.in_flight.set_next(NextStatement::Question);
    }

    /// Says which line of the program has called for the statements that follow, and whether they are
    /// sent on another thread.
    pub(crate) fn set_call_site(
        &mut self,
        call_site: &'static Location<'static>,
        on_other_thread: bool,
    ) {
        self.reporting.begin_call(call_site, on_other_thread);
    }

    /// Records what this connection sends, until the log is dropped.
    pub(crate) fn record(&mut self) -> StatementLog {
        self.reporting.record()
    }

    pub(crate) fn product(&self) -> Product {
        self.server.product()
    }

    pub(crate) fn set_product(&mut self, product: Product) {
        self.server.set_product(product);
    }

    /// Whether the library has something to ask the database before it goes on.
    pub(crate) fn has_questions(&self) -> bool {
        self.is_in_doubt()
            || self.standing.catalogue().is_due()
            || self.is_temporary_unclear()
            || self.is_version_due()
    }

    #[cfg(feature = "mysql")]
    pub(crate) fn consecutive_keys(&mut self) -> &mut Option<bool> {
        self.server.consecutive_keys()
    }

    /// The connection's own map, when no transaction stands before it.
    #[inline]
    pub(super) fn own_map(&self) -> Option<&IdentityMap> {
        let is_plain = self.transaction.reads_by_maps();
        is_plain.then(|| self.standing.own_map())
    }

    /// Looks in the current scope's map, when nothing stands before it, and this connection and this thread have used
    /// it last. The map is borrowed, not cloned. `look` must not run the program's code.
    #[inline]
    pub(crate) fn look_in_scope<T>(&self, look: impl FnOnce(&IdentityMap) -> T) -> Option<T> {
        if !self.transaction.reads_by_maps() || !self.early_writes.is_empty() {
            return None;
        }
        look_in_latest(self.standing.realm(), |map| {
            let is_plain = self.standing.fills(map) && !map.retains();
            is_plain.then(|| look(map))
        })
    }

    /// The map that a query uses now: the one it was given, else the current scope's, else the
    /// connection's own.
    ///
    /// # Errors
    /// [`WrongDatabase`](crate::IdentityMapError::WrongDatabase) if the given map is another database's.
    pub(crate) fn map_for_query<DB: Backend>(
        &mut self,
        given: Option<&IdentityMap>,
        model: &'static str,
    ) -> QueryResult<IdentityMap> {
        self.server.learn_product::<DB>();
        if !self.early_writes.is_empty() {
            self.account_for_early_writes();
        }
        let realm = self.standing.realm();
        let map = if let Some(map) = given {
            map.bind(realm, model)?;
            map.clone()
        } else {
            let scoped = known_map_in_current(realm).or_else(|| {
                let scope = Scope::current()?;
                Some(scope.map_of(realm, self.product()))
            });
            scoped.as_ref().inspect(|map| note_latest(map));
            scoped.unwrap_or_else(|| self.standing.own_map().clone())
        };
        if self.standing.note_filled(&map) {
            map.note_catalogue(self.standing.catalogue());
            if let Some(scope) = Scope::current() {
                self.visited.add(&scope);
            }
        }
        Ok(map)
    }

    /// The view of a map that a load on this connection reads and fills.
    pub(crate) fn view(&mut self, model: ModelType, map: IdentityMap) -> ReadView {
        self.transaction.view(model, map)
    }

    /// By what loads are timed.
    pub(crate) fn clock(&self) -> &Clock {
        &self.reporting.clock
    }

    /// Somebody else uses the connection from now on: its own map begins anew.
    pub(crate) fn check_out(&mut self) {
        self.standing.start_anew();
        if let Some(watch) = &mut self.watch {
            watch.expect_marked_check_outs();
        }
    }

    /// How many transactions and savepoints are open.
    pub(crate) fn depth(&self) -> usize {
        self.transaction.depth()
    }

    /// Whether a load reads the map as it is: no transaction stands before it.
    pub(crate) fn reads_by_maps(&self) -> bool {
        self.transaction.reads_by_maps()
    }

    /// Rows are read now by a query that no view stands for.
    pub(crate) fn note_read(&mut self) {
        if let Some(open) = self.transaction.open_mut() {
            open.note_read();
        }
    }

    /// Whether nobody knows if a transaction is open.
    pub(crate) fn is_lost(&self) -> bool {
        self.transaction.is_lost()
    }

    /// [`depth`](Self::depth); `None` if nobody watches what the program sends.
    pub(crate) fn known_depth(&self) -> Option<usize> {
        self.watch.as_ref().map(|_| self.depth())
    }

    /// Keeps a hook until the open transaction has committed. If none is open, the hook comes back, to
    /// be run now; if nobody knows, it never runs.
    pub(crate) fn after_commit(&mut self, hook: AfterCommit) -> Option<AfterCommit> {
        if let Some(open) = self.transaction.open_mut() {
            open.after_commit(hook);
            return None;
        }
        // Of a transaction that nobody knows of it would be said too early.
        (!self.transaction.is_lost()).then_some(hook)
    }

    /// Says whether the rollbacks that follow undo a write of the manager, and nothing else.
    pub(crate) fn set_rollback_undoes_write(&mut self, undoes_write: bool) {
        if let Some(open) = self.transaction.open_mut() {
            open.set_rollback_undoes_write(undoes_write);
        }
    }

    /// Expires what was written, in every map that this connection may have filled. Inside a transaction
    /// it is expired for this connection alone until the commit; on a shared connection for all at once.
    pub(crate) fn invalidate(&mut self, invalidation: Invalidation) {
        let is_open = self.transaction.is_open() && !self.transaction.is_in_doubt();
        if self.in_flight.is_shared() || !is_open {
            self.invalidate_maps(&invalidation);
        } else if !invalidation.is_empty() {
            let maps = self.maps().into_iter();
            for map in maps.filter(IdentityMap::reads_uncommitted) {
                map.invalidate(&invalidation);
            }
        }
        self.transaction.invalidate(invalidation);
    }

    /// Expires what was written in every map that this connection may have filled, inside a transaction
    /// too.
    pub(super) fn invalidate_maps(&self, invalidation: &Invalidation) {
        if invalidation.is_empty() {
            return;
        }
        for map in self.maps() {
            map.invalidate(invalidation);
        }
    }

    /// Every map that this connection has filled or may fill now, and those of its scopes that may be of
    /// its database, as far as is known.
    pub(super) fn maps(&self) -> Vec<IdentityMap> {
        let (realm, product) = (self.standing.realm(), self.product());
        let visited = self.visited.alive().chain(self.reporting.scope());
        let scoped = visited.flat_map(|scope| scope.written_from(realm, product));
        // The scope of a statement that is sent on another thread is not known: it may be any.
        let may_be_any = !is_in_scope() && self.reporting.may_send_on_other_thread();
        let any = may_be_any.then(|| Scope::written_from_in_any(realm, product));
        self.standing.maps(scoped.chain(any.into_iter().flatten()))
    }

    /// Puts an object that was just written into the map, or the innermost layer of the transaction. It
    /// joins the peers of the object that it replaces.
    pub(crate) fn put(&mut self, model: ModelType, map: &IdentityMap, object: &Arc<dyn Object>) {
        self.put_in_store(model, map, object, |store| {
            // An earlier object at the same address may have had peers, which are not this one's.
            store.join_group(PeerGroup::NONE, object, true);
            store.replace(object);
        });
    }

    /// Puts objects that were just inserted into the map, or the innermost layer of the transaction.
    /// They are peers.
    pub(crate) fn put_all(&mut self, model: ModelType, map: &IdentityMap, objects: &dyn Objects) {
        self.put_in_store(model, map, objects, |store| {
            for at in 0..objects.count() {
                store.replace(&objects.get(at));
            }
            store.join_group(map.peers().group(true), objects, true);
        });
    }

    fn put_in_store(
        &mut self,
        model: ModelType,
        map: &IdentityMap,
        objects: &dyn Objects,
        put: impl FnOnce(&Store),
    ) {
        if self.transaction.is_lost() {
            // A rollback may undo it unseen.
            return;
        }
        let filler = self.transaction.filler();
        let layer_map = self.transaction.open_mut().and_then(|open| {
            // The row was read after the write.
            open.note_read();
            open.layer_map(map)
        });
        let store = layer_map.as_ref().unwrap_or(map).store(model);
        store.note_filler(filler);
        put(store);
        store.keep(objects);
        store.count_query(0, 0);
    }

    /// From now on this library's statements are looked at for the routines that they call.
    pub(crate) fn begin_own_watch(&mut self) {
        self.in_flight.begin_own_watch();
    }

    /// They are no longer; whether one has called routines that may have changed what it returned.
    pub(crate) fn end_own_watch(&mut self) -> bool {
        self.in_flight.end_own_watch()
    }

    /// Begins a write of the manager, on a connection that several futures share. The identifier is for
    /// [`end_write`](Self::end_write).
    #[cfg(all(feature = "async", feature = "postgres"))]
    pub(crate) fn begin_write(&mut self, invalidation: Invalidation) -> PendingWriteId {
        if self.transaction.is_open() {
            // A load in flight may read what this writes, and a rollback may undo it.
            self.invalidate(invalidation.clone());
        }
        let in_flight = self.in_flight.statements.invalidation();
        let overlaps = invalidation.overlaps(&in_flight);
        self.in_flight.pending_writes.begin(invalidation, overlaps)
    }

    /// Ends a write, and says whether no other write to the same rows was in flight meanwhile.
    #[cfg(all(feature = "async", feature = "postgres"))]
    pub(crate) fn end_write(&mut self, write: PendingWriteId) -> bool {
        self.in_flight.pending_writes.end(write)
    }
}
