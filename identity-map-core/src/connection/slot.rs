//! What the library keeps beside one connection: [`Slot`].
//!
//! The slot answers the engine: which map a load uses, what a load sees, where a written object is put.
//! What it makes of the connection's events stands in [`events`](super::events).

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::connection::Instrumentation;

use super::in_flight::{InFlight, NextStatement};
#[cfg(all(feature = "async", feature = "postgres"))]
use super::pending_writes::PendingWriteId;
use super::reporting::Reporting;
use super::server::Server;
use super::standing::Standing;
use super::statement_log::StatementLog;
use super::watch::StatementWatch;
use crate::database::Product;
use crate::map::{IdentityMap, Invalidation, PeerGroup, Store};
use crate::model::IdentityMapped;
use crate::scope::{Scope, is_in_scope};
use crate::transaction::{AfterCommit, ReadView, TransactionStatus};

/// What the library keeps beside one connection.
pub struct Slot {
    pub(super) standing: Standing,
    pub(super) transaction: TransactionStatus,
    pub(super) in_flight: InFlight,
    pub(super) reporting: Reporting,
    /// `None` if the program has switched it off.
    pub(super) watch: Option<StatementWatch>,
    pub(super) server: Server,
}

impl Slot {
    pub(super) fn new(inner: Option<Box<dyn Instrumentation>>) -> Self {
        Self {
            standing: Standing::new(),
            transaction: TransactionStatus::default(),
            in_flight: InFlight::default(),
            reporting: Reporting::new(inner),
            watch: Some(StatementWatch::default()),
            server: Server::new(),
        }
    }

    /// Says that the next statement is this library's own.
    pub(crate) fn announce_statement(&mut self) {
        self.in_flight.set_next(NextStatement::FromLibrary);
    }

    /// Says that the next statement is a question of this library's.
    pub(crate) fn announce_question(&mut self) {
        self.in_flight.set_next(NextStatement::Question);
    }

    /// Says from where the program has called for the statements that follow, and whether they are
    /// sent on another thread.
    pub(crate) fn called_from(&mut self, location: &'static Location<'static>, elsewhere: bool) {
        self.reporting.called_from(location, elsewhere);
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

    #[cfg(feature = "mysql")]
    pub(crate) fn consecutive_keys(&mut self) -> &mut Option<bool> {
        self.server.consecutive_keys()
    }

    /// The connection's own map, when no transaction stands before it.
    #[inline]
    pub(super) fn own_map(&self) -> Option<&IdentityMap> {
        (!self.transaction.is_open()).then(|| self.standing.own_map())
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
        let realm = self.standing.realm();
        let map = if let Some(map) = given {
            map.bind(realm, model)?;
            map.clone()
        } else {
            let scoped = Scope::current_map(realm);
            scoped.unwrap_or_else(|| self.standing.own_map().clone())
        };
        self.standing.fills(&map);
        Ok(map)
    }

    /// What a load on this connection asks and fills.
    pub(crate) fn view<M: IdentityMapped>(&mut self, map: IdentityMap) -> ReadView<M> {
        self.transaction.view(map)
    }

    /// How many transactions and savepoints are open.
    pub(crate) fn depth(&self) -> usize {
        self.transaction.depth()
    }

    /// Keeps a hook until the open transaction has committed; gives it back to be run at once if
    /// there is none.
    pub(crate) fn after_commit(&mut self, hook: AfterCommit) -> Option<AfterCommit> {
        match self.transaction.open() {
            None => Some(hook),
            Some(open) => {
                open.after_commit(hook);
                None
            }
        }
    }

    /// Says whether the rollbacks that follow undo a write of the manager, and nothing else.
    pub(crate) fn set_undoes_write(&mut self, undoes_write: bool) {
        if let Some(open) = self.transaction.open() {
            open.set_undoes_write(undoes_write);
        }
    }

    /// Forgets what was written, wherever this connection has filled a map; inside a transaction
    /// for this connection alone, until it commits.
    pub(crate) fn invalidate(&mut self, invalidation: Invalidation) {
        if self.in_flight.is_shared() || !self.transaction.is_open() {
            self.invalidate_maps(&invalidation);
        }
        self.transaction.invalidate(invalidation);
    }

    /// Forgets what was written in every map that this connection may have filled.
    pub(super) fn invalidate_maps(&self, invalidation: &Invalidation) {
        if invalidation.is_empty() {
            return;
        }
        for map in self.maps() {
            map.invalidate(invalidation);
        }
    }

    /// Every map that this connection has filled or may fill now.
    pub(super) fn maps(&self) -> Vec<IdentityMap> {
        let realm = self.standing.realm();
        let current = self.reporting.scope();
        let current = current.and_then(|scope| scope.known_map(realm));
        // Nobody says in which scope a statement is sent on another thread: it may be any.
        let is_any = !is_in_scope() && self.reporting.sends_elsewhere();
        let any = is_any.then(|| Scope::known_maps(realm));
        let scoped = current.into_iter().chain(any.into_iter().flatten());
        self.standing.maps(scoped)
    }

    /// Puts an object that was just written where the next load finds it. It joins the peers of the
    /// object that it replaces.
    pub(crate) fn put<M: IdentityMapped>(&mut self, map: &IdentityMap, object: &Arc<M>) {
        let objects = std::slice::from_ref(object);
        self.put_in_store(map, objects, |store| {
            // At its address another object may have stood, whose peers are not its own.
            store.join_group(PeerGroup::NONE, objects, true);
            store.replace(object.key(), object);
        });
    }

    /// Puts objects that were just inserted where the next load finds them. They are peers.
    pub(crate) fn put_all<M: IdentityMapped>(&mut self, map: &IdentityMap, objects: &[Arc<M>]) {
        self.put_in_store(map, objects, |store| {
            for object in objects {
                store.replace(object.key(), object);
            }
            store.join_group(map.peers().group(true), objects, true);
        });
    }

    fn put_in_store<M: IdentityMapped>(
        &mut self,
        map: &IdentityMap,
        objects: &[Arc<M>],
        put: impl FnOnce(&Store<M>),
    ) {
        let open = self.transaction.open();
        let layer_map = open.and_then(|open| open.layer_map(map));
        let store = layer_map.as_ref().unwrap_or(map).store::<M>();
        put(store);
        store.keep(objects);
        store.count_query(0, 0);
    }

    /// A write of the manager begins, on a connection that several futures share. The answer is for
    /// [`end_write`](Self::end_write).
    #[cfg(all(feature = "async", feature = "postgres"))]
    pub(crate) fn begin_write(&mut self, invalidation: Invalidation) -> PendingWriteId {
        if self.transaction.is_open() {
            // Loads in flight may see what it writes, which may be undone.
            self.invalidate(invalidation.clone());
        }
        let in_flight = self.in_flight.statements.invalidation();
        let overlaps = invalidation.overlaps(&in_flight);
        self.in_flight.pending_writes.begin(invalidation, overlaps)
    }

    /// Whether no other write to the same rows was in flight meanwhile.
    #[cfg(all(feature = "async", feature = "postgres"))]
    pub(crate) fn end_write(&mut self, write: PendingWriteId) -> bool {
        self.in_flight.pending_writes.end(write)
    }
}
