//! The first word decides what kind of statement it is.

use super::clauses::{self, Kind};
use super::keyword::Keyword;
use super::lexer::{self, Lexer, Token};
use super::{Meaning, boundary, routine, settings};

const READS: &[&str] = &[
    "SHOW",
    "LISTEN",
    "NOTIFY",
    "UNLISTEN",
    "CLOSE",
    "DEALLOCATE",
    "CHECKPOINT",
];

/// `FETCH` and `MOVE` run the functions of a cursor whose text is not here, MariaDB's `ANALYZE`
/// runs a statement, and SQLite's `VACUUM` may number rows anew.
const EVERYTHING: &[&str] = &[
    "DROP",
    "RENAME",
    "GRANT",
    "REVOKE",
    "REFRESH",
    "IMPORT",
    "FLUSH",
    "ANALYZE",
    "ANALYSE",
    "OPTIMIZE",
    "HANDLER",
    "FETCH",
    "MOVE",
    "VACUUM",
    "REINDEX",
    "COMMENT",
    "SECURITY",
    "CLUSTER",
    "CHECK",
    "CHECKSUM",
    "REPAIR",
    "CACHE",
    "INSTALL",
    "UNINSTALL",
    "PURGE",
    "REASSIGN",
];

const OTHER_ROWS: &[&str] = &[
    "RESET", "DISCARD", "USE", "ATTACH", "DETACH", "DO", "CALL", "EXECUTE", "XA",
];

pub(super) fn judge(first: Token<'_>, lexer: &mut Lexer<'_>) -> Meaning {
    let mut first = first;
    let mut depth = 0;
    while first.kind == lexer::TokenKind::Open && !lexer.is_skippable() {
        depth += 1;
        match lexer.token() {
            Some(token) => first = token,
            None => return Meaning::OtherRows,
        }
    }
    let lexer::TokenKind::Word(keyword) = first.kind else {
        return routine::not_understood(lexer);
    };
    if lexer.is_skippable() {
        return Meaning::OtherRows;
    }
    if let Some(kind) = kind(keyword, first) {
        return clauses::judge(kind, first, depth, lexer);
    }
    if first.is_word("LOAD") {
        return match lexer.token() {
            Some(data) if data.is_word("DATA") => clauses::judge(Kind::Load, data, depth, lexer),
            _ => Meaning::OtherRows,
        };
    }
    let meaning = other(keyword, first, lexer);
    while lexer.token().is_some() {}
    match meaning {
        Meaning::Read | Meaning::Insert | Meaning::Write if lexer.doubts() => Meaning::Everything,
        meaning if lexer.doubts() && boundary::is_boundary(meaning) => Meaning::LostTransaction,
        meaning => meaning,
    }
}

fn kind(keyword: Keyword, first: Token<'_>) -> Option<Kind> {
    Some(match keyword {
        Keyword::Select | Keyword::Values | Keyword::Table => Kind::Query,
        Keyword::With => Kind::With,
        Keyword::Insert => Kind::Insert,
        Keyword::Update | Keyword::Delete | Keyword::Replace | Keyword::Merge => Kind::Write,
        _ if first.is_word("EXPLAIN") || first.is_one_of(&["DESCRIBE", "DESC"]) => Kind::Explain,
        _ if first.is_word("DECLARE") => Kind::Declare,
        _ if first.is_word("COPY") => Kind::Copy,
        _ if first.is_word("TRUNCATE") => Kind::Truncate,
        _ if first.is_word("KILL") => Kind::Query,
        _ => return None,
    })
}

fn other(keyword: Keyword, first: Token<'_>, lexer: &mut Lexer<'_>) -> Meaning {
    if let Some(meaning) = boundary::judge(first, lexer) {
        return meaning;
    }
    if keyword == Keyword::Set {
        return settings::set(lexer);
    }
    if first.is_word("PRAGMA") {
        return settings::pragma(lexer);
    }
    if first.is_one_of(&["CREATE", "ALTER"]) {
        return routine::define(lexer);
    }
    if first.is_one_of(READS) {
        return Meaning::Read;
    }
    if first.is_one_of(EVERYTHING) {
        return Meaning::Everything;
    }
    if first.is_one_of(OTHER_ROWS) {
        return Meaning::OtherRows;
    }
    routine::not_understood(lexer)
}
