//! The look at statements that the program sends by itself: [`Watch`].

use std::fmt::Display;
use std::num::NonZeroU32;

use diesel::connection::InstrumentationEvent;

use super::look::{self, Meaning};
use super::text::Text;
use super::touched::Touched;
use crate::map::Stamp;

/// Looks at the texts of one connection's statements.
#[derive(Default)]
pub(super) struct Watch {
    text: Text,
}

/// A statement (or a batch of them) that does something.
#[derive(Clone)]
pub(super) struct Statement {
    pub(super) told: Told,
    pub(super) began: Stamp,
    pub(super) effects: Vec<Effect>,
    /// It may have been done in part although it failed (`UPDATE OR FAIL`).
    partly: bool,
    /// If it fails, the transaction is over (SQLite's `INSERT OR ROLLBACK`).
    pub(super) or_rollback: bool,
}

/// How a statement is known again when its end is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Diesel has announced it, and waits for it.
    Announced,
    /// By its text, of which this is the hash.
    Text(u64),
}

/// What one statement does when it succeeds.
#[derive(Clone)]
pub(super) enum Effect {
    /// A pool has tested the connection before it handed it to somebody else.
    NewHolder,
    Touch(Touched),
    /// The session now may see other rows, and perhaps the rows are changed besides.
    OtherRows {
        writes: bool,
    },
    Begin,
    Savepoint(String),
    Release(String),
    RollbackTo(String),
    Commit,
    Rollback,
    /// Where the transaction stands cannot be said any more.
    LostTransaction,
}

impl Statement {
    /// A statement that was announced.
    pub(super) fn announced(effect: Effect) -> Self {
        Self {
            told: Told::Announced,
            began: Stamp::now(),
            effects: vec![effect],
            partly: false,
            or_rollback: false,
        }
    }

    /// The effect, if it is one.
    pub(super) fn single(mut self) -> Option<Effect> {
        let effect = self.effects.pop();
        effect.filter(|_| self.effects.is_empty())
    }

    /// Writes rows, all or none of them.
    pub(super) fn is_atomic_write(&self) -> bool {
        !self.partly && matches!(&*self.effects, [Effect::Touch(_)])
    }
}

impl Effect {
    /// What Diesel says it is about to do, by the depth at which it does it.
    pub(super) fn of_event(event: &InstrumentationEvent<'_>) -> Option<Self> {
        let savepoint = |depth: NonZeroU32| match depth.get() {
            1 => None,
            depth => Some(format!("diesel_savepoint_{}", depth - 1)),
        };
        Some(match event {
            InstrumentationEvent::BeginTransaction { depth, .. } => {
                savepoint(*depth).map_or(Self::Begin, Self::Savepoint)
            }
            InstrumentationEvent::CommitTransaction { depth, .. } => {
                savepoint(*depth).map_or(Self::Commit, Self::Release)
            }
            InstrumentationEvent::RollbackTransaction { depth, .. } => {
                savepoint(*depth).map_or(Self::Rollback, Self::RollbackTo)
            }
            _ => return None,
        })
    }
}

impl Watch {
    /// Looks at a statement that is about to be sent. `None`: it only reads.
    pub(super) fn look(&mut self, query: &(impl Display + ?Sized)) -> Option<Statement> {
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
    pub(super) fn told(&mut self, query: &(impl Display + ?Sized)) -> Told {
        self.text.take(query);
        let told = self.text.told();
        self.text.give_back();
        told
    }

    fn statement(&self, began: Stamp) -> Option<Statement> {
        let text = self.text.sql.as_str();
        // Diesel's pools, and those of diesel-async.
        if self.text.binds && matches!(text, "SELECT 1" | "SELECT ?" | "SELECT $1") {
            return Some(Statement {
                told: self.text.told(),
                ..Statement::announced(Effect::NewHolder)
            });
        }
        if look::is_read(text) {
            return None;
        }
        let mut effects = Vec::new();
        let (mut partly, mut or_rollback) = (false, false);
        for statement in look::statements(text) {
            let touch =
                |cascades| Effect::Touch(Touched::tables(statement.identifiers(), cascades));
            let named = |effect: fn(String) -> Effect| {
                statement
                    .savepoint()
                    .map_or(Effect::LostTransaction, effect)
            };
            let effect = match statement.meaning {
                Meaning::Read => continue,
                Meaning::Insert => touch(false),
                Meaning::Write => {
                    let says = |what: &str| {
                        let mut words = statement.identifiers();
                        words.any(|word| word.eq_ignore_ascii_case(what))
                    };
                    partly |= says("FAIL");
                    or_rollback |= says("ROLLBACK");
                    touch(true)
                }
                Meaning::Everything => Effect::Touch(Touched::everything()),
                Meaning::OtherRows => Effect::OtherRows {
                    writes: !only_sets(statement.identifiers()),
                },
                Meaning::Begin => Effect::Begin,
                Meaning::Savepoint => named(Effect::Savepoint),
                Meaning::Release => named(Effect::Release),
                Meaning::RollbackTo => named(Effect::RollbackTo),
                Meaning::Commit => Effect::Commit,
                Meaning::Rollback => Effect::Rollback,
                Meaning::LostTransaction => Effect::LostTransaction,
            };
            effects.push(effect);
        }
        (!effects.is_empty()).then(|| Statement {
            told: self.text.told(),
            began,
            partly: partly || effects.len() > 1,
            or_rollback,
            effects,
        })
    }
}

/// Whether a statement changes settings, and no rows: not even in what could not be told from it.
fn only_sets<'a>(mut words: impl Iterator<Item = &'a str>) -> bool {
    const SETS: [&str; 6] = ["SET", "RESET", "DISCARD", "USE", "ATTACH", "DETACH"];
    const DOES: [&str; 10] = [
        "INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "TRUNCATE", "COMMIT", "ROLLBACK", "CALL",
        "EXECUTE",
    ];
    let is_one_of =
        |word: &str, list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(word));
    words.next().is_some_and(|first| is_one_of(first, &SETS))
        && !words.any(|word| is_one_of(word, &DOES))
}
