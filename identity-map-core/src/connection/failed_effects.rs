//! The effects that a statement of the program's may have had which failed, or whose end nobody knows.

use diesel::result::Error;

use super::in_flight_statements::InFlightStatement;
use super::slot::Slot;
use super::statement_effect::{Chain, StatementEffect};
use crate::database::{FailedWrite, Isolation, Product, WritePhase, is_syntax_error_of_mysql};
use crate::transaction::Autocommit;

impl Slot {
    /// The effects that a statement may have had which failed. Of several statements in one text any number
    /// may have been done.
    pub(super) fn apply_failed_effects(&mut self, mut statement: InFlightStatement, error: &Error) {
        if let Some(done) = statement.done_before_refusal(error) {
            // PostgreSQL reads the whole text before it does any of it.
            if self.product() != Product::Postgres {
                statement.effects.truncate(done);
                self.apply_effects(statement);
            }
            return;
        }
        if let [effect] = &*statement.effects
            && effect.is_isolation()
        {
            return;
        }
        if let [boundary] = &*statement.effects
            && boundary.is_boundary()
        {
            self.apply_failed_boundary(boundary, error);
            return;
        }
        self.apply_doubtful_effects(statement);
    }

    /// The effects that a statement may have had whose end nobody knows.
    pub(super) fn apply_doubtful_effects(&mut self, statement: InFlightStatement) {
        let has_boundary = statement.effects.iter().any(StatementEffect::is_boundary);
        for effect in statement.effects {
            match effect {
                // MySQL commits before the statement fails, unless it does not even begin it.
                StatementEffect::ImplicitCommit | StatementEffect::DoubtTransaction => {
                    self.expect_commit();
                }
                StatementEffect::ChangeSchema => self.change_schema(),
                StatementEffect::Invalidate(invalidation) => self.invalidate(invalidation),
                StatementEffect::ChangeSession(change) => self.doubt_session(&change),
                StatementEffect::PoolCheckOut => self.standing.start_anew(),
                StatementEffect::Anything { .. } => self.expect_anything(false),
                StatementEffect::SetIsolation(_) => {
                    self.transaction.set_isolation(Isolation::Unclear);
                }
                StatementEffect::SetNextIsolation(isolation) => {
                    self.transaction.set_next_isolation(isolation);
                    self.follow_session();
                }
                StatementEffect::SetSessionIsolation(_) => {
                    let unclear = Some(Isolation::Unclear);
                    self.transaction.set_session_isolation(unclear);
                    self.follow_session();
                }
                StatementEffect::SetAutocommit(_) => self.set_autocommit(Autocommit::Unclear),
                _ => {}
            }
        }
        if has_boundary || statement.rolls_back_if_it_fails {
            self.lose_transaction();
        }
    }

    /// [`apply_failed_effects`](Self::apply_failed_effects) of a text of one statement.
    fn apply_failed_boundary(&mut self, effect: &StatementEffect, error: &Error) {
        match effect {
            StatementEffect::Begin(_)
            | StatementEffect::Savepoint(_)
            | StatementEffect::Release(_) => {}
            // SQLite leaves the transaction open, and Diesel rolls it back after that.
            StatementEffect::Commit(_) if self.product() == Product::Sqlite => {}
            // The text was not understood; a prepared one is that if another statement follows.
            StatementEffect::Commit(_) | StatementEffect::Rollback(_)
                if is_syntax_error_of_mysql(error) => {}
            // What was deferred to the commit has failed.
            StatementEffect::Commit(Chain::No)
                if FailedWrite::of(error, WritePhase::Sent) == FailedWrite::Undone =>
            {
                self.roll_back(Chain::No);
            }
            // Outside a transaction it is refused.
            StatementEffect::Commit(_) | StatementEffect::Rollback(_)
                if !self.transaction.is_open() && !self.transaction.is_lost() => {}
            // The connection is gone, and its transaction with it.
            StatementEffect::Rollback(Chain::No) => self.roll_back(Chain::No),
            StatementEffect::RollbackTo(_) => self.doubt_transaction(),
            StatementEffect::Anything { moves_transaction } => {
                self.expect_anything(*moves_transaction);
            }
            _ => self.lose_transaction(),
        }
    }
}
