//! One statement of a text, and what can be asked about it: [`ClassifiedStatement`].

use super::definitions::{names_definition, only_defines_temporary};
use super::first_word;
use super::lexer::Lexer;
use super::meaning::Meaning;

#[derive(Debug, Clone, Copy)]
pub(crate) struct ClassifiedStatement<'a> {
    pub(crate) meaning: Meaning,
    pub(super) text: &'a str,
}

impl<'a> ClassifiedStatement<'a> {
    /// Every identifier and keyword, in order, without quotes; each part of a qualified name by
    /// itself. A doubled quote inside stays doubled.
    pub(crate) fn identifiers(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut lexer = Lexer::new(self.text);
        std::iter::from_fn(move || {
            loop {
                match lexer.next_token() {
                    Some(token) => {
                        if let Some(name) = token.identifier() {
                            return Some(name);
                        }
                    }
                    None if lexer.continue_past_semicolon() => {}
                    None => return None,
                }
            }
        })
    }

    /// Whether this is one of its identifiers or keywords.
    pub(crate) fn has_word(&self, word: &str) -> bool {
        let mut words = self.identifiers();
        words.any(|known| known.eq_ignore_ascii_case(word))
    }

    /// Whether the statement may change what the catalogue says.
    pub(crate) fn may_change_schema(&self) -> bool {
        const QUERIES: [&str; 4] = ["SELECT", "WITH", "TABLE", "VALUES"];
        matches!(self.meaning, Meaning::Everything | Meaning::ChangeSession)
            && !only_defines_temporary(self.text)
            && (names_definition(self.text)
                || self.unknown_first_word().is_some()
                || self.first_word_is(&["IMPORT", "REASSIGN"])
                || self.first_word_is(&QUERIES) && self.has_word("INTO"))
    }

    /// The first word, if it begins no statement that is known. The database may not know it either.
    pub(crate) fn unknown_first_word(&self) -> Option<&'a str> {
        let may_be_unknown = matches!(self.meaning, Meaning::Everything | Meaning::ChangeSession);
        let first = self.identifiers().next().filter(|_| may_be_unknown)?;
        (!first_word::is_known(first)).then_some(first)
    }

    pub(super) fn first_word_is(&self, words: &[&str]) -> bool {
        let first = self.identifiers().next();
        first.is_some_and(|first| words.iter().any(|word| word.eq_ignore_ascii_case(first)))
    }

    /// Whether the statement changes settings of the session and no rows. `false` wherever a part
    /// of the statement may be one that changes rows.
    pub(crate) fn only_changes_settings(&self) -> bool {
        let is_one_of =
            |word: &str, list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(word));
        let mut words = self.identifiers();
        words
            .next()
            .is_some_and(|first| is_one_of(first, &CHANGE_SETTINGS))
            && !words.any(|word| is_one_of(word, &MAY_CHANGE_ROWS))
    }
}

/// The first words of statements that change settings.
const CHANGE_SETTINGS: [&str; 6] = ["SET", "RESET", "DISCARD", "USE", "ATTACH", "DETACH"];

/// Words of statements that may change rows, or end a transaction.
const MAY_CHANGE_ROWS: [&str; 10] = [
    "INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "TRUNCATE", "COMMIT", "ROLLBACK", "CALL",
    "EXECUTE",
];
