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
