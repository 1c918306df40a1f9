//! What programs say in SQL, by database: the boundaries of transactions, settings, definitions.

use super::database::Product;
use super::database::Product::{Mysql, Postgres, Sqlite};

/// What a text is about. A program is made of a few of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Begins,
    Ends,
    Savepoints,
    Chains,
    Autocommit,
    Isolation,
    HarmlessSettings,
    OtherSettings,
    Definitions,
    Temporary,
    Failures,
}

/// The texts of a subject, where a database has any.
pub(super) fn texts(subject: Subject, product: Product) -> &'static [&'static str] {
    match subject {
        Subject::Begins => begins(product),
        Subject::Ends => ends(product),
        Subject::Savepoints => savepoints(product),
        Subject::Chains => chains(product),
        Subject::Autocommit => autocommit(product),
        Subject::Isolation => isolation(product),
        Subject::HarmlessSettings => harmless(product),
        Subject::OtherSettings => settings(product),
        Subject::Definitions => definitions(product),
        Subject::Temporary => temporary(product),
        Subject::Failures if product == Sqlite => &[
            "INSERT INTO pins VALUES (1)",
            "INSERT INTO ends VALUES (1)",
            "UPDATE nothing SET n = 1",
            "SELEC 1",
        ],
        Subject::Failures => &[
            "INSERT INTO pins VALUES (1)",
            "INSERT INTO notes (id, n) VALUES (1, 1)",
            "UPDATE nothing SET n = 1",
            "SELEC 1",
        ],
    }
}

fn begins(product: Product) -> &'static [&'static str] {
    match product {
        Sqlite => &[
            "BEGIN",
            "BEGIN IMMEDIATE",
            "begin transaction",
            "BEGIN EXCLUSIVE TRANSACTION",
        ],
        Postgres => &[
            "BEGIN",
            "START TRANSACTION",
            "begin work",
            "BEGIN TRANSACTION READ WRITE",
            "BEGIN READ ONLY",
        ],
        Mysql => &[
            "BEGIN",
            "START TRANSACTION",
            "begin work",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT",
            "START TRANSACTION READ ONLY",
        ],
    }
}

fn ends(product: Product) -> &'static [&'static str] {
    match product {
        Sqlite => &[
            "COMMIT",
            "END",
            "ROLLBACK",
            "COMMIT TRANSACTION",
            "rollback transaction",
        ],
        Postgres => &[
            "COMMIT",
            "END",
            "ROLLBACK",
            "ABORT",
            "commit work",
            "ROLLBACK TRANSACTION",
        ],
        Mysql => &["COMMIT", "ROLLBACK", "commit work", "ROLLBACK AND NO CHAIN"],
    }
}

fn savepoints(product: Product) -> &'static [&'static str] {
    match product {
        Sqlite | Postgres => &[
            "SAVEPOINT a",
            "SAVEPOINT A",
            "SAVEPOINT \"A\"",
            "SAVEPOINT \"a\"",
            "SAVEPOINT b",
            "RELEASE SAVEPOINT a",
            "RELEASE A",
            "RELEASE \"A\"",
            "RELEASE b",
            "ROLLBACK TO SAVEPOINT a",
            "ROLLBACK TO A",
            "ROLLBACK TO \"A\"",
            "rollback transaction to savepoint b",
        ],
        Mysql => &[
            "SAVEPOINT a",
            "SAVEPOINT A",
            "SAVEPOINT `A`",
            "SAVEPOINT b",
            "RELEASE SAVEPOINT a",
            "RELEASE SAVEPOINT `A`",
            "RELEASE SAVEPOINT b",
            "ROLLBACK TO SAVEPOINT a",
            "ROLLBACK TO `A`",
            "rollback work to savepoint b",
        ],
    }
}

fn chains(product: Product) -> &'static [&'static str] {
    match product {
        Sqlite => &[],
        Postgres => &[
            "COMMIT AND CHAIN",
            "ROLLBACK AND CHAIN",
            "END AND CHAIN",
            "ABORT WORK AND CHAIN",
            "COMMIT AND NO CHAIN",
        ],
        Mysql => &[
            "COMMIT AND CHAIN",
            "ROLLBACK AND CHAIN",
            "COMMIT WORK AND CHAIN",
            "COMMIT AND NO CHAIN NO RELEASE",
        ],
    }
}

fn autocommit(product: Product) -> &'static [&'static str] {
    match product {
        Sqlite | Postgres => &[],
        Mysql => &[
            "SET autocommit = 0",
            "SET autocommit = 1",
            "SET SESSION autocommit = OFF",
            "SET @@autocommit = ON",
            "SET autocommit = DEFAULT",
            "SET completion_type = CHAIN",
            "SET completion_type = 0",
            "CALL rolls_back()",
            "CALL leaves_open()",
            "BEGIN NOT ATOMIC ROLLBACK; END",
            "UNLOCK TABLES",
        ],
    }
}

fn isolation(product: Product) -> &'static [&'static str] {
    match product {
        Sqlite => &["PRAGMA read_uncommitted = 1", "PRAGMA read_uncommitted = 0"],
        Postgres => &[
            "BEGIN ISOLATION LEVEL REPEATABLE READ",
            "START TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "BEGIN ISOLATION LEVEL READ UNCOMMITTED",
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED",
            "SET default_transaction_isolation = 'serializable'",
            "RESET default_transaction_isolation",
            "SET LOCAL transaction_isolation = 'repeatable read'",
        ],
        Mysql => &[
            // By itself it would be the level of the next statement alone, which is plain Diesel's.
            "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; BEGIN",
            "SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED; BEGIN",
            "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            // SERIALIZABLE would have a read wait for a lock in vain. libmariadb does not recover from an error behind
            // the first rows: the same prepared statement waits for ever when it is sent again.
            "SET tx_isolation = 'READ-UNCOMMITTED'",
            "SET @@session.tx_isolation = 'REPEATABLE-READ'",
            "SET TRANSACTION READ ONLY; BEGIN",
        ],
    }
}

