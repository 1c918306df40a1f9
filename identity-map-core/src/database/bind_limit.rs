//! Batches of keys and rows that stay below the number of values that one statement can bind.

use super::dialect::Dialect;

/// The keys of `columns` columns each, in batches that one statement of the dialect can bind.
pub(crate) fn key_batches<D: Dialect, K>(keys: &[K], columns: usize) -> std::slice::Chunks<'_, K> {
    keys.chunks(D::batch_limit(columns))
}

/// How many rows of `columns` columns each one statement of the dialect can insert.
#[cfg(feature = "postgres")]
pub(crate) fn rows_per_insert<D: Dialect>(columns: usize) -> usize {
    D::BIND_LIMIT / columns.max(1)
}
