//! The names of settings, for each database.

pub(super) mod mysql;
pub(super) mod postgres;
pub(super) mod sqlite;

#[cfg(test)]
mod tests {
    use super::{mysql, postgres, sqlite};

    #[test]
    fn the_lists_are_in_order_and_have_no_name_in_common() {
        for known in [&mysql::KNOWN, &postgres::KNOWN, &sqlite::KNOWN] {
            for list in [known.harmless, known.changes] {
                assert!(list.is_sorted_by(|left, right| left < right));
                assert!(list.iter().all(|name| *name == name.to_lowercase()));
            }
            assert!(
                !known
                    .changes
                    .iter()
                    .any(|name| known.harmless.contains(name))
            );
        }
    }
}
