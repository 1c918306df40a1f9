//! What the database says of the transaction that is asked for: [`FoundTransaction`].

/// What the database has said of the transaction that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FoundTransaction {
    NotOpen,
    Open,
    /// Open, and PostgreSQL refuses every statement until a rollback.
    Aborted,
}
