//! What the program's own statements do, once it is known how they ended: [`StatementEffect`].

use std::num::NonZeroU32;

use diesel::connection::InstrumentationEvent;

use crate::map::{Invalidation, Stamp};

/// A statement (or a batch of them) of the program's that does something and was sent.
#[derive(Clone)]
pub(super) struct InFlightStatement {
    pub(super) id: StatementId,
    pub(super) began: Stamp,
    pub(super) effects: Vec<StatementEffect>,
    /// It may have been done in part although it failed (`UPDATE OR FAIL`).
    pub(super) may_fail_partly: bool,
    /// If it fails, the transaction is over (SQLite's `INSERT OR ROLLBACK`).
    pub(super) or_rollback: bool,
}

/// How a statement is known again when its end is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatementId {
    /// Diesel has announced it, and waits for it.
    Announced,
    /// By its text, of which this is the hash.
    TextHash(u64),
}

/// What one statement does when it succeeds.
#[derive(Clone)]
pub(super) enum StatementEffect {
    /// A pool has tested the connection before it handed it to somebody else.
    NewHolder,
    /// Rows may be changed.
    Invalidate(Invalidation),
    /// The session now may see other rows, and with `writes` rows may be changed besides.
    OtherRows {
        writes: bool,
    },
    Begin,
    Savepoint(String),
    Release(String),
    RollbackTo(String),
    Commit,
    Rollback,
    /// Where the transaction stands cannot be said any more.
    LostTransaction,
}

impl InFlightStatement {
    /// A statement that Diesel has announced.
    pub(super) fn announced(effect: StatementEffect) -> Self {
        Self {
            id: StatementId::Announced,
            began: Stamp::now(),
            effects: vec![effect],
            may_fail_partly: false,
            or_rollback: false,
        }
    }

    /// The effect, if it is one.
    pub(super) fn single(mut self) -> Option<StatementEffect> {
        let effect = self.effects.pop();
        effect.filter(|_| self.effects.is_empty())
    }

    /// Whether it writes rows, all or none of them.
    pub(super) fn is_atomic_write(&self) -> bool {
        !self.may_fail_partly && matches!(&*self.effects, [StatementEffect::Invalidate(_)])
    }
}

impl StatementEffect {
    /// What Diesel says it is about to do, by the depth at which it does it.
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
