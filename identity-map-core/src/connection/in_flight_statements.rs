//! What the program has sent and nobody has answered yet: [`InFlightStatements`].

use super::effect::{InFlightStatement, StatementEffect, StatementId};
use crate::map::Invalidation;

/// The program's statements that do something and have been sent, the oldest first. One at most
/// while everybody waits for what they have sent; on a connection that several futures share they
/// overlap, and one whose future was dropped is never told of again.
#[derive(Default)]
pub(super) struct InFlightStatements(Vec<Alike>);

struct Alike {
    statement: InFlightStatement,
    /// So many that read alike, and do the same.
    times: usize,
}

impl InFlightStatements {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn push(&mut self, statement: InFlightStatement) {
        let id = statement.id;
        let mut sent = self.0.iter_mut();
        match sent.find(|sent| sent.statement.id == id && id != StatementId::Announced) {
            Some(alike) => alike.times += 1,
            None => self.0.push(Alike {
                statement,
                times: 1,
            }),
        }
    }

    /// The one that has ended. Where there may be several it is known by its `text`; but for what was
    /// announced everybody waits.
    pub(super) fn take(
        &mut self,
        text: Option<impl FnOnce() -> StatementId>,
    ) -> Option<InFlightStatement> {
        if self.0.is_empty() {
            return None;
        }
        if let Some(announced) = self.take_announced() {
            return Some(announced);
        }
        let at = match text.map(|text| text()) {
            Some(text) => {
                let mut sent = self.0.iter();
                sent.position(|sent| sent.statement.id == text)?
            }
            None => 0,
        };
        let alike = &mut self.0[at];
        alike.times -= 1;
        if alike.times > 0 {
            return Some(alike.statement.clone());
        }
        Some(self.0.remove(at).statement)
    }

    pub(super) fn take_oldest(&mut self) -> Option<InFlightStatement> {
        (!self.0.is_empty()).then(|| self.0.remove(0).statement)
    }

    /// Takes one that Diesel has announced, by whom the connection is not shared.
    pub(super) fn take_announced(&mut self) -> Option<InFlightStatement> {
        let mut sent = self.0.iter();
        let at = sent.position(|sent| sent.statement.id == StatementId::Announced)?;
        Some(self.0.remove(at).statement)
    }

    /// What all of them invalidate; everything, if one may end a transaction.
    pub(super) fn invalidation(&self) -> Invalidation {
        let mut all = Invalidation::default();
        for effect in self.effects() {
            match effect {
                StatementEffect::Invalidate(invalidation) => all.merge(invalidation.clone()),
                StatementEffect::Begin
                | StatementEffect::Savepoint(_)
                | StatementEffect::Release(_)
                | StatementEffect::NewHolder
                | StatementEffect::OtherRows { writes: false } => {}
                _ => all.merge(Invalidation::everything()),
            }
        }
        all
    }

    /// Whether the session may see other rows by one of them, or rows that may be undone.
    pub(super) fn changes_session(&self) -> bool {
        self.effects().any(|effect| {
            matches!(
                effect,
                StatementEffect::OtherRows { .. } | StatementEffect::Begin
            )
        })
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

    /// G6: of which nobody tells the end, where futures are dropped again and again.
    #[test]
    fn alike_statements_take_no_room() {
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
        in_flight.push(InFlightStatement::announced(StatementEffect::Begin));
        let ended = in_flight.take(Some(|| StatementId::TextHash(2))).unwrap();
        assert!(matches!(ended.single(), Some(StatementEffect::Begin)));
        assert!(in_flight.take(Some(|| StatementId::TextHash(2))).is_none());
        assert!(in_flight.take(Some(|| StatementId::TextHash(1))).is_some());
        assert!(in_flight.is_empty());
    }
}
