//! What the program's statements do to the maps of a connection, once it is known how they ended.
//!
//! [`events`](super::events) says when each of these runs.

use diesel::result::Error;

use super::effect::{InFlightStatement, StatementEffect};
use super::slot::Slot;
use super::standing::add_once;
use crate::database::{
    Product, StatementFailure, is_constraint_violation, is_no_transaction_active,
};
use crate::map::{Invalidation, Stamp};
use crate::transaction::{EndedTransaction, Released, run_after_commit};

impl Slot {
    /// A statement of the program's has ended. `statement` is `None` if it does nothing.
    pub(super) fn statement_ended(
        &mut self,
        statement: Option<InFlightStatement>,
        error: Option<&Error>,
    ) {
        if let Some(statement) = statement {
            match error {
                None => self.take_effect(statement),
                Some(_) if statement.or_rollback => self.roll_back(),
                Some(error) if is_no_transaction_active(error) => self.roll_back(),
                Some(error) if is_constraint_violation(error) && statement.is_atomic_write() => {}
                Some(_) => self.take_effect_perhaps(statement),
            }
        }
        let product = self.product();
        if let Some(error) = error
            && let Some(open) = self.transaction.open()
        {
            open.failed(StatementFailure::of(error, product));
        }
    }

    /// A statement has succeeded.
    fn take_effect(&mut self, statement: InFlightStatement) {
        let began = statement.began;
        for effect in statement.effects {
            match effect {
                StatementEffect::NewHolder => self.standing.start_anew(),
                StatementEffect::Invalidate(invalidation) => self.invalidate(invalidation),
                StatementEffect::OtherRows { writes } => self.see_other_rows(writes),
                StatementEffect::Begin => self.begin(began),
                StatementEffect::Savepoint(name) => self.transaction.savepoint(name, began),
                StatementEffect::Release(name) => self.release(&name),
                StatementEffect::RollbackTo(name) => self.roll_back_to(&name),
                StatementEffect::Commit => {
                    if let Some(ended) = self.transaction.commit() {
                        self.transaction_ended(ended);
                    }
                }
                StatementEffect::Rollback => self.roll_back(),
                StatementEffect::LostTransaction => self.lose_transaction(),
            }
        }
    }

    /// A statement failed, or nobody knows how it ended.
    pub(super) fn take_effect_perhaps(&mut self, statement: InFlightStatement) {
        match statement.single() {
            Some(StatementEffect::Invalidate(invalidation)) => self.invalidate(invalidation),
            Some(
                StatementEffect::Begin
                | StatementEffect::Savepoint(_)
                | StatementEffect::Release(_),
            ) => {}
            // SQLite leaves the transaction open; Diesel rolls it back then.
            Some(StatementEffect::Commit) if self.product() == Product::Sqlite => {}
            Some(StatementEffect::Commit | StatementEffect::Rollback) => self.roll_back(),
            Some(StatementEffect::RollbackTo(_)) => self.doubt_transaction(),
            Some(StatementEffect::NewHolder) => self.standing.start_anew(),
            Some(StatementEffect::OtherRows { writes }) => self.see_other_rows(writes),
            Some(StatementEffect::LostTransaction) | None => self.lose_transaction(),
        }
    }

    /// The session may see other rows from now on.
    fn see_other_rows(&mut self, writes: bool) {
        if writes {
            // It may even have ended the transaction, for all that can be said.
            self.invalidate_maps(&Invalidation::everything());
            self.invalidate(Invalidation::everything());
            self.doubt_transaction();
        }
        self.note_session_change();
        if self.in_flight.is_shared() {
            // Loads in flight may see the new rows, and have been told the old map.
            self.invalidate_maps(&Invalidation::everything());
        }
        self.standing.stand_apart();
    }

    fn begin(&mut self, began: Stamp) {
        if self.transaction.is_open() {
            match self.product() {
                // A warning, and nothing else.
                Product::Postgres => return,
                // The transaction before is committed.
                Product::Mysql => {
                    if let Some(ended) = self.transaction.commit() {
                        self.transaction_ended(ended);
                    }
                }
                Product::Sqlite | Product::Unknown => self.lose_transaction(),
            }
        }
        self.transaction.begin(began);
    }

    fn release(&mut self, savepoint: &str) {
        match self.transaction.release(savepoint) {
            Released::Transaction(ended) => self.transaction_ended(ended),
            Released::Savepoint => self.stand_apart_if_session_changed(),
            Released::Unknown => self.lose_transaction(),
        }
    }

    fn roll_back_to(&mut self, savepoint: &str) {
        let open = self.transaction.open();
        match open.and_then(|open| open.rollback_to(savepoint)) {
            Some(undone) => self.invalidate_maps(&undone),
            None => self.lose_transaction(),
        }
        self.stand_apart_if_session_changed();
    }

    fn roll_back(&mut self) {
        match self.transaction.roll_back() {
            Some(ended) => self.transaction_ended(ended),
            None => self.invalidate(Invalidation::everything()),
        }
    }

    /// The transaction is over: the maps learn what it has done, and its hooks run.
    fn transaction_ended(&mut self, ended: EndedTransaction) {
        let mut maps = self.maps();
        for map in ended.maps() {
            add_once(&mut maps, map.clone());
        }
        for map in maps {
            ended.apply_to(&map);
        }
        if ended.session_changed {
            self.standing.stand_apart();
        }
        run_after_commit(ended.after_commit);
    }

    /// A part of the transaction has ended, and what was set in it may have with it.
    fn stand_apart_if_session_changed(&mut self) {
        let open = self.transaction.open();
        if open.is_some_and(|open| open.has_changed_session()) {
            self.standing.stand_apart();
        }
    }

    /// A setting of the session was changed. Inside a transaction its end may take that back.
    pub(super) fn note_session_change(&mut self) {
        if let Some(open) = self.transaction.open() {
            open.change_session();
        }
    }

    /// What was done before in the transaction may be undone.
    fn doubt_transaction(&mut self) {
        if let Some(open) = self.transaction.open() {
            open.failed(StatementFailure::Doubtful);
        }
    }

    /// Nobody can say whether a transaction is open: what is held is given up, and until the
    /// session is understood again it shares with nobody.
    fn lose_transaction(&mut self) {
        self.transaction.forget();
        self.invalidate(Invalidation::everything());
        self.standing.stand_apart();
    }
}
