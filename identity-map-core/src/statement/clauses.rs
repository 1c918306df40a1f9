//! Queries, and the statements that change rows: what their clauses contain.
//!
//! A call of an unknown function may be one of a stored function that writes. In a condition or
//! an ordering nobody has one; there it is taken to be pure.

use super::keyword::Keyword;
use super::lexer::{Lexer, Token, TokenKind};
use super::{Meaning, functions, routine};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Query,
    With,
    Declare,
    Explain,
    Copy,
    Load,
    Insert,
    Write,
    Truncate,
}

pub(super) fn judge(kind: Kind, first: Token<'_>, depth: u32, lexer: &mut Lexer<'_>) -> Meaning {
    let mut clauses = Clauses::new(kind, first, depth);
    while let Some(token) = lexer.token() {
        clauses.take(token, lexer);
    }
    if kind == Kind::Explain {
        if lexer.trouble().is_some() {
            return Meaning::OtherRows;
        }
        // Perhaps of a trigger, which has semicolons.
        if clauses.has(Found::CREATE) {
            return routine::not_understood(lexer);
        }
    }
    clauses.meaning(lexer.doubts())
}

/// What has been found, as bits.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Found(u16);

impl Found {
    /// A second statement that changes rows, or the first one in a `WITH`.
    const WRITE: Self = Self(1);
    /// The rows of an `INSERT` may be there already.
    const UPSERT: Self = Self(1 << 1);
    const UNKNOWN_CALL: Self = Self(1 << 2);
    /// `SELECT .. INTO`.
    const INTO: Self = Self(1 << 3);
    /// A table named by a string, as SQLite allows.
    const NAMED_BY_STRING: Self = Self(1 << 4);
    const USER_VARIABLE: Self = Self(1 << 5);
    /// A variable of the session's is set.
    const ASSIGNMENT: Self = Self(1 << 6);
    const ANALYZE: Self = Self(1 << 7);
    const EXECUTE: Self = Self(1 << 8);
    const CREATE: Self = Self(1 << 9);
    const CASCADE: Self = Self(1 << 10);
    /// An expression may follow a parenthesis, as in `DISTINCT ON (..) x`.
    const OPEN_LIST: Self = Self(1 << 11);
    const COPY_FROM: Self = Self(1 << 12);
    const COPY_TO: Self = Self(1 << 13);
    const PROGRAM: Self = Self(1 << 14);
    const UNBALANCED: Self = Self(1 << 15);
}

/// The table of an `INSERT`, behind whose name its columns stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    No,
    Expected,
    Named,
}

/// Of what stands in parentheses, each bit of a set is for one depth.
struct Clauses<'a> {
    kind: Kind,
    outermost: u32,
    depth: u32,
    /// In a condition or an ordering.
    pure: u64,
    /// In the `ON` of a join, which a comma ends.
    joining: u64,
    /// Among the names of a `WITH`, behind which columns may stand.
    naming: u64,
    /// The query or the change itself has begun.
    begun: bool,
    /// `INSERT` or `REPLACE`, unless it turns out to be a function.
    perhaps_write: bool,
    target: Target,
    found: Found,
    /// The last three tokens, the last one first.
    last: Token<'a>,
    second: Token<'a>,
    third: Token<'a>,
    last_is_skippable: bool,
}

impl<'a> Clauses<'a> {
    fn new(kind: Kind, first: Token<'a>, depth: u32) -> Self {
        // `EXPLAIN (..)` and `KILL (..)` are no calls.
        let last = if first.is(Keyword::Other) {
            Token::NOTHING
        } else {
            first
        };
        let bit = 1u64.checked_shl(depth).unwrap_or(0);
        Self {
            kind,
            outermost: depth,
            depth,
            // Options in parentheses call nothing.
            pure: if matches!(kind, Kind::Load | Kind::Copy) {
                bit
            } else {
                0
            },
            joining: 0,
            naming: if kind == Kind::With { bit } else { 0 },
            begun: !matches!(kind, Kind::Explain | Kind::Declare),
            perhaps_write: false,
            target: if kind == Kind::Copy {
                Target::Expected
            } else {
                Target::No
            },
            found: Found(0),
            last,
            second: Token::NOTHING,
            third: Token::NOTHING,
            last_is_skippable: false,
        }
    }

