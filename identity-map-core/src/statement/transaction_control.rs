//! The statements by which transactions and savepoints begin and end, and locks of tables, which
//! end a transaction in MySQL.

use super::lexer::{Lexer, Token, TokenKind};
use super::meaning::Meaning;
use super::unknown_statement;

/// What the statement means whose first word is `first`; `None` if it is of another family.
pub(super) fn classify(first: Token<'_>, lexer: &mut Lexer<'_>) -> Option<Meaning> {
    Some(if first.is_word("BEGIN") {
        classify_begin(lexer)
    } else if first.is_word("SAVEPOINT") {
        Meaning::Savepoint
    } else if first.is_word("RELEASE") {
        Meaning::Release
    } else if first.is_one_of(&["COMMIT", "END"]) {
        classify_end(Meaning::Commit, lexer)
    } else if first.is_one_of(&["ROLLBACK", "ABORT"]) {
        classify_end(Meaning::Rollback, lexer)
    } else if first.is_word("START") {
        // `START REPLICA` and its like commit in MySQL.
        if next_are(&["TRANSACTION"], lexer) {
            Meaning::Begin
        } else {
            Meaning::LoseTransaction
        }
    } else if first.is_word("PREPARE") {
        if next_are(&["TRANSACTION"], lexer) {
            Meaning::LoseTransaction
        } else {
            Meaning::ChangeSession
        }
    } else if first.is_word("LOCK") {
        classify_lock(lexer)
    } else if first.is_word("UNLOCK") {
        Meaning::LoseTransaction
    } else {
        return None;
    })
}

fn next_are(words: &[&str], lexer: &mut Lexer<'_>) -> bool {
    words
        .iter()
        .all(|word| lexer.next_token().is_some_and(|token| token.is_word(word)))
}

/// What follows `BEGIN`. Anything but an option of a transaction makes it a block of MariaDB's.
fn classify_begin(lexer: &mut Lexer<'_>) -> Meaning {
    const OPTIONS: &[&str] = &[
        "WORK",
        "TRANSACTION",
        "IMMEDIATE",
        "DEFERRED",
        "EXCLUSIVE",
        "CONCURRENT",
        "ISOLATION",
        "LEVEL",
        "SERIALIZABLE",
        "REPEATABLE",
        "COMMITTED",
        "UNCOMMITTED",
        "READ",
        "WRITE",
        "ONLY",
        "NOT",
        "DEFERRABLE",
    ];
    while let Some(token) = lexer.next_token() {
        if token.kind != TokenKind::Comma && !token.is_one_of(OPTIONS) {
            unknown_statement::take_rest_of_text(lexer);
            return Meaning::ChangeSession;
        }
    }
    Meaning::Begin
}

/// What follows `COMMIT` or `ROLLBACK`, which mean `without_options` if nothing follows.
fn classify_end(without_options: Meaning, lexer: &mut Lexer<'_>) -> Meaning {
    let mut meaning = without_options;
    let mut next = lexer.next_token();
    if next.is_some_and(|token| token.is_one_of(&["WORK", "TRANSACTION"])) {
        next = lexer.next_token();
    }
    if without_options == Meaning::Rollback && next.is_some_and(|token| token.is_word("TO")) {
        return Meaning::RollbackTo;
    }
    if next.is_some_and(|token| token.is_word("AND")) {
        next = lexer.next_token();
        let is_chained = !next.is_some_and(|token| token.is_word("NO"));
        if !is_chained {
            next = lexer.next_token();
        } else if without_options == Meaning::Commit {
            meaning = Meaning::CommitAndChain;
        } else {
            meaning = Meaning::RollbackAndChain;
        }
        if !next.is_some_and(|token| token.is_word("CHAIN")) {
            return Meaning::LoseTransaction;
        }
        next = lexer.next_token();
    }
    if next.is_some_and(|token| token.is_word("NO")) {
        if !next_are(&["RELEASE"], lexer) {
            return Meaning::LoseTransaction;
        }
        next = lexer.next_token();
    }
    if next.is_none() {
        meaning
    } else {
        Meaning::LoseTransaction
    }
}

/// What follows `LOCK`. MySQL's `LOCK TABLES` commits; PostgreSQL's `LOCK TABLE .. IN .. MODE` only
/// waits.
fn classify_lock(lexer: &mut Lexer<'_>) -> Meaning {
    let mut has_in = false;
    let mut has_mode = false;
    while let Some(token) = lexer.next_token() {
        has_in |= token.is_word("IN");
        has_mode |= has_in && token.is_word("MODE");
    }
    if has_mode && !lexer.structure_is_disputed() && lexer.error().is_none() {
        Meaning::Read
    } else {
        Meaning::LoseTransaction
    }
}
