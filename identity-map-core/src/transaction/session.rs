//! How the session of a connection differs from a new one's: [`Session`].

use std::sync::atomic::{AtomicU64, Ordering};

use crate::statement::{SessionChange, SettingChange, SettingValue, Span};

/// The settings of a session that are not as on a new connection, and may change which rows or values it
/// reads.
///
/// Two sessions are equal if nothing was set in between.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Session {
    changed: Vec<Changed>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Changed {
    what: Setting,
    /// Until the end of the transaction.
    is_local: bool,
    /// Counts the changes of the program, so that no two of them are equal.
    serial: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Setting {
    Named(String),
    /// Any of them: a statement was not understood.
    Any,
    /// Temporary objects, which may hide others.
    Temporary,
    /// The isolation, by which it sees what others have not committed.
    Uncommitted,
}

impl Session {
    /// Whether it reads what a new connection would.
    pub(crate) fn is_as_new(&self) -> bool {
        self.changed.is_empty()
    }

    /// Whether it sees what others have not committed yet.
    pub(crate) fn reads_uncommitted(&self) -> bool {
        let mut changed = self.changed.iter();
        changed.any(|known| known.what == Setting::Uncommitted)
    }

    /// Whether it may have temporary objects.
    pub(super) fn has_temporary(&self) -> bool {
        let mut changed = self.changed.iter();
        changed.any(|known| known.what == Setting::Temporary)
    }

    /// Says whether the transactions see what others have not committed: of the session, or the next one.
    pub(super) fn read_uncommitted(&mut self, reads_uncommitted: bool, is_local: bool) {
        if self.has_changed(&Setting::Uncommitted, is_local) == reads_uncommitted {
            return;
        }
        if reads_uncommitted {
            self.note(Setting::Uncommitted, is_local);
        } else {
            self.forget(&Setting::Uncommitted, is_local);
        }
    }

    /// Makes a change of a statement's. `is_in_transaction` says whether it stands in a transaction, without
    /// which there is nothing that a change for one could hold for.
    pub(super) fn change(&mut self, change: &SessionChange, is_in_transaction: bool) {
        // What was not understood may be among what is changed now, also back.
        self.renew_unclear();
        match change {
            SessionChange::Setting(setting) => self.set(setting, is_in_transaction),
            SessionChange::ResetAll { except } => self.changed.retain(|known| match &known.what {
                Setting::Named(name) => except.contains(&name.as_str()),
                Setting::Any => false,
                Setting::Temporary | Setting::Uncommitted => true,
            }),
            SessionChange::MakeTemporary => self.note(Setting::Temporary, false),
            SessionChange::DropTemporary => self.forget(&Setting::Temporary, false),
            SessionChange::Snapshot => self.note(named("snapshot"), true),
            SessionChange::Anything => {
                // `RESET ALL` leaves the role.
                for what in [
                    Setting::Any,
                    Setting::Temporary,
                    named("role"),
                    named("session_authorization"),
                ] {
                    self.note(what, false);
                }
            }
            SessionChange::Isolation { .. }
            | SessionChange::Autocommit(_)
            | SessionChange::CompletionType(_) => {}
        }
    }

    fn set(&mut self, setting: &SettingChange, is_in_transaction: bool) {
        let is_local = match setting.span {
            Span::Session => false,
            Span::Transaction if is_in_transaction => true,
            Span::NextTransaction => true,
            Span::Transaction | Span::Global => return,
        };
        let what = Setting::Named(setting.name.clone());
        if setting.span == Span::Session {
            // It takes the place of what was set for the transaction alone.
            self.forget(&what, true);
        }
        match setting.to {
            SettingValue::Other => self.note(what, is_local),
            // Until the end of the transaction it hides what was set for the session.
            SettingValue::Baseline if is_local && self.has_changed(&what, false) => {
                self.note(what, true);
            }
            SettingValue::Baseline => self.forget(&what, is_local),
        }
    }

    fn has_changed(&self, what: &Setting, is_local: bool) -> bool {
        let mut changed = self.changed.iter();
        changed.any(|known| known.what == *what && known.is_local == is_local)
    }

    /// The transaction has ended, and with it what was set for it alone. What was not understood may have
    /// been that.
    pub(super) fn end_transaction(&mut self) {
        self.changed.retain(|known| !known.is_local);
        self.renew_unclear();
        // The rows of a temporary table may end with it, or the table itself.
        self.renew(&Setting::Temporary);
    }

    /// Adds what `other` has changed: the session is the one or the other, and nobody knows which.
    pub(super) fn may_be(&mut self, other: &Self) {
        if self == other {
            return;
        }
        for changed in &other.changed {
            if !self.has_changed(&changed.what, changed.is_local) {
                self.changed.push(changed.clone());
            }
        }
        for changed in &mut self.changed {
            changed.serial = next_serial();
        }
    }

    fn renew_unclear(&mut self) {
        self.renew(&Setting::Any);
    }

    /// What the session reads by this is no longer what it has read.
    fn renew(&mut self, what: &Setting) {
        let changed = self.changed.iter_mut();
        for known in changed.filter(|known| known.what == *what) {
            known.serial = next_serial();
        }
    }

    fn note(&mut self, what: Setting, is_local: bool) {
        self.forget(&what, is_local);
        self.changed.push(Changed {
            what,
            is_local,
            serial: next_serial(),
        });
    }

    fn forget(&mut self, what: &Setting, is_local: bool) {
        self.changed
            .retain(|known| known.what != *what || known.is_local != is_local);
    }
}

fn named(name: &str) -> Setting {
    Setting::Named(name.to_owned())
}

fn next_serial() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, span: Span, to: SettingValue) -> SessionChange {
        SessionChange::Setting(SettingChange {
            name: name.to_owned(),
            is_known: true,
            span,
            to,
        })
    }

    #[test]
    fn it_is_as_new_once_every_setting_is() {
        let mut session = Session::default();
        session.change(&set("timezone", Span::Session, SettingValue::Other), false);
        session.change(
            &set("timezone", Span::Transaction, SettingValue::Other),
            true,
        );
        session.change(&set("role", Span::Session, SettingValue::Other), true);
        session.end_transaction();
        session.change(&SessionChange::ResetAll { except: &["role"] }, false);
        assert!(!session.is_as_new(), "the role stays");
        session.change(&set("role", Span::Session, SettingValue::Baseline), false);
        assert!(session.is_as_new());
        session.change(&set("role", Span::Transaction, SettingValue::Other), false);
        session.change(&set("role", Span::Global, SettingValue::Other), false);
        assert!(session.is_as_new(), "they set nothing here");
    }

    #[test]
    fn what_was_set_again_is_another_session() {
        let mut session = Session::default();
        session.change(&set("role", Span::Session, SettingValue::Other), false);
        let before = session.clone();
        session.change(&set("role", Span::Session, SettingValue::Other), false);
        assert_ne!(session, before);
    }

    #[test]
    fn what_was_not_understood_may_end_with_the_transaction() {
        let mut session = Session::default();
        session.change(&SessionChange::Anything, true);
        let before = session.clone();
        session.end_transaction();
        assert_ne!(session, before);
        assert!(!session.is_as_new());
    }
}
