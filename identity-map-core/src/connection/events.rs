//! The events of a connection, and what each of them starts or finishes.
//!
//! | event | what it starts | what it finishes |
//! |---|---|---|
//! | `StartEstablishConnection` | the [standing](super::standing), by the address | |
//! | `BeginTransaction`, `CommitTransaction`, `RollbackTransaction` | an announcement of what the next statement does | |
//! | `StartQuery` of this library's | the timer, the logs, the count by line; sometimes a [look](super::watch) at what its text calls | the statements in flight, which it [invalidates for](Slot::invalidate_in_flight) |
//! | `StartQuery` of the program's | the timer, the logs, a [look](super::watch) at its text: it is [in flight](super::in_flight) | the statements in flight, as above |
//! | `FinishQuery` | its [effects](super::apply_effects), as far as its text said them | the timer, the answer |

use std::fmt::{self, Display, Write};

use diesel::connection::InstrumentationEvent;

use super::in_flight::{Answer, NextStatement};
use super::in_flight_statements::InFlightStatement;
use super::slot::Slot;
use super::statement_effect::StatementEffect;
use crate::database::Isolation;

impl Slot {
    /// Takes an event of the connection, and passes it on to the program's own instrumentation.
    /// `from_library` says that it is about a statement of this library's on a shared connection.
    pub(super) fn on_event(&mut self, event: InstrumentationEvent<'_>, from_library: bool) {
        match &event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                self.standing.enter(self.standing.realm().at_address(url));
                self.server.learn_address(url);
                if url.contains("transaction_isolation") {
                    // libpq hands on options; which level they set is not read.
                    let unclear = Some(Isolation::Unclear);
                    self.transaction.set_session_isolation(unclear);
                }
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                if self.is_drain(*query) {
                    self.in_flight.note_drain_sent();
                    return;
                }
                if self.in_flight.is_next_catalogue() {
                    self.invalidate_in_flight();
                    self.in_flight.note_catalogue_sent();
                    return;
                }
                self.in_flight.note_sent();
                if !from_library {
                    self.in_flight.start_timer(self.reporting.scope());
                }
                self.reporting.logs.record(*query);
                self.start_statement(*query, from_library);
            }
            InstrumentationEvent::FinishQuery { query, error, .. } => {
                let answer = self.in_flight.note_answer();
                if matches!(answer, Answer::OfDrain | Answer::OfCatalogue) {
                    return;
                }
                if !from_library {
                    self.in_flight.stop_timer();
                }
                // A question may be refused: that is an answer too, and means nothing for the transaction.
                if answer != Answer::OfQuestion {
                    let statement = self.take_answered(*query, from_library);
                    self.end_statement(statement, *error);
                }
            }
            other => self.in_flight.announce(StatementEffect::of_event(other)),
        }
        if let Some(inner) = &mut self.reporting.inner {
            inner.on_connection_event(event);
        }
    }

    /// A statement is sent. This library's is counted; the text of the program's is looked at.
    fn start_statement(&mut self, query: &(impl Display + ?Sized), from_library: bool) {
        self.invalidate_in_flight();
        match self.in_flight.take_next() {
            NextStatement::FromProgram => {}
            NextStatement::FromLibrary => {
                let call_site = self.reporting.call_site();
                if let (Some(location), Some(scope)) = (call_site, self.reporting.scope()) {
                    scope.count_statement(location, query);
                }
                return self.start_own_statement(query, from_library);
            }
            NextStatement::Question | NextStatement::Catalogue => {
                return self.in_flight.note_question_sent();
            }
        }
        if let Some(effect) = self.in_flight.take_announced() {
            let effect = match effect {
                StatementEffect::Begin(None) => StatementEffect::Begin(self.level_of_begin(query)),
                other => other,
            };
            let announced = InFlightStatement::announced(effect);
            self.in_flight.statements.push(announced);
            return;
        }
        let product = self.product();
        let catalogue = self.standing.catalogue();
        if let Some(watch) = &mut self.watch
            && let Some(statement) = watch.inspect(query, product, catalogue)
        {
            #[cfg(feature = "tracing")]
            watch.log(&statement.effects);
            if catalogue.is_due() && catalogue.get().is_none() && statement.may_write() {
                self.early_writes.add(watch.text());
            }
            self.in_flight.statements.push(statement);
            if self.in_flight.is_shared() {
                // It may be done at any time from now on, and loads in flight may read its rows.
                self.invalidate_in_flight();
            }
        }
    }

    /// A statement of this library's is sent. What it does by itself, its sender knows; but the program says the values of
    /// a write, and what a mapped query selects, and they may call routines.
    fn start_own_statement(&mut self, query: &(impl Display + ?Sized), from_library: bool) {
        if !self.in_flight.watches_own() {
            return;
        }
        let product = self.product();
        let catalogue = self.standing.catalogue();
        if let Some(watch) = &mut self.watch
            && let Some(statement) = watch.inspect_own(query, from_library, product, catalogue)
        {
            self.in_flight.note_calls();
            self.in_flight.statements.push(statement);
            if self.in_flight.is_shared() {
                self.invalidate_in_flight();
            }
        }
    }

    /// The isolation that the text says by which Diesel begins a transaction, as its builder may.
    fn level_of_begin(&mut self, query: &(impl Display + ?Sized)) -> Option<Isolation> {
        let product = self.product();
        let catalogue = self.standing.catalogue();
        let statement = self.watch.as_mut()?.inspect(query, product, catalogue)?;
        let mut effects = statement.effects.into_iter();
        effects.find_map(|effect| match effect {
            StatementEffect::Begin(level) => level,
            _ => None,
        })
    }

    /// Expires what the statements in flight may have changed, since another one is sent before they are
    /// answered. The future of such a statement was dropped, or it shares the connection with the next.
    pub(super) fn invalidate_in_flight(&mut self) {
        if self.in_flight.statements.is_empty() {
            return;
        }
        while let Some(dropped) = self.in_flight.statements.take_announced() {
            self.apply_doubtful_effects(dropped);
        }
        if !self.server.may_overlap_statements() {
            while let Some(dropped) = self.in_flight.statements.take_oldest() {
                self.apply_doubtful_effects(dropped);
            }
            return;
        }
        let invalidation = self.in_flight.statements.invalidation();
        #[cfg(all(feature = "async", feature = "postgres"))]
        self.in_flight.pending_writes.overlap(&invalidation);
        if invalidation.is_everything() {
            // One of them may have ended the transaction.
            self.invalidate_maps(&invalidation);
        }
        self.invalidate(invalidation);
        if self.in_flight.statements.may_begin_transaction() {
            // What is read meanwhile may be undone.
            self.lose_transaction();
        }
        for change in self.in_flight.statements.session_changes() {
            self.change_session(&change);
        }
    }

    /// Takes the statement that has ended now, if it has effects.
    fn take_answered(
        &mut self,
        query: &(impl Display + ?Sized),
        from_library: bool,
    ) -> Option<InFlightStatement> {
        let may_overlap = self.server.may_overlap_statements();
        let watch = self.watch.as_mut().filter(|_| may_overlap);
        let id = watch.map(|watch| || watch.id_of(query, from_library));
        self.in_flight.statements.take(id)
    }

    /// Whether this is the empty text by which the library waits for the statements before it. It is
    /// kept from the program's instrumentation; if there is none, it need not be told from others.
    fn is_drain(&self, query: &(impl Display + ?Sized)) -> bool {
        !self.in_flight.is_shared()
            && self.reporting.inner.is_some()
            && self.in_flight.is_next_from_program()
            && is_empty(query)
    }
}

/// Whether a statement has no text. The text is not written down to find that out.
fn is_empty(query: &(impl Display + ?Sized)) -> bool {
    struct RefuseText;

    impl fmt::Write for RefuseText {
        fn write_str(&mut self, piece: &str) -> fmt::Result {
            if piece.is_empty() {
                Ok(())
            } else {
                Err(fmt::Error)
            }
        }
    }

    write!(RefuseText, "{query}").is_ok()
}
