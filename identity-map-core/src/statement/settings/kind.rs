//! Whether rows or values may depend on a setting: [`SettingKind`].

/// What a setting can change, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SettingKind {
    /// Neither which rows a connection sees nor their values.
    Harmless,
    /// Rows or values.
    ChangesRows,
    /// It is in no table.
    Unknown,
}

/// What is known of the settings of one database. Both lists are in alphabetical order.
pub(super) struct KnownSettings {
    pub(super) harmless: &'static [&'static str],
    pub(super) changes: &'static [&'static str],
}

impl KnownSettings {
    /// The kind of the setting of this name, which is in lower case.
    pub(super) fn kind(&self, name: &str) -> SettingKind {
        let is_in = |list: &[&str]| list.binary_search(&name).is_ok();
        if is_in(self.harmless) {
            SettingKind::Harmless
        } else if is_in(self.changes) {
            SettingKind::ChangesRows
        } else {
            SettingKind::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::names::{mysql, postgres, sqlite};

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
