//! The tokens of a statement, read one after the other: [`TokenReader`]; and what is assigned to a
//! setting: [`Value`].

use super::lexer::{Lexer, Token, TokenKind};

/// The tokens of a statement that all databases read alike.
pub(in crate::statement) fn undisputed_tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut lexer = Lexer::new(text);
    let tokens = tokens_read_alike(&mut lexer)?;
    (!lexer.names_set_config()).then_some(tokens)
}

/// The tokens of a statement that all databases read alike, among which `set_config` may be.
pub(in crate::statement) fn undisputed_tokens_with_set_config(
    text: &str,
) -> Option<Vec<Token<'_>>> {
    tokens_read_alike(&mut Lexer::new(text))
}

fn tokens_read_alike<'a>(lexer: &mut Lexer<'a>) -> Option<Vec<Token<'a>>> {
    let tokens = std::iter::from_fn(|| lexer.next_token()).collect();
    let are_undisputed =
        lexer.error().is_none() && !lexer.structure_is_disputed() && !lexer.words_are_disputed();
    are_undisputed.then_some(tokens)
}

/// Reads tokens from the first on.
#[derive(Clone, Copy)]
pub(in crate::statement) struct TokenReader<'t, 'a>(pub(in crate::statement) &'t [Token<'a>]);

impl<'t, 'a> TokenReader<'t, 'a> {
    pub(in crate::statement) fn next(&mut self) -> Option<Token<'a>> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Takes the words if they come next, and nothing otherwise.
    pub(in crate::statement) fn take_words(&mut self, words: &[&str]) -> bool {
        let begins_with_them = self.0.len() >= words.len()
            && words
                .iter()
                .zip(self.0)
                .all(|(word, token)| token.is_word(word));
        if begins_with_them {
            self.0 = &self.0[words.len()..];
        }
        begins_with_them
    }

    /// Takes the sign if it comes next.
    pub(in crate::statement) fn take_sign(&mut self, kind: TokenKind) -> bool {
        let is_next = self.0.first().is_some_and(|token| token.kind == kind);
        if is_next {
            self.0 = &self.0[1..];
        }
        is_next
    }

    /// Takes a name, with the parts that dots join to it, in lower case.
    pub(in crate::statement) fn take_name(&mut self) -> Option<String> {
        let mut name = self.next()?.identifier()?.to_ascii_lowercase();
        while self.take_sign(TokenKind::Dot) {
            name.push('.');
            name.push_str(&self.next()?.identifier()?.to_ascii_lowercase());
        }
        Some(name)
    }

    /// Takes a string, a number or a numbered parameter.
    pub(in crate::statement) fn take_value(&mut self) -> Option<Value<'t, 'a>> {
        let (value, rest) = self.0.split_at_checked(1)?;
        let is_value = matches!(value[0].kind, TokenKind::StringLiteral | TokenKind::Number);
        self.0 = rest;
        is_value.then_some(Value(value))
    }

    pub(in crate::statement) fn has_word(&self, word: &str) -> bool {
        self.0.iter().any(|token| token.is_word(word))
    }

    /// All that is left, as the value of a setting.
    pub(in crate::statement) fn value(self) -> Value<'t, 'a> {
        Value(self.0)
    }
}

/// What stands on the right side of a setting.
#[derive(Clone, Copy)]
pub(in crate::statement) struct Value<'t, 'a>(&'t [Token<'a>]);

impl<'a> Value<'_, 'a> {
    /// The word, name, string or number that the value is, if it is a single one.
    pub(in crate::statement) fn text(self) -> Option<&'a str> {
        match self.0 {
            [single] if single.kind == TokenKind::Number => Some(single.text),
            [single] => single.identifier_or_string(),
            _ => None,
        }
    }

    pub(in crate::statement) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::statement) fn is_default(self) -> bool {
        self.is_word("DEFAULT")
    }

    /// Whether the value is this word, without quotes.
    pub(in crate::statement) fn is_word(self, word: &str) -> bool {
        matches!(self.0, [single] if single.is_word(word))
    }

    /// Whether the value is one of these, whatever its case and its quotes.
    pub(in crate::statement) fn is_one_of(self, texts: &[&str]) -> bool {
        self.text()
            .is_some_and(|text| texts.iter().any(|known| text.eq_ignore_ascii_case(known)))
    }

    /// A switch, as MySQL and SQLite write it.
    pub(in crate::statement) fn is_on(self) -> bool {
        self.is_one_of(&["1", "ON", "TRUE", "YES"])
    }

    /// A switch, as MySQL and SQLite write it.
    pub(in crate::statement) fn is_off(self) -> bool {
        self.is_one_of(&["0", "OFF", "FALSE", "NO"])
    }

    /// Whether a function or a query may be a part of it.
    pub(in crate::statement) fn has_parenthesis(self) -> bool {
        self.0
            .iter()
            .any(|token| token.kind == TokenKind::OpenParen)
    }

    /// Whether it assigns to something itself: `@a := 1`.
    pub(in crate::statement) fn assigns(self) -> bool {
        self.0
            .windows(2)
            .any(|pair| pair[0].kind == TokenKind::Colon && pair[1].kind == TokenKind::Equals)
    }
}
