//! The session of a connection, and what the end of a transaction takes back of it.
//!
//! A rollback of PostgreSQL's takes back what was set since the transaction began, or since the savepoint.
//! Where the transaction is lost, or the product not known, the session may be as before or as after, and
//! counts as both.

use super::session::Session;
use super::status::{State, TransactionStatus};
use super::takes_back::TakesBack;
use crate::statement::SessionChange;

impl TransactionStatus {
    /// How the session differs from a new one's.
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// A statement has changed the session.
    pub(crate) fn change_session(&mut self, change: &SessionChange) {
        let is_in_transaction = !matches!(self.state, State::NotOpen);
        self.session.change(change, is_in_transaction);
        self.doubt_temporary();
    }

    /// Whether the session may have lost the temporary objects that it had, or had none.
    pub(crate) fn is_temporary_unclear(&self) -> bool {
        self.temporary_is_unclear
    }

    pub(crate) fn set_temporary_unclear(&mut self, is_unclear: bool) {
        self.temporary_is_unclear = is_unclear;
    }

    /// Something may have dropped the temporary objects of the session, if it has any.
    pub(crate) fn doubt_temporary(&mut self) {
        self.temporary_is_unclear |= self.session.has_temporary();
    }

    /// A statement may have changed the session.
    pub(crate) fn doubt_session(&mut self, change: &SessionChange) {
        let before = self.session.clone();
        self.change_session(change);
        self.session.may_be(&before);
    }

    /// Says what a rollback of the open transaction makes of the session.
    pub(crate) fn set_session_before(&mut self, session: Session) {
        if let State::Open(open) = &mut self.state {
            open.set_session_before(session);
        }
    }

    /// The session as a rollback may make it, if nobody knows whether a transaction is open.
    pub(super) fn session_before_loss(&self) -> Option<Session> {
        let State::Lost { session_before } = &self.state else {
            return None;
        };
        let mut before = session_before.clone();
        before.may_be(&self.session);
        Some(before)
    }

    /// The transaction has ended in a way that takes back what was set in it.
    pub(super) fn take_back(&mut self, takes_back: TakesBack) {
        let before = match &self.state {
            State::NotOpen => return,
            State::Open(open) => open.session_before(),
            State::Lost { session_before } => session_before.clone(),
        };
        match takes_back {
            TakesBack::No => {}
            TakesBack::Yes => {
                self.session = before;
                self.isolation.take_back();
            }
            TakesBack::Maybe => {
                self.session.may_be(&before);
                self.isolation.doubt();
            }
        }
    }
}
