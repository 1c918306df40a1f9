//! Programs that failed once. What a search prints is the body of such a test.

use super::search::run_one as run;
use super::step::{Boundary::*, Step::*, Table::*, Way::*, Write::*};
use crate::db::each_database;

each_database! {
    /// Its failure undid what the database says, and nothing else: the connection still shares.
    fn a_batch_that_fails_outside_a_transaction(db) {
        run::<Conn>(db.url(), &[
            (0, Batch("INSERT INTO notes (id, n) VALUES (7, 110); INSERT INTO pins VALUES (1)".into())),
            (1, Check(Tasks, Rows)),
            (0, Manager(DeleteAll, Tasks, 6, 140)),
            (1, Check(Tasks, KeysFirst)),
            (0, Share(Tasks)),
        ]);
    }

    /// On SQLite the first statement is executed alone, on the others the text is refused.
    fn several_statements_in_one_query(db) {
        run::<Conn>(db.url(), &[
            (1, Raw("INSERT INTO pins VALUES (1); UPDATE notes SET n = 120 WHERE id = 4".into())),
            (1, Check(Tasks, Auto)),
            (0, Plain(Delete, Tasks, 4, 130)),
            (1, Check(Tasks, FindMany)),
            (1, Raw("BEGIN; UPDATE notes SET n = 140 WHERE id = 5; COMMIT".into())),
            (1, Check(Notes, Auto)),
            (0, Check(Notes, Find)),
        ]);
    }

    fn a_batch_that_fails_inside_a_transaction(db) {
        run::<Conn>(db.url(), &[
            (0, Diesel(Begin)),
            (0, Batch("UPDATE notes SET n = 160 WHERE id = 5; INSERT INTO pins VALUES (1)".into())),
            (0, Manager(InsertMany, Tasks, 7, 170)),
            (1, Check(Tasks, FindMany)),
            (0, Diesel(Begin)),
            (0, Diesel(Rollback)),
            (0, Diesel(Rollback)),
            (0, Check(Tasks, Find)),
        ]);
    }
}

