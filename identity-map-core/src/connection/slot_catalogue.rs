//! What a connection makes of its database's catalogue.

use std::sync::Arc;

use super::in_flight::NextStatement;
use super::slot::Slot;
use crate::database::{Catalogue, KnownCatalogue};

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
}
