//! The statements in flight whose text says what they do: [`InFlightStatements`].

use diesel::result::Error;

use super::statement_effect::StatementEffect;
use crate::database::is_syntax_error_at;
use crate::map::{Invalidation, Stamp};
use crate::statement::{SessionChange, SettingValue};

/// The program's statements that have an effect and are not answered yet, the oldest first, and the library's
/// writes that call routines.
///
/// There is one at most while everybody waits for the answer to what they have sent. On a connection
/// that several futures share they overlap, and the end of one whose future was dropped is never
/// reported.
#[derive(Default)]
pub(super) struct InFlightStatements(Vec<EqualStatements>);

/// Statements of one text, which have the same effects.
struct EqualStatements {
    statement: InFlightStatement,
    count: usize,
}

/// A statement of the program's, or a batch of them, that was sent and has effects.
#[derive(Clone)]
pub(super) struct InFlightStatement {
    pub(super) id: StatementId,
    pub(super) began: Stamp,
    pub(super) effects: Vec<StatementEffect>,
    /// A failure may leave a part of it done (`UPDATE OR FAIL`).
    pub(super) may_fail_partly: bool,
    /// A failure ends the transaction (SQLite's `INSERT OR ROLLBACK`).
    pub(super) rolls_back_if_it_fails: bool,
    /// The first statement of the text that begins with a word which is not known.
    pub(super) unknown: Option<UnknownStatement>,
}

/// How a statement is recognized when its end is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatementId {
    /// Diesel has announced it, and waits for its answer.
    Announced,
    /// The hash of its text.
    TextHash(u64),
    /// The same of a write of this library's, on a connection that several futures share.
    LibraryTextHash(u64),
}

/// A statement that is not known, and what it may do.
#[derive(Clone)]
pub(super) struct UnknownStatement {
    /// Its first word.
    pub(super) word: String,
    /// Where its effects begin among those of the text.
    pub(super) at: usize,
}

impl InFlightStatement {
    /// A statement that Diesel has announced by an event of its own.
    pub(super) fn announced(effect: StatementEffect) -> Self {
        Self {
            id: StatementId::Announced,
            began: Stamp::now(),
            effects: vec![effect],
            may_fail_partly: false,
            rolls_back_if_it_fails: false,
            unknown: None,
        }
    }

    /// How many of the effects come before the unknown statement, if the database does not know that either.
    pub(super) fn done_before_refusal(&self, error: &Error) -> Option<usize> {
        let unknown = self.unknown.as_ref()?;
        is_syntax_error_at(&unknown.word, error).then_some(unknown.at)
    }

    /// Whether a part of it may write rows.
    pub(super) fn may_write(&self) -> bool {
        let mut effects = self.effects.iter();
        effects.any(|effect| matches!(effect, StatementEffect::Invalidate(_)))
    }

    /// Whether it does nothing but write rows, all of them or none.
    pub(super) fn is_atomic_write(&self) -> bool {
        !self.may_fail_partly && matches!(&*self.effects, [StatementEffect::Invalidate(_)])
    }
}

impl InFlightStatements {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn push(&mut self, statement: InFlightStatement) {
        let id = statement.id;
        let mut sent = self.0.iter_mut();
        match sent.find(|sent| sent.statement.id == id && id != StatementId::Announced) {
            Some(equal) => equal.count += 1,
            None => self.0.push(EqualStatements {
                statement,
                count: 1,
            }),
        }
    }

    /// Takes the statement that has ended. Of several it is the one of this `id`, unless there is an
    /// announced one: nobody sends anything before that is answered.
    pub(super) fn take(
        &mut self,
        id: Option<impl FnOnce() -> StatementId>,
    ) -> Option<InFlightStatement> {
        if self.0.is_empty() {
            return None;
        }
        if let Some(announced) = self.take_announced() {
            return Some(announced);
        }
        let at = match id.map(|id| id()) {
            Some(id) => {
                let mut sent = self.0.iter();
                sent.position(|sent| sent.statement.id == id)?
            }
            None => 0,
        };
        let equal = &mut self.0[at];
        equal.count -= 1;
        if equal.count > 0 {
            return Some(equal.statement.clone());
        }
        Some(self.0.remove(at).statement)
    }

