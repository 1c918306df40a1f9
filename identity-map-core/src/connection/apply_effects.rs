//! The effects of the program's statements on the maps of a connection, once it is known how the
//! statements ended.
//!
//! [`events`](super::events) says when each of these runs.

use diesel::result::Error;

use super::in_flight_statements::InFlightStatement;
use super::slot::Slot;
use super::standing::add_once;
use super::statement_effect::StatementEffect;
use crate::database::{
    FailedWrite, Product, StatementFailure, WritePhase, is_no_transaction_active,
};
use crate::map::{Invalidation, Stamp};
use crate::transaction::{EndedTransaction, Released, run_after_commit};

impl Slot {
    /// A statement has ended. `statement` is `None` if it has no effect, as a read.
    pub(super) fn end_statement(
        &mut self,
        statement: Option<InFlightStatement>,
        error: Option<&Error>,
    ) {
        if let Some(statement) = statement {
            match error {
                None => self.apply_effects(statement),
                Some(_) if statement.rolls_back_if_it_fails => self.roll_back(),
                Some(error) if is_no_transaction_active(error) => self.roll_back(),
                Some(error)
                    if statement.is_atomic_write()
                        && FailedWrite::of(error, WritePhase::Sent) == FailedWrite::Undone => {}
                Some(_) => self.apply_doubtful_effects(statement),
            }
        }
        let product = self.product();
        if let Some(error) = error
            && let Some(open) = self.transaction.open_mut()
        {
            open.note_failure(StatementFailure::of(error, product));
        }
    }

    /// The effects of a statement that has succeeded.
    fn apply_effects(&mut self, statement: InFlightStatement) {
        let began = statement.began;
        for effect in statement.effects {
            match effect {
                StatementEffect::PoolCheckOut => self.standing.start_anew(),
                StatementEffect::Invalidate(invalidation) => self.invalidate(invalidation),
                StatementEffect::ChangeSession { may_write } => self.change_session(may_write),
                StatementEffect::Begin => self.begin(began),
                StatementEffect::Savepoint(name) => self.transaction.savepoint(name, began),
                StatementEffect::Release(name) => self.release(&name),
                StatementEffect::RollbackTo(name) => self.roll_back_to(&name),
                StatementEffect::Commit => {
                    if let Some(ended) = self.transaction.commit() {
                        self.end_transaction(ended);
                    }
                }
                StatementEffect::Rollback => self.roll_back(),
                StatementEffect::LoseTransaction => self.lose_transaction(),
            }
        }
    }

    /// The effects that a statement may have had which failed, or whose end nobody knows.
    pub(super) fn apply_doubtful_effects(&mut self, statement: InFlightStatement) {
        match statement.single() {
            Some(StatementEffect::Invalidate(invalidation)) => self.invalidate(invalidation),
            Some(
                StatementEffect::Begin
                | StatementEffect::Savepoint(_)
                | StatementEffect::Release(_),
            ) => {}
            // SQLite leaves the transaction open, and Diesel rolls it back after that.
            Some(StatementEffect::Commit) if self.product() == Product::Sqlite => {}
            Some(StatementEffect::Commit | StatementEffect::Rollback) => self.roll_back(),
            Some(StatementEffect::RollbackTo(_)) => self.doubt_transaction(),
            Some(StatementEffect::PoolCheckOut) => self.standing.start_anew(),
            Some(StatementEffect::ChangeSession { may_write }) => self.change_session(may_write),
            Some(StatementEffect::LoseTransaction) | None => self.lose_transaction(),
        }
    }

    /// The session may see other rows from now on.
    fn change_session(&mut self, may_write: bool) {
        if may_write {
            // It may have ended the transaction too.
            self.invalidate_maps(&Invalidation::everything());
            self.invalidate(Invalidation::everything());
            self.doubt_transaction();
        }
        self.note_session_change();
        if self.in_flight.is_shared() {
            // Loads in flight may read the new rows, and fill the old map.
            self.invalidate_maps(&Invalidation::everything());
        }
        self.standing.stand_apart();
    }

    fn begin(&mut self, began: Stamp) {
        if self.transaction.is_open() {
            match self.product() {
                // PostgreSQL warns, and does nothing else.
                Product::Postgres => return,
                // MySQL commits the transaction before.
                Product::Mysql => {
                    if let Some(ended) = self.transaction.commit() {
                        self.end_transaction(ended);
                    }
                }
                Product::Sqlite | Product::Unknown => self.lose_transaction(),
            }
        }
        self.transaction.begin(began);
    }

    fn release(&mut self, savepoint: &str) {
        match self.transaction.release(savepoint) {
            Released::Transaction(ended) => self.end_transaction(ended),
            Released::Savepoint => self.stand_apart_if_session_changed(),
            Released::Unknown => self.lose_transaction(),
        }
    }

    fn roll_back_to(&mut self, savepoint: &str) {
        let open = self.transaction.open_mut();
        match open.and_then(|open| open.rollback_to(savepoint)) {
            Some(undone) => self.invalidate_maps(&undone),
            None => self.lose_transaction(),
        }
        self.stand_apart_if_session_changed();
    }

    fn roll_back(&mut self) {
        match self.transaction.roll_back() {
            Some(ended) => self.end_transaction(ended),
            None => self.invalidate(Invalidation::everything()),
        }
    }

    /// The transaction is over: its objects go to the maps, and its hooks run.
    fn end_transaction(&mut self, ended: EndedTransaction) {
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

    /// A savepoint has ended, and perhaps taken back a setting that was changed since.
    fn stand_apart_if_session_changed(&mut self) {
        let open = self.transaction.open_mut();
        if open.is_some_and(|open| open.has_changed_session()) {
            self.standing.stand_apart();
        }
    }

    /// Notes that a setting of the session was changed, which the end of an open transaction may take
    /// back.
    pub(super) fn note_session_change(&mut self) {
        if let Some(open) = self.transaction.open_mut() {
            open.note_session_change();
        }
    }

    /// What the transaction has done so far may be undone already.
    fn doubt_transaction(&mut self) {
        if let Some(open) = self.transaction.open_mut() {
            open.note_failure(StatementFailure::Doubtful);
        }
    }

    /// Nobody can say whether a transaction is open: every object is expired, and the connection shares
    /// no map with another from now on.
    fn lose_transaction(&mut self) {
        self.transaction.forget();
        self.invalidate(Invalidation::everything());
        self.standing.stand_apart();
    }
}
