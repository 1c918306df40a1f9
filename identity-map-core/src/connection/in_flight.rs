//! What was sent on a connection and is not answered yet: [`InFlight`].
//!
//! A future that sends a statement may be dropped before the answer. The end of the statement is then
//! never reported, and it may have been done. These are the places where that is noticed:
//!
//! | what was dropped | who notices it |
//! |---|---|
//! | a write of the manager | `asynchronous/call.rs`, at once: it calls [`Slot::note_dropped_write`] |
//! | any statement, on a connection of one future at a time | the next call of the library: [`Slot::account_for_dropped_futures`] |
//! | any statement, on a connection that several futures share | the next call: [`Slot::account_for_dropped_futures_shared`]; the next statement of the program: [`Slot::invalidate_in_flight`] |
//! | the connection | its slot, which is dropped with it: [`Slot::give_up_unanswered`] |
//!
//! [`Slot::note_dropped_write`]: super::slot::Slot::note_dropped_write
//! [`Slot::account_for_dropped_futures`]: super::slot::Slot::account_for_dropped_futures
//! [`Slot::account_for_dropped_futures_shared`]: super::slot::Slot::account_for_dropped_futures_shared
//! [`Slot::invalidate_in_flight`]: super::slot::Slot::invalidate_in_flight
//! [`Slot::give_up_unanswered`]: super::slot::Slot::give_up_unanswered

use super::in_flight_statements::InFlightStatements;
#[cfg(all(feature = "async", feature = "postgres"))]
use super::pending_writes::PendingWrites;
use super::statement_effect::StatementEffect;
use crate::map::Invalidation;
use crate::scope::{Scope, WaitTimer};

/// The statements of one connection that are in flight, and who sends the next.
#[derive(Default)]
pub(super) struct InFlight {
    next: NextStatement,
    /// The effect of the next statement, if Diesel has announced it.
    announced: Option<StatementEffect>,
    answer: Answer,
    /// Runs until the statement that was sent last is answered, if its scope measures that.
    timer: Option<WaitTimer>,
    pub(super) statements: InFlightStatements,
    /// The manager's writes, where several can be in flight.
    #[cfg(all(feature = "async", feature = "postgres"))]
    pub(super) pending_writes: PendingWrites,
    /// Several futures share the connection.
    shared: bool,
    /// This library's statements are looked at for the routines that they call: they write, or select what the program
    /// says.
    watches_own: bool,
    /// One of them calls routines which may have changed what it returns. Where several futures write,
    /// [`pending_writes`](Self::pending_writes) says it.
    calls_routines: bool,
    /// What the manager's dropped writes invalidate once more at the next call.
    dropped_writes: Option<Invalidation>,
}

/// Who sends the next statement. This library's own are looked at only for the routines that they call, and not all of
/// them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum NextStatement {
    /// The program's, by plain Diesel or raw.
    #[default]
    FromProgram,
    /// This library's, for a method that the program has called.
    FromLibrary,
    /// This library's question about the server, for which the program has not called.
    Question,
    /// The same, and it reads the catalogue: nobody counts it, and it is kept from the program's
    /// instrumentation.
    Catalogue,
}

/// What is known of the answer to the last statement.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    #[default]
    Given,
    Outstanding,
    /// Outstanding too, and the statement was a [question](NextStatement::Question).
    OfQuestion,
    /// Outstanding too, and the statement reads the catalogue.
    OfCatalogue,
    /// Outstanding too, and the statement was the empty text by which the library waits for those
    /// before it: see `asynchronous/driver.rs`.
    OfDrain,
}

impl InFlight {
    pub(super) fn set_next(&mut self, next: NextStatement) {
        self.next = next;
    }

    pub(super) fn is_next_catalogue(&self) -> bool {
        self.next == NextStatement::Catalogue
    }

    pub(super) fn is_next_from_program(&self) -> bool {
        self.next == NextStatement::FromProgram
    }

    /// Who sends the statement that is sent now. The one after it is the program's unless it is
    /// [set](Self::set_next) again.
    pub(super) fn take_next(&mut self) -> NextStatement {
        std::mem::take(&mut self.next)
    }

    /// Notes the effect of the next statement. `None` leaves it as it was.
    pub(super) fn announce(&mut self, effect: Option<StatementEffect>) {
        self.announced = effect.or(self.announced.take());
    }

    pub(super) fn take_announced(&mut self) -> Option<StatementEffect> {
        self.announced.take()
    }

    pub(super) fn note_sent(&mut self) {
        self.answer = Answer::Outstanding;
    }

