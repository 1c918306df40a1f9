//! What a connection makes of its database's catalogue.

use std::sync::Arc;

use super::early_writes::EarlyWrites;
use super::in_flight::NextStatement;
use super::slot::Slot;
use super::statement_effect::StatementEffect;
use super::watch::StatementWatch;
use super::would_expire::WouldExpire;
use crate::database::{Catalogue, KnownCatalogue, Product, temporary_query, version_query};
use crate::map::{Invalidation, KeySet, ModelWrite};
use crate::model::ModelType;
use crate::scope::{Scope, is_in_scope, known_map_in_current};
use crate::statement::{SessionChange, SessionEffect};

impl Slot {
    /// The catalogue of the database, if it has to be read and can be. Inside a transaction that has failed it
    /// cannot.
    pub(super) fn due_catalogue(&mut self) -> Option<Arc<KnownCatalogue>> {
        let is_due = self.standing.catalogue().is_due();
        if !is_due || self.transaction.is_in_doubt() {
            return None;
        }
        let open = self.transaction.open_mut();
        // MySQL's catalogue is no part of a snapshot.
        let may_be_snapshot = open.is_some() && self.server.product() != Product::Mysql;
        if may_be_snapshot && self.standing.may_see_older_schema() {
            // What it reads may be older than the triggers that its writes run.
            self.standing.give_up_schema();
            return None;
        }
        let open = self.transaction.open_mut();
        let has_failed = open.is_some_and(|open| open.is_aborted());
        (!has_failed).then(|| Arc::clone(self.standing.catalogue()))
    }

    /// The same on a connection that several futures share. Inside a transaction of the program's an error would
    /// abort it.
    #[cfg(all(feature = "async", feature = "postgres"))]
    pub(crate) fn due_catalogue_of_shared(&mut self) -> Option<Arc<KnownCatalogue>> {
        let may_be_open = self.known_depth() != Some(0);
        if may_be_open && self.standing.catalogue().is_due() {
            self.standing.give_up_schema();
        }
        if may_be_open {
            return None;
        }
        self.due_catalogue()
    }

    /// Whether another program may have changed the schema, and the database says so at little cost: the
    /// connection is new, or nobody has compared it in the current scope.
    pub(super) fn is_version_due(&self) -> bool {
        version_query(self.product()).is_some() && self.begins_to_read()
    }

    #[inline(never)]
    fn begins_to_read(&self) -> bool {
        let realm = self.standing.realm();
        // Nobody else speaks to the database of a unique one.
        !realm.is_unique()
            && self.catalogue().is_some()
            && (self.standing.is_version_due()
                || is_in_scope()
                    && !known_map_in_current(realm).is_some_and(|map| map.is_version_compared()))
    }

    /// The catalogue of the database, if it was read.
    pub(crate) fn catalogue(&self) -> Option<Arc<Catalogue>> {
        self.standing.catalogue().get()
    }

    /// Whether the session may still have temporary objects, or may have none any more. Inside a transaction a
    /// rollback could bring them back.
    pub(super) fn is_temporary_unclear(&self) -> bool {
        self.transaction.is_temporary_unclear()
            && !self.transaction.is_open()
            && !self.is_lost()
            && !self.is_in_doubt()
            && temporary_query(self.product()).is_some()
    }

    /// Takes what the database says: whether the session has temporary objects now.
    pub(super) fn found_temporary(&mut self, are_there: bool) {
        if !are_there {
            self.change_session(&SessionChange::DropTemporary);
        }
        self.transaction.set_temporary_unclear(false);
    }

    /// The version of the schema is known, for this connection and for the current scope.
    pub(super) fn note_version(&mut self) {
        self.standing.note_version();
        if let Some(scope) = Scope::current() {
            let map = scope.map_of(self.standing.realm(), self.product());
            map.note_version_compared();
        }
    }

    /// Takes the version of the schema that the database has now.
    pub(super) fn found_version(&mut self, version: &str) {
        self.note_version();
        let known = self.standing.catalogue();
        if known.get().is_some_and(|read| !read.has_version(version)) {
            known.forget();
        }
    }

