//! The statements of a text, each with its meaning.

use super::classified_statement::ClassifiedStatement;
use super::first_word;
use super::lexer::{self, LexError, Lexer};
use super::meaning::Meaning;
use super::plain_select;

/// The statements of a text, in order; none for an empty text or one of comments only.
pub(crate) fn statements(sql: &str) -> impl Iterator<Item = ClassifiedStatement<'_>> {
    let mut lexer = Lexer::new(sql);
    std::iter::from_fn(move || next_statement(&mut lexer))
}

/// Whether the whole text is a single [`Meaning::Read`].
pub(crate) fn only_reads(sql: &str) -> bool {
    if plain_select::is_plain_select(sql) {
        return true;
    }
    let mut lexer = Lexer::new(sql);
    next_statement(&mut lexer).is_some_and(|first| first.meaning == Meaning::Read)
        && next_statement(&mut lexer).is_none()
}

/// Whether a query locks the rows that it reads.
pub(crate) fn locks_rows(sql: &str) -> bool {
    const LOCKS: [(&str, &str); 5] = [
        ("FOR", "UPDATE"),
        ("FOR", "SHARE"),
        ("FOR", "NO"),
        ("FOR", "KEY"),
        ("LOCK", "IN"),
    ];
    let is = |word: &str, known: &str| word.eq_ignore_ascii_case(known);
    statements(sql).any(|statement| {
        let mut pairs = statement.identifiers().zip(statement.identifiers().skip(1));
        pairs.any(|(one, next)| LOCKS.iter().any(|lock| is(one, lock.0) && is(next, lock.1)))
    })
}

/// Whether a change of rows may do more than its first word says, as by the routines that it calls.
pub(crate) fn is_more_than_a_write(sql: &str) -> bool {
    let first = next_statement(&mut Lexer::new(sql));
    first.is_some_and(|first| matches!(first.meaning, Meaning::Everything | Meaning::ChangeSession))
}

pub(super) fn next_statement<'a>(lexer: &mut Lexer<'a>) -> Option<ClassifiedStatement<'a>> {
    while lexer.begin_statement() {
        if let Some(first) = lexer.next_token() {
            let by_words = first_word::classify(first, lexer);
            while lexer.next_token().is_some() {}
            return Some(ClassifiedStatement {
                meaning: meaning_at_worst(by_words, lexer),
                text: lexer.statement_text(),
            });
        }
        if lexer.error().is_some() {
            // Any statement may begin here.
            return Some(ClassifiedStatement {
                meaning: Meaning::ChangeSession,
                text: lexer.statement_text(),
            });
        }
    }
    None
}

/// What a statement may mean to a database that does not read it as the lexer has. `by_words` is
/// what it means if all of them do.
fn meaning_at_worst(by_words: Meaning, lexer: &Lexer<'_>) -> Meaning {
    if lexer.names_set_config() {
        return Meaning::ChangeSession;
    }
    if let Some(error) = lexer.error() {
        return meaning_after_error(error, by_words, lexer);
    }
    if lexer.words_are_disputed() && by_words.is_about_rows() {
        return Meaning::Everything;
    }
    by_words
}

/// What a statement means in which the lexer gave up. The rest of the text may be anything, and
/// also further statements if it has semicolons.
fn meaning_after_error(error: LexError, by_words: Meaning, lexer: &Lexer<'_>) -> Meaning {
    let rest = lexer.unread_text();
    let is_one_statement = !lexer.has_semicolon()
        && !rest
            .trim_end_matches(|c: char| c.is_ascii_whitespace() || c == ';')
            .contains([';', '@']);
    if error == LexError::TwoReadings
        && by_words.is_about_rows()
        && is_one_statement
        && !lexer::mentions_set_config(rest)
    {
        Meaning::Everything
    } else {
        Meaning::ChangeSession
    }
}