    /// Notes that the empty text was sent by which the library waits for the statements before it.
    pub(super) fn note_drain_sent(&mut self) {
        self.answer = Answer::OfDrain;
    }

    /// Notes that a statement was sent that reads the catalogue.
    pub(super) fn note_catalogue_sent(&mut self) {
        self.next = NextStatement::FromProgram;
        self.answer = Answer::OfCatalogue;
    }

    /// Notes that the statement which was sent is a question of this library's.
    pub(super) fn note_question_sent(&mut self) {
        self.answer = Answer::OfQuestion;
    }

    /// Notes that a statement was answered, and says what was outstanding.
    pub(super) fn note_answer(&mut self) -> Answer {
        std::mem::take(&mut self.answer)
    }

    #[cfg(any(feature = "async", test))]
    pub(super) fn is_answer_outstanding(&self) -> bool {
        matches!(
            self.answer,
            Answer::Outstanding | Answer::OfQuestion | Answer::OfCatalogue
        )
    }

    pub(super) fn start_timer(&mut self, scope: Option<Scope>) {
        self.timer = WaitTimer::start(scope);
    }

    pub(super) fn stop_timer(&mut self) {
        if let Some(timer) = self.timer.take() {
            timer.stop();
        }
    }

    pub(super) fn is_shared(&self) -> bool {
        self.shared
    }

    #[cfg(feature = "async")]
    pub(super) fn set_shared(&mut self, shared: bool) {
        self.shared = shared;
    }

    /// From now on this library's statements are looked at for the routines that they call.
    pub(super) fn begin_own_watch(&mut self) {
        self.watches_own = true;
        self.calls_routines = false;
    }

    /// They are no longer; whether one has called routines that may have changed what it returned.
    pub(super) fn end_own_watch(&mut self) -> bool {
        self.watches_own = false;
        self.calls_routines
    }

    /// Whether the next statement of this library's is looked at.
    pub(super) fn watches_own(&self) -> bool {
        #[cfg(all(feature = "async", feature = "postgres"))]
        if self.pending_writes.is_any() {
            return true;
        }
        self.watches_own
    }

    /// Notes that a statement of this library's calls routines.
    pub(super) fn note_calls(&mut self) {
        self.calls_routines = true;
    }

    /// Notes what a write of the manager invalidates whose future was dropped half-way.
    #[cfg(any(feature = "async", test))]
    pub(super) fn note_dropped_write(&mut self, invalidation: Invalidation) {
        let dropped = self.dropped_writes.get_or_insert_default();
        dropped.merge(invalidation);
    }

    pub(super) fn take_dropped_writes(&mut self) -> Option<Invalidation> {
        self.dropped_writes.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_statement_is_the_librarys_and_the_next_the_programs() {
        let mut in_flight = InFlight::default();
        in_flight.set_next(NextStatement::FromLibrary);
        assert_eq!(in_flight.take_next(), NextStatement::FromLibrary);
        assert_eq!(in_flight.take_next(), NextStatement::FromProgram);
    }

    #[test]
    fn an_answer_is_outstanding_until_it_is_given() {
        let mut in_flight = InFlight::default();
        in_flight.note_sent();
        assert!(in_flight.is_answer_outstanding());
        assert_eq!(in_flight.note_answer(), Answer::Outstanding);
        assert!(!in_flight.is_answer_outstanding());
        in_flight.note_question_sent();
        assert!(in_flight.is_answer_outstanding());
        in_flight.note_drain_sent();
        assert_eq!(in_flight.note_answer(), Answer::OfDrain);
        assert_eq!(in_flight.note_answer(), Answer::Given);
    }

    #[test]
    fn what_diesel_announced_stays_until_it_is_sent() {
        let mut in_flight = InFlight::default();
        in_flight.announce(Some(StatementEffect::Begin(None)));
        in_flight.announce(None);
        assert!(matches!(
            in_flight.take_announced(),
            Some(StatementEffect::Begin(None))
        ));
        assert!(in_flight.take_announced().is_none());
    }

    #[test]
    fn dropped_writes_are_accounted_for_once() {
        let mut in_flight = InFlight::default();
        in_flight.note_dropped_write(Invalidation::everything());
        in_flight.note_dropped_write(Invalidation::everything());
        let dropped = in_flight.take_dropped_writes();
        assert!(dropped.is_some_and(|dropped| dropped.is_everything()));
        assert!(in_flight.take_dropped_writes().is_none());
    }
}