fn harmless(product: Product) -> &'static [&'static str] {
    match product {
        Sqlite => &[
            "PRAGMA cache_size = 100",
            "PRAGMA query_only = ON",
            "PRAGMA query_only = OFF",
            "PRAGMA optimize",
        ],
        Postgres => &[
            "SET work_mem = '8MB'",
            "RESET work_mem",
            "SET LOCAL work_mem = '9MB'",
            "SET default_transaction_read_only = on",
            "RESET default_transaction_read_only",
            "SET application_name TO 'another'",
        ],
        Mysql => &[
            "SET max_statement_time = 10",
            "SET SESSION sort_buffer_size = 262144",
            "SET sort_buffer_size = DEFAULT",
            "SET SESSION lock_wait_timeout = 0, sort_buffer_size = 262144",
        ],
    }
}

fn settings(product: Product) -> &'static [&'static str] {
    match product {
        Sqlite => &[
            "PRAGMA case_sensitive_like = ON",
            "PRAGMA case_sensitive_like = OFF",
            "PRAGMA reverse_unordered_selects = ON",
        ],
        Postgres => &[
            "SET TIME ZONE 'Asia/Tokyo'",
            "SET LOCAL TIME ZONE 'Asia/Tokyo'",
            "SET TIME ZONE 'UTC'",
            "RESET TIME ZONE",
            "SET timezone TO DEFAULT",
            "SET datestyle = 'German'",
            "RESET datestyle",
            "SET bytea_output = 'escape'",
            "SET LOCAL bytea_output = 'escape'",
            "SET LOCAL datestyle TO DEFAULT",
            "SET LOCAL search_path TO DEFAULT",
            "RESET ALL",
            "SET search_path = aside, public",
            "SET LOCAL search_path = aside, public",
            "RESET search_path",
            "SELECT set_config('TimeZone', 'Asia/Tokyo', true)",
            "SELECT set_config('search_path', 'aside, public', false)",
            "SELECT set_config('search_path', 'public', true)",
            "UPDATE pg_settings SET setting = 'German' WHERE name = 'datestyle'",
            "PREPARE TRANSACTION 'refused'",
        ],
        Mysql => &[
            "SET time_zone = '+09:00'",
            "SET time_zone = DEFAULT",
            "SET @@session.time_zone = '+00:00'",
            "SET sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'",
            "SET sql_mode = DEFAULT",
            "SET sql_mode = '', time_zone = '+05:00'",
        ],
    }
}

fn definitions(product: Product) -> &'static [&'static str] {
    match product {
        Sqlite => &[
            "CREATE TABLE scratch (id INTEGER)",
            "CREATE TABLE IF NOT EXISTS scratch (id INTEGER)",
            "DROP TABLE IF EXISTS scratch",
            "DELETE FROM scratch",
        ],
        Postgres => &[
            "CREATE TABLE scratch (id INTEGER)",
            "DROP TABLE IF EXISTS scratch",
            "DROP TABLE scratch",
            "TRUNCATE scratch",
        ],
        Mysql => &[
            "CREATE TABLE scratch (id INTEGER)",
            "CREATE TABLE IF NOT EXISTS scratch (id INTEGER)",
            "DROP TABLE IF EXISTS scratch",
            "TRUNCATE TABLE scratch",
            "ALTER TABLE scratch ADD COLUMN more INTEGER",
            "CREATE TEMPORARY TABLE IF NOT EXISTS aside (id INTEGER)",
            "DROP TEMPORARY TABLE IF EXISTS aside",
            "CREATE TABLE pins (id INTEGER)",
            "ANALYZE TABLE pins",
        ],
    }
}

/// A table of the connection's own that hides one of all.
fn temporary(product: Product) -> &'static [&'static str] {
    macro_rules! create {
        ($rest:literal) => {
            concat!(
                "CREATE TEMPORARY TABLE notes (id INTEGER NOT NULL PRIMARY KEY, n INTEGER NOT NULL, ",
                "place VARCHAR(20) NOT NULL DEFAULT 'aside')",
                $rest
            )
        };
    }
    match product {
        Sqlite => &[create!(""), "DROP TABLE temp.notes"],
        // Statements that were prepared before would go on to read the other table, and so would those that were
        // prepared after a drop which is rolled back.
        Postgres => &[
            create!("; DISCARD PLANS"),
            "COMMIT; DROP TABLE IF EXISTS pg_temp.notes; DISCARD PLANS",
        ],
        Mysql => &[create!(""), "DROP TEMPORARY TABLE notes"],
    }
}

/// Whether a text may end the transaction unseen: then no hook has to run.
pub(super) fn may_end_unseen(text: &str) -> bool {
    let ends = ["CALL", "NOT ATOMIC", "UNLOCK", "PREPARE TRANSACTION"];
    ends.iter().any(|words| text.contains(words))
}

/// Whether a text leaves it open whether rows may be kept at all: then two loads may give two objects.
pub(super) fn keeps_nothing(text: &str, product: Product) -> bool {
    let unclear: &[&str] = match product {
        Sqlite => &["read_uncommitted"],
        Postgres => &[],
        Mysql => &["UNCOMMITTED", "completion_type", "autocommit = DEFAULT"],
    };
    unclear.iter().any(|words| text.contains(words))
}
