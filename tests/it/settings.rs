//! Settings of a session that change what is read: each line of `docs/settings.md` is seen to do so by
//! plain Diesel, and the map follows.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_identity_map::prelude::*;

use crate::db::each_database;
use crate::mapped;

diesel::table! {
    /// A view of one row, whose value depends on a setting.
    readings (id) {
        id -> Integer,
        value -> Nullable<Text>,
    }
}

#[derive(Queryable, Selectable, Identifiable, IdentityMapped)]
struct Reading {
    #[allow(dead_code)]
    id: i32,
    value: Option<String>,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
}

/// What was read, or that nothing could be.
type Read = Result<Option<String>, ()>;

/// Statements that change settings, each with what is then read otherwise.
type Lines = &'static [(&'static str, &'static str)];

trait SettingsOfDatabase {
    /// The type that `CAST` makes a text of.
    const TEXT: &'static str = "TEXT";
    /// Each with an expression, which is put in a view.
    const IN_VIEWS: Lines;
    /// What lets everybody read the view.
    const GRANT: &'static str = "";
    /// Each with a query: what it means is settled when the database reads its text.
    const IN_QUERIES: Lines;
    /// What comes first on a connection that runs one of these queries.
    const FIRST: &'static str = "SELECT 1";
}

impl SettingsOfDatabase for crate::db::sqlite::Db {
    const IN_VIEWS: Lines = &[("PRAGMA case_sensitive_like = 1", "'A' LIKE 'a'")];
    const IN_QUERIES: Lines = &[
        (
            "PRAGMA full_column_names = 1; PRAGMA short_column_names = 0",
            "SELECT kept.value FROM kept",
        ),
        ("PRAGMA temp_store = MEMORY", "SELECT value FROM kept"),
        ("PRAGMA temp_store_directory = ''", "SELECT value FROM kept"),
        (
            "PRAGMA writable_schema = 1;
             UPDATE sqlite_schema SET sql = replace(sql, 'kept', 'moved') WHERE name = 'stays';
             PRAGMA writable_schema = RESET",
            "SELECT group_concat(name) AS value FROM pragma_table_info('stays')",
        ),
    ];
    const FIRST: &'static str = "PRAGMA temp_store = FILE;
        CREATE TEMPORARY TABLE kept AS SELECT 'kept' AS value;
        CREATE TABLE IF NOT EXISTS stays (kept TEXT)";
}

#[cfg(feature = "postgres")]
impl SettingsOfDatabase for crate::db::postgres::Db {
    const GRANT: &'static str = "GRANT SELECT ON readings TO PUBLIC";
    const IN_VIEWS: Lines = &[
        (
            "SET TIME ZONE 'Asia/Tokyo'",
            "('2024-01-01 00:00+00'::timestamptz)",
        ),
        ("SET datestyle = 'SQL, DMY'", "('2024-02-01'::date)"),
        ("SET intervalstyle = 'iso_8601'", "('1 day'::interval)"),
        ("SET extra_float_digits = -5", "(0.1::float8 + 0.2)"),
        ("SET bytea_output = 'escape'", "('\\x41'::bytea)"),
        ("SET client_encoding = 'LATIN1'", "'\u{e9}'"),
        (
            "SET array_nulls = off",
            "((('{' || 'NULL}')::text[])[1] IS NULL)",
        ),
        (
            "SET xmlbinary = 'hex'",
            "xmlelement(name a, '\\x41'::bytea)",
        ),
        ("SET xmloption = document", "(('x' || '')::xml)"),
        (
            "SET default_text_search_config = 'german'",
            "to_tsvector('running')",
        ),
        ("SET quote_all_identifiers = on", "quote_ident('a')"),
        (
            "SET timezone_abbreviations = 'India'",
            "(('2024-01-01 00:00 ' || 'IST')::timestamptz)",
        ),
        ("SET search_path = pg_catalog", "current_schema()"),
        ("SET ROLE pg_monitor", "current_user"),
        ("SET SESSION AUTHORIZATION pg_monitor", "session_user"),
        (
            "SET app.tenant = 'a'",
            "current_setting('app.tenant', true)",
        ),
    ];
    const IN_QUERIES: Lines = &[
        (
            "SET transform_null_equals = on",
            "SELECT CAST(((SELECT NULL::int) = NULL) AS TEXT) AS value",
        ),
        (
            "SET standard_conforming_strings = off",
            "SELECT CAST(length('a\\\\b') AS TEXT) AS value",
        ),
        (
            "SET backslash_quote = off",
            "SELECT CAST(E'a\\'b' AS TEXT) AS value",
        ),
    ];
}

