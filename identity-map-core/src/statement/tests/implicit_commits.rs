//! Which statements commit by themselves on MySQL.

use crate::statement::Rules::{Mysql, Postgres, Sqlite, Unknown};
use crate::statement::implicit_commit::ImplicitCommit::{self, Never, Surely, Unclear};
use crate::statement::statements;

#[track_caller]
fn all_are(expected: ImplicitCommit, texts: &[&str]) {
    for sql in texts {
        let statement = statements(sql).next().unwrap();
        assert_eq!(statement.implicit_commit(Mysql), expected, "{sql}");
        assert_eq!(statement.implicit_commit(Postgres), Never, "{sql}");
        assert_eq!(statement.implicit_commit(Sqlite), Never, "{sql}");
        let elsewhere = if expected == Never { Never } else { Unclear };
        assert_eq!(statement.implicit_commit(Unknown), elsewhere, "{sql}");
    }
}

#[test]
fn what_changes_the_schema_commits() {
    all_are(
        Surely,
        &[
            "CREATE TABLE x (a int)",
            "/* a */ create or replace table x (a int)",
            "CREATE TABLE x SELECT 1",
            "CREATE TEMPORARY SEQUENCE s",
            "ALTER TABLE u ADD b int",
            "DROP TABLE u",
            "DROP TABLE IF EXISTS temporary_table",
            "CREATE UNIQUE INDEX i ON u (a)",
            "CREATE TRIGGER t BEFORE INSERT ON u FOR EACH ROW BEGIN SET NEW.a = 1; END",
            "RENAME TABLE a TO b",
            "TRUNCATE u",
            "LOCK TABLES u WRITE",
            "GRANT SELECT ON a TO b",
            "SET PASSWORD = 'x'",
            "SET DEFAULT ROLE NONE",
            "FLUSH TABLES",
            "ANALYZE TABLE u",
            "CHECK TABLE u",
            "BEGIN",
            "START TRANSACTION READ ONLY",
        ],
    );
}

#[test]
fn rows_temporary_tables_and_settings_do_not_commit() {
    all_are(
        Never,
        &[
            "CREATE TEMPORARY TABLE x (a int)",
            "CREATE OR REPLACE TEMPORARY TABLE x (a int)",
            "DROP TEMPORARY TABLE IF EXISTS x",
            "SELECT 1",
            "WITH a AS (SELECT 1) SELECT * FROM a",
            "INSERT INTO u VALUES (1)",
            "LOAD DATA INFILE 'f' INTO TABLE u",
            "SET autocommit = 1",
            "SET ROLE NONE",
            "CHECKSUM TABLE u",
            "ANALYZE SELECT 1",
            "PREPARE s FROM 'CREATE TABLE x (a int)'",
            "SAVEPOINT a",
        ],
    );
}

#[test]
fn what_runs_other_statements_is_unclear() {
    all_are(
        Unclear,
        &[
            "CALL p()",
            "EXECUTE s",
            "EXECUTE IMMEDIATE 'x'",
            "BEGIN NOT ATOMIC SELECT 1; END",
            "SET STATEMENT max_statement_time = 1 FOR SELECT 1",
            "UNLOCK TABLES",
            "XA START 'x'",
            "START SLAVE",
            "CREATE /*! TEMPORARY */ TABLE x (a int)",
            "gibberish",
        ],
    );
}
