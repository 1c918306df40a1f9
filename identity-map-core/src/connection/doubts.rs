//! What a slot makes of it where nobody knows whether a transaction is open, or what it has done.

use super::slot::Slot;
use crate::database::StatementFailure;
use crate::map::Invalidation;
use crate::transaction::FoundTransaction;

impl Slot {
    /// Whether the database has to be asked if a transaction is open.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.transaction.is_in_doubt()
    }

    /// The database has said whether a transaction is open.
    pub(crate) fn found_transaction(&mut self, found: FoundTransaction) {
        let ended = self.transaction.find(found, self.server.product());
        if let Some(ended) = ended {
            self.end_transaction(ended);
        }
        self.follow_session();
    }

    /// What the transaction has done so far may be undone already, or committed.
    pub(super) fn doubt_transaction(&mut self) {
        if let Some(open) = self.transaction.open_mut() {
            open.note_failure(StatementFailure::Doubtful);
        }
    }

    /// The transaction may be committed: others read anew what it may have written, and the database is asked.
    pub(super) fn expect_commit(&mut self) {
        if let Some(open) = self.transaction.open_mut() {
            open.expect_commit();
            self.invalidate_maps(&Invalidation::everything());
        }
    }

    /// Nobody can say whether a transaction is open: every object is expired, and nothing that is read is
    /// kept until the database has been asked.
    pub(super) fn lose_transaction(&mut self) {
        self.standing.end_own_schema();
        self.transaction.lose();
        self.invalidate_maps(&Invalidation::everything());
    }
}
