//! What was sent on a connection and is not answered yet: [`InFlight`].
//!
//! A future that sends a statement may be dropped before the answer. Then nobody tells how the statement
//! ended, and it may have been done. These are the places where that is noticed:
//!
//! | what was dropped | who notices it |
//! |---|---|
//! | a write of the manager | `asynchronous/call.rs`, at once: it calls [`Slot::write_was_dropped`] |
//! | any statement, on a connection of one future at a time | the next call of the library: [`Slot::resume`] |
//! | any statement, on a connection that several futures share | the next call: [`Slot::go_on_shared`]; the next statement of the program: [`Slot::statement_overlaps`] |
//! | the connection | its slot, which is dropped with it: [`Slot::give_up_unanswered`] |
//!
//! [`Slot::write_was_dropped`]: super::slot::Slot::write_was_dropped
//! [`Slot::resume`]: super::slot::Slot::resume
//! [`Slot::go_on_shared`]: super::slot::Slot::go_on_shared
//! [`Slot::statement_overlaps`]: super::slot::Slot::statement_overlaps
//! [`Slot::give_up_unanswered`]: super::slot::Slot::give_up_unanswered

use super::effect::StatementEffect;
use super::in_flight_statements::InFlightStatements;
#[cfg(all(feature = "async", feature = "postgres"))]
use super::pending_writes::PendingWrites;
use crate::map::Invalidation;
use crate::scope::{Scope, WaitTimer};

/// The statements of one connection that are in flight, and who sends the next.
#[derive(Default)]
pub(super) struct InFlight {
    next: NextStatement,
    /// What Diesel has said that the next statement does.
    announced: Option<StatementEffect>,
    answer: Answer,
    /// Runs until the statement that was sent last is answered, if its scope wants to know.
    timer: Option<WaitTimer>,
    /// The program's own statements that do something.
    pub(super) statements: InFlightStatements,
    /// The manager's writes, where several can be in flight.
    #[cfg(all(feature = "async", feature = "postgres"))]
    pub(super) pending_writes: PendingWrites,
    /// Several futures have the connection.
    shared: bool,
    /// What the manager's writes invalidate whose futures were dropped, until the next call.
    dropped_writes: Option<Invalidation>,
}

/// Whose the next statement is. This library's own need no look at their text.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum NextStatement {
    /// The program's, by plain Diesel or raw.
    #[default]
    FromProgram,
    /// One that the program asked this library for.
    FromLibrary,
    /// A question of this library's to the server, which nobody has asked for.
    Question,
}

/// What is known of the answer to the last statement.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Answer {
    #[default]
    Given,
    /// Nobody has said how the statement ended.
    Outstanding,
    /// The statement was a text of nothing: see [`Driver::settle`](super::Driver::settle).
    ToNothing,
}

impl InFlight {
    /// Says whose the next statement is.
    pub(super) fn set_next(&mut self, next: NextStatement) {
        self.next = next;
    }

    pub(super) fn is_next_from_program(&self) -> bool {
        self.next == NextStatement::FromProgram
    }

    /// Whose the statement is that is sent now. The one after it is the program's unless somebody says
    /// otherwise.
    pub(super) fn take_next(&mut self) -> NextStatement {
        std::mem::take(&mut self.next)
    }

    /// Diesel has said what the next statement does.
    pub(super) fn announce(&mut self, effect: Option<StatementEffect>) {
        self.announced = effect.or(self.announced.take());
    }

    pub(super) fn take_announced(&mut self) -> Option<StatementEffect> {
        self.announced.take()
    }

    /// A statement was sent.
    pub(super) fn sent(&mut self) {
        self.answer = Answer::Outstanding;
    }

    /// The text of nothing was sent, by which the library waits for what was sent before it.
    pub(super) fn sent_nothing(&mut self) {
        self.answer = Answer::ToNothing;
    }

    /// A statement was answered; the answer is whether it was the text of nothing.
    pub(super) fn answered(&mut self) -> bool {
        std::mem::take(&mut self.answer) == Answer::ToNothing
    }

    pub(super) fn is_answer_outstanding(&self) -> bool {
        self.answer == Answer::Outstanding
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

    pub(super) fn set_shared(&mut self, shared: bool) {
        self.shared = shared;
    }

    /// The future of a write of the manager was dropped half-way.
    pub(super) fn write_was_dropped(&mut self, invalidation: Invalidation) {
        let dropped = self.dropped_writes.get_or_insert_default();
        dropped.merge(invalidation);
    }

    /// What the dropped writes invalidate.
    pub(super) fn take_dropped_writes(&mut self) -> Option<Invalidation> {
        self.dropped_writes.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_statement_alone_is_the_librarys() {
        let mut in_flight = InFlight::default();
        in_flight.set_next(NextStatement::FromLibrary);
        assert_eq!(in_flight.take_next(), NextStatement::FromLibrary);
        assert_eq!(in_flight.take_next(), NextStatement::FromProgram);
    }

    #[test]
    fn an_answer_is_outstanding_until_it_is_given() {
        let mut in_flight = InFlight::default();
        in_flight.sent();
        assert!(in_flight.is_answer_outstanding());
        assert!(!in_flight.answered());
        assert!(!in_flight.is_answer_outstanding());
        in_flight.sent_nothing();
        assert!(in_flight.answered());
    }

    #[test]
    fn what_diesel_announced_stays_until_it_is_sent() {
        let mut in_flight = InFlight::default();
        in_flight.announce(Some(StatementEffect::Begin));
        in_flight.announce(None);
        assert!(matches!(
            in_flight.take_announced(),
            Some(StatementEffect::Begin)
        ));
        assert!(in_flight.take_announced().is_none());
    }

    #[test]
    fn dropped_writes_are_accounted_for_once() {
        let mut in_flight = InFlight::default();
        in_flight.write_was_dropped(Invalidation::everything());
        in_flight.write_was_dropped(Invalidation::everything());
        let dropped = in_flight.take_dropped_writes();
        assert!(dropped.is_some_and(|dropped| dropped.is_everything()));
        assert!(in_flight.take_dropped_writes().is_none());
    }
}
