//! The table that a statement adds rows to, behind whose name its columns stand: [`TargetTable`].

use crate::statement::lexer::{Keyword, Token, TokenKind};

/// Whether the scan is at the name of the target table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TargetTable {
    Elsewhere,
    /// The next token belongs to its name.
    Expected,
    /// The last token was its name.
    Named,
}

impl TargetTable {
    /// Where the scan is after one more token.
    pub(super) fn after(self, token: Token<'_>) -> Self {
        match (self, token.kind) {
            (Self::Expected, TokenKind::Word(Keyword::Into | Keyword::Table))
            | (Self::Named, TokenKind::Dot | TokenKind::Word(Keyword::As)) => Self::Expected,
            (Self::Expected, _) if token.identifier_or_string().is_some() => Self::Named,
            _ => Self::Elsewhere,
        }
    }
}
