//! The look at the texts of statements that the program sends by itself: [`StatementWatch`].
//!
//! [`statement`](crate::statement) says what a text means. Here that becomes what the statement does to
//! the maps of this program, by the tables of its models.

use std::fmt::Display;

use super::effect::{InFlightStatement, StatementEffect, StatementId};
use crate::map::{Invalidation, Stamp};
use crate::statement::{self, Meaning, SqlText};

/// Looks at the texts of one connection's statements.
#[derive(Default)]
pub(super) struct StatementWatch {
    text: SqlText,
}

impl StatementWatch {
    /// Looks at a statement that is about to be sent. `None`: it only reads.
    pub(super) fn look(&mut self, query: &(impl Display + ?Sized)) -> Option<InFlightStatement> {
        let began = Stamp::now();
        self.text.take(query);
        // What cannot be written down cannot be sent either: an update without changes.
        let statement = if self.text.failed {
            None
        } else {
            self.statement(began)
        };
        self.text.give_back();
        statement
    }

    /// How a statement is known again whose end is told now.
    pub(super) fn id_of(&mut self, query: &(impl Display + ?Sized)) -> StatementId {
        self.text.take(query);
        let id = StatementId::TextHash(self.text.hash());
        self.text.give_back();
        id
    }

    fn statement(&self, began: Stamp) -> Option<InFlightStatement> {
        let text = self.text.sql.as_str();
        let id = || StatementId::TextHash(self.text.hash());
        // Diesel's pools, and those of diesel-async.
        if self.text.has_binds && matches!(text, "SELECT 1" | "SELECT ?" | "SELECT $1") {
            return Some(InFlightStatement {
                id: id(),
                ..InFlightStatement::announced(StatementEffect::NewHolder)
            });
        }
        if statement::only_reads(text) {
            return None;
        }
        let mut effects = Vec::new();
        let (mut may_fail_partly, mut or_rollback) = (false, false);
        for statement in statement::statements(text) {
            let writes_to_its_tables = |cascades| {
                let tables = Invalidation::tables(statement.table_names(), cascades);
                StatementEffect::Invalidate(tables)
            };
            let named = |effect: fn(String) -> StatementEffect| {
                statement
                    .savepoint()
                    .map_or(StatementEffect::LostTransaction, effect)
            };
            let effect = match statement.meaning {
                Meaning::Read => continue,
                Meaning::Insert => writes_to_its_tables(false),
                Meaning::Write => {
                    may_fail_partly |= statement.has_word("FAIL");
                    or_rollback |= statement.has_word("ROLLBACK");
                    writes_to_its_tables(true)
                }
                Meaning::Everything => StatementEffect::Invalidate(Invalidation::everything()),
                Meaning::OtherRows => StatementEffect::OtherRows {
                    writes: !statement.only_changes_settings(),
                },
                Meaning::Begin => StatementEffect::Begin,
                Meaning::Savepoint => named(StatementEffect::Savepoint),
                Meaning::Release => named(StatementEffect::Release),
                Meaning::RollbackTo => named(StatementEffect::RollbackTo),
                Meaning::Commit => StatementEffect::Commit,
                Meaning::Rollback => StatementEffect::Rollback,
                Meaning::LostTransaction => StatementEffect::LostTransaction,
            };
            effects.push(effect);
        }
        (!effects.is_empty()).then(|| InFlightStatement {
            id: id(),
            began,
            may_fail_partly: may_fail_partly || effects.len() > 1,
            or_rollback,
            effects,
        })
    }
}
