//! Statements that change whose rows a connection sees: a look at their text.
//!
//! `SET ROLE`, `SET search_path`, `set_config(..)`, `USE db`, `ATTACH` and their like make the
//! same query mean other rows. After one the connection is cut off from what its map held: it
//! becomes a realm of its own. What cannot be judged by its text (`DO`, `CALL`, `EXECUTE`) is
//! taken for one. What was set inside a transaction may end with it, so then the end of the
//! transaction, or of a savepoint, is a change as well.

use std::fmt::{Display, Write};

/// What a statement means for the connection's map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Nothing,
    /// A pool has tested the connection before it handed it to somebody else.
    NewHolder,
    /// The session now may see other rows.
    OtherRows,
}

#[derive(Default)]
pub(super) struct Session {
    text: String,
    in_transaction: bool,
    /// Something was set inside the transaction, whose end may take it back.
    unsettled: bool,
}

/// Statements longer than this are kept out of the reused buffer.
const KEPT_BUFFER: usize = 16 * 1024;

impl Session {
    pub(super) fn look(&mut self, statement: &(impl Display + ?Sized)) -> Change {
        self.text.clear();
        if write!(self.text, "{statement}").is_err() {
            return self.unknown();
        }
        let change = self.judge();
        if self.text.capacity() > KEPT_BUFFER {
            self.text = String::new();
        }
        change
    }

    fn judge(&mut self) -> Change {
        if self.text == "SELECT 1 -- binds: []" {
            return Change::NewHolder;
        }
        let sql = without_binds(&self.text);
        let mut changed = false;
        for statement in statements(sql) {
            if changes_session(statement) {
                changed = true;
                self.unsettled |= self.in_transaction;
            }
            match Boundary::of(statement) {
                Some(Boundary::Start) => self.in_transaction = true,
                Some(Boundary::Inner) => changed |= self.unsettled,
                Some(Boundary::End) => {
                    changed |= self.unsettled;
                    self.in_transaction = false;
                    self.unsettled = false;
                }
                None => {}
            }
        }
        if changed {
            Change::OtherRows
        } else {
            Change::Nothing
        }
    }

    fn unknown(&mut self) -> Change {
        self.unsettled = true;
        Change::OtherRows
    }
}

/// The text without the bound values that Diesel shows behind it: they are data, whatever they
/// look like. Diesel shows them as a comment on the last line, so nothing that runs is cut off.
fn without_binds(sql: &str) -> &str {
    let last_line = sql.rfind('\n').map_or(0, |at| at + 1);
    match sql[last_line..].find(" -- binds: [") {
        Some(at) if sql.ends_with(']') => &sql[..last_line + at],
        _ => sql,
    }
}

/// The statements of a batch. A semicolon inside a string cuts too often, never too seldom.
fn statements(sql: &str) -> impl Iterator<Item = &str> {
    sql.split(';')
        .map(skip_comments)
        .filter(|statement| !statement.is_empty())
}

fn skip_comments(sql: &str) -> &str {
    let mut rest = sql.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
    loop {
        let end = if rest.starts_with("--") {
            rest.find('\n').map(|at| at + 1)
        } else if rest.starts_with("/*") && !rest.starts_with("/*!") {
            rest.find("*/").map(|at| at + 2)
        } else {
            return rest;
        };
        rest = end.map_or("", |end| rest[end..].trim_start());
    }
}

fn words(statement: &str) -> impl Iterator<Item = &str> {
    statement
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '@' | '!')))
        .filter(|word| !word.is_empty())
}

fn is_one_of(word: &str, list: &[&str]) -> bool {
    list.iter()
        .any(|candidate| word.eq_ignore_ascii_case(candidate))
}

/// The statements by which transactions and savepoints begin and end.
enum Boundary {
    Start,
    /// The end of a savepoint.
    Inner,
    End,
}

impl Boundary {
    fn of(statement: &str) -> Option<Self> {
        let mut words = words(statement);
        let first = words.next()?;
        if is_one_of(first, &["BEGIN", "START", "SAVEPOINT"]) {
            return Some(Self::Start);
        }
        if first.eq_ignore_ascii_case("RELEASE") {
            return Some(Self::Inner);
        }
        // `ROLLBACK TO`, and `COMMIT AND CHAIN`, leave a transaction open.
        is_one_of(first, &["COMMIT", "END", "ROLLBACK", "ABORT"]).then(|| {
            if words.any(|word| is_one_of(word, &["TO", "CHAIN"])) {
                Self::Inner
            } else {
                Self::End
            }
        })
    }
}

fn changes_session(statement: &str) -> bool {
    let mut words = words(statement);
    let Some(first) = words.next() else {
        return false;
    };
    if calls_set_config(statement) {
        return true;
    }
    if first.eq_ignore_ascii_case("SET") {
        return !sets_something_harmless(words);
    }
    // `/*!50000 SET ..` is MySQL's executable comment; `!` is a word character for its sake.
    first.starts_with('!')
        || is_one_of(
            first,
            &[
                "RESET", "DISCARD", "USE", "ATTACH", "DETACH", "DO", "CALL", "EXECUTE", "PREPARE",
                "LOAD",
            ],
        )
}

