//! What a dropped future leaves behind: a write that may have been done.
//!
//! [`InFlight`](super::in_flight::InFlight) says where futures are dropped.

#[cfg(feature = "async")]
use diesel::QueryResult;

use super::slot::Slot;
#[cfg(feature = "async")]
use crate::database::Product;
#[cfg(feature = "async")]
use crate::error::IdentityMapError;
#[cfg(feature = "async")]
use crate::map::Invalidation;

impl Slot {
    /// Expires what may have been changed by statements whose futures were dropped. `is_drained` says
    /// that the connection has waited for their answers.
    ///
    /// # Errors
    /// [`IdentityMapError::Interrupted`] on MySQL if an answer is outstanding, which the client would
    /// take for the answer to the next statement.
    #[cfg(feature = "async")]
    pub(crate) fn account_for_dropped_futures(&mut self, is_drained: bool) -> QueryResult<()> {
        self.in_flight.set_shared(false);
        self.give_up_unanswered();
        let is_outstanding = !is_drained && self.in_flight.is_answer_outstanding();
        if is_outstanding && self.product() == Product::Mysql {
            return Err(IdentityMapError::Interrupted.into());
        }
        Ok(())
    }

    /// [`account_for_dropped_futures`](Self::account_for_dropped_futures) on a connection that several
    /// futures share. An unanswered statement may be in flight still, or its future was dropped; nobody
    /// knows which, so it stays in the list.
    #[cfg(all(feature = "async", feature = "postgres"))]
    pub(crate) fn account_for_dropped_futures_shared(&mut self) {
        self.in_flight.set_shared(true);
        self.invalidate_dropped_writes();
        self.invalidate_in_flight();
    }

    /// Gives up waiting for the statements that are in flight: each may have been done.
    pub(crate) fn give_up_unanswered(&mut self) {
        self.invalidate_dropped_writes();
        while let Some(unanswered) = self.in_flight.statements.take_oldest() {
            self.apply_doubtful_effects(unanswered);
        }
    }

    /// Expires what a write of the manager may have changed whose future was dropped half-way: now, so
    /// that no load finds the old version, and again at the next call, since a load that begins before
    /// the write has ended may read the old version once more. What was dropped may be the commit, so
    /// inside a transaction everybody forgets it too.
    #[cfg(feature = "async")]
    pub(crate) fn note_dropped_write(&mut self, invalidation: Invalidation) {
        self.invalidate_maps(&invalidation);
        self.invalidate(invalidation.clone());
        self.in_flight.note_dropped_write(invalidation);
    }

    fn invalidate_dropped_writes(&mut self) {
        if let Some(dropped) = self.in_flight.take_dropped_writes() {
            self.invalidate(dropped);
        }
    }
}

/// A connection may be dropped in the midst of a write, and its scope may have other connections.
impl Drop for Slot {
    fn drop(&mut self) {
        self.give_up_unanswered();
    }
}
