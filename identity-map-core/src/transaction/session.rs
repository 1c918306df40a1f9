//! How the session of a connection differs from a new one's: [`Session`].

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
    /// Anything: a statement was not understood.
    Any,
}

/// What a statement does to the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SessionChange {
    /// A setting gets a value that a new connection does not have.
    Set { name: String, is_local: bool },
    /// A setting gets the value that it has on a new connection.
    Reset { name: String, is_local: bool },
    /// Every setting but the role gets that value.
    ResetAll,
    /// Everything is as on a new connection.
    DiscardAll,
    /// Nobody has understood what.
    Unclear,
}

impl SessionChange {
    /// Whether the session may see other rows or values after it than before.
    pub(crate) fn may_set(&self) -> bool {
        matches!(self, Self::Set { .. } | Self::Unclear)
    }
}

/// What `RESET ALL` of PostgreSQL leaves as it is.
const NOT_RESET: [&str; 2] = ["role", "session_authorization"];

impl Session {
    /// Whether it reads what a new connection would.
    pub(crate) fn is_as_new(&self) -> bool {
        self.changed.is_empty()
    }

    pub(super) fn change(&mut self, change: SessionChange) {
        match change {
            SessionChange::Set { name, is_local } => self.set(Setting::Named(name), is_local),
            SessionChange::Reset { name, is_local } => {
                let what = Setting::Named(name);
                self.changed
                    .retain(|known| known.what != what || known.is_local != is_local);
            }
            SessionChange::ResetAll => self.changed.retain(|known| match &known.what {
                Setting::Named(name) => NOT_RESET.contains(&name.as_str()),
                Setting::Any => true,
            }),
            SessionChange::DiscardAll => self.changed.clear(),
            SessionChange::Unclear => self.set(Setting::Any, false),
        }
    }

    /// The transaction has ended, and with it what was set for it alone.
    pub(super) fn end_transaction(&mut self) {
        self.changed.retain(|known| !known.is_local);
    }

    fn set(&mut self, what: Setting, is_local: bool) {
        use std::sync::atomic::{AtomicU64, Ordering};
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        self.changed
            .retain(|known| known.what != what || known.is_local != is_local);
        self.changed.push(Changed {
            what,
            is_local,
            serial: SERIAL.fetch_add(1, Ordering::Relaxed),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, is_local: bool) -> SessionChange {
        let name = name.to_owned();
        SessionChange::Set { name, is_local }
    }

    #[test]
    fn it_is_as_new_once_every_setting_is() {
        let mut session = Session::default();
        session.change(set("timezone", false));
        session.change(set("timezone", true));
        session.change(set("role", false));
        session.end_transaction();
        session.change(SessionChange::ResetAll);
        assert!(!session.is_as_new(), "the role stays");
        let name = "role".to_owned();
        session.change(SessionChange::Reset {
            name,
            is_local: false,
        });
        assert!(session.is_as_new());
        session.change(SessionChange::Unclear);
        session.change(SessionChange::ResetAll);
        assert!(!session.is_as_new());
        session.change(SessionChange::DiscardAll);
        assert!(session.is_as_new());
    }

    #[test]
    fn what_was_set_again_is_another_session() {
        let mut session = Session::default();
        session.change(set("role", false));
        let before = session.clone();
        session.change(set("role", false));
        assert_ne!(session, before);
    }
}
