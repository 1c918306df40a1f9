//! Strings and names in quotes, dollars and brackets.

use super::disputes::{LexError, SpanKind};
use super::set_config::{is_set_config, mentions_set_config};
use super::state::Lexer;
use super::token::{Token, TokenKind};
use super::words_and_numbers::is_word_byte;

impl<'a> Lexer<'a> {
    /// A name in `"` or `` ` ``.
    pub(super) fn quoted_name(&mut self, quote: u8) -> Option<Token<'a>> {
        // `U&"..."` is an escaped name: it may be `set_config` without looking like it.
        self.names_set_config |= quote == b'"' && self.follows_u_and();
        let text = self.quoted(quote)?;
        self.names_set_config |= is_set_config(text);
        Some(Token {
            kind: TokenKind::Name,
            text,
        })
    }

    pub(super) fn string_literal(&mut self) -> Option<Token<'a>> {
        let text = self.quoted(b'\'')?;
        self.names_set_config |= mentions_set_config(text);
        Some(Token {
            kind: TokenKind::StringLiteral,
            text,
        })
    }

    /// What is between quotes. A doubled quote is a part of it. Whether a quote behind a backslash
    /// is a part of it depends on the database.
    fn quoted(&mut self, quote: u8) -> Option<&'a str> {
        let bytes = self.sql.as_bytes();
        let start = self.at + 1;
        let mut end = start;
        loop {
            match bytes.get(end) {
                None => return self.give_up(LexError::Unterminated),
                Some(&byte) if byte != quote => {
                    end += 1;
                    // Behind two backslashes the string goes on, whether or not the first one
                    // escapes the second.
                    if byte == b'\\' && quote != b'`' {
                        match bytes.get(end) {
                            Some(&next) if next == quote => {
                                return self.give_up(LexError::TwoReadings);
                            }
                            Some(b'\\') => end += 1,
                            _ => {}
                        }
                    }
                }
                Some(_) if bytes.get(end + 1) == Some(&quote) => end += 2,
                Some(_) => break,
            }
        }
        self.advance(self.at, end + 1)?;
        Some(&self.sql[start..end])
    }

    fn follows_u_and(&self) -> bool {
        matches!(self.sql.as_bytes()[..self.at], [.., b'U' | b'u', b'&'])
    }

    /// `$1`, `$name`, or PostgreSQL's string `$tag$ .. $tag$`.
    pub(super) fn dollar(&mut self) -> Option<Token<'a>> {
        let start = self.at;
        self.at += 1;
        if self.byte(0).is_some_and(|byte| byte.is_ascii_digit()) {
            return Some(self.number());
        }
        while self
            .byte(0)
            .is_some_and(|byte| is_word_byte(byte) && byte != b'$')
        {
            self.at += 1;
        }
        if self.byte(0) != Some(b'$') {
            return Some(Token {
                kind: TokenKind::Name,
                text: &self.sql[start..self.at],
            });
        }
        self.at += 1;
        let tag = &self.sql[start..self.at];
        let length = self.sql[self.at..].find(tag);
        let Some(length) = length else {
            self.at = start;
            return self.give_up(LexError::Unterminated);
        };
        let text = &self.sql[self.at..self.at + length];
        self.advance(start, self.at + length + tag.len())?;
        // MySQL would read words inside the string.
        self.disputes.words = true;
        self.names_set_config |= mentions_set_config(text);
        Some(Token {
            kind: TokenKind::StringLiteral,
            text,
        })
    }

    pub(super) fn opening_bracket(&mut self) -> Option<Token<'a>> {
        if !self.is_in_disputed_span() {
            let Some(length) = self.sql[self.at..].find(']') else {
                return self.give_up(LexError::Unterminated);
            };
            let end = self.at + length;
            self.open_disputed_span(SpanKind::BracketedName, self.at + 1, end);
        }
        Some(self.sign(TokenKind::OtherSign))
    }

    /// The name that SQLite reads in the brackets; it comes behind the words in them, which other
    /// databases read.
    pub(super) fn closing_bracket(&mut self) -> Token<'a> {
        let span = &self.disputed_span;
        if span.kind != SpanKind::BracketedName || span.end != self.at {
            return self.sign(TokenKind::OtherSign);
        }
        let text = &self.sql[span.start..self.at];
        self.disputes.last_token = true;
        self.names_set_config |= is_set_config(text);
        self.at += 1;
        Token {
            kind: TokenKind::Name,
            text,
        }
    }
}
