//! What a transaction sees of what others do meanwhile: [`Isolation`].

use crate::product::Product;

/// What a transaction sees of what others do meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// What others have written and not committed yet.
    Uncommitted,
    /// What others have committed up to each statement.
    Committed,
    /// What was committed when it first read: a snapshot.
    Snapshot,
    /// The same. By the rows that it reads the database decides whether it may commit, or what others may
    /// write meanwhile.
    Serializable,
    /// Any of them: nobody knows which.
    Unclear,
}

impl Isolation {
    /// Whether nothing may be handed out that was committed after the first read.
    pub(crate) fn is_snapshot(self) -> bool {
        matches!(self, Self::Snapshot | Self::Serializable | Self::Unclear)
    }

    /// Whether what others commit meanwhile is to be read.
    pub(crate) fn follows_commits(self) -> bool {
        !matches!(self, Self::Snapshot | Self::Serializable)
    }

    /// Whether the database has to be asked for every row that is read.
    pub(crate) fn asks_for_each(self) -> bool {
        matches!(self, Self::Serializable | Self::Unclear)
    }

    /// What a server does unless it is told otherwise.
    pub(crate) fn default_of(product: Product) -> Self {
        match product {
            Product::Postgres => Self::Committed,
            Product::Sqlite | Product::Mysql => Self::Snapshot,
            Product::Unknown => Self::Unclear,
        }
    }
}
