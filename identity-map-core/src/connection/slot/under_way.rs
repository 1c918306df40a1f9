//! What the program has sent and nobody has answered yet: [`UnderWay`].

use crate::connection::touched::Touched;
use crate::connection::watch::{Effect, Statement, Told};

/// How many are kept apart.
const KEPT: usize = 64;

/// The program's statements that do something and have been sent, the oldest first. One at most
/// while everybody waits for what they have sent; on a connection that several futures share they
/// overlap, and one whose future was dropped is never told of again.
#[derive(Default)]
pub(super) struct UnderWay {
    statements: Vec<Statement>,
    overlapped: bool,
}

impl UnderWay {
    pub(super) fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    pub(super) fn push(&mut self, statement: Statement) {
        self.statements.push(statement);
        if self.statements.len() > KEPT {
            let touched = self.touched();
            self.statements.clear();
            self.statements.push(Statement::lost(touched));
        }
    }

    /// The one that has ended; `text` is what it was, which matters if there are several.
    pub(super) fn take(&mut self, text: impl FnOnce() -> Told) -> Option<Statement> {
        if self.statements.is_empty() {
            return None;
        }
        let ended = if self.overlapped {
            let text = text();
            let mut sent = self.statements.iter();
            // Of those that read alike any will do: they do the same.
            let at = sent.position(|statement| statement.told == text)?;
            self.statements.remove(at)
        } else {
            self.statements.remove(0)
        };
        self.overlapped &= !self.statements.is_empty();
        Some(ended)
    }

    pub(super) fn take_oldest(&mut self) -> Option<Statement> {
        (!self.statements.is_empty()).then(|| self.statements.remove(0))
    }

    /// Takes those that only a connection sends which nobody shares.
    pub(super) fn take_announced(&mut self) -> Option<Statement> {
        let announced = |statement: &Statement| statement.told == Told::Announced;
        let at = self.statements.iter().position(announced)?;
        Some(self.statements.remove(at))
    }

    /// Says that others are sent meanwhile.
    pub(super) fn overlap(&mut self) {
        self.overlapped = !self.statements.is_empty();
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

    /// Whether the session may see other rows by one of them.
    pub(super) fn changes_session(&self) -> bool {
        self.effects()
            .any(|effect| matches!(effect, Effect::NewHolder | Effect::OtherRows { .. }))
    }

    fn effects(&self) -> impl Iterator<Item = &Effect> {
        self.statements.iter().flat_map(|sent| &sent.effects)
    }
}
