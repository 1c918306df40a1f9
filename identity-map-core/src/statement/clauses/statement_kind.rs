//! Which kind of query or change a statement is, by its first word: [`StatementKind`].

use crate::statement::lexer::{Keyword, Token};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::statement) enum StatementKind {
    Query,
    With,
    /// `DECLARE .. CURSOR FOR`.
    Declare,
    Explain,
    Copy,
    /// `LOAD DATA`.
    Load,
    Insert,
    /// `UPDATE`, `DELETE`, `REPLACE` or `MERGE`.
    Write,
    Truncate,
}

impl StatementKind {
    /// `None` for a statement that is neither a query nor a change of rows.
    pub(in crate::statement) fn of_first_word(keyword: Keyword, word: Token<'_>) -> Option<Self> {
        Some(match keyword {
            Keyword::Select | Keyword::Values | Keyword::Table => Self::Query,
            Keyword::With => Self::With,
            Keyword::Insert => Self::Insert,
            Keyword::Update | Keyword::Delete | Keyword::Replace | Keyword::Merge => Self::Write,
            _ if word.is_one_of(&["EXPLAIN", "DESCRIBE", "DESC"]) => Self::Explain,
            _ if word.is_word("DECLARE") => Self::Declare,
            _ if word.is_word("COPY") => Self::Copy,
            _ if word.is_word("TRUNCATE") => Self::Truncate,
            // MySQL's `KILL` takes an expression.
            _ if word.is_word("KILL") => Self::Query,
            _ => return None,
        })
    }
}
