//! One piece of a text: [`Token`].

use super::keyword::Keyword;

/// One byte, so that tokens are cheap to pass on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::statement) enum TokenKind {
    Word(Keyword),
    /// A quoted identifier, or a word that cannot be a keyword where it stands.
    Name,
    StringLiteral,
    /// A number or a numbered parameter.
    Number,
    OpenParen,
    CloseParen,
    Comma,
    Dot,
    At,
    Colon,
    Equals,
    OtherSign,
}

#[derive(Debug, Clone, Copy)]
pub(in crate::statement) struct Token<'a> {
    pub(in crate::statement) kind: TokenKind,
    /// What a word, a name, a string or a number says, without quotes; empty for the other kinds.
    pub(in crate::statement) text: &'a str,
}

impl<'a> Token<'a> {
    /// Stands where there is no token, before the first one of a statement.
    pub(in crate::statement) const NOTHING: Self = Self {
        kind: TokenKind::OtherSign,
        text: "",
    };

    pub(in crate::statement) fn is_keyword(self, keyword: Keyword) -> bool {
        self.kind == TokenKind::Word(keyword)
    }

    pub(in crate::statement) fn is_any_word(self) -> bool {
        matches!(self.kind, TokenKind::Word(_))
    }

    pub(in crate::statement) fn is_word(self, word: &str) -> bool {
        self.is_any_word() && self.text.eq_ignore_ascii_case(word)
    }

    pub(in crate::statement) fn is_one_of(self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is_word(word))
    }

    /// The text of a word or a name.
    pub(in crate::statement) fn identifier(self) -> Option<&'a str> {
        matches!(self.kind, TokenKind::Word(_) | TokenKind::Name).then_some(self.text)
    }

    /// The text of a word, a name or a string: SQLite takes strings for identifiers, too.
    pub(in crate::statement) fn identifier_or_string(self) -> Option<&'a str> {
        matches!(
            self.kind,
            TokenKind::Word(_) | TokenKind::Name | TokenKind::StringLiteral
        )
        .then_some(self.text)
    }
}
