//! What a statement of the program's does to the maps when it succeeds: [`StatementEffect`].

use std::num::NonZeroU32;

use diesel::connection::InstrumentationEvent;

use crate::map::Invalidation;

/// The effect of one statement that has succeeded.
#[derive(Clone)]
pub(super) enum StatementEffect {
    /// A pool has tested the connection, and hands it to somebody else.
    PoolCheckOut,
    /// Rows may be changed.
    Invalidate(Invalidation),
    /// The session may see other rows from now on.
    ChangeSession {
        /// Rows may be changed besides, and a transaction ended.
        may_write: bool,
    },
    Begin,
    Savepoint(String),
    Release(String),
    RollbackTo(String),
    Commit,
    Rollback,
    /// Nobody can say any more whether a transaction is open.
    LoseTransaction,
}

impl StatementEffect {
    /// What Diesel announces: to begin, commit or roll back a transaction, or a savepoint at a depth
    /// of more than one.
    pub(super) fn of_event(event: &InstrumentationEvent<'_>) -> Option<Self> {
        let savepoint = |depth: NonZeroU32| match depth.get() {
            1 => None,
            depth => Some(format!("diesel_savepoint_{}", depth - 1)),
        };
        Some(match event {
            InstrumentationEvent::BeginTransaction { depth, .. } => {
                savepoint(*depth).map_or(Self::Begin, Self::Savepoint)
            }
            InstrumentationEvent::CommitTransaction { depth, .. } => {
                savepoint(*depth).map_or(Self::Commit, Self::Release)
            }
            InstrumentationEvent::RollbackTransaction { depth, .. } => {
                savepoint(*depth).map_or(Self::Rollback, Self::RollbackTo)
            }
            _ => return None,
        })
    }
}
