//! Comments, and what only some databases take for one.

use super::disputes::{LexError, SpanKind};
use super::state::{Lexer, PreviousToken};

impl Lexer<'_> {
    /// Passes over a comment, if one begins with this byte, or over a byte order mark.
    /// `Some(false)`: a token begins here. `None`: the lexer has given up.
    pub(super) fn skip_comment(&mut self, byte: u8) -> Option<bool> {
        match byte {
            b'-' if self.byte(1) == Some(b'-') => self.skip_dash_comment(),
            b'#' => self.skip_hash_comment(),
            b'/' if self.byte(1) == Some(b'*') => self.skip_block_comment().map(|()| true),
            b'*' if self.is_at_end_of_executable_comment() => {
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

    /// Passes over `--` and its line, where that is a comment to all databases. To MySQL it is one
    /// only with a space behind the dashes.
    fn skip_dash_comment(&mut self) -> Option<bool> {
        let end = self.line_end()?;
        let has_space = self.byte(2).is_none_or(|byte| byte <= b' ' || byte == 0x7F);
        // No statement can begin with dashes, so at its beginning they are a comment.
        if has_space || self.is_at_beginning() {
            self.advance(self.at, end)?;
            return Some(true);
        }
        if !self.is_in_disputed_span() {
            self.open_disputed_span(SpanKind::LineComment, self.at, end);
        } else if self.disputed_span.kind != SpanKind::LineComment {
            return self.give_up(LexError::TwoReadings);
        }
        self.disputes.structure = true;
        Some(false)
    }

    /// Passes over `#` and its line at the beginning of a statement. Elsewhere `#` is a comment to
    /// MySQL, and an operator to PostgreSQL.
    fn skip_hash_comment(&mut self) -> Option<bool> {
        let end = self.line_end()?;
        if self.is_at_beginning() {
            self.at = end;
            return Some(true);
        }
        if !self.is_in_disputed_span() {
            self.open_disputed_span(SpanKind::LineComment, self.at, end);
        } else if self.disputed_span.kind == SpanKind::ExecutableComment {
            return self.give_up(LexError::TwoReadings);
        }
        self.disputes.structure = true;
        Some(false)
    }

    /// The end of this line. A carriage return without a line feed ends it for PostgreSQL only.
    fn line_end(&mut self) -> Option<usize> {
        let rest = &self.sql[self.at..];
        let line = rest.find('\n').map_or(rest, |end| &rest[..end]);
        match line.find('\r') {
            Some(at) if at + 1 < line.len() => self.give_up(LexError::TwoReadings),
            _ => Some(self.at + line.len()),
        }
    }

    /// Passes over `/* .. */`, or over the beginning of `/*! .. */`.
    fn skip_block_comment(&mut self) -> Option<()> {
        let body = self.at + 2;
        let Some(length) = self.sql[body..].find("*/") else {
            return self.give_up(LexError::Unterminated);
        };
        let close = body + length;
        // Comments nest in PostgreSQL only.
        if self.sql[body..=close].contains("/*") {
            return self.give_up(LexError::TwoReadings);
        }
        let text = &self.sql[body..close];
        let Some(code) = text.strip_prefix('!').or_else(|| text.strip_prefix("M!")) else {
            return self.advance(self.at, close + 2);
        };
        if self.is_in_disputed_span() {
            return self.give_up(LexError::TwoReadings);
        }
        // The digits are the version from which on MySQL executes the code.
        let code = code.trim_start_matches(|c: char| c.is_ascii_digit());
        self.at = close - code.len();
        self.open_disputed_span(SpanKind::ExecutableComment, self.at, close);
        self.disputes.structure = true;
        Some(())
    }

    fn is_at_end_of_executable_comment(&self) -> bool {
        self.disputed_span.kind == SpanKind::ExecutableComment && self.at == self.disputed_span.end
    }

    fn is_at_beginning(&self) -> bool {
        self.previous == PreviousToken::None && !self.is_in_disputed_span()
    }
}