/// The tests of one database.
macro_rules! on {
    ($(#[$gate:meta])* $module:ident $database:ident $($(#[$meta:meta])* fn $name:ident($($step:expr),+ $(,)?);)+) => {
        $(#[$gate])*
        mod $module {
            use super::*;
            use crate::db::$database::{Conn, Db};

            $(
                $(#[$meta])*
                #[test]
                fn $name() {
                    run::<Conn>(Db::new().url(), &[$($step),+]);
                }
            )+
        }
    };
}

on! {
    sqlite_alone sqlite

    fn a_row_that_is_younger_than_the_snapshot(
        (1, Batch("BEGIN".into())),
        (1, Check(Notes, FindMany)),
        (0, Manager(Insert, Notes, 7, 130)),
        (1, Check(Notes, Auto)),
    );

    fn a_row_that_was_read_by_an_older_snapshot(
        (0, Raw("BEGIN".into())),
        (0, Check(Seen, KeysFirst)),
        (2, Raw("UPDATE notes SET n = 140 WHERE id = 2".into())),
        (0, Check(Notes, FindMany)),
        (2, Check(Notes, KeysFirst)),
    );

    fn a_release_that_commits_behind_a_batch_that_failed(
        (0, Batch("SAVEPOINT b".into())),
        (0, Batch("BEGIN; UPDATE tasks SET n = 120 WHERE id = 5".into())),
        (0, Check(Tasks, KeysFirst)),
        (0, Batch("RELEASE b".into())),
        (1, Check(Notes, Auto)),
        (0, Manager(DeleteAll, Notes, 2, 130)),
        (1, Check(Notes, Auto)),
    );

    fn a_pragma_that_changes_values(
        (0, Batch("PRAGMA case_sensitive_like = ON".into())),
        (1, Check(Seen, Find)),
        (0, Check(Seen, Auto)),
    );

    fn a_temporary_table_that_hides_one_of_all(
        (0, Batch("CREATE TEMPORARY TABLE notes (id INTEGER NOT NULL PRIMARY KEY, n INTEGER NOT NULL, place TEXT)".into())),
        (1, Check(Notes, KeysFirst)),
        (0, Check(Notes, Auto)),
    );

    fn a_batch_whose_begin_fails_in_a_transaction(
        (0, Diesel(Begin)),
        (0, Batch("UPDATE notes SET n = 160 WHERE id = 6; BEGIN IMMEDIATE".into())),
        (0, Manager(InsertMany, Tasks, 7, 170)),
        (1, Check(Tasks, FindMany)),
    );

    fn a_write_that_fails_in_a_transaction(
        (0, Batch("PRAGMA query_only = ON".into())),
        (0, Diesel(Begin)),
        (0, Manager(InsertMany, Tasks, 7, 130)),
        (1, Plain(Update, Notes, 5, 150)),
        (1, Check(Notes, Rows)),
        (0, Check(Notes, Find)),
    );

    fn a_batch_that_is_locked_out(
        (0, Raw("begin transaction".into())),
        (0, Manager(Save, Tasks, 5, 120)),
        (1, Batch("UPDATE tasks SET n = 160 WHERE id = 5; DELETE FROM notes WHERE id = 3".into())),
        (1, Check(Tasks, Find)),
        (0, Raw("END".into())),
        (1, Check(Tasks, Auto)),
    );

    fn a_batch_whose_last_statement_fails_behind_a_commit(
        (2, Batch("BEGIN".into())),
        (1, Check(Notes, Auto)),
        (2, Batch("COMMIT; UPDATE notes SET n = 120 WHERE id = 3; rollback transaction".into())),
        (0, Check(Notes, KeysFirst)),
    );

    fn a_word_that_is_unknown_behind_a_begin(
        (1, Batch("BEGIN IMMEDIATE; SELEC 1".into())),
        (1, Manager(Update, Notes, 4, 180)),
        (2, Check(Notes, Rows)),
    );

    fn a_word_that_is_unknown(
        (0, Batch("COMMIT TRANSACTION; SELEC 1; UPDATE tasks SET n = 150 WHERE id = 9".into())),
        (0, Share(Notes)),
        (1, Check(Tasks, FindMany)),
    );
}

on! {
    #[cfg(feature = "postgres")]
    postgres_alone postgres

    fn a_setting_that_changes_neither_rows_nor_values(
        (0, Raw("SET work_mem = '8MB'".into())),
        (1, Check(Tasks, Auto)),
        (1, Raw("UPDATE tasks SET n = 150 WHERE id = 6".into())),
        (0, Check(Tasks, FindMany)),
        (0, Share(Notes)),
    );

    fn a_setting_that_changes_values(
        (1, Batch("SET TIME ZONE 'Asia/Tokyo'".into())),
        (0, Check(Seen, Find)),
        (1, Check(Seen, FindMany)),
    );

    fn a_function_that_changes_a_setting(
        (1, Batch("SELECT set_config('TimeZone', 'Asia/Tokyo', true)".into())),
        (0, Check(Tasks, KeysFirst)),
        (1, Plain(Delete, Tasks, 3, 140)),
        (0, Check(Tasks, FindMany)),
    );

    fn a_chain_outside_a_transaction(
        (1, Batch("END AND CHAIN".into())),
        (0, Check(Notes, KeysFirst)),
        (1, Manager(DeleteAll, Notes, 1, 130)),
        (0, Check(Notes, FindMany)),
        (0, Share(Tasks)),
    );

    fn a_level_that_later_transactions_have(
        (1, Batch("SET default_transaction_isolation = 'serializable'".into())),
        (1, Check(Tasks, Auto)),
        (0, Plain(Update, Tasks, 6, 150)),
        (1, Check(Tasks, Find)),
    );

    fn a_definition_in_a_transaction(
        (1, Batch("BEGIN TRANSACTION READ WRITE".into())),
        (1, Batch("CREATE TABLE scratch (id INTEGER)".into())),
        (1, Check(Notes, Find)),
        (0, Manager(UpdateAll, Notes, 9, 120)),
        (1, Check(Notes, Find)),
    );

    fn a_level_of_a_begin_inside_a_transaction(
        (2, Diesel(Begin)),
        (2, Raw("START TRANSACTION ISOLATION LEVEL SERIALIZABLE".into())),
        (2, Check(Notes, Rows)),
        (1, Plain(Refresh, Notes, 4, 140)),
        (1, Hold(Notes, Auto)),
        (2, Check(Notes, Find)),
    );

    fn a_setting_that_is_taken_back_after_a_function_has_set_it(
        (1, Batch("SELECT set_config('search_path', 'aside, public', false)".into())),
        (1, Check(Notes, Auto)),
        (1, Batch("RESET search_path".into())),
        (1, Check(Notes, Rows)),
    );

    fn a_setting_that_takes_the_place_of_one_for_the_transaction(
        (1, Raw("BEGIN TRANSACTION READ WRITE".into())),
        (1, Raw("SET LOCAL TIME ZONE 'Asia/Tokyo'".into())),
        (1, Check(Seen, Find)),
        (1, Raw("SET TIME ZONE 'UTC'".into())),
        (1, Check(Seen, Rows)),
    );

    fn a_batch_that_begins_behind_a_setting_for_the_transaction(
        (1, Batch("SET LOCAL bytea_output = 'escape'; BEGIN".into())),
        (0, Check(Seen, Find)),
        (1, Check(Seen, Auto)),
        (1, Raw("COMMIT".into())),
        (1, Check(Seen, Auto)),
        (1, Batch("SET bytea_output = 'escape'; BEGIN".into())),
        (1, Raw("ROLLBACK".into())),
        (1, Check(Seen, Auto)),
    );

    fn a_batch_that_begins_behind_its_write(
        (0, Batch("DELETE FROM tasks WHERE id = 2; START TRANSACTION".into())),
        (1, Check(Tasks, KeysFirst)),
        (0, Check(Tasks, Find)),
    );
}

on! {
    #[cfg(feature = "mysql")]
    mysql_alone mysql

    fn a_chain_that_commits_a_hooked_write(
        (0, Diesel(Begin)),
        (0, Manager(Save, Tasks, 6, 140)),
        (0, Batch("COMMIT WORK AND CHAIN".into())),
        (0, Check(Tasks, FindMany)),
    );

    fn a_hooked_write_after_a_chain(
        (0, Diesel(Begin)),
        (0, Batch("COMMIT AND CHAIN".into())),
        (0, Manager(InsertMany, Tasks, 8, 130)),
        (1, Check(Notes, Rows)),
    );

    fn a_hooked_write_after_a_savepoint_outside_a_transaction(
        (0, Batch("SAVEPOINT A".into())),
        (0, Manager(Update, Tasks, 2, 110)),
    );

    fn a_hooked_write_after_an_implicit_commit(
        (0, Batch("begin work".into())),
        (0, Raw("CREATE TABLE IF NOT EXISTS scratch (id INTEGER)".into())),
        (0, Manager(Update, Tasks, 5, 160)),
    );

    fn a_savepoint_outside_a_transaction(
        (1, Hold(Notes, Rows)),
        (1, Batch("SAVEPOINT a".into())),
        (1, Raw("UPDATE notes SET n = 110 WHERE id = 2".into())),
        (0, Check(Notes, Rows)),
    );

    fn a_transaction_of_diesel_that_a_text_ended(
        (0, Diesel(Begin)),
        (0, Raw("COMMIT".into())),
        (0, Manager(Update, Tasks, 2, 140)),
    );

    fn autocommit_that_is_on_anyway(
        (1, Batch("SET autocommit = 1".into())),
        (1, Check(Notes, Rows)),
        (0, Raw("UPDATE notes SET n = 130 WHERE id = 6".into())),
        (1, Check(Notes, FindMany)),
    );

    fn a_time_zone(
        (0, Batch("SET time_zone = '+09:00'".into())),
        (1, Check(Seen, Find)),
        (0, Check(Seen, Auto)),
    );

    fn dirty_reads(
        (1, Batch("SET tx_isolation = 'READ-UNCOMMITTED'".into())),
        (1, Check(Tasks, Auto)),
        (0, Plain(Update, Tasks, 6, 150)),
        (1, Check(Tasks, Find)),
    );

    fn a_level_for_the_next_transaction_that_a_statement_has_used_up(
        (2, Batch("SET TRANSACTION ISOLATION LEVEL READ COMMITTED".into())),
        (2, Check(Notes, Auto)),
        (2, Diesel(Begin)),
        (2, Check(Tasks, Auto)),
        (1, Plain(Delete, Tasks, 4, 160)),
        (2, Check(Tasks, Auto)),
        (0, Check(Tasks, Auto)),
    );

    fn a_definition_that_fails_and_commits(
        (0, Diesel(Begin)),
        (1, Check(Notes, KeysFirst)),
        (0, Manager(UpdateAll, Notes, 3, 130)),
        (0, Raw("TRUNCATE TABLE nothing".into())),
        (2, Check(Notes, Rows)),
    );

    fn a_procedure_that_begins_a_transaction_of_another_level(
        (1, Batch("START TRANSACTION".into())),
        (1, Raw("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED".into())),
        (1, Batch("CALL leaves_open()".into())),
        (1, Check(Notes, Auto)),
        (0, Manager(Save, Notes, 4, 190)),
        (1, Check(Notes, Find)),
    );

    fn a_write_of_a_row_that_another_has_deleted_since_the_snapshot(
        (0, Diesel(Begin)),
        (0, Check(Tasks, Auto)),
        (1, Raw("DELETE FROM notes WHERE id = 6".into())),
        (0, Manager(Update, Notes, 6, 170)),
        (0, Check(Notes, FindMany)),
        (0, Raw("commit work".into())),
        (2, Check(Notes, Find)),
    );

    fn a_definition_that_fails_and_commits_a_hooked_write(
        (0, Raw("begin work".into())),
        (0, Manager(InsertMany, Tasks, 8, 130)),
        (0, Raw("CREATE TABLE pins (id INTEGER)".into())),
        (0, Check(Tasks, Rows)),
    );

    fn a_definition_that_is_refused_in_a_transaction_that_only_reads(
        (0, Raw("START TRANSACTION READ ONLY".into())),
        (0, Raw("CREATE TABLE pins (id INTEGER)".into())),
        (0, Check(Notes, Find)),
        (1, Plain(UpdateAll, Tasks, 6, 130)),
        (1, Check(Tasks, Auto)),
        (0, Check(Tasks, Auto)),
    );

    fn a_level_of_the_session_that_is_set_inside_a_transaction(
        (0, Raw("COMMIT AND CHAIN".into())),
        (0, Check(Tasks, Rows)),
        (1, Batch("SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED".into())),
        (0, Manager(Update, Tasks, 6, 150)),
        (1, Batch("BEGIN".into())),
        (1, Raw("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ".into())),
        (1, Check(Tasks, Find)),
    );

    fn dirty_reads_and_a_level_for_the_next_transaction(
        (1, Raw("SET tx_isolation = 'READ-UNCOMMITTED'".into())),
        (0, Raw("SET autocommit = 0".into())),
        (0, Manager(Update, Notes, 4, 120)),
        (1, Batch("SET TRANSACTION ISOLATION LEVEL READ COMMITTED".into())),
        (1, Check(Notes, Auto)),
    );

    fn dirty_reads_behind_a_chain(
        (0, Batch("SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED".into())),
        (0, Raw("COMMIT WORK AND CHAIN".into())),
        (1, Batch("BEGIN".into())),
        (0, Check(Notes, KeysFirst)),
        (1, Manager(UpdateAll, Notes, 5, 140)),
        (0, Check(Notes, FindMany)),
    );

    fn a_commit_that_is_refused(
        (1, Batch("START TRANSACTION WITH CONSISTENT SNAPSHOT".into())),
        (1, Raw("COMMIT; INSERT INTO pins VALUES (1)".into())),
        (0, Manager(Update, Tasks, 4, 110)),
        (1, Check(Tasks, FindMany)),
    );
}

/// G3: the program goes on inside the transaction that it did not wait for.
#[cfg(all(feature = "__async-tests", feature = "postgres"))]
#[test]
fn a_begin_that_is_dropped_on_postgres() {
    use crate::db::postgres::Db;

    run::<diesel_async::AsyncPgConnection>(
        Db::new().url(),
        &[
            (0, Dropped(Diesel(Begin).into())),
            (0, Plain(Update, Tasks, 4, 150)),
            (1, Check(Tasks, Rows)),
            (0, Check(Tasks, FindMany)),
        ],
    );
}

/// G5: a rollback of a transaction that was begun by a dropped future takes nothing back that was set before.
#[cfg(all(feature = "__async-tests", feature = "postgres"))]
#[test]
fn a_setting_before_a_begin_that_is_dropped() {
    use crate::db::postgres::Db;

    run::<diesel_async::AsyncPgConnection>(
        Db::new().url(),
        &[
            (1, Batch("SET datestyle = 'German'".into())),
            (
                1,
                Dropped(Batch("BEGIN TRANSACTION READ WRITE".into()).into()),
            ),
            (1, Check(Seen, FindMany)),
            (1, Raw("INSERT INTO tasks (id, n) VALUES (3, 120)".into())),
            (1, Batch("commit work".into())),
            (0, Check(Seen, KeysFirst)),
            (1, Check(Seen, Find)),
        ],
    );
}