    fn take(&mut self, token: Token<'a>, lexer: &Lexer<'_>) {
        if self.perhaps_write {
            self.perhaps_write = false;
            if token.kind != TokenKind::Open || lexer.doubts() {
                self.find(Found::WRITE);
            }
        }
        match token.kind {
            TokenKind::Word(Keyword::Other)
                if self.kind == Kind::Copy && token.is_word("PROGRAM") =>
            {
                self.find(Found::PROGRAM);
            }
            TokenKind::Word(Keyword::Other) => {}
            TokenKind::Word(keyword) => self.keyword(keyword, lexer.doubts()),
            TokenKind::Text => self.string(),
            TokenKind::Open => self.open(lexer),
            TokenKind::Close => self.close(),
            TokenKind::Comma if self.joining & self.bit() != 0 => self.calls_count(),
            TokenKind::At => {
                self.find(Found::USER_VARIABLE);
                if self.last.is(Keyword::Into) {
                    self.find(Found::ASSIGNMENT);
                }
            }
            TokenKind::Equals
                if self.last.kind == TokenKind::Colon && self.has(Found::USER_VARIABLE) =>
            {
                self.find(Found::ASSIGNMENT);
            }
            _ => {}
        }
        if self.target != Target::No {
            self.follow_target(token);
        }
        self.third = self.second;
        self.second = self.last;
        self.last = token;
        self.last_is_skippable = lexer.is_skippable();
    }

    fn find(&mut self, found: Found) {
        self.found.0 |= found.0;
    }

    fn has(&self, found: Found) -> bool {
        self.found.0 & found.0 != 0
    }

    /// The bit of this depth; none if it is too deep for that.
    fn bit(&self) -> u64 {
        1u64.checked_shl(self.depth).unwrap_or(0)
    }

    fn calls_count(&mut self) {
        // Clauses of `COPY` itself call nothing.
        if self.kind != Kind::Copy || self.depth != self.outermost {
            self.pure &= !self.bit();
            self.joining &= !self.bit();
        }
    }

    fn calls_are_pure(&mut self) {
        // Behind `AS` any word is a name.
        if !self.last.is(Keyword::As) {
            self.pure |= self.bit();
            self.joining &= !self.bit();
        }
    }

    fn begin(&mut self) {
        self.begun = true;
        self.naming &= !self.bit();
        self.calls_count();
    }

    fn keyword(&mut self, keyword: Keyword, doubts: bool) {
        match keyword {
            // `LOAD DATA .. INTO TABLE`.
            Keyword::Table if self.last.is(Keyword::Into) => {}
            Keyword::Select | Keyword::Values | Keyword::Table => self.begin(),
            Keyword::Insert | Keyword::Replace => {
                self.begin();
                self.perhaps_write = true;
            }
            Keyword::Update => {
                let locks = self.last.is(Keyword::For)
                    || self.last.is(Keyword::Key) && self.second.is(Keyword::No);
                if !locks || doubts {
                    self.find(Found::WRITE);
                }
                self.begin();
            }
            Keyword::Delete | Keyword::Merge => {
                self.find(Found::WRITE);
                self.begin();
            }
            Keyword::From | Keyword::To => {
                self.copy_direction(keyword);
                // `IS DISTINCT FROM` is a comparison.
                if !self.last.is(Keyword::Distinct) {
                    self.calls_count();
                }
            }
            Keyword::Into => self.into(doubts),
            Keyword::Join
            | Keyword::Set
            | Keyword::Using
            | Keyword::Limit
            | Keyword::Offset
            | Keyword::Union
            | Keyword::Except
            | Keyword::Intersect
            | Keyword::Lateral
            | Keyword::Returning
            | Keyword::Do => self.calls_count(),
            Keyword::With => self.with(),
            Keyword::Where | Keyword::Having => self.calls_are_pure(),
            Keyword::By if self.last.is(Keyword::Order) || self.last.is(Keyword::Group) => {
                self.calls_are_pure();
            }
            Keyword::On => {
                if self.last.is(Keyword::Distinct) {
                    self.find(Found::OPEN_LIST);
                } else {
                    self.calls_are_pure();
                    self.joining |= self.bit();
                }
            }
            Keyword::Conflict | Keyword::Duplicate => self.find(Found::UPSERT),
            Keyword::Or if self.last.is(Keyword::Insert) => self.find(Found::UPSERT),
            Keyword::Analyze | Keyword::Analyse => self.find(Found::ANALYZE),
            Keyword::Execute => self.find(Found::EXECUTE),
            Keyword::Create | Keyword::Refresh => self.find(Found::CREATE),
            Keyword::Cascade => self.find(Found::CASCADE),
            _ => {}
        }
    }

