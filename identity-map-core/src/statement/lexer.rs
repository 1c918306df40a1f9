//! A text as tokens, where SQLite, PostgreSQL and MySQL agree on them.
//!
//! They do not agree on backslashes, brackets, `#`, `--x` and `/*! .. */`. A stretch that some
//! of them skip is a [`Zone`]: its tokens are read, and none may reach out of it, so that
//! whoever skips it goes on with the same token. Where even that fails, the lexer gives up.

use super::keyword::{self, Keyword};

/// One byte, so that tokens are cheap to pass on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    Word(Keyword),
    /// A quoted identifier, or a word that can be no keyword.
    Name,
    /// A string.
    Text,
    /// A number or a numbered parameter.
    Number,
    Open,
    Close,
    Comma,
    Dot,
    At,
    Colon,
    Equals,
    /// Any other sign.
    Sign,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind,
    /// What a word, a name or a string says, without quotes.
    pub(super) text: &'a str,
}

impl<'a> Token<'a> {
    pub(super) const NOTHING: Self = Self {
        kind: TokenKind::Sign,
        text: "",
    };

    pub(super) fn is(self, keyword: Keyword) -> bool {
        self.kind == TokenKind::Word(keyword)
    }

    pub(super) fn is_any_word(self) -> bool {
        matches!(self.kind, TokenKind::Word(_))
    }

    pub(super) fn is_word(self, word: &str) -> bool {
        self.is_any_word() && self.text.eq_ignore_ascii_case(word)
    }

    pub(super) fn is_one_of(self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is_word(word))
    }

    pub(super) fn identifier(self) -> Option<&'a str> {
        matches!(self.kind, TokenKind::Word(_) | TokenKind::Name).then_some(self.text)
    }

    /// What it names, if it can name something. SQLite takes strings for names, too.
    pub(super) fn name(self) -> Option<&'a str> {
        matches!(
            self.kind,
            TokenKind::Word(_) | TokenKind::Name | TokenKind::Text
        )
        .then_some(self.text)
    }
}

/// Why the lexer gave up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    TwoReadings,
    Unterminated,
}

/// A stretch of text that is code to some databases, and to others is not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Zone {
    /// `#..` and `--x..`: a comment, or an operator and what follows.
    Line,
    /// `/*! .. */`: a comment, or code.
    Executed,
    /// `[..]`: a quoted name, or the index of an array.
    Brackets { start: usize },
}

// Each is a fact of its own about the place in the text.
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Lexer<'a> {
    sql: &'a str,
    at: usize,
    /// Where the statement begins and, once it is over, ends.
    start: usize,
    end: usize,
    over: bool,
    /// A semicolon has been made a part of the statement.
    passed: bool,
    /// No token of the statement has been read yet.
    fresh: bool,
    after_dot: bool,
    zone: Zone,
    zone_end: usize,
    /// The last token was in a zone.
    skippable: bool,
    doubt: bool,
    odd: bool,
    configures: bool,
    trouble: Option<Trouble>,
}

impl<'a> Lexer<'a> {
    pub(super) fn of(sql: &'a str) -> Self {
        Self {
            sql,
            at: 0,
            start: 0,
            end: sql.len(),
            over: false,
            passed: false,
            fresh: true,
            after_dot: false,
            zone: Zone::Line,
            zone_end: 0,
            skippable: false,
            doubt: false,
            odd: false,
            configures: false,
            trouble: None,
        }
    }

    /// Goes on with the next statement; `false` at the end of the text.
    pub(super) fn begin(&mut self) -> bool {
        self.start = self.at;
        self.end = self.sql.len();
        self.over = false;
        self.passed = false;
        self.fresh = true;
        self.after_dot = false;
        self.zone_end = 0;
        self.doubt = false;
        self.odd = false;
        self.configures = false;
        self.trouble.is_none() && self.at < self.sql.len()
    }

    /// Makes what follows the semicolon a part of this statement; `false` if there is none.
    pub(super) fn pass_semicolon(&mut self) -> bool {
        if !self.over || self.trouble.is_some() || self.at == self.sql.len() {
            return false;
        }
        self.over = false;
        self.passed = true;
        self.end = self.sql.len();
        self.fresh = true;
        self.after_dot = false;
        self.zone_end = 0;
        true
    }

