//! Texts that databases read differently, or that have no end.

use super::support::meanings;
use crate::statement::Meaning::{ChangeSession, Everything};
use crate::statement::only_reads;

#[test]
fn one_statement_of_two_readings_may_change_everything() {
    for sql in [
        "SELECT 'it\\'s'",
        "SELECT \"it\\\"s\";\n",
        "UPDATE posts SET a = 'it\\'s'",
        "CREATE TABLE a (b TEXT DEFAULT 'it\\'s')",
        "SELECT 1 /* /* */ */",
        "SELECT a #> 'b\n'",
        "SELECT ARRAY['x]y']",
        "SELECT 1 \0",
    ] {
        assert_eq!(meanings(sql), [Everything], "{sql}");
    }
    for sql in [
        "SELECT 'it\\'s';SELECT 1",
        "SELECT 'it\\'s', set_config(1, 2)",
        "SELECT 'it\\'s' INTO @a",
        "SET NAMES 'it\\'s'",
        "COMMIT 'it\\'s'",
        "/* /* */ SELECT 1 /* */ */",
        "/* /* */ COMMIT",
        "CREATE TRIGGER t AFTER UPDATE ON a BEGIN SELECT 1; END; /* /* */ COMMIT",
        "gibberish.; SET ROLE x",
    ] {
        assert_eq!(meanings(sql), [ChangeSession], "{sql}");
    }
}

#[test]
fn what_is_unterminated_is_not_understood() {
    for sql in [
        "SELECT 'a",
        "SELECT \"a",
        "SELECT `a",
        "SELECT /* a",
        "SELECT $$a",
        "SELECT $a$ $b$",
        "SELECT [a",
        "'",
        "/*",
        "/*!",
        "$$",
    ] {
        assert_eq!(meanings(sql), [ChangeSession], "{sql}");
        assert!(!only_reads(sql), "{sql}");
    }
}

#[test]
fn a_cut_string_is_no_read() {
    for text in [
        "SELECT 'one' FROM posts WHERE a = 'two''three' AND b = 'four'",
        "SELECT `one` FROM `posts` WHERE `a``b` = 1",
    ] {
        let quote = if text.contains('\'') { '\'' } else { '`' };
        for (end, _) in text.char_indices() {
            let part = &text[..end];
            if part.matches(quote).count() % 2 == 1 {
                assert_eq!(meanings(part), [ChangeSession], "{part}");
            }
        }
    }
}
