//! The effects of the program's statements on the maps of a connection, once it is known how the
//! statements ended.
//!
//! [`events`](super::events) says when each of these runs.

use diesel::result::Error;

use super::in_flight_statements::InFlightStatement;
use super::slot::Slot;
use super::standing::add_once;
use super::statement_effect::{Chain, StatementEffect};
use crate::database::{
    FailedWrite, Isolation, Product, StatementFailure, WritePhase, is_no_transaction_active,
};
use crate::map::{Invalidation, Stamp};
use crate::statement::SessionChange;
use crate::transaction::{
    Autocommit, ChainedTransaction, EndedTransaction, OpenTransaction, Released, run_after_commit,
};

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
                Some(error) if is_no_transaction_active(error) && statement.effects.len() == 1 => {
                    self.roll_back(Chain::No);
                }
                Some(error)
                    if statement.is_atomic_write()
                        && FailedWrite::of(error, WritePhase::Sent) == FailedWrite::Undone =>
                {
                    if statement.rolls_back_if_it_fails {
                        self.lose_transaction();
                    }
                }
                Some(error) => self.apply_failed_effects(statement, error),
            }
        }
        if let Some(error) = error {
            self.note_failure(error);
        }
    }

    /// Notes what the failure of a statement means for the open transaction.
    pub(crate) fn note_failure(&mut self, error: &Error) {
        let product = self.product();
        if let Some(open) = self.transaction.open_mut() {
            open.note_failure(StatementFailure::of(error, product));
        }
    }

    /// The effects of a statement that has succeeded.
    pub(super) fn apply_effects(&mut self, statement: InFlightStatement) {
        if statement.effects.len() > 1 && self.product() == Product::Postgres {
            self.apply_batch_of_postgres(statement);
            return;
        }
        for effect in statement.effects {
            self.apply_effect(effect, statement.began);
        }
    }

    /// What such a text does before its `BEGIN` is a part of that transaction.
    fn apply_batch_of_postgres(&mut self, batch: InFlightStatement) {
        let mut before_begin = Vec::new();
        let mut session_before = self.transaction.session().clone();
        for effect in batch.effects {
            let begins = matches!(effect, StatementEffect::Begin(_));
            let is_boundary = effect.is_boundary();
            if effect.is_of_transaction() {
                before_begin.push(effect.clone());
            }
            self.apply_effect(effect, batch.began);
            if begins && !before_begin.is_empty() {
                self.transaction.set_session_before(session_before.clone());
                for effect in before_begin.drain(..) {
                    self.apply_effect(effect, batch.began);
                }
            } else if is_boundary {
                before_begin.clear();
                session_before = self.transaction.session().clone();
            }
        }
    }

    fn apply_effect(&mut self, effect: StatementEffect, began: Stamp) {
        match effect {
            StatementEffect::PoolCheckOut => self.standing.start_anew(),
            StatementEffect::ChangeSchema => self.change_schema(),
            StatementEffect::Invalidate(invalidation) => self.invalidate(invalidation),
            StatementEffect::ChangeSession(change) => self.change_session(&change),
            StatementEffect::Anything { moves_transaction } => {
                self.expect_anything(moves_transaction);
            }
            StatementEffect::Begin(isolation) => self.begin(began, isolation),
            StatementEffect::Savepoint(name) => self.savepoint(name, began),
            StatementEffect::Release(name) => self.release(&name),
            StatementEffect::RollbackTo(name) => self.roll_back_to(&name),
            StatementEffect::Commit(chain) => self.commit(chain),
            StatementEffect::Rollback(chain) => self.roll_back(chain),
            StatementEffect::ImplicitCommit => self.commit_implicitly(),
            StatementEffect::DoubtTransaction => self.expect_commit(),
            StatementEffect::LoseTransaction => self.lose_transaction(),
            StatementEffect::SetAutocommit(autocommit) => self.set_autocommit(autocommit),
            StatementEffect::SetEndsUnclear(are_unclear) => {
                self.transaction.set_ends_unclear(are_unclear);
            }
            StatementEffect::SetIsolation(isolation) => self.transaction.set_isolation(isolation),
            StatementEffect::SetNextIsolation(isolation) => {
                self.transaction.set_next_isolation(isolation);
                self.follow_session();
            }
            StatementEffect::SetSessionIsolation(isolation) => {
                self.transaction.set_session_isolation(isolation);
                self.follow_session();
            }
        }
    }

    /// The session may see other rows or values from now on, or those that it saw before.
    pub(super) fn change_session(&mut self, change: &SessionChange) {
        self.transaction.change_session(change);
        self.follow_session();
    }

    /// The session may be as before this change, or as after it.
    pub(super) fn doubt_session(&mut self, change: &SessionChange) {
        self.transaction.doubt_session(change);
        self.follow_session();
    }

    /// Takes the standing that the session asks for.
    pub(super) fn follow_session(&mut self) {
        let is_new = self.standing.follow(self.transaction.session());
        if is_new && self.in_flight.is_shared() {
            // Loads in flight may read the new rows, and fill the old map.
            self.invalidate_maps(&Invalidation::everything());
        }
    }

    /// A routine or a text that nobody has understood may have done anything.
    pub(super) fn expect_anything(&mut self, moves_transaction: bool) {
        self.invalidate_maps(&Invalidation::everything());
        self.invalidate(Invalidation::everything());
        if moves_transaction && self.transaction.is_open() {
            // It may have rolled back, and begun another transaction.
            if let Some(open) = self.transaction.open_mut() {
                open.note_failure(StatementFailure::RolledBack);
            }
            self.transaction.set_isolation(Isolation::Unclear);
        } else if moves_transaction {
            self.lose_transaction();
        }
        self.change_session(&SessionChange::Anything);
    }

    fn begin(&mut self, began: Stamp, isolation: Option<Isolation>) {
        let product = self.product();
        if self.transaction.is_lost() {
            // MySQL commits the transaction before, if there is one.
            self.invalidate_maps(&Invalidation::everything());
        }
        if self.transaction.is_open() {
            match product {
                // PostgreSQL warns, and takes the level.
                Product::Postgres => {
                    isolation.inspect(|isolation| self.transaction.set_isolation(*isolation));
                    return;
                }
                // MySQL commits the transaction before.
                Product::Mysql => self.commit(Chain::No),
                Product::Sqlite | Product::Unknown => self.lose_transaction(),
            }
        }
        self.transaction.begin(began, isolation, product);
        self.standing.begin_transaction();
    }

    fn savepoint(&mut self, name: String, began: Stamp) {
        let product = self.product();
        let is_open = self.transaction.is_open();
        match product {
            // It does nothing outside a transaction.
            Product::Mysql if !is_open => {}
            // It cannot have succeeded.
            Product::Postgres | Product::Unknown if !is_open => self.lose_transaction(),
            _ => {
                if product == Product::Sqlite
                    && let Some(open) = self.transaction.open_mut()
                    && open.is_in_doubt()
                {
                    // If that is rolled back, the savepoint has begun another one.
                    open.doubt_past();
                }
                self.transaction.savepoint(name, began, product);
                if !is_open {
                    self.standing.begin_transaction();
                }
            }
        }
    }

    fn release(&mut self, savepoint: &str) {
        match self.transaction.release(savepoint, self.server.product()) {
            Released::Transaction(ended) => return self.end_transaction(ended),
            Released::Savepoint => {}
            Released::Unknown => self.note_unknown_savepoint(),
        }
        if self.product() == Product::Sqlite
            && let Some(open) = self.transaction.open_mut()
            && open.has_unknown_past()
        {
            // If the savepoint has begun the transaction, its release has committed.
            open.note_failure(StatementFailure::Doubtful);
            self.invalidate_maps(&Invalidation::everything());
        }
    }

    fn roll_back_to(&mut self, savepoint: &str) {
        let product = self.product();
        match self.transaction.rollback_to(savepoint, product) {
            Some(undone) => self.invalidate_maps(&undone),
            None => self.note_unknown_savepoint(),
        }
        self.follow_session();
    }

    fn note_unknown_savepoint(&mut self) {
        let open = self.transaction.open_mut();
        if open.is_some_and(OpenTransaction::had_unknown_savepoint) {
            self.invalidate_maps(&Invalidation::everything());
        } else {
            self.lose_transaction();
        }
    }

    fn commit(&mut self, chain: Chain) {
        let was_lost = self.transaction.is_lost();
        let next = self.transaction.chained(chain == Chain::Yes);
        let ended = self.transaction.commit(self.server.product());
        self.end(ended, was_lost, next);
    }

    pub(super) fn roll_back(&mut self, chain: Chain) {
        // One that nobody knew of has written nobody knows what.
        let was_unknown = !self.transaction.is_open();
        let next = self.transaction.chained(chain == Chain::Yes);
        let ended = self.transaction.roll_back(self.server.product());
        self.end(ended, was_unknown, next);
    }

    pub(super) fn commit_implicitly(&mut self) {
        if self.product() == Product::Mysql {
            self.commit(Chain::No);
        } else if self.product() == Product::Unknown && self.transaction.is_open() {
            self.doubt_transaction();
        }
    }

    /// Sets `autocommit`. To switch it on again commits.
    pub(super) fn set_autocommit(&mut self, autocommit: Autocommit) {
        let before = self.transaction.autocommit();
        self.transaction
            .set_autocommit(autocommit, self.server.product());
        match (before, autocommit) {
            (Autocommit::Off, Autocommit::On) => self.commit(Chain::No),
            (Autocommit::On, _) if self.transaction.is_lost() => {
                self.invalidate_maps(&Invalidation::everything());
            }
            (Autocommit::Unclear, _) | (_, Autocommit::Unclear) => self.lose_transaction(),
            (Autocommit::On, _) | (Autocommit::Off, Autocommit::Off) => {}
        }
    }

    fn end(
        &mut self,
        ended: Option<EndedTransaction>,
        was_unknown: bool,
        next: Option<ChainedTransaction>,
    ) {
        let begins_next = next.is_some();
        if let Some(next) = next {
            let product = self.product();
            self.transaction.begin_chained(next, Stamp::now(), product);
        }
        if was_unknown {
            self.invalidate(Invalidation::everything());
        }
        if let Some(ended) = ended {
            self.end_transaction(ended);
        }
        if begins_next {
            self.standing.begin_transaction();
        }
        self.follow_session();
    }

    /// The transaction is over: its objects go to the maps, and its hooks run.
    pub(super) fn end_transaction(&mut self, ended: EndedTransaction) {
        self.standing.end_own_schema();
        self.transaction.doubt_temporary();
        let mut maps = self.maps();
        for map in ended.maps() {
            add_once(&mut maps, map.clone());
        }
        for map in maps {
            ended.apply_to(&map);
        }
        run_after_commit(ended.after_commit);
    }
}
