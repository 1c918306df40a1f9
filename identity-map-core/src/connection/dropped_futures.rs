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
    /// Takes account of what was in flight when a future was dropped. `by_itself` says that nobody
    /// has gone on to wait for the answer.
    ///
    /// # Errors
    /// [`IdentityMapError::Interrupted`] on MySQL, whose client would take the answer to the statement
    /// before for that to the next.
    #[cfg(feature = "async")]
    pub(crate) fn resume(&mut self, by_itself: bool) -> QueryResult<()> {
        self.in_flight.set_shared(false);
        self.give_up_unanswered();
        let outstanding = by_itself && self.in_flight.is_answer_outstanding();
        if outstanding && self.product() == Product::Mysql {
            return Err(IdentityMapError::Interrupted.into());
        }
        Ok(())
    }

    /// Takes account of what is in flight, and of what was when a future was dropped, on a
    /// connection that several share: nobody knows which of both it is.
    #[cfg(all(feature = "async", feature = "postgres"))]
    pub(crate) fn go_on_shared(&mut self) {
        self.in_flight.set_shared(true);
        self.invalidate_dropped_writes();
        self.statement_overlaps();
    }

    /// What is in flight will not be answered any more: it may have been done.
    pub(crate) fn give_up_unanswered(&mut self) {
        self.invalidate_dropped_writes();
        while let Some(unanswered) = self.in_flight.statements.take_oldest() {
            self.take_effect_perhaps(unanswered);
        }
    }

    /// A write of the manager was dropped half-way. Loads before the next call must not find what was
    /// there, and those that begin before the write has ended must not keep what they read.
    #[cfg(feature = "async")]
    pub(crate) fn write_was_dropped(&mut self, invalidation: Invalidation) {
        self.invalidate(invalidation.clone());
        self.in_flight.write_was_dropped(invalidation);
    }

    fn invalidate_dropped_writes(&mut self) {
        if let Some(dropped) = self.in_flight.take_dropped_writes() {
            self.invalidate(dropped);
        }
    }
}

/// The connection goes, perhaps in the midst of a write, and its scope has other connections.
impl Drop for Slot {
    fn drop(&mut self) {
        self.give_up_unanswered();
    }
}
