//! What is recognized at once means what the lexer would have found.

use super::reads::DIESEL_READS;
use super::support::meanings;
use crate::product::Product::Unknown;
use crate::statement::Meaning::Read;
use crate::statement::plain_select::is_plain_select;
use crate::statement::{only_reads, statements};

/// The files of these tests, whose strings are texts to try.
const TEST_FILES: [&str; 15] = [
    include_str!("changes_of_rows.rs"),
    include_str!("everything.rs"),
    include_str!("implicit_commits.rs"),
    include_str!("own_writes.rs"),
    include_str!("plain_selects.rs"),
    include_str!("reads.rs"),
    include_str!("savepoint_names.rs"),
    include_str!("session_changes.rs"),
    include_str!("settings.rs"),
    include_str!("settings_of_transactions.rs"),
    include_str!("statements_of_a_text.rs"),
    include_str!("support.rs"),
    include_str!("transaction_control.rs"),
    include_str!("unclear_texts.rs"),
    include_str!("written_tables.rs"),
];

/// Texts that only the lexer can tell, though they begin like a plain `SELECT`.
const LESS_PLAIN: &[&str] = &[
    "SELECT * FROM END(",
    "SELECT * FROM .FOR UPDATE",
    "SELECT by (1), JOIN(2)",
    "SELECT \"a\" (1)",
    "SELECT `a``b` (1)",
    "SELECT \"set_config\"",
    "SELECT \"a\\\"b\"",
    "SELECT a FROM b",
    "SELECT COUNT1(*)",
    "SELECT count_it(*)",
    "SELECT DISTINCTS(1)",
    "SELECT COUNT\u{e9}(1)",
    "SELECT 1FROM b",
    "SELECT 5.FROM (1)",
    "SELECT $1a, $$",
    "SELECT (1))",
    "SELECT * FOR UPDATES",
    "SELECT * FOR SHARE",
    "SELECT * FOR UPDATE(1)",
    "SELECT * FOR UPDATE (1)",
    "SELECT * INTO \"b\"",
    "SELECT *;",
    "SELECT ",
    "SELECT",
    "SELECT *\0",
    "SELECT \"\0\"",
];

#[test]
fn the_fast_way_agrees() {
    let modules = include_str!("mod.rs").matches("\nmod ").count();
    assert_eq!(TEST_FILES.len(), modules);
    let texts: Vec<&str> = TEST_FILES
        .iter()
        .flat_map(|file| file.split('"'))
        .filter(|text| text.len() > 3)
        .collect();
    assert!(texts.len() > 300);
    let others = DIESEL_READS.iter().chain(LESS_PLAIN).copied();
    for text in texts.iter().copied().chain(others) {
        for (end, _) in text.char_indices() {
            for part in [&text[..end], &text[end..]] {
                let all = meanings(part);
                assert_eq!(only_reads(part), all == [Read], "{part}");
                for statement in statements(part) {
                    let _ = statement.savepoint(Unknown);
                    let _ = statement.session_changes(Unknown);
                    let _ = (statement.table_writes(), statement.calls());
                    let _ = statement.implicit_commit(Unknown);
                    assert!(statement.identifiers().all(|name| part.contains(name)));
                }
            }
        }
    }
}

#[test]
fn what_diesel_writes_is_told_at_once() {
    let told = DIESEL_READS.iter().filter(|sql| is_plain_select(sql));
    assert!(told.count() * 2 > DIESEL_READS.len());
    for sql in LESS_PLAIN {
        assert_eq!(only_reads(sql), meanings(sql) == [Read], "{sql}");
    }
}
