//! Words and numbers.

use super::keyword::{self, Keyword};
use super::set_config::is_set_config;
use super::state::{Lexer, PreviousToken};
use super::token::{Token, TokenKind};

/// Whether a byte may stand in a word: a letter, a digit, `_`, `$`, or a part of a character that
/// is not ASCII.
pub(super) fn is_word_byte(byte: u8) -> bool {
    IS_WORD_BYTE[usize::from(byte)]
}

const IS_WORD_BYTE: [bool; 256] = {
    let mut is_word_byte = [false; 256];
    let mut byte = 0_u8;
    loop {
        is_word_byte[byte as usize] =
            byte >= 0x80 || byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    is_word_byte
};

impl<'a> Lexer<'a> {
    pub(super) fn word(&mut self) -> Token<'a> {
        let rest = &self.sql.as_bytes()[self.at..];
        let mut packed = 0;
        let mut length = 0;
        while let Some(&byte) = rest.get(length)
            && is_word_byte(byte)
        {
            packed = keyword::push(packed, byte);
            length += 1;
        }
        let text = &self.sql[self.at..self.at + length];
        self.at += length;
        // SQLite skips a byte order mark at the beginning of any word.
        self.disputes.words |= rest[0] == 0xEF && text.starts_with('\u{FEFF}');
        self.names_set_config |= is_set_config(text);
        // MySQL takes any word behind a dot for a name.
        if self.previous == PreviousToken::Dot {
            return Token {
                kind: TokenKind::Name,
                text,
            };
        }
        let keyword = Keyword::of(packed, text);
        self.disputes.structure |= self.disputes.last_token && keyword != Keyword::Other;
        Token {
            kind: TokenKind::Word(keyword),
            text,
        }
    }

    /// A number, or digits with letters behind them. Those are a name to MySQL, a number and the
    /// next word to old versions of PostgreSQL, and a mistake to SQLite.
    pub(super) fn number(&mut self) -> Token<'a> {
        let start = self.at;
        self.skip_digits();
        if self.byte(0) == Some(b'.') {
            self.at += 1;
            self.skip_digits();
        }
        let tail = self.at;
        while self.byte(0).is_some_and(is_word_byte) {
            self.at += 1;
        }
        let is_number = match &self.sql.as_bytes()[tail..self.at] {
            [] => true,
            [b'e' | b'E'] => matches!(self.byte(0), Some(b'+' | b'-')),
            [b'e' | b'E', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
            [b'x' | b'X', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
            _ => false,
        };
        if is_number {
            return Token {
                kind: TokenKind::Number,
                text: &self.sql[start..self.at],
            };
        }
        self.disputes.words = true;
        Token {
            kind: TokenKind::Name,
            text: &self.sql[start..self.at],
        }
    }

    fn skip_digits(&mut self) {
        while self.byte(0).is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }
}