    /// Says that the next statement reads the catalogue.
    pub(super) fn announce_catalogue(&mut self) {
        self.in_flight.set_next(NextStatement::Catalogue);
    }

    /// The catalogue is read again. What a transaction has changed in it, others see at its end.
    pub(super) fn change_schema(&mut self) {
        let in_transaction = self.transaction.is_open();
        // What several futures share reads no catalogue inside a transaction.
        let is_shared = self.in_flight.is_shared();
        self.standing.change_schema(in_transaction, is_shared);
        let may_find_it_elsewhere = !self.transaction.session().is_as_new();
        if may_find_it_elsewhere && self.product() == Product::Postgres {
            // A `search_path` may begin with the schema of temporary objects.
            self.change_session(&SessionChange::MakeTemporary);
        }
        self.transaction.doubt_temporary();
    }

    /// What a statement would expire. Nothing is sent, and nothing is expired.
    pub(crate) fn would_expire(&mut self, sql: &str) -> WouldExpire {
        let product = self.product();
        let catalogue = self.standing.catalogue();
        let mut unwatched = StatementWatch::default();
        let watch = self.watch.as_mut().unwrap_or(&mut unwatched);
        let statement = watch.inspect(&sql, product, catalogue);
        let effects = statement.map(|statement| statement.effects);
        WouldExpire::by(&effects.unwrap_or_default())
    }

    /// Rows of a model that are written, and whatever else the write changes.
    #[inline(never)]
    pub(crate) fn written_rows(
        &self,
        model: ModelType,
        keys: KeySet,
        write: ModelWrite<'_>,
    ) -> Invalidation {
        let catalogue = self.catalogue();
        let catalogue = catalogue.as_deref();
        Invalidation::rows(model, keys, &ModelWrite { catalogue, ..write })
    }

    /// Any rows of a model, and whatever else the write changes.
    #[inline(never)]
    pub(crate) fn written_model(&self, model: ModelType, write: ModelWrite<'_>) -> Invalidation {
        let catalogue = self.catalogue();
        let catalogue = catalogue.as_deref();
        Invalidation::model(model, &ModelWrite { catalogue, ..write })
    }

    /// Invalidates rows that were written, and whatever else the write changes. It says whether the rows that
    /// the database returned are as it left them: no trigger or action may have changed them afterwards.
    #[inline(never)]
    pub(crate) fn invalidate_written(
        &mut self,
        model: ModelType,
        keys: KeySet,
        write: ModelWrite<'_>,
    ) -> bool {
        let written = self.written_rows(model, keys, write);
        let session = written.session_effect().change();
        let are_as_returned = !written.covers(model.facts()) && session.is_none();
        if let Some(change) = session {
            self.change_session(&change);
        }
        self.invalidate(written);
        are_as_returned
    }

    /// Takes the standing that the session has after early writes, if the catalogue can say it.
    pub(super) fn account_for_early_writes(&mut self) {
        let is_open = self.transaction.is_open();
        if self.early_writes.is_empty()
            || self.standing.catalogue().get().is_none()
            || is_open && self.early_writes.was_changed_inside()
        {
            return;
        }
        let early = std::mem::take(&mut self.early_writes);
        let changes = self.session_changes_of(&early);
        for change in &changes {
            self.change_session(change);
        }
        if is_open && !changes.is_empty() {
            self.early_writes = early.changed_inside();
        }
    }

    fn session_changes_of(&mut self, early: &EarlyWrites) -> Vec<SessionChange> {
        let Some(texts) = early.texts() else {
            let most = self.catalogue().map(|known| known.most_session_effect());
            return most.and_then(SessionEffect::change).into_iter().collect();
        };
        let product = self.product();
        let catalogue = self.standing.catalogue();
        let Some(watch) = &mut self.watch else {
            return Vec::new();
        };
        let mut changes = Vec::new();
        for text in texts {
            let statement = watch.inspect(text, product, catalogue);
            for effect in statement
                .into_iter()
                .flat_map(|statement| statement.effects)
            {
                if let StatementEffect::ChangeSession(change) = effect {
                    changes.push(change);
                }
            }
        }
        changes
    }
}
