//! What a statement changes of its session: [`SessionChanges`].

use super::kind::SettingKind;

/// What a statement changes of its session, in order. Settings that change neither rows nor values
/// are not among it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SessionChanges {
    pub(crate) changes: Vec<SessionChange>,
    /// The statement may have written to any table on the way.
    pub(crate) may_write: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SessionChange {
    Setting(SettingChange),
    /// `RESET ALL`: every setting is what the server gives a new connection, `except` these. What Diesel
    /// sets by itself when it establishes a connection is then no longer set, and follows as changes
    /// of its own.
    ResetAll {
        except: &'static [&'static str],
    },
    /// A temporary object was made, which may hide one of all.
    MakeTemporary,
    /// The temporary objects of the session are gone.
    DropTemporary,
    Isolation {
        level: IsolationLevel,
        span: Span,
    },
    /// MySQL's `autocommit`, of this session.
    Autocommit(Switch),
    /// MySQL's `completion_type`, of this session.
    CompletionType(CompletionType),
    /// PostgreSQL's `SET TRANSACTION SNAPSHOT`: the transaction sees what another one does.
    Snapshot,
    /// The text does not tell what changes.
    Anything,
}

/// A setting on which rows or values may depend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SettingChange {
    /// In lower case, and one name where there are several: `TIME ZONE` is `timezone`, PostgreSQL's
    /// `NAMES` is `client_encoding`. A user variable of MySQL begins with `@`.
    pub(crate) name: String,
    /// Whether the setting is in the tables of this library. One that is not may change anything.
    pub(crate) is_known: bool,
    pub(crate) span: Span,
    pub(crate) to: SettingValue,
}

/// How long a change holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// Until it is changed again. On PostgreSQL a rollback takes it back.
    Session,
    /// Until the end of this transaction. PostgreSQL ignores it outside a transaction.
    Transaction,
    /// For the transaction that begins next, and no other.
    NextTransaction,
    /// For the connections that are established from now on; this one keeps what it has.
    Global,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SettingValue {
    /// What a connection has that Diesel has just established.
    Baseline,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IsolationLevel {
    ReadUncommitted,
    ReadCommitted,
    RepeatableRead,
    Serializable,
    /// Whatever a new connection has.
    Baseline,
    /// The text does not tell.
    Unclear,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Switch {
    On,
    Off,
    /// The text does not tell.
    Unclear,
}

/// What MySQL does after a plain `COMMIT` or `ROLLBACK`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CompletionType {
    NoChain,
    /// Begins the next transaction.
    Chain,
    /// Closes the connection.
    Release,
    /// The text does not tell.
    Unclear,
}

impl SessionChanges {
    pub(super) fn one(change: SessionChange) -> Self {
        Self {
            changes: vec![change],
            may_write: false,
        }
    }

    /// The change of a setting, if that is not harmless.
    pub(super) fn setting(kind: SettingKind, name: String, span: Span, to: SettingValue) -> Self {
        if kind == SettingKind::Harmless {
            return Self::default();
        }
        Self::one(SessionChange::Setting(SettingChange {
            name,
            is_known: kind == SettingKind::ChangesRows,
            span,
            to,
        }))
    }

    /// A change of the isolation level, if it is one.
    pub(super) fn isolation(level: Option<IsolationLevel>, span: Span) -> Self {
        level.map_or_else(Self::default, |level| {
            Self::one(SessionChange::Isolation { level, span })
        })
    }

    pub(super) fn and(mut self, other: Self) -> Self {
        self.changes.extend(other.changes);
        self.may_write |= other.may_write;
        self
    }

    /// Whether all settings among the changes are known.
    pub(super) fn are_known(&self) -> bool {
        self.changes.iter().all(|change| match change {
            SessionChange::Setting(setting) => setting.is_known,
            SessionChange::Anything => false,
            _ => true,
        })
    }
}
