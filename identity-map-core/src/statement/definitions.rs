//! `CREATE` and `ALTER`. The bodies of triggers and routines have semicolons of their own.

use super::lexer::{Lexer, Token, TokenKind};
use super::meaning::Meaning;
use super::unknown_statement::may_begin_session_statement;

/// Objects whose definition may contain statements.
const ROUTINES: &[&str] = &["TRIGGER", "FUNCTION", "PROCEDURE", "EVENT", "PACKAGE"];

const OTHER_OBJECTS: &[&str] = &[
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

/// Words that begin a block of statements.
const BLOCKS: &[&str] = &["BEGIN", "CASE", "THEN", "LOOP", "WHILE", "REPEAT", "DO"];

/// Words behind an `END` that does not end a `BEGIN`.
const AFTER_END: &[&str] = &["IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR"];

/// What follows `CREATE` or `ALTER`.
pub(super) fn classify(lexer: &mut Lexer<'_>) -> Meaning {
    let mut defines_routine = None;
    let mut open_blocks = 0;
    let mut has_body = false;
    let mut last = None;
    while let Some(token) = lexer.next_token() {
        // In `DEFINER = user@host` any word is a name.
        let is_name = last
            .is_some_and(|last: Token<'_>| matches!(last.kind, TokenKind::Equals | TokenKind::At));
        if defines_routine.is_none() && !is_name {
            if token.is_one_of(ROUTINES) {
                defines_routine = Some(true);
            } else if token.is_one_of(OTHER_OBJECTS) {
                defines_routine = Some(false);
            }
        }
        if defines_routine == Some(true) {
            open_blocks += u32::from(token.is_word("BEGIN"));
            has_body |= token.is_one_of(BLOCKS);
        }
        last = Some(token);
    }
    if has_body {
        classify_body(open_blocks, lexer)
    } else {
        Meaning::Everything
    }
}

/// The rest of the text is the body, as far as anybody can tell. Where a statement in it may be one
/// by itself, and of the session or the transaction, it is taken for that.
fn classify_body(mut open_blocks: u32, lexer: &mut Lexer<'_>) -> Meaning {
    let mut meaning = Meaning::Everything;
    while lexer.continue_past_semicolon() {
        let mut token = lexer.next_token();
        if token.is_some_and(may_begin_session_statement) {
            meaning = Meaning::ChangeSession;
        }
        if token.is_some_and(|first| first.is_word("END")) {
            token = lexer.next_token();
            if !token.is_some_and(|next| next.is_one_of(AFTER_END)) {
                match open_blocks.checked_sub(1) {
                    Some(left) => open_blocks = left,
                    None => meaning = Meaning::ChangeSession,
                }
            }
        }
        while let Some(next) = token {
            open_blocks += u32::from(next.is_word("BEGIN"));
            token = lexer.next_token();
        }
    }
    meaning
}

/// Whether a statement that changes the schema may stand in a text, be it in a string or a comment.
pub(super) fn names_definition(text: &str) -> bool {
    const DEFINITIONS: [&str; 4] = ["create", "alter", "drop", "rename"];
    let text = text.to_ascii_lowercase();
    DEFINITIONS.iter().any(|word| text.contains(word))
}

/// Whether a statement makes or drops a temporary table or view, which no catalogue has.
pub(super) fn only_defines_temporary(text: &str) -> bool {
    const STEPS: [&[&str]; 3] = [
        &["CREATE", "DROP"],
        &["TEMP", "TEMPORARY"],
        &["TABLE", "VIEW"],
    ];
    let mut lexer = Lexer::new(text);
    let mut step = 0;
    while let Some(token) = lexer.next_token() {
        if STEPS.get(step).is_some_and(|words| token.is_one_of(words)) {
            step += 1;
        } else if step < STEPS.len() && !token.is_one_of(&["OR", "REPLACE", "GLOBAL", "LOCAL"]) {
            return false;
        }
    }
    // What one database takes for a comment, another one reads.
    step == STEPS.len() && !text.contains("/*") && lexer.error().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_defines_temporary_objects() {
        for text in [
            "CREATE TEMP TABLE posts (id int)",
            "create or replace temporary view v as select 1",
            "CREATE LOCAL TEMPORARY TABLE a AS SELECT 1",
            "DROP TEMPORARY TABLE IF EXISTS a",
        ] {
            assert!(only_defines_temporary(text), "{text}");
        }
        for text in [
            "CREATE TABLE posts (id int)",
            "CREATE TABLE temp (id int)",
            "CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END",
            "CREATE /*!50000 TEMPORARY */ TABLE posts (id int)",
            "DROP TABLE a",
            "CREATE",
        ] {
            assert!(!only_defines_temporary(text), "{text}");
        }
    }
}
