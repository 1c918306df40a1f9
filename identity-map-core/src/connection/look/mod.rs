//! A look at the text of the statements that a program sends by itself: what they can have
//! changed.
//!
//! The text may be SQLite's, PostgreSQL's or MySQL's; nobody says which. Where they would read
//! it differently, the reading that changes most counts. A statement is never judged to change
//! less than it may: what is not understood has changed everything.
//!
//! What no text shows is not seen here either: triggers, rules, cascades, the tables behind a
//! view, a stored function that bears a built-in's name.

mod boundary;
mod clauses;
mod functions;
mod head;
mod keyword;
mod lexer;
mod plain;
mod routine;
mod settings;

#[cfg(test)]
mod tests;

use lexer::{Lexer, Trouble};

/// What one statement means for what its connection's maps hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Changes no rows of any table, and nothing of the session.
    Read,
    /// Adds rows, and changes none that were there.
    Insert,
    /// Changes or removes rows of tables that are among its identifiers.
    Write,
    /// May have changed anything.
    Everything,
    /// The session may now see other rows; implies [`Everything`](Self::Everything).
    OtherRows,
    Begin,
    Savepoint,
    Release,
    RollbackTo,
    Commit,
    Rollback,
    /// Any other way to end or move a transaction.
    LostTransaction,
}

impl Meaning {
    /// Whether the statement is about rows, and neither the session nor its transaction.
    fn is_of_rows(self) -> bool {
        matches!(
            self,
            Self::Read | Self::Insert | Self::Write | Self::Everything
        )
    }
}

/// One statement of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Statement<'a> {
    pub(super) meaning: Meaning,
    text: &'a str,
}

impl<'a> Statement<'a> {
    /// Every identifier and keyword, in order, without quotes; each part of a qualified name by
    /// itself. A doubled quote inside stays doubled.
    pub(super) fn identifiers(&self) -> impl Iterator<Item = &'a str> + use<'a> {
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

    /// The savepoint's name, without quotes and in lower case.
    pub(super) fn savepoint(&self) -> Option<String> {
        boundary::savepoint(self.meaning, self.text).map(str::to_lowercase)
    }
}

/// The statements of a text, in order; none for an empty text or one of comments only.
pub(super) fn statements(sql: &str) -> impl Iterator<Item = Statement<'_>> {
    let mut lexer = Lexer::of(sql);
    std::iter::from_fn(move || next(&mut lexer))
}

/// Whether the whole text is a single [`Meaning::Read`].
pub(super) fn is_read(sql: &str) -> bool {
    if plain::is_select(sql) {
        return true;
    }
    let mut lexer = Lexer::of(sql);
    next(&mut lexer).is_some_and(|first| first.meaning == Meaning::Read)
        && next(&mut lexer).is_none()
}

fn next<'a>(lexer: &mut Lexer<'a>) -> Option<Statement<'a>> {
    while lexer.begin() {
        if let Some(first) = lexer.token() {
            let meaning = head::judge(first, lexer);
            while lexer.token().is_some() {}
            return Some(Statement {
                meaning: at_least(meaning, lexer),
                text: lexer.statement(),
            });
        }
        if lexer.trouble().is_some() {
            // Any statement may begin here.
            return Some(Statement {
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
