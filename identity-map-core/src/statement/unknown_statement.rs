//! Statements that are not understood.

use super::lexer::{Lexer, Token, TokenKind};
use super::meaning::Meaning;

/// Words that begin a statement about the session or the transaction.
const SESSION_WORDS: &[&str] = &[
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

/// Whether a statement of the session or the transaction may begin with this word.
pub(super) fn may_begin_session_statement(word: Token<'_>) -> bool {
    word.is_one_of(SESSION_WORDS)
}

/// Where an unknown statement ends is unknown as well, so the rest of the text is a part of it.
pub(super) fn classify(lexer: &mut Lexer<'_>) -> Meaning {
    let mut meaning = Meaning::Everything;
    loop {
        match lexer.next_token() {
            Some(token) => {
                if token.kind == TokenKind::At
                    || token.is_word("END")
                    || may_begin_session_statement(token)
                {
                    meaning = Meaning::ChangeSession;
                }
            }
            None if lexer.continue_past_semicolon() => {}
            None => return meaning,
        }
    }
}

/// Makes the rest of the text a part of the statement.
pub(super) fn take_rest_of_text(lexer: &mut Lexer<'_>) {
    while lexer.next_token().is_some() || lexer.continue_past_semicolon() {}
}
