//! Whether the end of a transaction takes back what was set in it: [`TakesBack`].

use crate::database::Product;

/// Whether the end of a transaction takes back what was set in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TakesBack {
    No,
    Yes,
    Maybe,
}

impl TakesBack {
    pub(super) fn by_rollback(product: Product) -> Self {
        match product {
            Product::Postgres => Self::Yes,
            Product::Sqlite | Product::Mysql => Self::No,
            Product::Unknown => Self::Maybe,
        }
    }

    /// What it is where nobody knows whether there is anything to take back.
    pub(super) fn or_not(self) -> Self {
        match self {
            Self::No => Self::No,
            Self::Yes | Self::Maybe => Self::Maybe,
        }
    }
}
