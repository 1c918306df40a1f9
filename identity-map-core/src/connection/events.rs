//! The events of a connection, and what each of them starts or finishes.
//!
//! | event | what it starts | what it finishes |
//! |---|---|---|
//! | `StartEstablishConnection` | the [standing](super::standing) by the address | |
//! | `BeginTransaction`, `CommitTransaction`, `RollbackTransaction` | an announcement of what the next statement does | |
//! | `StartQuery` of this library's | the timer, the logs, the count by line | the statements that it [overlaps](Slot::statement_overlaps) |
//! | `StartQuery` of the program's | the timer, the logs, a [look](super::watch) at its text: it is [in flight](super::in_flight) | the statements that it overlaps |
//! | `FinishQuery` | its [effects](super::effects), if it was the program's | the timer, the answer |

use std::fmt::{self, Display, Write};

use diesel::connection::InstrumentationEvent;

use super::effect::{InFlightStatement, StatementEffect};
use super::in_flight::NextStatement;
use super::slot::Slot;
use crate::database::Realm;

impl Slot {
    /// Takes an event of the connection, and passes it on to the program's own instrumentation. `ours`
    /// says that it is about a statement of this library's, where there may be others in flight.
    pub(super) fn on_event(&mut self, event: InstrumentationEvent<'_>, ours: bool) {
        match &event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                self.standing.enter(Realm::of_address(url));
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                if self.is_nothing(*query) {
                    self.in_flight.sent_nothing();
                    return;
                }
                self.in_flight.sent();
                if !ours {
                    self.in_flight.start_timer(self.reporting.scope());
                }
                self.reporting.logs.note(*query);
                self.statement_starts(*query);
            }
            InstrumentationEvent::FinishQuery { query, error, .. } => {
                if self.in_flight.answered() {
                    return;
                }
                let statement = if ours {
                    None
                } else {
                    self.in_flight.stop_timer();
                    self.take_in_flight(*query)
                };
                self.statement_ended(statement, *error);
            }
            other => self.in_flight.announce(StatementEffect::of_event(other)),
        }
        if let Some(inner) = &mut self.reporting.inner {
            inner.on_connection_event(event);
        }
    }

    /// A statement is sent: it is counted if it is this library's, and looked at if it is the program's.
    fn statement_starts(&mut self, query: &(impl Display + ?Sized)) {
        self.statement_overlaps();
        match self.in_flight.take_next() {
            NextStatement::FromProgram => {}
            NextStatement::FromLibrary => {
                let call_site = self.reporting.call_site();
                if let (Some(location), Some(scope)) = (call_site, self.reporting.scope()) {
                    scope.count_statement(location, query);
                }
                return;
            }
            NextStatement::Question => return,
        }
        if let Some(effect) = self.in_flight.take_announced() {
            let announced = InFlightStatement::announced(effect);
            self.in_flight.statements.push(announced);
            return;
        }
        if let Some(watch) = &mut self.watch
            && let Some(statement) = watch.look(query)
        {
            self.in_flight.statements.push(statement);
            if self.in_flight.is_shared() {
                // It is sent at any time from now on.
                self.statement_overlaps();
            }
        }
    }

    /// Nobody has said yet how what was sent before has ended: its future was dropped, or it shares
    /// the connection with the next.
    pub(super) fn statement_overlaps(&mut self) {
        if self.in_flight.statements.is_empty() {
            return;
        }
        while let Some(dropped) = self.in_flight.statements.take_announced() {
            self.take_effect_perhaps(dropped);
        }
        if !self.server.may_overlap_statements() {
            while let Some(dropped) = self.in_flight.statements.take_oldest() {
                self.take_effect_perhaps(dropped);
            }
            return;
        }
        let invalidation = self.in_flight.statements.invalidation();
        #[cfg(all(feature = "async", feature = "postgres"))]
        self.in_flight.pending_writes.overlap(&invalidation);
        if invalidation.is_everything() {
            // A transaction may have ended by it.
            self.invalidate_maps(&invalidation);
        }
        self.invalidate(invalidation);
        if self.in_flight.statements.changes_session() {
            self.note_session_change();
            self.standing.stand_apart();
        }
    }

    /// The statement of the program's that has ended now, if it does anything.
    fn take_in_flight(&mut self, query: &(impl Display + ?Sized)) -> Option<InFlightStatement> {
        let may_overlap = self.server.may_overlap_statements();
        let watch = self.watch.as_mut().filter(|_| may_overlap);
        let id = watch.map(|watch| || watch.id_of(query));
        self.in_flight.statements.take(id)
    }

    /// Whether this is the text of nothing by which the library waits for what was sent before it.
    /// Nobody else need know of it; without an instrumentation of the program's it does no harm.
    fn is_nothing(&self, query: &(impl Display + ?Sized)) -> bool {
        !self.in_flight.is_shared()
            && self.reporting.inner.is_some()
            && self.in_flight.is_next_from_program()
            && is_empty(query)
    }
}

/// Whether a statement has no text. It is not written down for that.
fn is_empty(query: &(impl Display + ?Sized)) -> bool {
    struct Nothing;

    impl fmt::Write for Nothing {
        fn write_str(&mut self, piece: &str) -> fmt::Result {
            if piece.is_empty() {
                Ok(())
            } else {
                Err(fmt::Error)
            }
        }
    }

    write!(Nothing, "{query}").is_ok()
}