/// Settings that change how values look or how long things take, not which rows there are.
fn sets_something_harmless<'a>(mut words: impl Iterator<Item = &'a str>) -> bool {
    const SCOPES: &[&str] = &["SESSION", "LOCAL", "@@session"];
    const HARMLESS: &[&str] = &[
        "TIME",
        "TIMEZONE",
        "time_zone",
        "NAMES",
        "CHARACTER",
        "CHARSET",
        "CLIENT_ENCODING",
        "TRANSACTION",
        "CHARACTERISTICS",
        "CONSTRAINTS",
        "autocommit",
        "application_name",
        "statement_timeout",
        "lock_timeout",
        "idle_in_transaction_session_timeout",
        "client_min_messages",
        "foreign_key_checks",
        "unique_checks",
        "character_set_client",
        "character_set_connection",
        "character_set_results",
        "wait_timeout",
        "DateStyle",
    ];
    let setting = words.find(|word| !is_one_of(word, SCOPES));
    setting.is_some_and(|setting| {
        let setting = setting.rsplit_once("@@").map_or(setting, |(_, name)| name);
        is_one_of(
            setting.strip_prefix("session.").unwrap_or(setting),
            HARMLESS,
        )
    })
}

fn calls_set_config(sql: &str) -> bool {
    const NAME: &[u8] = b"set_config";
    sql.as_bytes()
        .windows(NAME.len())
        .any(|window| window.eq_ignore_ascii_case(NAME))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(sql: &str) -> Change {
        Session::default().look(sql)
    }

    #[test]
    fn what_changes_the_rows_is_seen() {
        for sql in [
            "SET ROLE tenant_a",
            "set local role tenant_a",
            "SET search_path TO tenant_a",
            "SET SESSION AUTHORIZATION bob",
            "SET app.tenant = '1'",
            "SET LOCAL app.tenant = '1'",
            "SELECT set_config($1, $2, $3) -- binds: []",
            "RESET ALL",
            "DISCARD ALL",
            "USE other",
            "ATTACH DATABASE 'x' AS y",
            "DO $$ begin perform 1; end $$",
            "  /* why */ -- not\n SET ROLE x",
            "SELECT 2; SET ROLE x",
            "SET @tenant = 1",
            "/*!50000 SET ROLE x */",
        ] {
            assert_eq!(look(sql), Change::OtherRows, "{sql}");
        }
    }

    #[test]
    fn what_does_not_is_passed_over() {
        for sql in [
            "SELECT * FROM users",
            "UPDATE users SET name = 'x'",
            "SET TIME ZONE 'UTC'",
            "SET CLIENT_ENCODING TO 'UTF8'",
            "SET time_zone = '+00:00';",
            "SET character_set_results = 'utf8mb4'",
            "SET @@session.time_zone = '+00:00'",
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "PRAGMA foreign_keys = ON",
            "BEGIN",
            "COMMIT",
            "",
        ] {
            assert_eq!(look(sql), Change::Nothing, "{sql}");
        }
    }

    #[test]
    fn what_is_bound_is_data() {
        for value in [
            "a; USE b",
            "x; SET ROLE y",
            "set_config(",
            "a -- binds: [1]; USE c",
        ] {
            let sql = format!("INSERT INTO posts (body) VALUES (?) -- binds: [{value:?}]");
            assert_eq!(look(&sql), Change::Nothing, "{sql}");
        }
        for sql in [
            "SET ROLE x -- binds: []",
            "SELECT 2 -- binds: [\n; SET ROLE x",
            "SELECT set_config($1, $2, $3)\n -- binds: [\"a\"]",
        ] {
            assert_eq!(look(sql), Change::OtherRows, "{sql}");
        }
    }

    #[test]
    fn a_setting_may_end_with_its_transaction() {
        let mut session = Session::default();
        assert_eq!(session.look("BEGIN"), Change::Nothing);
        assert_eq!(session.look("SET LOCAL ROLE x"), Change::OtherRows);
        assert_eq!(session.look("SELECT 2"), Change::Nothing);
        assert_eq!(session.look("ROLLBACK TO SAVEPOINT s"), Change::OtherRows);
        assert_eq!(session.look("COMMIT"), Change::OtherRows);
        assert_eq!(session.look("BEGIN"), Change::Nothing);
        assert_eq!(session.look("COMMIT"), Change::Nothing);
    }

    #[test]
    fn a_setting_outside_a_transaction_stays() {
        let mut session = Session::default();
        assert_eq!(session.look("SET ROLE x"), Change::OtherRows);
        assert_eq!(session.look("BEGIN"), Change::Nothing);
        assert_eq!(session.look("COMMIT"), Change::Nothing);
    }

    #[test]
    fn a_pool_s_test_is_a_new_holder() {
        assert_eq!(look("SELECT 1 -- binds: []"), Change::NewHolder);
        assert_eq!(look("SELECT 1"), Change::Nothing);
    }
}
