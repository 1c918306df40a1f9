//! Writes that are sent before the catalogue of their database was read: [`EarlyWrites`].
//!
//! Nothing of the database is held then, but a trigger may have changed what the session sees. That is found out
//! when the catalogue is there, and before anything is held.

use super::slot::Slot;
use super::statement_effect::StatementEffect;
use crate::statement::SessionChange;

/// So many texts are kept, and none that is longer.
const MOST_TEXTS: usize = 64;
const LONGEST_TEXT: usize = 16 * 1024;

/// The texts of such writes, each once.
#[derive(Default)]
pub(super) struct EarlyWrites {
    texts: Vec<String>,
    /// There were more of them, or longer ones.
    has_others: bool,
    /// The session was changed inside the open transaction, whose rollback takes that back.
    was_changed_inside: bool,
}

impl EarlyWrites {
    /// Adds a text; an empty one stands for one that was too long to keep.
    pub(super) fn add(&mut self, text: &str) {
        if self.texts.iter().any(|known| known == text) {
            return;
        }
        if self.texts.len() < MOST_TEXTS && (1..=LONGEST_TEXT).contains(&text.len()) {
            self.texts.push(text.to_owned());
        } else {
            self.has_others = true;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty() && !self.has_others
    }
}

impl Slot {
    /// Takes the standing that the session has after early writes, if the catalogue can say it.
    pub(super) fn account_for_early_writes(&mut self) {
        let is_open = self.transaction.is_open();
        if self.early_writes.is_empty()
            || self.standing.catalogue().get().is_none()
            || is_open && self.early_writes.was_changed_inside
        {
            return;
        }
        let early = std::mem::take(&mut self.early_writes);
        let changes = self.session_changes_of(&early);
        for change in &changes {
            self.change_session(change);
        }
        if is_open && !changes.is_empty() {
            self.early_writes = EarlyWrites {
                was_changed_inside: true,
                ..early
            };
        }
    }

    fn session_changes_of(&mut self, early: &EarlyWrites) -> Vec<SessionChange> {
        if early.has_others {
            return vec![SessionChange::Anything];
        }
        let product = self.product();
        let catalogue = self.standing.catalogue();
        let Some(watch) = &mut self.watch else {
            return Vec::new();
        };
        let mut changes = Vec::new();
        for text in &early.texts {
            let statement = watch.inspect(text, product, catalogue);
            for effect in statement
                .into_iter()
                .flat_map(|statement| statement.effects)
            {
                if let StatementEffect::ChangeSession(change) = effect {
                    changes.push(change);
                }
            }
        }
        changes
    }
}
