//! What databases do differently when a statement fails: [`Database`].

use std::any::type_name;

use diesel::backend::Backend;
use diesel::result::{DatabaseErrorKind, Error};

use super::overlay::Failure;

/// The kind of database behind a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
    Mysql,
    /// Behind a backend of the program's own (`MultiConnection`), or not yet known.
    Unknown,
}

impl Database {
    pub(crate) fn of<DB: Backend>() -> Self {
        let backend = type_name::<DB>();
        #[cfg(feature = "sqlite")]
        if backend == type_name::<diesel::sqlite::Sqlite>() {
            return Self::Sqlite;
        }
        #[cfg(feature = "postgres")]
        if backend == type_name::<diesel::pg::Pg>() {
            return Self::Postgres;
        }
        #[cfg(feature = "mysql")]
        if backend == type_name::<diesel::mysql::Mysql>() {
            return Self::Mysql;
        }
        let _ = backend;
        Self::Unknown
    }

    /// What the failure of a statement means for the transaction that it was part of.
    pub(super) fn failure(self, error: &Error) -> Failure {
        let Error::DatabaseError(kind, _) = error else {
            return Failure::Harmless;
        };
        let violation = matches!(
            kind,
            DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::NotNullViolation
                | DatabaseErrorKind::CheckViolation
        );
        match (self, kind) {
            // Behind an unknown one may be PostgreSQL.
            (Self::Postgres | Self::Unknown, _) => Failure::Aborts,
            (_, _) if violation => Failure::Harmless,
            (Self::Mysql, DatabaseErrorKind::SerializationFailure) => Failure::RolledBack,
            (Self::Sqlite | Self::Mysql, _) => Failure::Doubtful,
        }
    }
}
