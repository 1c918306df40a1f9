//! The statements of a text, and what each of them means: [`ClassifiedStatement`].

use super::lexer::{self, Lexer, Trouble};
use super::meaning::Meaning;
use super::{boundary, head, plain};

/// One statement of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClassifiedStatement<'a> {
    pub(crate) meaning: Meaning,
    text: &'a str,
}

impl<'a> ClassifiedStatement<'a> {
    /// Every identifier and keyword, in order, without quotes; each part of a qualified name by
    /// itself. A doubled quote inside stays doubled.
    pub(crate) fn identifiers(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut lexer = Lexer::of(self.text);
        std::iter::from_fn(move || {
            loop {
                match lexer.token() {
                    Some(token) => {
                        if let Some(name) = token.identifier() {
                            return Some(name);
                        }
                    }
                    None if lexer.pass_semicolon() => {}
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

    /// The savepoint's name, without quotes and in lower case.
    pub(crate) fn savepoint(&self) -> Option<String> {
        boundary::savepoint(self.meaning, self.text).map(str::to_lowercase)
    }
}

/// The statements of a text, in order; none for an empty text or one of comments only.
pub(crate) fn statements(sql: &str) -> impl Iterator<Item = ClassifiedStatement<'_>> {
    let mut lexer = Lexer::of(sql);
    std::iter::from_fn(move || next(&mut lexer))
}

/// Whether the whole text is a single [`Meaning::Read`].
pub(crate) fn only_reads(sql: &str) -> bool {
    if plain::is_select(sql) {
        return true;
    }
    let mut lexer = Lexer::of(sql);
    next(&mut lexer).is_some_and(|first| first.meaning == Meaning::Read)
        && next(&mut lexer).is_none()
}

fn next<'a>(lexer: &mut Lexer<'a>) -> Option<ClassifiedStatement<'a>> {
    while lexer.begin() {
        if let Some(first) = lexer.token() {
            let meaning = head::judge(first, lexer);
            while lexer.token().is_some() {}
            return Some(ClassifiedStatement {
                meaning: at_least(meaning, lexer),
                text: lexer.statement(),
            });
        }
        if lexer.trouble().is_some() {
            // Any statement may begin here.
            return Some(ClassifiedStatement {
                meaning: Meaning::OtherRows,
                text: lexer.statement(),
            });
        }
    }
    None
}

/// What the lexer came across may make a statement worse than its words do.
fn at_least(meaning: Meaning, lexer: &Lexer<'_>) -> Meaning {
    if lexer.configures() {
        return Meaning::OtherRows;
    }
    if let Some(trouble) = lexer.trouble() {
        return unless_understood(trouble, meaning, lexer);
    }
    if lexer.is_odd() && meaning.is_of_rows() {
        return Meaning::Everything;
    }
    meaning
}

/// From the trouble on, the text may be anything: further statements, where it has semicolons.
fn unless_understood(trouble: Trouble, meaning: Meaning, lexer: &Lexer<'_>) -> Meaning {
    let rest = lexer.not_understood();
    let one_statement = !lexer.passed_semicolon()
        && !rest
            .trim_end_matches(|c: char| c.is_ascii_whitespace() || c == ';')
            .contains([';', '@']);
    if trouble == Trouble::TwoReadings
        && meaning.is_of_rows()
        && one_statement
        && !lexer::names_set_config(rest)
    {
        Meaning::Everything
    } else {
        Meaning::OtherRows
    }
}
