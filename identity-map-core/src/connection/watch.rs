//! The watch over the statements that the program sends by itself: [`StatementWatch`].
//!
//! [`statement`](crate::statement) says what a text means. From that the watch makes the effects that
//! the statement has on the maps, by the tables of the program's models.

use std::fmt::Display;

use super::in_flight_statements::{InFlightStatement, StatementId};
use super::statement_effect::StatementEffect;
use super::watched_settings::WatchedSettings;
use crate::database::Product;
use crate::map::{Invalidation, Stamp};
use crate::statement::{self, Meaning, Rules, SqlText};

/// Makes effects of the texts of one connection's statements.
#[derive(Default)]
pub(super) struct StatementWatch {
    text: SqlText,
    settings: WatchedSettings,
}

impl StatementWatch {
    /// The effects of a statement that is about to be sent; `None` if it only reads.
    pub(super) fn inspect(
        &mut self,
        query: &(impl Display + ?Sized),
        product: Product,
    ) -> Option<InFlightStatement> {
        let began = Stamp::now();
        self.text.take(query);
        // A statement without a text cannot be sent either, as an update without changes.
        let statement = if self.text.failed {
            None
        } else {
            self.with_effects(began, product)
        };
        self.text.give_back();
        statement
    }

    /// The identifier of a statement whose end is reported now.
    pub(super) fn id_of(&mut self, query: &(impl Display + ?Sized)) -> StatementId {
        self.text.take(query);
        let id = StatementId::TextHash(self.text.hash());
        self.text.give_back();
        id
    }

    fn with_effects(&mut self, began: Stamp, product: Product) -> Option<InFlightStatement> {
        let text = self.text.sql.as_str();
        let id = || StatementId::TextHash(self.text.hash());
        // The tests of Diesel's pools, and of those for diesel-async.
        if self.text.has_binds && matches!(text, "SELECT 1" | "SELECT ?" | "SELECT $1") {
            return Some(InFlightStatement {
                id: id(),
                ..InFlightStatement::announced(StatementEffect::PoolCheckOut)
            });
        }
        if statement::only_reads(text) {
            return None;
        }
        let rules = rules_of(product);
        let mut effects = Vec::new();
        let (mut may_fail_partly, mut rolls_back_if_it_fails) = (false, false);
        for statement in statement::statements(text) {
            let writes_to_its_tables = |cascades| {
                let tables = Invalidation::tables(statement.table_names(), cascades);
                StatementEffect::Invalidate(tables)
            };
            let by_savepoint = |effect: fn(String) -> StatementEffect| {
                statement
                    .savepoint(rules)
                    .map_or(StatementEffect::LoseTransaction, effect)
            };
            let effect = match statement.meaning {
                Meaning::Read => continue,
                Meaning::Insert => writes_to_its_tables(false),
                Meaning::Write => {
                    may_fail_partly |= statement.has_word("FAIL");
                    rolls_back_if_it_fails |= statement.has_word("ROLLBACK");
                    writes_to_its_tables(true)
                }
                Meaning::Everything => StatementEffect::Invalidate(Invalidation::everything()),
                Meaning::ChangeSession => {
                    match self.settings.effect(&statement.session_changes(rules)) {
                        Some(effect) => effect,
                        None => continue,
                    }
                }
                Meaning::Begin => StatementEffect::Begin,
                Meaning::Savepoint => by_savepoint(StatementEffect::Savepoint),
                Meaning::Release => by_savepoint(StatementEffect::Release),
                Meaning::RollbackTo => by_savepoint(StatementEffect::RollbackTo),
                Meaning::Commit => StatementEffect::Commit,
                Meaning::Rollback => StatementEffect::Rollback,
                Meaning::CommitAndChain | Meaning::RollbackAndChain | Meaning::LoseTransaction => {
                    StatementEffect::LoseTransaction
                }
            };
            effects.push(effect);
        }
        (!effects.is_empty()).then(|| InFlightStatement {
            id: id(),
            began,
            may_fail_partly: may_fail_partly || effects.len() > 1,
            rolls_back_if_it_fails,
            effects,
        })
    }
}

fn rules_of(product: Product) -> Rules {
    match product {
        Product::Sqlite => Rules::Sqlite,
        Product::Postgres => Rules::Postgres,
        Product::Mysql => Rules::Mysql,
        Product::Unknown => Rules::Unknown,
    }
}
