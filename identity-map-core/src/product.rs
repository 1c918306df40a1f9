//! Which database product a connection speaks to: [`Product`].

use std::any::type_name;

use diesel::backend::Backend;

/// The kind of database behind a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Product {
    Sqlite,
    Postgres,
    Mysql,
    /// Behind a backend of the program's own (`MultiConnection`), or not yet known.
    Unknown,
}

impl Product {
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

    /// What an address says, if anything. Whoever parses it is the product's own client, so the scheme is
    /// certain; a file name, and libpq's keywords, say nothing.
    pub(crate) fn of_address(url: &str) -> Self {
        match url.split_once(':') {
            Some(("postgres" | "postgresql", _)) => Self::Postgres,
            Some(("mysql", _)) => Self::Mysql,
            _ => Self::Unknown,
        }
    }

    /// Whether the two may be one product.
    pub(crate) fn may_be(self, other: Self) -> bool {
        self == other || self == Self::Unknown || other == Self::Unknown
    }
}
