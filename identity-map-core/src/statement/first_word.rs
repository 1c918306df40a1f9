//! The first word of a statement decides which family it is of.

use super::clauses::{self, StatementKind};
use super::lexer::{Lexer, Token, TokenKind};
use super::meaning::Meaning;
use super::{definitions, transaction_control, unknown_statement};

/// Statements that change no rows.
const READS: &[&str] = &[
    "SHOW",
    "LISTEN",
    "NOTIFY",
    "UNLISTEN",
    "CLOSE",
    "DEALLOCATE",
    "CHECKPOINT",
];

/// Statements that may change anything. Some of them only look harmless. `FETCH` and `MOVE` run the
/// functions of a cursor, whose text is not here. MariaDB's `ANALYZE` runs a statement. SQLite's
/// `VACUUM` may give rows other numbers.
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

/// Statements that may change the session. What `SET` and its like change, [`super::settings`] tells.
const CHANGES_OF_SESSION: &[&str] = &[
    "SET", "PRAGMA", "RESET", "DISCARD", "USE", "ATTACH", "DETACH", "DO", "CALL", "EXECUTE", "XA",
];

/// Whether a statement that is known may begin with this word.
pub(super) fn is_known(word: &str) -> bool {
    const OTHERS: &[&str] = &[
        "SELECT",
        "WITH",
        "VALUES",
        "TABLE",
        "INSERT",
        "UPDATE",
        "DELETE",
        "REPLACE",
        "MERGE",
        "TRUNCATE",
        "COPY",
        "EXPLAIN",
        "DESCRIBE",
        "DESC",
        "LOAD",
        "SET",
        "PRAGMA",
        "CREATE",
        "ALTER",
        "BEGIN",
        "START",
        "COMMIT",
        "END",
        "ROLLBACK",
        "ABORT",
        "SAVEPOINT",
        "RELEASE",
        "PREPARE",
        "LOCK",
        "UNLOCK",
        "DECLARE",
    ];
    [READS, EVERYTHING, CHANGES_OF_SESSION, OTHERS]
        .iter()
        .any(|words| words.iter().any(|known| known.eq_ignore_ascii_case(word)))
}

/// What the statement means whose first token is `first`.
pub(super) fn classify<'a>(mut first: Token<'a>, lexer: &mut Lexer<'a>) -> Meaning {
    let mut depth = 0;
    while first.kind == TokenKind::OpenParen && !lexer.last_token_is_disputed() {
        depth += 1;
        match lexer.next_token() {
            Some(token) => first = token,
            None => return Meaning::ChangeSession,
        }
    }
    let TokenKind::Word(keyword) = first.kind else {
        return unknown_statement::classify(lexer);
    };
    if lexer.last_token_is_disputed() {
        return Meaning::ChangeSession;
    }
    if let Some(kind) = StatementKind::of_first_word(keyword, first) {
        return clauses::classify(kind, first, depth, lexer);
    }
    if first.is_word("LOAD") {
        return match lexer.next_token() {
            Some(data) if data.is_word("DATA") => {
                clauses::classify(StatementKind::Load, data, depth, lexer)
            }
            _ => Meaning::ChangeSession,
        };
    }
    let meaning = classify_without_clauses(first, lexer);
    while lexer.next_token().is_some() {}
    match meaning {
        Meaning::Read | Meaning::Insert | Meaning::Write if lexer.structure_is_disputed() => {
            Meaning::Everything
        }
        meaning if lexer.structure_is_disputed() && meaning.is_transaction_control() => {
            Meaning::LoseTransaction
        }
        meaning => meaning,
    }
}

/// What a statement means that is neither a query nor a change of rows.
fn classify_without_clauses(first: Token<'_>, lexer: &mut Lexer<'_>) -> Meaning {
    if let Some(meaning) = transaction_control::classify(first, lexer) {
        return meaning;
    }
    if first.is_one_of(&["CREATE", "ALTER"]) {
        return definitions::classify(lexer);
    }
    if first.is_one_of(READS) {
        return Meaning::Read;
    }
    if first.is_one_of(EVERYTHING) {
        return Meaning::Everything;
    }
    if first.is_one_of(CHANGES_OF_SESSION) {
        return Meaning::ChangeSession;
    }
    unknown_statement::classify(lexer)
}