    pub(super) fn take_oldest(&mut self) -> Option<InFlightStatement> {
        (!self.0.is_empty()).then(|| self.0.remove(0).statement)
    }

    /// Takes a statement that Diesel has announced. On a shared connection there is none.
    pub(super) fn take_announced(&mut self) -> Option<InFlightStatement> {
        let mut sent = self.0.iter();
        let at = sent.position(|sent| sent.statement.id == StatementId::Announced)?;
        Some(self.0.remove(at).statement)
    }

    /// What all of them invalidate: everything, if one may end a transaction.
    pub(super) fn invalidation(&self) -> Invalidation {
        let mut all = Invalidation::default();
        for effect in self.effects() {
            match effect {
                StatementEffect::Invalidate(invalidation) => all.merge(invalidation.clone()),
                StatementEffect::Begin(_)
                | StatementEffect::Savepoint(_)
                | StatementEffect::Release(_)
                | StatementEffect::PoolCheckOut
                | StatementEffect::ChangeSchema
                | StatementEffect::ChangeSession(_)
                | StatementEffect::SetIsolation(_)
                | StatementEffect::SetNextIsolation(_)
                | StatementEffect::SetSessionIsolation(_) => {}
                _ => all.merge(Invalidation::everything()),
            }
        }
        all
    }

    /// Whether a transaction may be open after one of them.
    pub(super) fn may_begin_transaction(&self) -> bool {
        self.effects().any(|effect| {
            matches!(
                effect,
                StatementEffect::Begin(_)
                    | StatementEffect::Anything {
                        moves_transaction: true
                    }
            )
        })
    }

    /// What they do to the session, as far as it may see other rows then.
    pub(super) fn session_changes(&self) -> Vec<SessionChange> {
        let changes = self.effects().filter_map(|effect| match effect {
            StatementEffect::ChangeSession(SessionChange::Setting(setting))
                if setting.to == SettingValue::Baseline =>
            {
                None
            }
            StatementEffect::ChangeSession(change) => Some(change.clone()),
            StatementEffect::Anything { .. } => Some(SessionChange::Anything),
            _ => None,
        });
        changes.collect()
    }

    fn effects(&self) -> impl Iterator<Item = &StatementEffect> {
        self.0.iter().flat_map(|sent| &sent.statement.effects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(text: u64) -> InFlightStatement {
        let mut write =
            InFlightStatement::announced(StatementEffect::Invalidate(Invalidation::everything()));
        write.id = StatementId::TextHash(text);
        write
    }

    /// G6: where futures are dropped again and again, the ends of their statements are never reported.
    #[test]
    fn equal_statements_take_no_room() {
        let mut in_flight = InFlightStatements::default();
        for number in 0..10_000 {
            in_flight.push(write(number % 3));
        }
        assert_eq!(in_flight.0.len(), 3);
        let ended = (0..3400).filter_map(|_| in_flight.take(Some(|| StatementId::TextHash(1))));
        assert_eq!(ended.count(), 3333, "each ends once");
        assert_eq!(in_flight.0.len(), 2);
    }

    #[test]
    fn what_was_announced_ends_first() {
        let mut in_flight = InFlightStatements::default();
        in_flight.push(write(1));
        in_flight.push(InFlightStatement::announced(StatementEffect::Begin(None)));
        let ended = in_flight.take(Some(|| StatementId::TextHash(2))).unwrap();
        assert!(matches!(&*ended.effects, [StatementEffect::Begin(None)]));
        assert!(in_flight.take(Some(|| StatementId::TextHash(2))).is_none());
        assert!(in_flight.take(Some(|| StatementId::TextHash(1))).is_some());
        assert!(in_flight.is_empty());
    }
}
