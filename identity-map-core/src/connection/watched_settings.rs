//! What a change of settings means for the connection: [`WatchedSettings`].

use super::statement_effect::StatementEffect;
use crate::map::Invalidation;
use crate::statement::{SessionChange, SessionChanges, SettingValue};

/// Whether a connection may have other settings than when it was established.
#[derive(Default)]
pub(super) struct WatchedSettings {
    may_differ: bool,
}

impl WatchedSettings {
    /// What a statement does that makes these changes; `None` if it changes neither rows nor values.
    pub(super) fn effect(&mut self, made: &SessionChanges) -> Option<StatementEffect> {
        let is_other = |change: &SessionChange| match change {
            SessionChange::Setting(setting) => setting.to == SettingValue::Other,
            SessionChange::Isolation { .. } => false,
            _ => true,
        };
        self.may_differ |= made.changes.iter().any(is_other);
        let is_about_settings = |change: &SessionChange| {
            matches!(change, SessionChange::Setting(_)) || is_other(change)
        };
        if self.may_differ && made.changes.iter().any(is_about_settings) {
            return Some(StatementEffect::ChangeSession {
                may_write: made.may_write,
            });
        }
        made.may_write
            .then(|| StatementEffect::Invalidate(Invalidation::everything()))
    }
}
