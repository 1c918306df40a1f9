//! The isolation levels of a connection's transactions: of the open one, the next one, and all of its session.

use super::autocommit::Autocommit;
use super::chained_transaction::ChainedTransaction;
use super::status::{State, TransactionStatus};
use crate::database::{Isolation, Product};
use crate::map::Stamp;

impl TransactionStatus {
    /// What the next transaction takes over from the one that ends now, if that `AND CHAIN`s.
    pub(crate) fn chained(&self, chains: bool) -> Option<ChainedTransaction> {
        chains.then(|| ChainedTransaction {
            isolation: match &self.state {
                State::Open(open) => Some(open.isolation),
                State::NotOpen | State::Lost { .. } => None,
            },
            reads_uncommitted: self.session.reads_uncommitted(),
        })
    }

    /// A transaction has begun as the one before ended, of the same isolation.
    pub(crate) fn begin_chained(
        &mut self,
        chained: ChainedTransaction,
        began: Stamp,
        product: Product,
    ) {
        self.begin(began, chained.isolation, product);
        if chained.reads_uncommitted {
            self.session.read_uncommitted(true, true);
        }
    }

    /// Sets the isolation of the transactions of this session; `None` is the server's default. The open one
    /// keeps its own; without `autocommit` it may not have begun yet.
    pub(crate) fn set_session_isolation(&mut self, isolation: Option<Isolation>) {
        if self.is_open() {
            self.isolation.set_from_end_on(isolation);
            if self.autocommit() != Autocommit::On {
                self.set_isolation(Isolation::Unclear);
                if isolation == Some(Isolation::Uncommitted) {
                    self.session.read_uncommitted(true, true);
                }
            }
        } else {
            // A rollback of a transaction that nobody knows of may take it back.
            self.isolation.set(if self.is_lost() {
                isolation.map(|_| Isolation::Unclear)
            } else {
                isolation
            });
            self.follow_isolation();
        }
    }

    /// Sets the isolation of the next transaction.
    pub(crate) fn set_next_isolation(&mut self, isolation: Isolation) {
        self.isolation.set_next();
        if isolation == Isolation::Uncommitted {
            self.session.read_uncommitted(true, true);
        }
        self.follow_isolation();
    }

    /// Takes the session's isolation for that of the statements outside a transaction.
    pub(super) fn follow_isolation(&mut self) {
        let reads_uncommitted = self.isolation.of_session() == Some(Isolation::Uncommitted);
        self.session.read_uncommitted(reads_uncommitted, false);
        self.keeps_nothing = self.session.reads_uncommitted() && self.isolation.has_next();
    }

    /// Sets the isolation of the open transaction.
    pub(crate) fn set_isolation(&mut self, isolation: Isolation) {
        if let State::Open(open) = &mut self.state {
            open.isolation = isolation;
        }
    }
}
