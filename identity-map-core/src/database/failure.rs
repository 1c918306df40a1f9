//! What a failed statement means for the transaction that it was part of: [`StatementFailure`].

use diesel::result::{DatabaseErrorKind, Error};

use super::product::Product;

/// What a failed statement means for the transaction that it failed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StatementFailure {
    /// The statement alone was undone.
    Harmless,
    /// The transaction goes on only after a rollback (PostgreSQL).
    Aborts,
    /// Perhaps the database has ended the transaction.
    Doubtful,
    /// The database has rolled the transaction back (a deadlock on MySQL).
    RolledBack,
}

impl StatementFailure {
    /// What this error means on this product.
    pub(crate) fn of(error: &Error, product: Product) -> Self {
        let Error::DatabaseError(kind, _) = error else {
            return Self::Harmless;
        };
        match (product, kind) {
            // Behind an unknown one may be PostgreSQL.
            (Product::Postgres | Product::Unknown, _) => Self::Aborts,
            (_, _) if is_constraint_violation(error) => Self::Harmless,
            (Product::Mysql, DatabaseErrorKind::SerializationFailure) => Self::RolledBack,
            (Product::Sqlite | Product::Mysql, _) => Self::Doubtful,
        }
    }
}

/// Whether a statement was refused for what it would have written. Alone, it has then changed nothing.
pub(crate) fn is_constraint_violation(error: &Error) -> bool {
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

/// Whether SQLite had ended the transaction before somebody asked it to.
pub(crate) fn is_no_transaction_active(error: &Error) -> bool {
    let Error::DatabaseError(_, information) = error else {
        return false;
    };
    information.message().contains("no transaction is active")
}
