//! What statements change of the session, on each database.

use super::support::{all_change, changes};
use crate::product::Product::{Mysql, Postgres, Sqlite, Unknown};

#[test]
fn harmless_settings_change_nothing() {
    all_change(
        Postgres,
        &[
            ("SET work_mem = '8MB'", ""),
            ("SET default_transaction_read_only TO on", ""),
            ("SET statement_timeout = 0", ""),
            ("SET application_name = 'x; SET ROLE y'", ""),
            ("SET enable_seqscan = off", ""),
            ("SET auto_explain.log_min_duration = 0", ""),
            ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", ""),
            ("SET CONSTRAINTS ALL DEFERRED", ""),
            ("RESET work_mem", ""),
            ("DISCARD PLANS", ""),
        ],
    );
    all_change(
        Mysql,
        &[
            ("SET foreign_key_checks = 0, @@unique_checks = 0", ""),
            ("SET SESSION lock_wait_timeout = 5", ""),
            ("SET @@session.wait_timeout = 5", ""),
            ("SET SESSION TRANSACTION READ ONLY", ""),
        ],
    );
    all_change(
        Sqlite,
        &[
            ("PRAGMA foreign_keys = ON", ""),
            ("PRAGMA main.table_info('posts')", ""),
            ("PRAGMA journal_mode=WAL", ""),
            ("PRAGMA case_sensitive_like", ""),
        ],
    );
    all_change(
        Unknown,
        &[
            ("SET work_mem = '8MB'", ""),
            ("SET foreign_key_checks = 0", ""),
        ],
    );
}

#[test]
fn what_diesel_sets_is_the_baseline() {
    all_change(
        Postgres,
        &[
            ("SET TIME ZONE 'UTC'", "+timezone"),
            ("SET timezone TO utc", "+timezone"),
            ("SET CLIENT_ENCODING TO 'UTF8'", "+client_encoding"),
            ("SET NAMES 'utf8'", "+client_encoding"),
            // The server's own may be another.
            ("RESET timezone", "!timezone"),
            ("SET TIME ZONE LOCAL", "!timezone"),
            ("SET TIME ZONE DEFAULT", "!timezone"),
        ],
    );
    all_change(
        Mysql,
        &[
            ("SET time_zone = '+00:00'", "+time_zone"),
            ("SET @@session.time_zone := '+00:00'", "+time_zone"),
            ("SET time_zone = DEFAULT", "!time_zone"),
            (
                "SET character_set_client = 'utf8mb4'",
                "+character_set_client",
            ),
            (
                "SET character_set_results = utf8mb4",
                "+character_set_results",
            ),
            (
                "SET character_set_connection = 'utf8mb4'",
                "+character_set_connection +collation_connection",
            ),
            (
                "SET NAMES utf8mb4",
                "+character_set_client +character_set_results +character_set_connection +collation_connection",
            ),
        ],
    );
    all_change(
        Unknown,
        &[
            ("SET TIME ZONE 'UTC'", "+timezone"),
            ("SET CLIENT_ENCODING TO 'UTF8'", "+client_encoding"),
            ("SET time_zone = '+00:00'", "+time_zone"),
        ],
    );
}

#[test]
fn postgres_has_a_grammar_for_some_settings() {
    all_change(
        Postgres,
        &[
            ("SET search_path TO a, b", "!search_path"),
            ("SET SCHEMA 'a'", "!search_path"),
            ("SET LOCAL search_path = a", "!search_path/Transaction"),
            ("SET SESSION search_path = a", "!search_path"),
            ("SET search_path = DEFAULT", "+search_path"),
            ("RESET search_path", "+search_path"),
            ("SET \"Search_Path\" = a", "!search_path"),
            ("SET ROLE a", "!role"),
            ("SET LOCAL ROLE a", "!role/Transaction"),
            ("SET role = a", "!role"),
            ("SET ROLE NONE", "!role"),
            ("RESET ROLE", "+role"),
            ("SET SESSION AUTHORIZATION a", "!session_authorization"),
            (
                "SET SESSION AUTHORIZATION DEFAULT",
                "+session_authorization",
            ),
            ("RESET SESSION AUTHORIZATION", "+session_authorization"),
            ("SET XML OPTION DOCUMENT", "!xmloption"),
            (
                "SET TIME ZONE INTERVAL '-08:00' HOUR TO MINUTE",
                "!timezone",
            ),
            ("SET LOCAL TIME ZONE 'UTC'", "+timezone/Transaction"),
            ("SET app.tenant = '1'", "!app.tenant"),
            ("RESET app.tenant", "+app.tenant"),
            ("SET brand_new_setting = 1", "!brand_new_setting?"),
            ("SET TRANSACTION SNAPSHOT 'x'", "Snapshot"),
            // Deferred triggers run.
            ("SET CONSTRAINTS ALL IMMEDIATE", "writes"),
        ],
    );
}