    fn copy_direction(&mut self, keyword: Keyword) {
        if self.depth == self.outermost && !self.has(Found::COPY_FROM) && !self.has(Found::COPY_TO)
        {
            self.find(if keyword == Keyword::From {
                Found::COPY_FROM
            } else {
                Found::COPY_TO
            });
        }
    }

    fn into(&mut self, doubts: bool) {
        let adds = self.last.is(Keyword::Insert)
            || self.last.is(Keyword::Merge)
            || self.last.is(Keyword::Replace);
        if !adds || doubts {
            self.find(Found::INTO);
        }
        self.target = Target::Expected;
        if self.kind != Kind::Load {
            self.calls_count();
        }
    }

    fn with(&mut self) {
        if self.last.is(Keyword::Returning) {
            self.find(Found::OPEN_LIST);
        } else if self.last.kind == TokenKind::Open || !self.begun {
            self.naming |= self.bit();
        }
    }

    fn string(&mut self) {
        let names = match self.last.kind {
            TokenKind::Dot
            | TokenKind::Word(
                Keyword::Update | Keyword::Into | Keyword::Join | Keyword::Table | Keyword::Replace,
            ) => true,
            TokenKind::Word(Keyword::From) => !self.second.is(Keyword::Distinct),
            // `UPDATE OR FAIL 'posts'`.
            TokenKind::Word(_) => self.second.is(Keyword::Or),
            _ => false,
        };
        if names {
            self.find(Found::NAMED_BY_STRING);
        }
    }

    fn open(&mut self, lexer: &Lexer<'_>) {
        if self.is_unknown_call(lexer) {
            self.find(Found::UNKNOWN_CALL);
        }
        let pure = self.pure & self.bit() != 0;
        self.depth += 1;
        let bit = self.bit();
        self.joining &= !bit;
        self.naming &= !bit;
        self.pure &= !bit;
        if pure {
            self.pure |= bit;
        }
    }

    fn close(&mut self) {
        match self.depth.checked_sub(1) {
            Some(depth) => self.depth = depth,
            None => self.find(Found::UNBALANCED),
        }
    }

    fn follow_target(&mut self, token: Token<'_>) {
        self.target = match (self.target, token.kind) {
            (Target::Expected, TokenKind::Word(Keyword::Into | Keyword::Table))
            | (Target::Named, TokenKind::Dot | TokenKind::Word(Keyword::As)) => Target::Expected,
            (Target::Expected, _) if token.name().is_some() => Target::Named,
            _ => Target::No,
        };
    }

