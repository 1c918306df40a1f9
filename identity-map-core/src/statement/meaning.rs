//! What a statement means for the maps of its connection: [`Meaning`].

/// What one statement can have done to what the maps of its connection hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Changes no rows of any table, and nothing of the session that rows depend on.
    Read,
    /// Adds rows, and changes none that were there.
    Insert,
    /// Changes or removes rows of tables that are among its identifiers.
    Write,
    /// May have changed anything.
    Everything,
    /// Changes the session, so that it may see other rows. What it changes, the statement tells
    /// ([`session_changes`](super::classified_statement::ClassifiedStatement::session_changes)).
    ChangeSession,
    Begin,
    Savepoint,
    Release,
    RollbackTo,
    Commit,
    Rollback,
    /// Ends the transaction, and begins the next one with the same characteristics.
    CommitAndChain,
    /// Ends the transaction, and begins the next one with the same characteristics.
    RollbackAndChain,
    /// Any other way to end or move a transaction.
    LoseTransaction,
}

impl Meaning {
    /// Whether the statement is about rows, and neither the session nor its transaction.
    pub(super) fn is_about_rows(self) -> bool {
        matches!(
            self,
            Self::Read | Self::Insert | Self::Write | Self::Everything
        )
    }

    /// Whether the statement is about the transaction.
    pub(super) fn is_transaction_control(self) -> bool {
        !self.is_about_rows() && self != Self::ChangeSession
    }
}
