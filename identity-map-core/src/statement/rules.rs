//! The database whose rules a text is read by: [`Rules`].

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rules {
    Sqlite,
    Postgres,
    /// And MariaDB.
    Mysql,
    /// It may be any of the three, so the reading that changes most counts.
    Unknown,
}
