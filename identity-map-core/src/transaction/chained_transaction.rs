//! What `COMMIT AND CHAIN` hands on: [`ChainedTransaction`].

use crate::database::Isolation;

/// What a transaction takes over from the one before, which began it by its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChainedTransaction {
    /// `None` if none was open: then it is that of a transaction which begins.
    pub(super) isolation: Option<Isolation>,
    pub(super) reads_uncommitted: bool,
}
