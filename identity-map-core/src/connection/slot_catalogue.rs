//! What a connection makes of its database's catalogue.

use std::sync::Arc;

use super::in_flight::NextStatement;
use super::slot::Slot;
use crate::database::{Catalogue, KnownCatalogue};
use crate::map::{Invalidation, KeySet, ModelWrite};
use crate::model::ModelType;
use crate::statement::SessionChange;

impl Slot {
    /// The catalogue of the database, if it has to be read and can be. Inside a transaction that has failed it
    /// cannot.
    pub(super) fn due_catalogue(&mut self) -> Option<Arc<KnownCatalogue>> {
        let is_due = self.standing.catalogue().is_due();
        if !is_due || self.transaction.is_in_doubt() {
            return None;
        }
        let open = self.transaction.open_mut();
        let has_failed = open.is_some_and(|open| open.is_aborted());
        (!has_failed).then(|| Arc::clone(self.standing.catalogue()))
    }

    /// The catalogue of the database, if it was read.
    pub(crate) fn catalogue(&self) -> Option<Arc<Catalogue>> {
        self.standing.catalogue().get()
    }

    /// Says that the next statement reads the catalogue.
    pub(super) fn announce_catalogue(&mut self) {
        self.in_flight.set_next(NextStatement::Catalogue);
    }

    /// The catalogue is read again. What a transaction has changed in it, others see at its end.
    pub(super) fn change_schema(&mut self) {
        let in_transaction = self.transaction.is_open();
        self.standing.change_schema(in_transaction);
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
        let are_as_returned = !written.covers(model.facts()) && !written.changes_session();
        if written.changes_session() {
            self.change_session(&SessionChange::Anything);
        }
        self.invalidate(written);
        are_as_returned
    }
}
