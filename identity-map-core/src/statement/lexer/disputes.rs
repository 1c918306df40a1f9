//! What SQLite, PostgreSQL and MySQL read differently in one text.

/// Why the lexer gave up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::statement) enum LexError {
    /// Databases do not agree on where the next token begins.
    TwoReadings,
    /// A quote, a bracket or a comment has no end.
    Unterminated,
}

/// A stretch of text that some databases read as code, and others do not.
pub(super) struct DisputedSpan {
    pub(super) kind: SpanKind,
    /// The first byte of what the span contains.
    pub(super) start: usize,
    /// The byte behind what the span contains.
    pub(super) end: usize,
}

impl DisputedSpan {
    /// A span that contains no byte of any text.
    pub(super) const EMPTY: Self = Self {
        kind: SpanKind::LineComment,
        start: 0,
        end: 0,
    };
}

/// What a disputed span is to the databases that do not read it as code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SpanKind {
    /// `#..` and `--x..`. To others it is an operator and what follows it.
    LineComment,
    /// `/*! .. */`. MySQL executes what such a comment contains.
    ExecutableComment,
    /// `[..]`, a quoted name. To others it is the index of an array.
    BracketedName,
}

/// Which parts of a statement some databases read differently, as far as the lexer has come.
#[derive(Clone, Copy, Default)]
pub(super) struct Disputes {
    /// Some databases skip the last token.
    pub(super) last_token: bool,
    /// Some databases skip keywords or parentheses.
    pub(super) structure: bool,
    /// Some databases see other words than the lexer does.
    pub(super) words: bool,
}
