//! The next token of a statement, by the byte that it begins with.

use super::disputes::{LexError, SpanKind};
use super::state::{Lexer, PreviousToken};
use super::token::{Token, TokenKind};

impl<'a> Lexer<'a> {
    /// The next token of the statement; `None` at its end, and where the lexer gives up.
    pub(in crate::statement) fn next_token(&mut self) -> Option<Token<'a>> {
        if self.bounds.is_over {
            return None;
        }
        let byte = self.next_byte()?;
        self.disputes.last_token = self.is_in_disputed_span();
        let token = match byte {
            b'"' | b'`' => self.quoted_name(byte)?,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word(),
            b'.' => self.sign(TokenKind::Dot),
            b',' => self.sign(TokenKind::Comma),
            b'=' => self.sign(TokenKind::Equals),
            b'(' => self.parenthesis(TokenKind::OpenParen),
            b')' => self.parenthesis(TokenKind::CloseParen),
            b'0'..=b'9' => self.number(),
            b'$' => self.dollar()?,
            b'\'' => self.string_literal()?,
            b';' => return self.end_statement(),
            b'@' => self.sign(TokenKind::At),
            b':' => self.sign(TokenKind::Colon),
            b'[' => self.opening_bracket()?,
            b']' => self.closing_bracket(),
            0 => return self.give_up(LexError::TwoReadings),
            _ => self.sign(TokenKind::OtherSign),
        };
        self.previous = if token.kind == TokenKind::Dot {
            PreviousToken::Dot
        } else {
            PreviousToken::Other
        };
        Some(token)
    }

    /// The byte that the next token begins with, behind spaces and comments.
    fn next_byte(&mut self) -> Option<u8> {
        let bytes = self.sql.as_bytes();
        loop {
            let mut at = self.at;
            let byte = loop {
                match bytes.get(at) {
                    Some(1..=b' ') => at += 1,
                    Some(&byte) => break byte,
                    None => {
                        self.at = at;
                        self.bounds.is_over = true;
                        return None;
                    }
                }
            };
            self.at = at;
            let may_be_comment = matches!(byte, b'-' | b'#' | b'/' | b'*' | 0xEF);
            if !may_be_comment || !self.skip_comment(byte)? {
                return Some(byte);
            }
        }
    }

    fn parenthesis(&mut self, kind: TokenKind) -> Token<'a> {
        self.disputes.structure |= self.disputes.last_token;
        self.sign(kind)
    }

    /// Ends the statement at a semicolon. One that some databases skip ends it only where nothing
    /// follows.
    fn end_statement<T>(&mut self) -> Option<T> {
        let is_last = || {
            self.sql[self.at..]
                .bytes()
                .all(|byte| byte == b';' || byte.is_ascii_whitespace())
        };
        if self.is_in_disputed_span()
            && !(self.disputed_span.kind == SpanKind::LineComment && is_last())
        {
            return self.give_up(LexError::TwoReadings);
        }
        self.bounds.is_over = true;
        self.bounds.end = self.at;
        self.at += 1;
        None
    }
}
