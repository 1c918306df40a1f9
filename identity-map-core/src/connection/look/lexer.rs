//! SQL texts as tokens, whatever the dialect: [`Lexer`].
//!
//! Where dialects differ, the reading is taken that hides less; where no reading is safe, the
//! lexer says that it is [lost](Kind::Lost).

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An identifier or keyword.
    Word,
    /// An identifier in quotes; in MySQL perhaps a string.
    Quoted,
    /// A string, a number, a parameter.
    Literal,
    Open,
    Close,
    Dot,
    Comma,
    Semicolon,
    Other,
    /// What follows cannot be read: the dialects differ about it, or it does not end.
    Lost,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// Without quotes.
    pub(super) text: &'a str,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Clone)]
pub(super) struct Lexer<'a> {
    sql: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(sql: &'a str) -> Self {
        Self { sql, at: 0 }
    }

    fn bytes(&self) -> &'a [u8] {
        self.sql.as_bytes()
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes().get(at).copied().unwrap_or(0)
    }

    /// The offset of the first of these bytes from `from` on.
    fn find_byte(&self, from: usize, byte: u8) -> Option<usize> {
        let rest = self.bytes().get(from..)?;
        rest.iter().position(|b| *b == byte).map(|at| from + at)
    }

    /// Skips blanks and comments; `false` if a comment does not end.
    fn skip(&mut self) -> bool {
        loop {
            match (self.byte(self.at), self.byte(self.at + 1)) {
                (b' ' | b'\t' | b'\n' | b'\r' | 0x0c, _) => self.at += 1,
                // The mark that some editors begin a file with.
                (0xef, 0xbb) if self.byte(self.at + 2) == 0xbf => self.at += 3,
                // MySQL wants a blank behind; without one, what follows is read as code.
                (b'-', b'-')
                    if matches!(self.byte(self.at + 2), 0 | b' ' | b'\t' | b'\r' | b'\n') =>
                {
                    self.at = self.find_byte(self.at, b'\n').unwrap_or(self.sql.len());
                }
                (b'/', b'*') => match self.byte(self.at + 2) {
                    // MySQL and MariaDB execute `/*! .. */` and `/*M! .. */`.
                    b'!' => self.skip_version(3),
                    b'M' if self.byte(self.at + 3) == b'!' => self.skip_version(4),
                    _ => match self.comment_end() {
                        Some(end) => self.at = end,
                        None => return false,
                    },
                },
                (b'*', b'/') => self.at += 2,
                _ => return true,
            }
        }
    }

    /// The version from which on a comment is executed.
    fn skip_version(&mut self, mark: usize) {
        self.at += mark;
        while self.byte(self.at).is_ascii_digit() {
            self.at += 1;
        }
    }

    /// PostgreSQL's comments nest, those of the others do not: only one that ends in both
    /// readings at the same place is a comment.
    fn comment_end(&self) -> Option<usize> {
        let rest = &self.sql[self.at + 2..];
        let end = rest.find("*/")?;
        (!rest[..end].contains("/*")).then_some(self.at + 2 + end + 2)
    }

    fn token(&mut self, kind: Kind, end: usize) -> Token<'a> {
        let start = self.at;
        self.at = end;
        Token {
            kind,
            text: &self.sql[start..end],
            start,
            end,
        }
    }

    fn lost(&mut self) -> Token<'a> {
        self.token(Kind::Lost, self.sql.len())
    }

    /// A string or quoted identifier; the quote stands at `self.at`.
    fn quoted(&mut self, kind: Kind, escapes: bool) -> Token<'a> {
        let quote = self.byte(self.at);
        let mut at = self.at + 1;
        loop {
            let Some(end) = self.find_byte(at, quote) else {
                return self.lost();
            };
            let backslashes = self.bytes()[at..end]
                .iter()
                .rev()
                .take_while(|byte| **byte == b'\\')
                .count();
            if backslashes > 0 && quote != b'`' {
                if !escapes {
                    // An escaped quote to MySQL, the end of the string to the others.
                    return self.lost();
                }
                if backslashes % 2 == 1 {
                    at = end + 1;
                    continue;
                }
            }
            if self.byte(end + 1) == quote {
                at = end + 2;
                continue;
            }
            let mut token = self.token(kind, end + 1);
            token.text = &token.text[1..token.text.len() - 1];
            return token;
        }
    }

    /// `$tag$ .. $tag$`; `None` if it is none.
    fn dollar_quoted(&mut self) -> Option<Token<'a>> {
        let rest = &self.sql[self.at..];
        let tag_end = rest[1..].find('$')? + 2;
        let tag = &rest[..tag_end];
        let name = &tag[1..tag_end - 1];
        if name.starts_with(|c: char| c.is_ascii_digit()) || !name.bytes().all(is_word) {
            return None;
        }
        let end = rest[tag_end..].find(tag)?;
        Some(self.token(Kind::Literal, self.at + tag_end + end + tag.len()))
    }
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if !self.skip() {
            return Some(self.lost());
        }
        if self.at >= self.sql.len() {
            return None;
        }
        let byte = self.byte(self.at);
        Some(match byte {
            b'`' | b'"' => self.quoted(Kind::Quoted, false),
            b'\'' => self.quoted(Kind::Literal, false),
            b'(' => self.token(Kind::Open, self.at + 1),
            b')' => self.token(Kind::Close, self.at + 1),
            b'.' => self.token(Kind::Dot, self.at + 1),
            b',' => self.token(Kind::Comma, self.at + 1),
            b';' => self.token(Kind::Semicolon, self.at + 1),
            b'$' => match self.dollar_quoted() {
                Some(token) => token,
                None => self.token(Kind::Other, self.at + 1),
            },
            byte if is_word(byte) => {
                let mut end = self.at;
                while is_word(self.byte(end)) || (self.byte(end) == b'$' && end > self.at) {
                    end += 1;
                }
                if self.byte(end) == b'\'' && matches!(&self.sql[self.at..end], "E" | "e") {
                    self.at = end;
                    return Some(self.quoted(Kind::Literal, true));
                }
                let kind = if byte.is_ascii_digit() {
                    Kind::Literal
                } else {
                    Kind::Word
                };
                self.token(kind, end)
            }
            _ => self.token(Kind::Other, self.at + 1),
        })
    }
}
