//! What a transaction sees of what others do meanwhile: [`Isolation`].

use crate::product::Product;

/// What a transaction sees of what others do meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// What others have written and not committed yet.
    Uncommitted,
    /// What others have committed up to each statement.
    Committed,
    /// What was committed when it began, or first read: a snapshot.
    Snapshot,
    /// The one or the other: nobody knows.
    Unclear,
}

impl Isolation {
    /// What a server does unless it is told otherwise.
    pub(crate) fn default_of(product: Product) -> Self {
        match product {
            Product::Postgres => Self::Committed,
            // Of an unknown product the narrowest is assumed: rows are read once more than they need be.
            Product::Sqlite | Product::Mysql | Product::Unknown => Self::Snapshot,
        }
    }
}