    /// The text of the statement that is over.
    pub(super) fn statement(&self) -> &'a str {
        &self.sql[self.start..self.end]
    }

    /// Whether the last token was in a stretch that some databases skip.
    pub(super) fn is_skippable(&self) -> bool {
        self.skippable
    }

    /// Whether databases have come to read the statement differently.
    pub(super) fn doubts(&self) -> bool {
        self.doubt
    }

    /// Whether the statement contains what should not be judged by its words.
    pub(super) fn is_odd(&self) -> bool {
        self.odd
    }

    /// Whether the statement names `set_config`, be it in a string that it may execute.
    pub(super) fn configures(&self) -> bool {
        self.configures
    }

    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.trouble
    }

    /// Whether the statement may be several, as far as it was understood.
    pub(super) fn passed_semicolon(&self) -> bool {
        self.passed
    }

    /// What follows the place where the lexer gave up.
    pub(super) fn not_understood(&self) -> &'a str {
        &self.sql[self.at..]
    }

    /// The next token of the statement; `None` at its end, and where the lexer gives up.
    pub(super) fn token(&mut self) -> Option<Token<'a>> {
        if self.over {
            return None;
        }
        let byte = self.next_byte()?;
        self.skippable = self.in_zone();
        let token = match byte {
            b'"' | b'`' => self.name(byte)?,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word(),
            b'.' => self.sign(TokenKind::Dot),
            b',' => self.sign(TokenKind::Comma),
            b'=' => self.sign(TokenKind::Equals),
            b'(' => self.parenthesis(TokenKind::Open),
            b')' => self.parenthesis(TokenKind::Close),
            b'0'..=b'9' => self.number(),
            b'$' => self.dollar()?,
            b'\'' => {
                let text = self.quoted(byte)?;
                self.configures |= names_set_config(text);
                Token {
                    kind: TokenKind::Text,
                    text,
                }
            }
            b';' => return self.semicolon(),
            b'@' => self.sign(TokenKind::At),
            b':' => self.sign(TokenKind::Colon),
            b'[' => self.bracket()?,
            b']' => self.closing_bracket(),
            0 => return self.give_up(Trouble::TwoReadings),
            _ => self.sign(TokenKind::Sign),
        };
        self.fresh = false;
        self.after_dot = token.kind == TokenKind::Dot;
        Some(token)
    }

    /// The byte that the next token begins with.
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
                        self.over = true;
                        return None;
                    }
                }
            };
            self.at = at;
            let may_be_comment = matches!(byte, b'-' | b'#' | b'/' | b'*' | 0xEF);
            if !may_be_comment || !self.skips(byte)? {
                return Some(byte);
            }
        }
    }

    #[cold]
    fn give_up<T>(&mut self, trouble: Trouble) -> Option<T> {
        self.trouble = Some(trouble);
        self.over = true;
        None
    }

    /// Passes over a comment that may begin here; whether there is one.
    fn skips(&mut self, byte: u8) -> Option<bool> {
        match byte {
            b'-' if self.byte(1) == Some(b'-') => self.dashes(),
            b'#' => self.hash(),
            b'/' if self.byte(1) == Some(b'*') => self.block_comment().map(|()| true),
            b'*' if self.zone == Zone::Executed && self.at == self.zone_end => {
                self.at += 2;
                Some(true)
            }
            0xEF if self.at == 0 && self.sql.starts_with('\u{FEFF}') => {
                self.at += 3;
                Some(true)
            }
            _ => Some(false),
        }
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.sql.as_bytes().get(self.at + ahead).copied()
    }

    fn sign(&mut self, kind: TokenKind) -> Token<'a> {
        self.at += 1;
        Token { kind, text: "" }
    }

    fn parenthesis(&mut self, kind: TokenKind) -> Token<'a> {
        self.doubt |= self.skippable;
        self.sign(kind)
    }

    fn word(&mut self) -> Token<'a> {
        let rest = &self.sql.as_bytes()[self.at..];
        let mut packed = 0;
        let mut length = 0;
        while let Some(&byte) = rest.get(length)
            && IS_WORD_BYTE[usize::from(byte)]
        {
            packed = keyword::push(packed, byte);
            length += 1;
        }
        let text = &self.sql[self.at..self.at + length];
        self.at += length;
        // SQLite skips a byte order mark wherever it begins a word.
        self.odd |= rest[0] == 0xEF && text.starts_with('\u{FEFF}');
        self.configures |= is_set_config(text);
        // MySQL takes any word behind a dot for a name.
        if self.after_dot {
            return Token {
                kind: TokenKind::Name,
                text,
            };
        }
        let keyword = Keyword::of(packed, text);
        self.doubt |= self.skippable && keyword != Keyword::Other;
        Token {
            kind: TokenKind::Word(keyword),
            text,
        }
    }

    fn name(&mut self, quote: u8) -> Option<Token<'a>> {
        // `U&"..."` names something else than it shows.
        self.configures |= quote == b'"' && self.follows_u_and();
        let text = self.quoted(quote)?;
        self.configures |= is_set_config(text);
        Some(Token {
            kind: TokenKind::Name,
            text,
        })
    }

    /// Letters behind digits are MySQL's name, old PostgreSQL's next word, SQLite's mistake.
    fn number(&mut self) -> Token<'a> {
        let start = self.at;
        self.skip_digits();
        if self.byte(0) == Some(b'.') {
            self.at += 1;
            self.skip_digits();
        }
        let tail = self.at;
        while self
            .byte(0)
            .is_some_and(|byte| IS_WORD_BYTE[usize::from(byte)])
        {
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
                text: "",
            };
        }
        self.odd = true;
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

    /// `$1`, `$name`, and PostgreSQL's `$tag$ .. $tag$`.
    fn dollar(&mut self) -> Option<Token<'a>> {
        let start = self.at;
        self.at += 1;
        if self.byte(0).is_some_and(|byte| byte.is_ascii_digit()) {
            return Some(self.number());
        }
        while self
            .byte(0)
            .is_some_and(|byte| IS_WORD_BYTE[usize::from(byte)] && byte != b'$')
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
            return self.give_up(Trouble::Unterminated);
        };
        let text = &self.sql[self.at..self.at + length];
        self.reach(start, self.at + length + tag.len())?;
        // MySQL would read names here.
        self.odd = true;
        self.configures |= names_set_config(text);
        Some(Token {
            kind: TokenKind::Text,
            text,
        })
    }

    /// What is between quotes. A doubled quote is a part of it; whether one behind a backslash
    /// is, depends on the database.
    fn quoted(&mut self, quote: u8) -> Option<&'a str> {
        let bytes = self.sql.as_bytes();
        let start = self.at + 1;
        let mut end = start;
        loop {
            match bytes.get(end) {
                None => return self.give_up(Trouble::Unterminated),
                Some(&byte) if byte != quote => {
                    end += 1;
                    // It takes the next byte along, if that is not where readings part.
                    if byte == b'\\' && quote != b'`' {
                        match bytes.get(end) {
                            Some(&next) if next == quote => {
                                return self.give_up(Trouble::TwoReadings);
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
        self.reach(self.at, end + 1)?;
        Some(&self.sql[start..end])
    }

    fn follows_u_and(&self) -> bool {
        matches!(self.sql.as_bytes()[..self.at], [.., b'U' | b'u', b'&'])
    }

    /// Ends a token that began at `start`.
    fn reach(&mut self, start: usize, end: usize) -> Option<()> {
        if start < self.zone_end && end > self.zone_end {
            self.at = start;
            return self.give_up(Trouble::TwoReadings);
        }
        self.at = end;
        Some(())
    }

    fn semicolon<T>(&mut self) -> Option<T> {
        let last = || {
            self.sql[self.at..]
                .bytes()
                .all(|byte| byte == b';' || byte.is_ascii_whitespace())
        };
        if self.in_zone() && !(self.zone == Zone::Line && last()) {
            return self.give_up(Trouble::TwoReadings);
        }
        self.over = true;
        self.end = self.at;
        self.at += 1;
        None
    }

    fn in_zone(&self) -> bool {
        self.at < self.zone_end
    }

    fn open(&mut self, zone: Zone, end: usize) {
        self.zone = zone;
        self.zone_end = end;
    }

    /// `--`; whether it was a comment to everybody. To MySQL it is only with a space behind.
    fn dashes(&mut self) -> Option<bool> {
        let end = self.line_end()?;
        let spaced = self.byte(2).is_none_or(|byte| byte <= b' ' || byte == 0x7F);
        // Nothing else can begin with dashes.
        if spaced || self.fresh && !self.in_zone() {
            self.reach(self.at, end)?;
            return Some(true);
        }
        if !self.in_zone() {
            self.open(Zone::Line, end);
        } else if self.zone != Zone::Line {
            return self.give_up(Trouble::TwoReadings);
        }
        self.doubt = true;
        Some(false)
    }

    /// `#`: a comment to MySQL, and an operator to PostgreSQL.
    fn hash(&mut self) -> Option<bool> {
        let end = self.line_end()?;
        if self.fresh && !self.in_zone() {
            self.at = end;
            return Some(true);
        }
        if !self.in_zone() {
            self.open(Zone::Line, end);
        } else if self.zone == Zone::Executed {
            return self.give_up(Trouble::TwoReadings);
        }
        self.doubt = true;
        Some(false)
    }

    /// A carriage return alone ends a line for PostgreSQL only.
    fn line_end(&mut self) -> Option<usize> {
        let rest = &self.sql[self.at..];
        let line = rest.find('\n').map_or(rest, |end| &rest[..end]);
        match line.find('\r') {
            Some(at) if at + 1 < line.len() => self.give_up(Trouble::TwoReadings),
            _ => Some(self.at + line.len()),
        }
    }

    fn block_comment(&mut self) -> Option<()> {
        let body = self.at + 2;
        let Some(length) = self.sql[body..].find("*/") else {
            return self.give_up(Trouble::Unterminated);
        };
        let close = body + length;
        // Comments nest in PostgreSQL only.
        if self.sql[body..=close].contains("/*") {
            return self.give_up(Trouble::TwoReadings);
        }
        let text = &self.sql[body..close];
        let Some(code) = text.strip_prefix('!').or_else(|| text.strip_prefix("M!")) else {
            return self.reach(self.at, close + 2);
        };
        if self.in_zone() {
            return self.give_up(Trouble::TwoReadings);
        }
        let code = code.trim_start_matches(|c: char| c.is_ascii_digit());
        self.at = close - code.len();
        self.open(Zone::Executed, close);
        self.doubt = true;
        Some(())
    }

    fn bracket(&mut self) -> Option<Token<'a>> {
        if !self.in_zone() {
            let Some(length) = self.sql[self.at..].find(']') else {
                return self.give_up(Trouble::Unterminated);
            };
            let start = self.at + 1;
            self.open(Zone::Brackets { start }, self.at + length);
        }
        Some(self.sign(TokenKind::Sign))
    }

    /// Behind the words in brackets comes the name that they are to SQLite.
    fn closing_bracket(&mut self) -> Token<'a> {
        match self.zone {
            Zone::Brackets { start } if self.at == self.zone_end => {
                let text = &self.sql[start..self.at];
                self.skippable = true;
                self.configures |= is_set_config(text);
                self.at += 1;
                Token {
                    kind: TokenKind::Name,
                    text,
                }
            }
            _ => self.sign(TokenKind::Sign),
        }
    }
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

const SET_CONFIG: &str = "set_config";

fn is_set_config(name: &str) -> bool {
    name.len() == SET_CONFIG.len() && name.eq_ignore_ascii_case(SET_CONFIG)
}

pub(super) fn names_set_config(text: &str) -> bool {
    text.as_bytes()
        .windows(SET_CONFIG.len())
        .any(|window| window.eq_ignore_ascii_case(SET_CONFIG.as_bytes()))
}
