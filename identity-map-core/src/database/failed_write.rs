//! What a write that has failed leaves in the database: [`FailedWrite`]. This is the only place that says
//! so, of this library's writes and of the program's.

use diesel::result::{DatabaseErrorKind, Error};

/// How far a write had come when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WritePhase {
    /// No statement of it was sent: a hook before it has failed, or it could not be built.
    Unsent,
    /// It is one statement, and that has failed.
    Sent,
    /// The database has done it, and something after it has failed: the row that came back does not
    /// decode, or a later statement was refused.
    Answered,
}

/// What a write that has failed leaves in the database, unless a rollback follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailedWrite {
    /// Nothing: it was never sent, or the database has undone all of it.
    Undone,
    /// Nobody can say. What it may have changed is read again.
    Unknown,
}

impl FailedWrite {
    /// What a write has left that failed by `error` in this phase.
    pub(crate) fn of(error: &Error, phase: WritePhase) -> Self {
        match phase {
            WritePhase::Unsent => Self::Undone,
            WritePhase::Sent if was_never_sent(error) || is_constraint_violation(error) => {
                Self::Undone
            }
            WritePhase::Sent | WritePhase::Answered => Self::Unknown,
        }
    }
}

/// Whether Diesel could not write the statement down, or its values.
fn was_never_sent(error: &Error) -> bool {
    matches!(
        error,
        Error::QueryBuilderError(_) | Error::SerializationError(_) | Error::InvalidCString(_)
    )
}

/// Whether a statement was refused for the rows that it would have written. Of the other errors some may
/// come when rows are written already: SQLite's `RAISE(FAIL)` keeps them, and a connection may close
/// after the server has committed.
fn is_constraint_violation(error: &Error) -> bool {
    matches!(
        error,
        Error::DatabaseError(
            DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::NotNullViolation
                | DatabaseErrorKind::CheckViolation,
            _
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(kind: DatabaseErrorKind) -> Error {
        Error::DatabaseError(kind, Box::new("refused".to_owned()))
    }

    #[test]
    fn what_was_never_sent_has_changed_nothing() {
        let unbuilt = Error::QueryBuilderError("no changes".into());
        let unbound = Error::SerializationError("no value".into());
        for error in [unbuilt, unbound] {
            let left = FailedWrite::of(&error, WritePhase::Sent);
            assert_eq!(left, FailedWrite::Undone, "{error}");
        }
        let hook = Error::DeserializationError("of a hook".into());
        let left = FailedWrite::of(&hook, WritePhase::Unsent);
        assert_eq!(left, FailedWrite::Undone);
    }

    #[test]
    fn only_a_constraint_undoes_a_statement_for_certain() {
        let left = |kind| FailedWrite::of(&refused(kind), WritePhase::Sent);
        assert_eq!(
            left(DatabaseErrorKind::UniqueViolation),
            FailedWrite::Undone
        );
        for kind in [
            DatabaseErrorKind::ClosedConnection,
            DatabaseErrorKind::Unknown,
        ] {
            assert_eq!(left(kind), FailedWrite::Unknown);
        }
        let undecoded = Error::DeserializationError("a bad title".into());
        let left = FailedWrite::of(&undecoded, WritePhase::Sent);
        assert_eq!(left, FailedWrite::Unknown);
    }

    /// The error is another statement's then, or no statement's.
    #[test]
    fn no_error_after_the_answer_undoes_it() {
        let no_key = Error::QueryBuilderError("no key".into());
        for error in [refused(DatabaseErrorKind::UniqueViolation), no_key] {
            let left = FailedWrite::of(&error, WritePhase::Answered);
            assert_eq!(left, FailedWrite::Unknown, "{error}");
        }
    }
}
