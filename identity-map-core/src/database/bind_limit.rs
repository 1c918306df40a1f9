//! Cuts keys and rows into batches, each with no more values than one statement can bind.

use super::dialect::Dialect;

/// Cuts keys of `columns` columns each into batches that one statement of the dialect can bind.
pub(crate) fn key_batches<D: Dialect, K>(keys: &[K], columns: usize) -> std::slice::Chunks<'_, K> {
    keys.chunks(D::batch_limit(columns))
}

/// How many rows of `columns` columns each one statement of the dialect can insert.
#[cfg(feature = "postgres")]
pub(crate) fn rows_per_insert<D: Dialect>(columns: usize) -> usize {
    D::BIND_LIMIT / columns.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::CommonDialect;

    #[test]
    fn a_batch_is_not_larger_than_the_limit() {
        let keys = vec![0; CommonDialect::BIND_LIMIT + 1];
        let lengths = |columns| {
            let batches = key_batches::<CommonDialect, _>(&keys, columns);
            batches.map(<[i32]>::len).collect::<Vec<_>>()
        };
        assert_eq!(lengths(1), [CommonDialect::BIND_LIMIT, 1]);
        assert!(
            lengths(2)
                .iter()
                .all(|length| 2 * length <= CommonDialect::BIND_LIMIT)
        );
        assert_eq!(lengths(2).iter().sum::<usize>(), keys.len());
    }

    #[test]
    fn a_padded_batch_is_a_power_of_two_within_the_limit() {
        assert_eq!(CommonDialect::padded(3, 1), 4);
        assert_eq!(CommonDialect::padded(4, 1), 4);
        assert_eq!(
            CommonDialect::padded(CommonDialect::BIND_LIMIT, 1),
            CommonDialect::BIND_LIMIT
        );
    }
}
