//! Which savepoint a statement names, on each database.

use crate::product::Product::{self, Mysql, Postgres, Sqlite, Unknown};
use crate::statement::statements;

const EVERY: [Product; 4] = [Sqlite, Postgres, Mysql, Unknown];

fn name(sql: &str, product: Product) -> Option<String> {
    statements(sql).next()?.savepoint(product)
}

#[track_caller]
fn assert_name(sql: &str, all_rules: &[Product], expected: Option<&str>) {
    for &product in all_rules {
        assert_eq!(
            name(sql, product).as_deref(),
            expected,
            "{sql} on {product:?}"
        );
    }
}

#[test]
fn a_name_without_quotes_has_no_case() {
    for sql in [
        "SAVEPOINT Sp_1",
        "SAVEPOINT \"sp_1\"",
        "/* a */ release sp_1;",
        "RELEASE SAVEPOINT SP_1",
        "ROLLBACK TO sp_1",
        "ROLLBACK TO SAVEPOINT sp_1",
        "ROLLBACK WORK TO Sp_1",
        "rollback transaction to savepoint SP_1 -- x",
    ] {
        assert_name(sql, &EVERY, Some("sp_1"));
    }
    assert_name("RELEASE savepoint", &EVERY, Some("savepoint"));
    assert_name("SAVEPOINT savepoint", &EVERY, Some("savepoint"));
}

#[test]
fn quotes_keep_the_case_on_postgres_only() {
    assert_name("SAVEPOINT \"A\"", &[Postgres], Some("A"));
    assert_name("SAVEPOINT \"A\"", &[Sqlite, Mysql], Some("a"));
    assert_name("SAVEPOINT \"A\"", &[Unknown], None);
    assert_name("SAVEPOINT `A`", &[Sqlite, Mysql], Some("a"));
    assert_name("SAVEPOINT 'A'", &[Sqlite], Some("a"));
    assert_name("SAVEPOINT [A]", &[Sqlite], Some("a"));
    assert_name("SAVEPOINT [A b]", &[Sqlite], Some("a b"));
}

#[test]
fn what_is_not_ascii_is_clear_where_it_stands_for_itself() {
    assert_name("SAVEPOINT \u{c4}B", &[Postgres, Sqlite], Some("\u{c4}b"));
    assert_name("SAVEPOINT \u{c4}B", &[Mysql, Unknown], None);
}

#[test]
fn doubled_quotes_are_one_quote() {
    assert_name("SAVEPOINT \"a\"\"b\"", &[Postgres], Some("a\"b"));
    assert_name("SAVEPOINT \"a\"\"b\"", &[Sqlite, Mysql, Unknown], None);
    assert_name("SAVEPOINT U&\"a\"", &EVERY, None);
}

#[test]
fn postgres_cuts_long_names() {
    let long = "a".repeat(70);
    assert_name(&format!("SAVEPOINT {long}"), &[Postgres], Some(&long[..63]));
    assert_name(&format!("SAVEPOINT {long}"), &[Sqlite, Mysql], Some(&long));
    assert_name(&format!("SAVEPOINT {long}"), &[Unknown], None);
    let wide = format!("{}\u{fc}", "a".repeat(62));
    assert_name(
        &format!("SAVEPOINT \"{wide}b\""),
        &[Postgres],
        Some(&long[..62]),
    );
}

#[test]
fn other_statements_have_no_name() {
    for sql in [
        "SAVEPOINT",
        "RELEASE",
        "ROLLBACK TO",
        "ROLLBACK",
        "SELECT a FROM b",
        "SAVEPOINT a b",
    ] {
        assert_name(sql, &EVERY, None);
    }
}
