//! Whether a transaction is open on a connection: [`TransactionStatus`].

use super::commit::Released;
use super::ended::EndedTransaction;
use super::open_transaction::OpenTransaction;
use super::read_view::ReadView;
use crate::map::{IdentityMap, Invalidation, Stamp};
use crate::model::ModelType;

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
    pub(crate) fn view(&mut self, model: ModelType, map: IdentityMap) -> ReadView {
        match self {
            Self::NotOpen => ReadView::plain(model, map),
            Self::Open(open) => open.view(model, map),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::StatementFailure;

    fn with_savepoint(name: &str) -> TransactionStatus {
        let mut status = TransactionStatus::at_depth(1);
        status.savepoint(name.to_owned(), Stamp::now());
        status
    }

    #[test]
    fn a_connection_may_be_inside_diesels_transaction_already() {
        assert!(!TransactionStatus::at_depth(0).is_open());
        let mut status = TransactionStatus::at_depth(3);
        assert_eq!(status.depth(), 3);
        let released = status.release("diesel_savepoint_1");
        assert!(matches!(released, Released::Savepoint));
        assert_eq!(status.depth(), 1, "the savepoint inside is released too");
    }

    #[test]
    fn the_release_of_the_savepoint_that_began_it_commits() {
        let mut status = TransactionStatus::default();
        status.savepoint("a".to_owned(), Stamp::now());
        assert!(matches!(status.release("b"), Released::Unknown));
        assert!(status.is_open());
        assert!(matches!(status.release("a"), Released::Transaction(_)));
        assert!(!status.is_open());
    }

    #[test]
    fn equal_savepoints_without_a_write_between_them_share_a_layer() {
        let mut status = with_savepoint("a");
        status.savepoint("a".to_owned(), Stamp::now());
        assert_eq!(status.depth(), 2);
        assert!(matches!(status.release("a"), Released::Savepoint));
        assert!(matches!(status.release("a"), Released::Savepoint));
        assert!(matches!(status.release("a"), Released::Unknown));
    }

    #[test]
    fn a_rollback_to_a_savepoint_undoes_what_came_after_it() {
        let mut status = with_savepoint("a");
        status.invalidate(Invalidation::everything());
        let open = status.open_mut().unwrap();
        let undone = open.rollback_to("a");
        assert!(undone.is_some_and(|undone| undone.is_everything()));
        let undone = open.rollback_to("a");
        assert!(undone.is_some_and(|undone| undone.is_empty()), "once");
        assert!(open.rollback_to("b").is_none());
    }

    /// G4: what was read after the savepoint stands in its layer's map, which the rollback drops.
    #[test]
    fn a_rollback_to_a_savepoint_drops_what_was_read_after_it() {
        let mut status = with_savepoint("a");
        let open = status.open_mut().unwrap();
        let map = IdentityMap::new();
        let read_before = open.layer_map(&map).unwrap();
        let read_again = open.layer_map(&map).unwrap();
        assert!(read_again.is(&read_before));
        open.rollback_to("a");
        let read_after = open.layer_map(&map).unwrap();
        assert!(!read_after.is(&read_before));
    }

    #[test]
    fn a_rollback_that_undoes_a_write_of_the_manager_expires_nothing() {
        let mut status = with_savepoint("a");
        status.invalidate(Invalidation::everything());
        let open = status.open_mut().unwrap();
        open.set_rollback_undoes_write(true);
        let undone = open.rollback_to("a");
        assert!(undone.is_some_and(|undone| undone.is_empty()));
    }

    #[test]
    fn hooks_do_not_run_after_the_commit_of_an_aborted_transaction() {
        let committed_hooks = |failure| {
            let mut status = with_savepoint("a");
            let open = status.open_mut().unwrap();
            open.after_commit(Box::new(|| ()));
            open.note_failure(failure);
            status.commit().unwrap().after_commit.len()
        };
        assert_eq!(committed_hooks(StatementFailure::Harmless), 1);
        assert_eq!(committed_hooks(StatementFailure::Aborts), 0);
        assert_eq!(committed_hooks(StatementFailure::RolledBack), 0);
    }
}
