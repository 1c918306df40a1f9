//! The watch over the statements that the program sends by itself, and over what the manager's writes call:
//! [`StatementWatch`].
//!
//! [`statement`](crate::statement) says what a text means. From that the watch makes the effects that
//! the statement has on the maps, by the tables of the program's models.

use std::fmt::Display;

use super::in_flight_statements::{InFlightStatement, StatementId, UnknownStatement};
use super::session_effects::{isolation_of_begin, session_effects};
use super::statement_effect::{Chain, StatementEffect};
#[cfg(feature = "tracing")]
use super::would_expire::WouldExpire;
use super::write_effects::{call_effects, write_effects};
use crate::database::{KnownCatalogue, Product};
use crate::map::{Invalidation, Stamp};
use crate::statement::{
    self, ClassifiedStatement, ImplicitCommit, Meaning, SessionChange, SqlText,
};

/// Where `tracing` is told what a statement of the program's expires.
#[cfg(feature = "tracing")]
const LOG_TARGET: &str = "diesel_identity_map::expires";

/// So many texts are remembered that need no second look.
const PLAIN_WRITES: usize = 32;

/// Makes effects of the texts of one connection's statements.
#[derive(Default)]
pub(super) struct StatementWatch {
    text: SqlText,
    /// The hashes of texts of this library's writes that do no more than to write.
    plain_writes: Vec<u64>,
    /// Whoever hands out the connection says so, and `SELECT 1` is a statement as others.
    check_outs_are_marked: bool,
}

impl StatementWatch {
    /// Says that whoever hands out the connection marks it; until then the test of a pool tells.
    pub(super) fn expect_marked_check_outs(&mut self) {
        self.check_outs_are_marked = true;
    }

    /// The effects of a statement that is about to be sent; `None` if it only reads.
    pub(super) fn inspect(
        &mut self,
        query: &(impl Display + ?Sized),
        product: Product,
        catalogue: &KnownCatalogue,
    ) -> Option<InFlightStatement> {
        let began = Stamp::now();
        self.text.take(query);
        // A statement without a text cannot be sent either, as an update without changes.
        let statement = if self.text.failed {
            None
        } else {
            self.with_effects(began, product, catalogue)
        };
        self.text.give_back();
        statement
    }

    /// The effects of a statement of the manager's write which may do more than the manager knows, since it calls
    /// routines; `None` if it does not.
    pub(super) fn inspect_own(
        &mut self,
        query: &(impl Display + ?Sized),
        from_library: bool,
        product: Product,
        catalogue: &KnownCatalogue,
    ) -> Option<InFlightStatement> {
        let began = Stamp::now();
        self.text.take(query);
        let hash = self.text.hash();
        let mut statement = None;
        if !self.text.failed && !self.plain_writes.contains(&hash) {
            if statement::is_more_than_a_write(&self.text.sql) {
                statement = self.with_effects(began, product, catalogue);
            } else {
                self.note_plain_write(hash);
            }
        }
        if let Some(statement) = &mut statement {
            statement.id = text_id(&self.text, from_library);
        }
        self.text.give_back();
        statement
    }

    fn note_plain_write(&mut self, hash: u64) {
        if self.plain_writes.len() == PLAIN_WRITES {
            self.plain_writes.clear();
        }
        self.plain_writes.push(hash);
    }

    /// The statement that was looked at last.
    pub(super) fn text(&self) -> &str {
        &self.text.sql
    }

    /// Tells the program's log what a statement expires that was looked at last.
    #[cfg(feature = "tracing")]
    pub(super) fn log(&self, effects: &[StatementEffect]) {
        if !tracing::enabled!(target: LOG_TARGET, tracing::Level::DEBUG) {
            return;
        }
        let expires = WouldExpire::by(effects);
        if expires != WouldExpire::default() {
            tracing::debug!(target: LOG_TARGET, %expires, "{}", self.text.sql);
        }
    }

    /// The identifier of a statement whose end is reported now.
    pub(super) fn id_of(
        &mut self,
        query: &(impl Display + ?Sized),
        from_library: bool,
    ) -> StatementId {
        self.text.take(query);
        let id = text_id(&self.text, from_library);
        self.text.give_back();
        id
    }

