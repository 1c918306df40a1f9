//! What a release and a commit do with what a transaction has read and written.

use super::ended::EndedTransaction;
use super::open_transaction::OpenTransaction;

/// What a `RELEASE` released.
pub(crate) enum ReleaseOutcome {
    Savepoint,
    /// The savepoint that began the transaction, as SQLite allows: it is committed.
    Transaction,
    /// There is no such savepoint as far as is known.
    Unknown,
}

impl OpenTransaction {
    /// `RELEASE`: what happened since goes to the layer below. The caller commits where the savepoint
    /// was the transaction.
    pub(crate) fn release(&mut self, name: &str) -> ReleaseOutcome {
        let Some(at) = self.find(name) else {
            return ReleaseOutcome::Unknown;
        };
        while self.layers.len() > at + 1 {
            self.fold();
        }
        let repeated = &mut self.layers[at].repeated;
        if *repeated > 0 {
            *repeated -= 1;
            return ReleaseOutcome::Savepoint;
        }
        if at == 0 {
            return ReleaseOutcome::Transaction;
        }
        self.fold();
        ReleaseOutcome::Savepoint
    }

    /// The end of the transaction: everything that is left was committed, unless a layer is
    /// aborted.
    pub(crate) fn commit(mut self) -> EndedTransaction {
        if self.layers.iter().any(|layer| layer.aborted) {
            self.undoes_write = false;
            return self.roll_back();
        }
        while self.layers.len() > 1 {
            self.fold();
        }
        let mut all = self.layers.pop().unwrap_or_default();
        if self.is_doubtful {
            all.maps.clear();
        }
        EndedTransaction {
            invalidation: all.invalidation,
            after_commit: all.after_commit,
            maps: all.maps,
            began: self.began,
            session_changed: self.session_changed,
        }
    }

    /// Folds the innermost layer into the one below.
    fn fold(&mut self) {
        let Some(top) = self.layers.pop() else { return };
        if let Some(below) = self.layers.last_mut() {
            below.fold_in(top);
        }
    }
}