#[test]
fn everything_can_be_given_back() {
    let reset_all = "ResetAll{except:[\"session_authorization\",\"role\"]} \
                     Isolation{level:Baseline,span:Session} !client_encoding !timezone";
    all_change(
        Postgres,
        &[
            ("RESET ALL", reset_all),
            (
                "DISCARD ALL",
                &format!("{reset_all} +session_authorization +role DropTemporary"),
            ),
            ("DISCARD TEMP", "DropTemporary"),
        ],
    );
    all_change(Mysql, &[("RESET MASTER", "Anything")]);
}

#[test]
fn mysql_sets_several_at_once() {
    all_change(
        Mysql,
        &[
            ("SET time_zone = 'x', sql_mode = ''", "!time_zone !sql_mode"),
            (
                "SET sql_mode = DEFAULT, SESSION timestamp = DEFAULT",
                "+sql_mode +timestamp",
            ),
            ("SET GLOBAL time_zone = 'x'", "!time_zone/Global"),
            ("SET @@global.time_zone = 'x'", "!time_zone/Global"),
            ("SET PERSIST sql_mode = ''", "!sql_mode/Global"),
            ("SET @Tenant = 1, @b := 'x'", "!@tenant !@b"),
            ("SET @tenant = NULL", "+@tenant"),
            ("SET @time_zone = '+00:00'", "!@time_zone"),
            ("SET foreign_key_checks = 0, @tenant = 1", "!@tenant"),
            ("SET brand_new = 1", "!brand_new?"),
            ("SET a.b = 1", "!a.b?"),
            ("SET time_zone = @a := 'x'", "Anything"),
            (
                "SET time_zone = my_fn(1, 2), sql_mode = ''",
                "!time_zone !sql_mode writes",
            ),
            ("SET foreign_key_checks = (SELECT my_fn())", "writes"),
            (
                "SET NAMES latin1, @a = 1",
                "!character_set_client !character_set_results !character_set_connection !collation_connection !@a",
            ),
            (
                "SET NAMES utf8mb4 COLLATE utf8mb4_bin",
                "!character_set_client !character_set_results !character_set_connection !collation_connection",
            ),
            (
                "SET CHARACTER SET utf8mb4",
                "+character_set_client +character_set_results !character_set_connection !collation_connection",
            ),
            (
                "SET collation_connection = utf8mb4_bin",
                "!character_set_connection !collation_connection",
            ),
            (
                "SET STATEMENT max_statement_time = 1 FOR SELECT 1",
                "Anything",
            ),
            ("SET PASSWORD = 'x'", "Anything"),
        ],
    );
}

#[test]
fn pragmas_have_values() {
    all_change(
        Sqlite,
        &[
            ("PRAGMA case_sensitive_like = 1", "!case_sensitive_like"),
            ("PRAGMA case_sensitive_like(off)", "+case_sensitive_like"),
            ("PRAGMA 'case_sensitive_like' = no", "+case_sensitive_like"),
            ("PRAGMA short_column_names = 0", "!short_column_names"),
            ("PRAGMA short_column_names = on", "+short_column_names"),
            ("PRAGMA temp_store = MEMORY", "DropTemporary"),
            ("PRAGMA writable_schema = 1", "!writable_schema writes"),
            ("PRAGMA key = 'x'", "!key?"),
            ("PRAGMA rekey", "!rekey?"),
        ],
    );
}

#[test]
fn what_is_disputed_may_change_anything() {
    for sql in [
        "SET",
        "SET --time_zone\n ROLE x",
        "SET time_zone = 1 /*! , sql_mode = 1 */",
        "SELECT set_config($1, $2, $3)",
        "SET NAMES 'it\\'s'",
        "USE other",
    ] {
        for product in [Sqlite, Postgres, Mysql, Unknown] {
            let changes = changes(sql, product);
            assert!(changes.starts_with("Anything"), "{sql}: {changes}");
        }
    }
    all_change(Sqlite, &[("SET work_mem = 1", "Anything")]);
}
