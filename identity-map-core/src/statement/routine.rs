//! Definitions of triggers and routines, whose bodies have semicolons of their own, and texts
//! that are not understood.

use super::lexer::{Lexer, Token, TokenKind};
use super::meaning::Meaning;

/// Words that begin a statement about the session or the transaction.
const OF_THE_SESSION: &[&str] = &[
    "SET",
    "RESET",
    "DISCARD",
    "USE",
    "ATTACH",
    "DETACH",
    "DO",
    "CALL",
    "EXECUTE",
    "PREPARE",
    "LOAD",
    "XA",
    "BEGIN",
    "START",
    "COMMIT",
    "ROLLBACK",
    "ABORT",
    "SAVEPOINT",
    "RELEASE",
    "LOCK",
    "UNLOCK",
];

/// Passes over the rest of the text.
pub(super) fn take_the_rest(lexer: &mut Lexer<'_>) {
    while lexer.token().is_some() || lexer.pass_semicolon() {}
}

/// Where an unknown statement ends is unknown as well: the rest of the text is a part of it.
pub(super) fn not_understood(lexer: &mut Lexer<'_>) -> Meaning {
    let mut meaning = Meaning::Everything;
    loop {
        match lexer.token() {
            Some(token) => {
                if token.kind == TokenKind::At
                    || token.is_word("END")
                    || token.is_one_of(OF_THE_SESSION)
                {
                    meaning = Meaning::OtherRows;
                }
            }
            None if lexer.pass_semicolon() => {}
            None => return meaning,
        }
    }
}

/// `CREATE` and `ALTER`.
pub(super) fn define(lexer: &mut Lexer<'_>) -> Meaning {
    const ROUTINES: &[&str] = &["TRIGGER", "FUNCTION", "PROCEDURE", "EVENT", "PACKAGE"];
    const OTHERS: &[&str] = &[
        "TABLE",
        "INDEX",
        "VIEW",
        "SCHEMA",
        "DATABASE",
        "TYPE",
        "EXTENSION",
        "SEQUENCE",
        "ROLE",
        "USER",
        "DOMAIN",
        "POLICY",
        "RULE",
    ];
    const BLOCKS: &[&str] = &["BEGIN", "CASE", "THEN", "LOOP", "WHILE", "REPEAT", "DO"];

    let mut defines_routine = None;
    let mut blocks = 0;
    let mut has_body = false;
    let mut last = None;
    while let Some(token) = lexer.token() {
        // In `DEFINER = user@host` they are names.
        let is_name = last
            .is_some_and(|last: Token<'_>| matches!(last.kind, TokenKind::Equals | TokenKind::At));
        if defines_routine.is_none() && !is_name {
            if token.is_one_of(ROUTINES) {
                defines_routine = Some(true);
            } else if token.is_one_of(OTHERS) {
                defines_routine = Some(false);
            }
        }
        if defines_routine == Some(true) {
            blocks += u32::from(token.is_word("BEGIN"));
            has_body |= token.is_one_of(BLOCKS);
        }
        last = Some(token);
    }
    if has_body {
        body(blocks, lexer)
    } else {
        Meaning::Everything
    }
}

/// The rest of the text is the body, as far as anybody can tell. If some of it may be a
/// statement by itself, and one of the session or the transaction, it is taken for that.
fn body(mut blocks: u32, lexer: &mut Lexer<'_>) -> Meaning {
    const AFTER_END: &[&str] = &["IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR"];

    let mut meaning = Meaning::Everything;
    while lexer.pass_semicolon() {
        let mut token = lexer.token();
        if token.is_some_and(|first| first.is_one_of(OF_THE_SESSION)) {
            meaning = Meaning::OtherRows;
        }
        if token.is_some_and(|first| first.is_word("END")) {
            token = lexer.token();
            if !token.is_some_and(|next| next.is_one_of(AFTER_END)) {
                match blocks.checked_sub(1) {
                    Some(left) => blocks = left,
                    None => meaning = Meaning::OtherRows,
                }
            }
        }
        while let Some(next) = token {
            blocks += u32::from(next.is_word("BEGIN"));
            token = lexer.token();
        }
    }
    meaning
}