    fn with_effects(
        &self,
        began: Stamp,
        product: Product,
        catalogue: &KnownCatalogue,
    ) -> Option<InFlightStatement> {
        let text = self.text.sql.as_str();
        let id = || StatementId::TextHash(self.text.hash());
        // The tests of Diesel's pools, and of those for diesel-async.
        if !self.check_outs_are_marked
            && self.text.has_binds
            && matches!(text, "SELECT 1" | "SELECT ?" | "SELECT $1")
        {
            return Some(InFlightStatement {
                id: id(),
                ..InFlightStatement::announced(StatementEffect::PoolCheckOut)
            });
        }
        if statement::only_reads(text) {
            return None;
        }
        let mut effects = Vec::new();
        let mut unknown = None;
        let (mut may_fail_partly, mut rolls_back_if_it_fails) = (false, false);
        // A prepared text has one statement; SQLite passes over what follows it.
        let at_most = if self.text.has_binds { 1 } else { usize::MAX };
        for statement in statement::statements(text).take(at_most) {
            let by_savepoint = |effect: fn(String) -> StatementEffect| {
                statement
                    .savepoint(product)
                    .map_or(StatementEffect::LoseTransaction, effect)
            };
            if unknown.is_none()
                && let Some(word) = statement.unknown_first_word()
            {
                unknown = Some(UnknownStatement {
                    word: word.to_owned(),
                    at: effects.len(),
                });
            }
            if !statement.meaning.is_transaction_control() {
                match statement.implicit_commit(product) {
                    ImplicitCommit::Never => {}
                    ImplicitCommit::Surely => effects.push(StatementEffect::ImplicitCommit),
                    ImplicitCommit::Unclear => effects.push(StatementEffect::DoubtTransaction),
                }
            }
            if statement.makes_temporary_object() {
                let hides = StatementEffect::ChangeSession(SessionChange::MakeTemporary);
                effects.push(hides);
            }
            if statement.may_change_schema() {
                effects.push(StatementEffect::ChangeSchema);
            }
            if let Some(done) = call_effects(&statement, catalogue) {
                may_fail_partly |= statement.has_word("FAIL");
                rolls_back_if_it_fails |= statement.has_word("ROLLBACK");
                effects.extend(done);
                continue;
            }
            let effect = match statement.meaning {
                Meaning::Read => continue,
                Meaning::Insert => {
                    write_effects(&statement, catalogue, &mut effects);
                    continue;
                }
                // PostgreSQL takes it for a `SET`.
                Meaning::Write if statement.table_names().any(|name| name == "pg_settings") => {
                    StatementEffect::ChangeSession(SessionChange::Anything)
                }
                Meaning::Write => {
                    may_fail_partly |= statement.has_word("FAIL");
                    rolls_back_if_it_fails |= statement.has_word("ROLLBACK");
                    write_effects(&statement, catalogue, &mut effects);
                    continue;
                }
                Meaning::Everything => StatementEffect::Invalidate(Invalidation::everything()),
                Meaning::ChangeSession => {
                    let changes = statement.session_changes(product);
                    let moves = self.may_move_transaction(&statement, product);
                    session_effects(changes, product, moves, &mut effects);
                    continue;
                }
                Meaning::Begin => StatementEffect::Begin(isolation_of_begin(&statement, product)),
                Meaning::Savepoint => by_savepoint(StatementEffect::Savepoint),
                Meaning::Release => by_savepoint(StatementEffect::Release),
                Meaning::RollbackTo => by_savepoint(StatementEffect::RollbackTo),
                Meaning::Commit => StatementEffect::Commit(Chain::No),
                Meaning::CommitAndChain => StatementEffect::Commit(Chain::Yes),
                Meaning::Rollback => StatementEffect::Rollback(Chain::No),
                Meaning::RollbackAndChain => StatementEffect::Rollback(Chain::Yes),
                Meaning::LoseTransaction => StatementEffect::LoseTransaction,
            };
            effects.push(effect);
        }
        (!effects.is_empty()).then(|| InFlightStatement {
            id: id(),
            began,
            unknown,
            may_fail_partly: may_fail_partly || effects.len() > 1,
            rolls_back_if_it_fails,
            effects,
        })
    }

    /// Whether a statement that is not understood may begin or end a transaction. On PostgreSQL and SQLite no
    /// function and no routine does, and a prepared text is a single statement.
    fn may_move_transaction(&self, statement: &ClassifiedStatement<'_>, product: Product) -> bool {
        const CALLS: [&str; 6] = ["SELECT", "WITH", "VALUES", "CALL", "DO", "EXECUTE"];
        let first = statement.identifiers().next();
        let is_call =
            first.is_some_and(|first| CALLS.iter().any(|call| call.eq_ignore_ascii_case(first)));
        let is_single = self.text.has_binds;
        let may_call = matches!(product, Product::Mysql | Product::Unknown);
        may_call || !is_call || !is_single
    }
}

/// The identifier of a statement. `from_library` is what the event says: the program's and the library's are told
/// apart where they can be in flight together.
fn text_id(text: &SqlText, from_library: bool) -> StatementId {
    let hash = text.hash();
    if from_library {
        StatementId::LibraryTextHash(hash)
    } else {
        StatementId::TextHash(hash)
    }
}
