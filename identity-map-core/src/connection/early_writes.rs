//! Writes that are sent before the catalogue of their database was read: [`EarlyWrites`].
//!
//! Nothing of the database is held then, but a trigger may have changed what the session sees. That is found out
//! when the catalogue is there, and before anything is held.

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

    /// The texts; `None` if there were more of them.
    pub(super) fn texts(&self) -> Option<&[String]> {
        (!self.has_others).then_some(&*self.texts)
    }

    /// Whether they have changed the session inside the open transaction already.
    pub(super) fn was_changed_inside(&self) -> bool {
        self.was_changed_inside
    }

    /// The same, once they have changed the session inside a transaction.
    pub(super) fn changed_inside(self) -> Self {
        Self {
            was_changed_inside: true,
            ..self
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty() && !self.has_others
    }
}
