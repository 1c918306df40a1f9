//! What a routine does to the session that calls it: [`SessionEffect`].

use super::settings::SessionChange;

/// What a routine, or a write that runs one, may do to the session; the more comes behind the less.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SessionEffect {
    #[default]
    Nothing,
    /// It makes an object that may hide one of all.
    MakesTemporary,
    /// The session may see other rows from then on.
    Anything,
}

impl SessionEffect {
    /// The change of the session, if it is one.
    pub(crate) fn change(self) -> Option<SessionChange> {
        match self {
            Self::Nothing => None,
            Self::MakesTemporary => Some(SessionChange::MakeTemporary),
            Self::Anything => Some(SessionChange::Anything),
        }
    }
}
