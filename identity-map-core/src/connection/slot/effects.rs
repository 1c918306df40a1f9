//! What the program's statements do to the maps, once it is known how they ended.

use diesel::result::{DatabaseErrorKind, Error};

use super::{Next, Slot};
use crate::connection::database::Database;
use crate::connection::overlay::{AfterCommit, Ended, Failure, Released};
use crate::connection::realm::Realm;
use crate::connection::touched::Touched;
use crate::connection::watch::{Effect, Statement};
use crate::map::Stamp;

impl Slot {
    pub(super) fn starts(&mut self, query: &(impl std::fmt::Display + ?Sized)) {
        self.overlaps();
        match std::mem::take(&mut self.next) {
            Next::Program => {}
            Next::Call => {
                if let (Some(location), Some(scope)) = (self.called_from, self.scope()) {
                    scope.count_statement(location, query);
                }
                return;
            }
            Next::Question => return,
        }
        if let Some(effect) = self.announced.take() {
            self.under_way.push(Statement::announced(effect));
            return;
        }
        if let Some(watch) = &mut self.watch
            && let Some(statement) = watch.look(query)
        {
            self.under_way.push(statement);
            if self.shared {
                // It is sent at any time from now on.
                self.overlaps();
            }
        }
    }

    /// Nobody has said yet how what was sent before has ended: its future was dropped, or it shares
    /// the connection with the next.
    pub(super) fn overlaps(&mut self) {
        if self.under_way.is_empty() {
            return;
        }
        while let Some(dropped) = self.under_way.take_announced() {
            self.took_effect_perhaps(dropped);
        }
        if !self.may_be_shared() {
            while let Some(dropped) = self.under_way.take_oldest() {
                self.took_effect_perhaps(dropped);
            }
            return;
        }
        let touched = self.under_way.touched();
        #[cfg(all(feature = "async", feature = "postgres"))]
        self.begun.meet(&touched);
        if touched.is_everything() {
            // A transaction may have ended by it.
            self.expire(&touched);
        }
        self.touch(touched);
        if self.under_way.changes_session() {
            self.unsettled |= self.overlay.is_open();
            self.enter(Realm::unique());
        }
    }

    /// The statement of the program that has ended now, if it does anything.
    pub(super) fn ended(&mut self, query: &(impl std::fmt::Display + ?Sized)) -> Option<Statement> {
        let may_be_shared = self.may_be_shared();
        let watch = self.watch.as_mut().filter(|_| may_be_shared);
        let text = watch.map(|watch| || watch.told(query));
        self.under_way.take(text)
    }

    /// Whether this may be a connection on which several statements are under way at once.
    fn may_be_shared(&self) -> bool {
        matches!(self.database, Database::Postgres | Database::Unknown)
    }

    pub(super) fn finishes(&mut self, statement: Option<Statement>, error: Option<&Error>) {
        if let Some(statement) = statement {
            match error {
                None => self.takes_effect(statement),
                Some(_) if statement.or_rollback => self.rolls_back(),
                Some(error) if ends_no_transaction(error) => self.rolls_back(),
                Some(error) if is_undone_by(error, &statement) => {}
                Some(_) => self.took_effect_perhaps(statement),
            }
        }
        if let Some(error) = error
            && self.overlay.is_open()
        {
            self.overlay.failed(self.database.failure(error));
        }
    }

    fn takes_effect(&mut self, statement: Statement) {
        let began = statement.began;
        for effect in statement.effects {
            match effect {
                Effect::NewHolder => self.enter(self.realm.clone()),
                Effect::Touch(touched) => self.touch(touched),
                Effect::OtherRows { writes } => self.sees_other_rows(writes),
                Effect::Begin => self.begins(began),
                Effect::Savepoint(name) => self.overlay.savepoint(name, began),
                Effect::Release(name) => match self.overlay.release(&name) {
                    Released::Transaction(ended) => self.ends(ended),
                    Released::Savepoint => self.settles(),
                    Released::Unknown => self.lose_track(),
                },
                Effect::RollbackTo(name) => {
                    match self.overlay.rollback_to(&name, self.undoing) {
                        Some(touched) => self.expire(&touched),
                        None => self.lose_track(),
                    }
                    self.settles();
                }
                Effect::Commit => {
                    let ended = self.overlay.commit();
                    self.ends(ended);
                }
                Effect::Rollback => self.rolls_back(),
                Effect::LostTransaction => self.lose_track(),
            }
        }
    }