    /// Whether the parenthesis here is one of a call, and of what.
    fn is_unknown_call(&self, lexer: &Lexer<'_>) -> bool {
        if self.last_is_skippable && !lexer.is_skippable() {
            return true;
        }
        let calls = match self.last.kind {
            TokenKind::Word(keyword) => !self.is_syntax(keyword),
            TokenKind::Name | TokenKind::Text => true,
            _ => false,
        };
        if !calls {
            return false;
        }
        if !lexer.doubts() && (self.pure & self.bit() != 0 || self.names_columns()) {
            return false;
        }
        let may_be_builtin = if self.second.kind == TokenKind::Dot {
            let schema = self.third.identifier();
            schema.is_some_and(|name| name.eq_ignore_ascii_case("pg_catalog"))
        } else {
            self.last.is_any_word()
        };
        !(may_be_builtin && functions::is_known(self.last.text))
    }

    /// Whether the word before the parenthesis is one of the syntax's.
    fn is_syntax(&self, keyword: Keyword) -> bool {
        match keyword {
            Keyword::Set => {
                matches!(self.kind, Kind::Insert | Kind::Write) || self.has(Found::WRITE)
            }
            Keyword::By => self.second.is_one_of(&["PARTITION", "ORDER", "GROUP"]),
            Keyword::Join => matches!(
                self.second.kind,
                TokenKind::Word(Keyword::Other) | TokenKind::Name | TokenKind::Close
            ),
            Keyword::Insert => self.second.is(Keyword::Then),
            keyword => keyword.is_reserved(),
        }
    }

    /// Whether the parenthesis contains columns of what was named before it.
    fn names_columns(&self) -> bool {
        self.target == Target::Named
            || self.naming & self.bit() != 0
            || self.second.is(Keyword::As)
            || self.second.kind == TokenKind::Close && !self.has(Found::OPEN_LIST)
            // `USE INDEX (a)`.
            || self.last.is_one_of(&["INDEX", "KEY"])
                && self.second.is_one_of(&["USE", "FORCE", "IGNORE"])
    }

    fn meaning(mut self, doubts: bool) -> Meaning {
        if self.perhaps_write {
            self.find(Found::WRITE);
        }
        // Where words may be skipped, what follows what is not known.
        let assigns = self.has(Found::ASSIGNMENT)
            || self.has(Found::USER_VARIABLE)
                && (self.kind == Kind::Load || doubts && self.has(Found::INTO));
        if assigns {
            return Meaning::OtherRows;
        }
        let explained = self.kind == Kind::Explain;
        let runs = !explained || self.has(Found::ANALYZE);
        if explained && runs && self.has(Found::EXECUTE) {
            return Meaning::OtherRows;
        }
        let plain = match self.kind {
            Kind::Query | Kind::With | Kind::Declare | Kind::Explain => Meaning::Read,
            Kind::Copy if self.has(Found::COPY_TO) && !doubts => Meaning::Read,
            Kind::Copy if self.has(Found::COPY_FROM) && !doubts => Meaning::Insert,
            Kind::Copy => Meaning::Everything,
            Kind::Load | Kind::Insert => Meaning::Insert,
            Kind::Write | Kind::Truncate => Meaning::Write,
        };
        let queries = matches!(
            self.kind,
            Kind::Query | Kind::With | Kind::Declare | Kind::Explain | Kind::Copy
        );
        let writes = self.has(Found::WRITE) && runs;
        // What `COPY` names so is a file.
        let named_by_string = self.has(Found::NAMED_BY_STRING) && self.kind != Kind::Copy;
        if self.has(Found::UNKNOWN_CALL)
            || self.has(Found::UNBALANCED)
            || queries && self.has(Found::INTO)
            || self.kind == Kind::Truncate && self.has(Found::CASCADE)
            || self.kind == Kind::Copy && self.has(Found::PROGRAM)
            || (writes || plain != Meaning::Read) && (doubts || named_by_string)
        {
            return Meaning::Everything;
        }
        if plain == Meaning::Everything {
            return plain;
        }
        if writes || plain == Meaning::Insert && self.has(Found::UPSERT) {
            return Meaning::Write;
        }
        plain
    }
}
