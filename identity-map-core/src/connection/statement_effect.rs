//! What a statement of the program's does to the maps when it succeeds: [`StatementEffect`].

use std::num::NonZeroU32;

use diesel::connection::InstrumentationEvent;

use crate::database::Isolation;
use crate::map::Invalidation;
use crate::statement::SessionChange;
use crate::transaction::Autocommit;

/// The effect of one statement that has succeeded.
#[derive(Clone)]
pub(super) enum StatementEffect {
    /// A pool has tested the connection, and hands it to somebody else.
    PoolCheckOut,
    /// Tables, triggers or routines may be others.
    ChangeSchema,
    /// Rows may be changed.
    Invalidate(Invalidation),
    /// The session may see other rows or values from now on.
    ChangeSession(SessionChange),
    /// Anything may have happened to rows and to the session.
    Anything {
        /// Whether a transaction may have begun or ended as well.
        moves_transaction: bool,
    },
    Begin(Option<Isolation>),
    Savepoint(String),
    Release(String),
    RollbackTo(String),
    Commit(Chain),
    Rollback(Chain),
    /// MySQL commits the open transaction before the statement.
    ImplicitCommit,
    /// Whether the transaction goes on, the database has to say.
    DoubtTransaction,
    /// Nobody can say any more whether a transaction is open.
    LoseTransaction,
    SetAutocommit(Autocommit),
    /// Whether a plain `COMMIT` or `ROLLBACK` may begin the next transaction.
    SetEndsUnclear(bool),
    /// The isolation of the open transaction.
    SetIsolation(Isolation),
    /// The isolation of the next transaction.
    SetNextIsolation(Isolation),
    /// The isolation of the transactions of this session; `None` is the server's default.
    SetSessionIsolation(Option<Isolation>),
}

/// Whether the end of a transaction begins the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chain {
    No,
    Yes,
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
                savepoint(*depth).map_or(Self::Begin(None), Self::Savepoint)
            }
            InstrumentationEvent::CommitTransaction { depth, .. } => {
                savepoint(*depth).map_or(Self::Commit(Chain::No), Self::Release)
            }
            InstrumentationEvent::RollbackTransaction { depth, .. } => {
                savepoint(*depth).map_or(Self::Rollback(Chain::No), Self::RollbackTo)
            }
            _ => return None,
        })
    }

    /// Whether it is another inside a transaction than outside.
    pub(super) fn is_of_transaction(&self) -> bool {
        matches!(
            self,
            Self::Invalidate(_) | Self::ChangeSession(_) | Self::SetIsolation(_)
        )
    }

    /// Whether it sets an isolation level, and nothing else.
    pub(super) fn is_isolation(&self) -> bool {
        matches!(
            self,
            Self::SetIsolation(_) | Self::SetNextIsolation(_) | Self::SetSessionIsolation(_)
        )
    }

    /// Whether it begins, moves or ends a transaction on purpose.
    pub(super) fn is_boundary(&self) -> bool {
        match self {
            Self::PoolCheckOut
            | Self::ChangeSchema
            | Self::Invalidate(_)
            | Self::ChangeSession(_)
            | Self::Anything {
                moves_transaction: false,
            }
            | Self::ImplicitCommit
            | Self::DoubtTransaction
            | Self::SetIsolation(_)
            | Self::SetNextIsolation(_)
            | Self::SetSessionIsolation(_) => false,
            Self::Anything {
                moves_transaction: true,
            }
            | Self::Begin(_)
            | Self::Savepoint(_)
            | Self::Release(_)
            | Self::RollbackTo(_)
            | Self::Commit(_)
            | Self::Rollback(_)
            | Self::LoseTransaction
            | Self::SetAutocommit(_)
            | Self::SetEndsUnclear(_) => true,
        }
    }
}