    /// A statement failed, or nobody knows how it ended.
    pub(super) fn took_effect_perhaps(&mut self, statement: Statement) {
        match statement.single() {
            Some(Effect::Touch(touched)) => self.touch(touched),
            Some(Effect::Begin | Effect::Savepoint(_) | Effect::Release(_)) => {}
            // SQLite leaves the transaction open; Diesel rolls it back then.
            Some(Effect::Commit) if self.database == Database::Sqlite => {}
            Some(Effect::Commit | Effect::Rollback) => self.rolls_back(),
            Some(Effect::RollbackTo(_)) => self.overlay.failed(Failure::Doubtful),
            Some(Effect::NewHolder) => self.enter(self.realm.clone()),
            Some(Effect::OtherRows { writes }) => self.sees_other_rows(writes),
            Some(Effect::LostTransaction) | None => self.lose_track(),
        }
    }

    fn sees_other_rows(&mut self, writes: bool) {
        if writes {
            // It may even have ended the transaction, for all that can be said.
            self.expire(&Touched::everything());
            self.touch(Touched::everything());
            self.overlay.failed(Failure::Doubtful);
        }
        self.unsettled |= self.overlay.is_open();
        if self.shared {
            // Loads under way may see the new rows, and have been told the old map.
            self.expire(&Touched::everything());
        }
        self.enter(Realm::unique());
    }

    fn begins(&mut self, began: Stamp) {
        if self.overlay.is_open() {
            match self.database {
                // A warning, and nothing else.
                Database::Postgres => return,
                // The transaction before is committed.
                Database::Mysql => {
                    let ended = self.overlay.commit();
                    self.ends(ended);
                }
                Database::Sqlite | Database::Unknown => self.lose_track(),
            }
        }
        self.overlay.begin(began);
    }

    fn rolls_back(&mut self) {
        if self.overlay.is_open() {
            let ended = self.overlay.roll_back(self.undoing);
            self.ends(ended);
        } else {
            self.touch(Touched::everything());
        }
    }

    fn ends(&mut self, ended: Ended) {
        let mut maps = self.maps();
        for map in ended.maps() {
            if !maps.iter().any(|known| known.is(map)) {
                maps.push(map.clone());
            }
        }
        for map in maps {
            ended.tell(&map);
        }
        self.settles();
        self.unsettled = false;
        run_hooks(ended.after_commit);
    }

    /// A part of the transaction has ended, and what was set in it may have with it.
    fn settles(&mut self) {
        if self.unsettled {
            self.enter(Realm::unique());
        }
    }

    /// Nobody can say whether a transaction is open: what is held is given up, and until the
    /// session is understood again it shares with nobody.
    fn lose_track(&mut self) {
        drop(self.overlay.roll_back(false));
        self.unsettled = false;
        self.touch(Touched::everything());
        self.enter(Realm::unique());
    }
}

/// SQLite had ended the transaction before somebody asked it to.
fn ends_no_transaction(error: &Error) -> bool {
    let Error::DatabaseError(_, information) = error else {
        return false;
    };
    information.message().contains("no transaction is active")
}

/// A failed statement that changed nothing.
fn is_undone_by(error: &Error, statement: &Statement) -> bool {
    matches!(
        error,
        Error::DatabaseError(
            DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::NotNullViolation
                | DatabaseErrorKind::CheckViolation,
            _
        )
    ) && statement.is_atomic_write()
}

/// Diesel is about to note that it has committed, and must not be kept from it: a panic is
/// reported by the program's panic hook and goes no further.
pub(crate) fn run_hooks(hooks: Vec<AfterCommit>) {
    for hook in hooks {
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(hook));
    }
}