#[cfg(feature = "mysql")]
impl SettingsOfDatabase for crate::db::mysql::Db {
    const TEXT: &'static str = "CHAR";
    const IN_VIEWS: Lines = &[
        ("SET time_zone = '+05:00'", "FROM_UNIXTIME(0)"),
        ("SET div_precision_increment = 1", "1 / 3"),
        (
            "SET group_concat_max_len = 4",
            "(SELECT GROUP_CONCAT(a) FROM (SELECT 'one' a UNION SELECT 'two') t)",
        ),
        ("SET lc_time_names = 'de_DE'", "MONTHNAME('2024-03-01')"),
        ("SET timestamp = 1", "NOW() < '2000-01-01'"),
        ("SET default_week_format = 3", "WEEK('2024-12-31')"),
        ("SET default_regex_flags = 'DOTALL'", "'a\\nb' RLIKE 'a.b'"),
        ("SET old_passwords = 1", "LENGTH(PASSWORD('a'))"),
        ("SET last_insert_id = 9", "LAST_INSERT_ID()"),
        ("SET identity = 9", "LAST_INSERT_ID()"),
        ("SET pseudo_thread_id = 9", "CONNECTION_ID() = 9"),
        (
            "SET sql_mode = 'NO_UNSIGNED_SUBTRACTION'",
            "CAST(1 AS UNSIGNED) - 2",
        ),
        ("SET character_set_results = latin1", "'\u{e9}'"),
    ];
    const IN_QUERIES: Lines = &[
        (
            "SET sql_select_limit = 0",
            "SELECT CAST(1 AS CHAR) AS value",
        ),
        (
            "SET sql_mode = 'PIPES_AS_CONCAT'",
            "SELECT CAST(1 || 0 AS CHAR) AS value",
        ),
        (
            "SET character_set_client = latin1",
            "SELECT CAST(CHAR_LENGTH('\u{e9}') AS CHAR) AS value",
        ),
        (
            "SET character_set_connection = latin1",
            "SELECT CAST(LENGTH('\u{e9}') AS CHAR) AS value",
        ),
        (
            "SET collation_connection = utf8mb4_bin",
            "SELECT CAST('a' = 'A' AS CHAR) AS value",
        ),
        (
            "SET NAMES latin1",
            "SELECT CAST(CHAR_LENGTH('\u{e9}') AS CHAR) AS value",
        ),
        (
            "SET old_mode = ''",
            "SELECT CAST(CHARSET(CAST('a' AS CHAR CHARACTER SET utf8)) AS CHAR) AS value",
        ),
        ("SET @a = 1", "SELECT CAST(@a AS CHAR) AS value"),
        (
            "SET max_recursive_iterations = 3",
            "SELECT CAST((WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT COUNT(*) FROM r) AS CHAR) AS value",
        ),
        (
            "SET sql_big_selects = 0, max_join_size = 1",
            "SELECT CAST((SELECT COUNT(*) FROM (SELECT 1 UNION SELECT 2) a JOIN (SELECT 1 UNION SELECT 2) b) AS CHAR) AS value",
        ),
    ];
}

each_database! {
    fn a_view_reads_otherwise_on_the_connection_whose_setting_changed(db) {
        for (change, value) in Db::IN_VIEWS {
            let value = format!("CAST({value} AS {})", Db::TEXT);
            let view = format!("CREATE VIEW readings AS SELECT 1 AS id, {value} AS value");
            db.connect().batch_execute(&format!("DROP VIEW IF EXISTS readings; {view}; {}", Db::GRANT)).unwrap();
            let read = |conn: &mut Conn| -> Read {
                readings::table.find(1).select(readings::value).first(conn).map_err(drop)
            };
            let cached = |conn: &mut Conn| -> Read {
                let reading = Reading::cached().find(1).first(conn).map_err(drop)?;
                Ok(reading.value.clone())
            };
            let (mut plain, mut changed) = (db.connect(), db.connect());
            changed.batch_execute(change).unwrap();
            let (before, after) = (read(&mut plain), read(&mut changed));
            assert_ne!(before, after, "{change}");

            let (mut one, _) = mapped(db.connect(), db.url());
            let (mut other, _) = mapped(db.connect(), db.url());
            let _scope = Scope::new().entered();
            let held = Reading::cached().find(1).first(&mut one);
            assert_eq!(cached(&mut other), before, "{change}: before it");
            one.batch_execute(change).unwrap();
            assert_eq!(cached(&mut one), after, "{change}: where it was changed");
            assert_eq!(cached(&mut other), before, "{change}: elsewhere");
            drop(held);
        }
    }

    fn a_query_reads_otherwise_on_the_connection_whose_setting_changed(db) {
        for (change, query) in Db::IN_QUERIES {
            let (mut plain, mut changed) = (db.connect(), db.connect());
            for conn in [&mut plain, &mut changed] {
                conn.batch_execute(Db::FIRST).unwrap();
            }
            let read = |conn: &mut Conn| -> Read {
                let answer: Answer = diesel::sql_query(*query).get_result(conn).map_err(drop)?;
                Ok(answer.value)
            };
            let before = read(&mut plain);
            changed.batch_execute(change).unwrap();
            assert_ne!(before, read(&mut changed), "{change}");
        }
    }
}
