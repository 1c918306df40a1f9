//! Where the lexer stands in a text, and what it has come across there: [`Lexer`].

use super::disputes::{DisputedSpan, Disputes, LexError, SpanKind};
use super::token::{Token, TokenKind};

/// Reads a text, one statement after the other.
pub(in crate::statement) struct Lexer<'a> {
    pub(super) sql: &'a str,
    /// The byte that is read next.
    pub(super) at: usize,
    pub(super) bounds: StatementBounds,
    pub(super) previous: PreviousToken,
    /// The latest span that databases dispute; it may be over.
    pub(super) disputed_span: DisputedSpan,
    pub(super) disputes: Disputes,
    /// The statement names `set_config`, be it in a string that it may execute.
    pub(super) names_set_config: bool,
    pub(super) error: Option<LexError>,
    /// The calls of unknown functions, if somebody wants to know them.
    unknown_calls: Option<Vec<Call<'a>>>,
}

/// The name of a function that is called.
#[derive(Debug, Clone, Copy)]
pub(in crate::statement) struct Call<'a> {
    pub(in crate::statement) schema: Option<&'a str>,
    pub(in crate::statement) name: &'a str,
}

/// Which part of the text is the statement.
pub(super) struct StatementBounds {
    start: usize,
    /// The end of the text, until the end of the statement has been found.
    pub(super) end: usize,
    pub(super) is_over: bool,
    /// A semicolon has been made a part of the statement.
    has_semicolon: bool,
}

/// What stands before the next token, as far as it changes how that one is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PreviousToken {
    /// Nothing: the next token begins a statement.
    None,
    Dot,
    Other,
}

impl<'a> Lexer<'a> {
    pub(in crate::statement) fn new(sql: &'a str) -> Self {
        Self {
            sql,
            at: 0,
            bounds: StatementBounds::starting_at(0, sql),
            previous: PreviousToken::None,
            disputed_span: DisputedSpan::EMPTY,
            disputes: Disputes::default(),
            names_set_config: false,
            error: None,
            unknown_calls: None,
        }
    }

    /// Makes it collect the calls of unknown functions, which then are not taken for writes.
    pub(in crate::statement) fn collecting_calls(mut self) -> Self {
        self.unknown_calls = Some(Vec::new());
        self
    }

    /// Notes the call of an unknown function; `false` if nobody collects them.
    pub(in crate::statement) fn collect_call(&mut self, call: Call<'a>) -> bool {
        self.unknown_calls
            .as_mut()
            .map(|calls| calls.push(call))
            .is_some()
    }

    /// The calls that were collected.
    pub(in crate::statement) fn into_calls(self) -> Vec<Call<'a>> {
        self.unknown_calls.unwrap_or_default()
    }

    /// Goes on with the next statement; `false` at the end of the text.
    pub(in crate::statement) fn begin_statement(&mut self) -> bool {
        self.bounds = StatementBounds::starting_at(self.at, self.sql);
        self.previous = PreviousToken::None;
        self.disputed_span.end = 0;
        self.disputes = Disputes::default();
        self.names_set_config = false;
        self.error.is_none() && self.at < self.sql.len()
    }

    /// Makes what follows the semicolon a part of this statement; `false` if nothing follows.
    pub(in crate::statement) fn continue_past_semicolon(&mut self) -> bool {
        if !self.bounds.is_over || self.error.is_some() || self.at == self.sql.len() {
            return false;
        }
        self.bounds.is_over = false;
        self.bounds.has_semicolon = true;
        self.bounds.end = self.sql.len();
        self.previous = PreviousToken::None;
        self.disputed_span.end = 0;
        true
    }

    /// The text of the statement, once it is over.
    pub(in crate::statement) fn statement_text(&self) -> &'a str {
        &self.sql[self.bounds.start..self.bounds.end]
    }

    /// Whether the statement goes on behind a semicolon, and so may be several.
    pub(in crate::statement) fn has_semicolon(&self) -> bool {
        self.bounds.has_semicolon
    }

    /// Whether some databases skip the last token.
    pub(in crate::statement) fn last_token_is_disputed(&self) -> bool {
        self.disputes.last_token
    }

    /// Whether some databases skip keywords or parentheses of the statement, so that what belongs
    /// together is not known.
    pub(in crate::statement) fn structure_is_disputed(&self) -> bool {
        self.disputes.structure
    }

    /// Whether some databases see other words in the statement, so that it should not be judged by
    /// its words.
    pub(in crate::statement) fn words_are_disputed(&self) -> bool {
        self.disputes.words
    }

    /// Whether the statement names `set_config`, be it in a string that it may execute.
    pub(in crate::statement) fn names_set_config(&self) -> bool {
        self.names_set_config
    }

    /// Why the lexer gave up, if it did.
    pub(in crate::statement) fn error(&self) -> Option<LexError> {
        self.error
    }

    /// The text that has not been read, from where the lexer gave up.
    pub(in crate::statement) fn unread_text(&self) -> &'a str {
        &self.sql[self.at..]
    }

    #[cold]
    pub(super) fn give_up<T>(&mut self, error: LexError) -> Option<T> {
        self.error = Some(error);
        self.bounds.is_over = true;
        None
    }

    /// The byte so far ahead of the one that is read next.
    pub(super) fn byte(&self, ahead: usize) -> Option<u8> {
        self.sql.as_bytes().get(self.at + ahead).copied()
    }

    /// Takes one byte as a token.
    pub(super) fn sign(&mut self, kind: TokenKind) -> Token<'a> {
        self.at += 1;
        Token { kind, text: "" }
    }

    /// Goes on at `end`, where a token or comment ends that began at `start`; it must not reach
    /// beyond the end of a disputed span.
    pub(super) fn advance(&mut self, start: usize, end: usize) -> Option<()> {
        if start < self.disputed_span.end && end > self.disputed_span.end {
            self.at = start;
            return self.give_up(LexError::TwoReadings);
        }
        self.at = end;
        Some(())
    }

    pub(super) fn is_in_disputed_span(&self) -> bool {
        self.at < self.disputed_span.end
    }

    pub(super) fn open_disputed_span(&mut self, kind: SpanKind, start: usize, end: usize) {
        self.disputed_span = DisputedSpan { kind, start, end };
    }
}

impl StatementBounds {
    fn starting_at(start: usize, sql: &str) -> Self {
        Self {
            start,
            end: sql.len(),
            is_over: false,
            has_semicolon: false,
        }
    }
}
