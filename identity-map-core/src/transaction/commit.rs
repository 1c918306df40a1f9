//! A release folds a layer of a transaction into the one below; a commit folds all of them.

use super::ended::EndedTransaction;
use super::open_transaction::{Doubt, OpenTransaction};

/// What a `RELEASE` released.
pub(crate) enum Released<T = ()> {
    Savepoint,
    /// The savepoint that began the transaction, as SQLite allows. Its release is the commit.
    Transaction(T),
    /// No savepoint of this name is known.
    Unknown,
}

impl OpenTransaction {
    /// `RELEASE`: what happened since the savepoint goes to the layer below. If the savepoint began the
    /// transaction, the caller commits.
    pub(crate) fn release(&mut self, name: &str) -> Released {
        let Some(at) = self.position_of(name) else {
            return Released::Unknown;
        };
        while self.layers.len() > at + 1 {
            self.fold();
        }
        let repeated = &mut self.layers[at].repeated;
        if *repeated > 0 {
            *repeated -= 1;
            return Released::Savepoint;
        }
        if at == 0 {
            return Released::Transaction(());
        }
        self.fold();
        Released::Savepoint
    }

    /// `COMMIT`: what the layers hold was committed. If PostgreSQL has aborted the transaction, its
    /// `COMMIT` is a rollback.
    pub(crate) fn commit(mut self) -> EndedTransaction {
        if self.is_aborted() {
            self.rollback_undoes_write = false;
            return self.roll_back();
        }
        while self.layers.len() > 1 {
            self.fold();
        }
        let mut outermost = self.layers.pop().unwrap_or_default();
        // A deferred trigger runs after all that was read.
        if self.doubt != Doubt::No || outermost.invalidation.is_deferred() {
            outermost.maps.clear();
        }
        EndedTransaction {
            invalidation: outermost.invalidation,
            after_commit: outermost.after_commit,
            maps: outermost.maps,
            age: self.age(),
        }
    }

    /// Folds the innermost layer into the one below.
    fn fold(&mut self) {
        let age = self.age();
        let Some(top) = self.layers.pop() else {
            return;
        };
        if let Some(below) = self.layers.last_mut() {
            below.fold_in(top, age);
        }
    }
}
