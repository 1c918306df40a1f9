//! What the program has sent and nobody has answered yet: [`UnderWay`].

use crate::connection::touched::Touched;
use crate::connection::watch::{Effect, Statement, Told};

/// The program's statements that do something and have been sent, the oldest first. One at most
/// while everybody waits for what they have sent; on a connection that several futures share they
/// overlap, and one whose future was dropped is never told of again.
#[derive(Default)]
pub(super) struct UnderWay(Vec<Sent>);

struct Sent {
    statement: Statement,
    /// So many that read alike, and do the same.
    times: usize,
}

impl UnderWay {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn push(&mut self, statement: Statement) {
        let told = statement.told;
        let mut sent = self.0.iter_mut();
        match sent.find(|sent| sent.statement.told == told && told != Told::Announced) {
            Some(alike) => alike.times += 1,
            None => self.0.push(Sent {
                statement,
                times: 1,
            }),
        }
    }

    /// The one that has ended. Where there may be several it is known by its `text`; but for what was
    /// announced everybody waits.
    pub(super) fn take(&mut self, text: Option<impl FnOnce() -> Told>) -> Option<Statement> {
        if self.0.is_empty() {
            return None;
        }
        if let Some(announced) = self.take_announced() {
            return Some(announced);
        }
        let at = match text.map(|text| text()) {
            Some(text) => {
                let mut sent = self.0.iter();
                sent.position(|sent| sent.statement.told == text)?
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

    pub(super) fn take_oldest(&mut self) -> Option<Statement> {
        (!self.0.is_empty()).then(|| self.0.remove(0).statement)
    }

    /// Takes one that Diesel has announced, by whom the connection is not shared.
    pub(super) fn take_announced(&mut self) -> Option<Statement> {
        let mut sent = self.0.iter();
        let at = sent.position(|sent| sent.statement.told == Told::Announced)?;
        Some(self.0.remove(at).statement)
    }

    /// What all of them touch; everything, if one may end a transaction.
    pub(super) fn touched(&self) -> Touched {
        let mut all = Touched::default();
        for effect in self.effects() {
            match effect {
                Effect::Touch(touched) => all.merge(touched.clone()),
                Effect::Begin
                | Effect::Savepoint(_)
                | Effect::Release(_)
                | Effect::NewHolder
                | Effect::OtherRows { writes: false } => {}
                _ => all.merge(Touched::everything()),
            }
        }
        all
    }

    /// Whether the session may see other rows by one of them, or rows that may be undone.
    pub(super) fn changes_session(&self) -> bool {
        self.effects()
            .any(|effect| matches!(effect, Effect::OtherRows { .. } | Effect::Begin))
    }

    fn effects(&self) -> impl Iterator<Item = &Effect> {
        self.0.iter().flat_map(|sent| &sent.statement.effects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(text: u64) -> Statement {
        let mut write = Statement::announced(Effect::Touch(Touched::everything()));
        write.told = Told::Text(text);
        write
    }

    /// G6: of which nobody tells the end, where futures are dropped again and again.
    #[test]
    fn alike_statements_take_no_room() {
        let mut under_way = UnderWay::default();
        for number in 0..10_000 {
            under_way.push(write(number % 3));
        }
        assert_eq!(under_way.0.len(), 3);
        let ended = (0..3400).filter_map(|_| under_way.take(Some(|| Told::Text(1))));
        assert_eq!(ended.count(), 3333, "each ends once");
        assert_eq!(under_way.0.len(), 2);
    }

    #[test]
    fn what_was_announced_ends_first() {
        let mut under_way = UnderWay::default();
        under_way.push(write(1));
        under_way.push(Statement::announced(Effect::Begin));
        let ended = under_way.take(Some(|| Told::Text(2))).unwrap();
        assert!(matches!(ended.single(), Some(Effect::Begin)));
        assert!(under_way.take(Some(|| Told::Text(2))).is_none());
        assert!(under_way.take(Some(|| Told::Text(1))).is_some());
        assert!(under_way.is_empty());
    }
}
