//! The errors of statements, and what they mean for the transaction: [`StatementFailure`].

use diesel::result::{DatabaseErrorKind, Error};

use super::failed_write::{FailedWrite, WritePhase};
use crate::product::Product;

/// What has become of the transaction in which a statement failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StatementFailure {
    /// It goes on; the statement alone was undone.
    Harmless,
    /// It goes on only after a rollback (PostgreSQL).
    Aborts,
    /// It goes on and the statement alone was undone, or it is rolled back: a constraint or a trigger of
    /// SQLite's may say so.
    MayEnd,
    /// The database may have ended it, or undone a part of it.
    Doubtful,
    /// The database has rolled it back (a deadlock on MySQL).
    RolledBack,
}

impl StatementFailure {
    /// What `error` means on this product.
    pub(crate) fn of(error: &Error, product: Product) -> Self {
        let Error::DatabaseError(kind, _) = error else {
            return Self::Harmless;
        };
        match (product, kind) {
            (Product::Postgres, _) => Self::Aborts,
            // It may be PostgreSQL, or any other.
            (Product::Unknown, _) => Self::Doubtful,
            (_, _) if FailedWrite::of(error, WritePhase::Sent) == FailedWrite::Undone => {
                if product == Product::Sqlite {
                    Self::MayEnd
                } else {
                    Self::Harmless
                }
            }
            (Product::Mysql, DatabaseErrorKind::SerializationFailure) => Self::RolledBack,
            (Product::Sqlite | Product::Mysql, _) => Self::Doubtful,
        }
    }
}

/// Whether the database has not understood a text from this word on.
pub(crate) fn is_syntax_error_at(word: &str, error: &Error) -> bool {
    let Error::DatabaseError(_, information) = error else {
        return false;
    };
    // PostgreSQL: syntax error at or near "SELEC"; SQLite: near "SELEC": syntax error; MySQL has the rest of
    // the text between its quotes.
    let message = information.message();
    message.contains(&format!("near \"{word}\"")) || message.contains(&format!("near '{word} "))
}

/// Whether MySQL has not understood a text.
pub(crate) fn is_syntax_error_of_mysql(error: &Error) -> bool {
    let Error::DatabaseError(_, information) = error else {
        return false;
    };
    information.message().contains("error in your SQL syntax")
}

/// Whether SQLite had ended the transaction before somebody asked it to.
pub(crate) fn is_no_transaction_active(error: &Error) -> bool {
    let Error::DatabaseError(_, information) = error else {
        return false;
    };
    information.message().contains("no transaction is active")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: DatabaseErrorKind, product: Product) -> StatementFailure {
        let error = Error::DatabaseError(kind, Box::new("refused".to_owned()));
        StatementFailure::of(&error, product)
    }

    #[test]
    fn postgres_aborts_after_every_error_of_the_database() {
        let kinds = [
            DatabaseErrorKind::UniqueViolation,
            DatabaseErrorKind::Unknown,
        ];
        for kind in kinds {
            assert_eq!(failure(kind, Product::Postgres), StatementFailure::Aborts);
        }
        let refused_by_diesel = StatementFailure::of(&Error::NotFound, Product::Postgres);
        assert_eq!(refused_by_diesel, StatementFailure::Harmless);
    }

    #[test]
    fn a_word_that_the_database_does_not_know() {
        let message = |message: &str| {
            Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned()))
        };
        for refused in [
            "syntax error at or near \"SELEC\"",
            "near \"SELEC\": syntax error",
            "You have an error in your SQL syntax; .. near 'SELEC 1; COMMIT' at line 1",
        ] {
            assert!(is_syntax_error_at("SELEC", &message(refused)), "{refused}");
            assert!(!is_syntax_error_at("SELE", &message(refused)), "{refused}");
        }
        assert!(!is_syntax_error_at(
            "SELEC",
            &message("no such table: SELEC")
        ));
    }

    #[test]
    fn a_deadlock_rolls_back_on_mysql() {
        let deadlock = || DatabaseErrorKind::SerializationFailure;
        assert_eq!(
            failure(deadlock(), Product::Mysql),
            StatementFailure::RolledBack
        );
        assert_eq!(
            failure(deadlock(), Product::Sqlite),
            StatementFailure::Doubtful
        );
    }

    #[test]
    fn a_constraint_undoes_the_statement_alone() {
        let violation = || DatabaseErrorKind::ForeignKeyViolation;
        assert_eq!(
            failure(violation(), Product::Mysql),
            StatementFailure::Harmless
        );
        // Unless its constraint, or a trigger, says otherwise.
        assert_eq!(
            failure(violation(), Product::Sqlite),
            StatementFailure::MayEnd
        );
    }
}
