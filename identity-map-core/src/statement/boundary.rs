//! The statements by which transactions and savepoints begin and end.

use super::lexer::{Lexer, Token, TokenKind};
use super::{Meaning, routine};

pub(super) fn is_boundary(meaning: Meaning) -> bool {
    !meaning.is_of_rows() && meaning != Meaning::OtherRows
}

pub(super) fn judge(first: Token<'_>, lexer: &mut Lexer<'_>) -> Option<Meaning> {
    Some(if first.is_word("BEGIN") {
        begin(lexer)
    } else if first.is_word("SAVEPOINT") {
        Meaning::Savepoint
    } else if first.is_word("RELEASE") {
        Meaning::Release
    } else if first.is_one_of(&["COMMIT", "END"]) {
        end(Meaning::Commit, lexer)
    } else if first.is_one_of(&["ROLLBACK", "ABORT"]) {
        end(Meaning::Rollback, lexer)
    } else if first.is_word("START") {
        // `START REPLICA` and its like commit in MySQL.
        if next_are(&["TRANSACTION"], lexer) {
            Meaning::Begin
        } else {
            Meaning::LostTransaction
        }
    } else if first.is_word("PREPARE") {
        if next_are(&["TRANSACTION"], lexer) {
            Meaning::LostTransaction
        } else {
            Meaning::OtherRows
        }
    } else if first.is_word("LOCK") {
        lock(lexer)
    } else if first.is_word("UNLOCK") {
        Meaning::LostTransaction
    } else {
        return None;
    })
}

fn next_are(words: &[&str], lexer: &mut Lexer<'_>) -> bool {
    words
        .iter()
        .all(|word| lexer.token().is_some_and(|token| token.is_word(word)))
}

/// `BEGIN` with anything but a transaction's options begins a block of MariaDB's.
fn begin(lexer: &mut Lexer<'_>) -> Meaning {
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
    while let Some(token) = lexer.token() {
        if token.kind != TokenKind::Comma && !token.is_one_of(OPTIONS) {
            routine::take_the_rest(lexer);
            return Meaning::OtherRows;
        }
    }
    Meaning::Begin
}

/// `plain` is what it means if no option says otherwise.
fn end(plain: Meaning, lexer: &mut Lexer<'_>) -> Meaning {
    let mut next = lexer.token();
    if next.is_some_and(|token| token.is_one_of(&["WORK", "TRANSACTION"])) {
        next = lexer.token();
    }
    if plain == Meaning::Rollback && next.is_some_and(|token| token.is_word("TO")) {
        return Meaning::RollbackTo;
    }
    if next.is_some_and(|token| token.is_word("AND")) {
        if !next_are(&["NO", "CHAIN"], lexer) {
            return Meaning::LostTransaction;
        }
        next = lexer.token();
    }
    if next.is_some_and(|token| token.is_word("NO")) {
        if !next_are(&["RELEASE"], lexer) {
            return Meaning::LostTransaction;
        }
        next = lexer.token();
    }
    if next.is_none() {
        plain
    } else {
        Meaning::LostTransaction
    }
}

/// MySQL's `LOCK TABLES` commits; PostgreSQL's `LOCK TABLE .. IN .. MODE` only waits.
fn lock(lexer: &mut Lexer<'_>) -> Meaning {
    let mut has_in = false;
    let mut has_mode = false;
    while let Some(token) = lexer.token() {
        has_in |= token.is_word("IN");
        has_mode |= has_in && token.is_word("MODE");
    }
    if has_mode && !lexer.doubts() && lexer.trouble().is_none() {
        Meaning::Read
    } else {
        Meaning::LostTransaction
    }
}

/// The name in `SAVEPOINT x`, `RELEASE [SAVEPOINT] x`, `ROLLBACK .. TO [SAVEPOINT] x`.
pub(super) fn savepoint(meaning: Meaning, text: &str) -> Option<&str> {
    let mut lexer = Lexer::of(text);
    let mut names = std::iter::from_fn(|| lexer.token()).filter_map(Token::name);
    names.next()?;
    match meaning {
        Meaning::Savepoint => return names.next(),
        Meaning::Release => {}
        Meaning::RollbackTo => {
            names.find(|name| name.eq_ignore_ascii_case("TO"))?;
        }
        _ => return None,
    }
    let name = names.next()?;
    if name.eq_ignore_ascii_case("SAVEPOINT") {
        return Some(names.next().unwrap_or(name));
    }
    Some(name)
}
