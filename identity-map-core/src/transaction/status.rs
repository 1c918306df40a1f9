//! Whether a transaction is open on a connection: [`TransactionStatus`].

use super::commit::Released;
use super::ended::EndedTransaction;
use super::open_transaction::OpenTransaction;
use super::read_view::ReadView;
use crate::map::{IdentityMap, Invalidation, Stamp};
use crate::model::IdentityMapped;

/// The transaction of one connection, as known by the statements that were sent on it.
///
/// | from | event | to |
/// |---|---|---|
/// | not open | [`begin`](Self::begin), [`savepoint`](Self::savepoint) | open, one layer |
/// | open | [`savepoint`](Self::savepoint) | open, one layer more |
/// | open | [`release`](Self::release) of a savepoint | open, its layer folded into the one below |
/// | open | [`release`](Self::release) of the savepoint that began it, [`commit`](Self::commit) | not open |
/// | open | rollback to a savepoint | open, its layer empty |
/// | open | [`roll_back`](Self::roll_back) | not open |
#[derive(Default)]
pub(crate) enum TransactionStatus {
    #[default]
    NotOpen,
    Open(OpenTransaction),
}

impl TransactionStatus {
    /// The status of a connection that may be inside a transaction of Diesel's already.
    pub(crate) fn at_depth(depth: u32) -> Self {
        if depth == 0 {
            return Self::NotOpen;
        }
        let mut open = OpenTransaction::begin(Stamp::default());
        for level in 1..depth {
            open.savepoint(format!("diesel_savepoint_{level}"));
        }
        Self::Open(open)
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    pub(crate) fn open_mut(&mut self) -> Option<&mut OpenTransaction> {
        match self {
            Self::NotOpen => None,
            Self::Open(open) => Some(open),
        }
    }

    /// How many transactions and savepoints are open.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::NotOpen => 0,
            Self::Open(open) => open.depth(),
        }
    }

    /// The view of a map that a load on this connection takes now.
    pub(crate) fn view<M: IdentityMapped>(&mut self, map: IdentityMap) -> ReadView<M> {
        match self {
            Self::NotOpen => ReadView::plain(map),
            Self::Open(open) => open.view(map),
        }
    }

    /// Notes that rows were written, for this connection alone. Outside a transaction nothing is noted.
    pub(crate) fn invalidate(&mut self, invalidation: Invalidation) {
        if let Self::Open(open) = self {
            open.invalidate(invalidation);
        }
    }

    /// A transaction began, where none was open.
    pub(crate) fn begin(&mut self, began: Stamp) {
        *self = Self::Open(OpenTransaction::begin(began));
    }

    /// A savepoint was set.
    pub(crate) fn savepoint(&mut self, name: String, now: Stamp) {
        match self {
            Self::NotOpen => *self = Self::Open(OpenTransaction::begin_by_savepoint(name, now)),
            Self::Open(open) => open.savepoint(name),
        }
    }

    /// A savepoint was released.
    pub(crate) fn release(&mut self, name: &str) -> Released<EndedTransaction> {
        let Self::Open(open) = self else {
            return Released::Unknown;
        };
        match open.release(name) {
            Released::Savepoint => Released::Savepoint,
            Released::Unknown => Released::Unknown,
            Released::Transaction(()) => match self.commit() {
                Some(ended) => Released::Transaction(ended),
                None => Released::Unknown,
            },
        }
    }

    /// The transaction was committed. `None` if none was open.
    pub(crate) fn commit(&mut self) -> Option<EndedTransaction> {
        self.take().map(OpenTransaction::commit)
    }

    /// The transaction was rolled back. `None` if none was open.
    pub(crate) fn roll_back(&mut self) -> Option<EndedTransaction> {
        self.take().map(OpenTransaction::roll_back)
    }

    /// Gives up the transaction, if one is open: nobody knows any more.
    pub(crate) fn forget(&mut self) {
        *self = Self::NotOpen;
    }

    fn take(&mut self) -> Option<OpenTransaction> {
        match std::mem::take(self) {
            Self::NotOpen => None,
            Self::Open(open) => Some(open),
        }
    }
}
