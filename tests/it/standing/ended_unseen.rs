//! Transactions that the database ends where the text of the statement does not say it.

use diesel::prelude::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_identity_map::prelude::*;

use super::{Hooked, assert_as_plain, is_said_to_be_committed};
use crate::db::each_connection;
use crate::models::*;
use crate::schema::*;

each_connection! {
    /// G3, G4: a constraint and a trigger of SQLite's may roll back.
    fn by_a_constraint_or_a_trigger(db) {
        db.fill(2, 2);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        if wait!(one.batch_execute("SELECT sqlite_version()")).is_err() {
            return;
        }
        wait!(one.batch_execute(
            "CREATE TABLE by_constraint (id INTEGER PRIMARY KEY ON CONFLICT ROLLBACK); \
             INSERT INTO by_constraint VALUES (1); \
             CREATE TABLE by_trigger (id INTEGER PRIMARY KEY); \
             CREATE TRIGGER rolls_back BEFORE INSERT ON by_trigger \
             BEGIN SELECT RAISE(ROLLBACK, 'no'); END;"
        )).unwrap();
        let _entered = Scope::new().entered();
        for table in ["by_constraint", "by_trigger"] {
            wait!(one.batch_execute("BEGIN")).unwrap();
            wait!(diesel::update(posts::table.find(1)).set(posts::title.eq("undone")).execute(&mut one)).unwrap();
            let undone = wait!(Post::cached().find(1).first(&mut one)).unwrap();
            let insert = format!("INSERT INTO {table} VALUES (1)");
            wait!(diesel::sql_query(insert).execute(&mut one)).unwrap_err();
            let found = wait!(Post::cached().find(1).first(&mut one)).unwrap();
            assert_ne!(found.title, "undone");
            assert_as_plain!(one, table);
            drop(undone);
            let held = wait!(Post::cached().order(posts::id).load(&mut other)).unwrap();
            let change = diesel::update(posts::table.find(1)).set(posts::title.eq(table));
            wait!(change.execute(&mut one)).unwrap();
            assert_as_plain!(other, "no transaction was open");
            drop(held);
        }
    }

    /// G3, G4: a savepoint that follows begins another transaction, and its release commits.
    fn by_a_constraint_before_a_savepoint(db) {
        db.fill(1, 1);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        if wait!(one.batch_execute("SELECT sqlite_version()")).is_err() {
            return;
        }
        wait!(one.batch_execute(
            "CREATE TABLE by_constraint (id INTEGER PRIMARY KEY ON CONFLICT ROLLBACK); \
             INSERT INTO by_constraint VALUES (1);"
        )).unwrap();
        let _entered = Scope::new().entered();
        for finds in [false, true] {
            wait!(one.batch_execute("BEGIN")).unwrap();
            wait!(diesel::update(posts::table.find(1)).set(posts::title.eq("undone")).execute(&mut one)).unwrap();
            let undone = wait!(Post::cached().find(1).first(&mut one)).unwrap();
            wait!(diesel::sql_query("INSERT INTO by_constraint VALUES (1)").execute(&mut one)).unwrap_err();
            wait!(one.batch_execute("SAVEPOINT a")).unwrap();
            if finds {
                assert_as_plain!(one, "behind the savepoint");
            }
            let title = format!("new {finds}");
            wait!(diesel::update(posts::table.find(1)).set(posts::title.eq(&title)).execute(&mut one)).unwrap();
            let held = wait!(Post::cached().find(1).first(&mut other));
            wait!(one.batch_execute("RELEASE a")).unwrap();
            assert_as_plain!(one, "released");
            assert_as_plain!(other, "the release has committed");
            wait!(one.batch_execute("COMMIT")).unwrap_err();
            drop((undone, held));
        }
    }

    /// G4: `after_commit` runs where a constraint undid its statement alone.
    fn not_by_a_constraint(db) {
        db.fill(1, 1);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        if wait!(conn.batch_execute("SELECT pg_backend_pid()")).is_ok() {
            return; // It refuses every statement then.
        }
        let title = format!("a constraint on {}", db.url());
        wait!(conn.batch_execute("BEGIN")).unwrap();
        let post = wait!(Hooked::cached().find(1).first(&mut conn)).unwrap();
        let new = wait!(Hooked::cached().update(&post, posts::title.eq(&title), &mut conn)).unwrap();
        let again = "INSERT INTO posts (id, user_id, title, body) VALUES (1, 1, '', '')";
        wait!(diesel::sql_query(again).execute(&mut conn)).unwrap_err();
        wait!(conn.batch_execute("SAVEPOINT a")).unwrap();
        wait!(conn.batch_execute("RELEASE SAVEPOINT a")).unwrap();
        wait!(conn.batch_execute("COMMIT")).unwrap();
        assert!(is_said_to_be_committed(&title));
        assert_as_plain!(conn, "committed");
        drop((post, new));
    }

    /// G3: the same, where nothing is loaded before the next write.
    fn by_a_constraint_before_a_write(db) {
        db.fill(1, 1);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        if wait!(one.batch_execute("SELECT sqlite_version()")).is_err() {
            return;
        }
        wait!(one.batch_execute(
            "CREATE TABLE by_constraint (id INTEGER PRIMARY KEY ON CONFLICT ROLLBACK); \
             INSERT INTO by_constraint VALUES (1);"
        )).unwrap();
        let _entered = Scope::new().entered();
        let _used = wait!(Post::cached().find(1).first(&mut one)).unwrap();
        let held = wait!(Post::cached().find(1).first(&mut other)).unwrap();
        wait!(one.batch_execute("BEGIN")).unwrap();
        wait!(diesel::sql_query("INSERT INTO by_constraint VALUES (1)").execute(&mut one)).unwrap_err();
        wait!(diesel::update(posts::table.find(1)).set(posts::title.eq("new")).execute(&mut one)).unwrap();
        assert_as_plain!(other, "the write was committed at once");
        drop(held);
    }

    /// G3: a `BEGIN` commits what was open, if something was.
    fn by_a_begin_behind_a_procedure(db) {
        db.fill(1, 1);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        if wait!(one.batch_execute("SELECT @@version")).is_err() {
            return;
        }
        wait!(one.batch_execute("CREATE PROCEDURE leaves_open() BEGIN START TRANSACTION; END")).unwrap();
        let _entered = Scope::new().entered();
        for end in ["BEGIN", "SET autocommit = 1"] {
            wait!(diesel::sql_query("CALL leaves_open()").execute(&mut one)).unwrap();
            let change = diesel::update(posts::table.find(1)).set(posts::title.eq(end));
            wait!(change.execute(&mut one)).unwrap();
            let held = wait!(Post::cached().find(1).first(&mut other)).unwrap();
            wait!(diesel::sql_query(end).execute(&mut one)).unwrap();
            assert_as_plain!(other, end);
            wait!(one.batch_execute("ROLLBACK")).unwrap();
            drop(held);
        }
    }

    /// G4: `after_commit` does not run for what a procedure has rolled back, though a `COMMIT` follows.
    fn by_a_procedure_that_rolls_back(db) {
        db.fill(1, 1);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        if wait!(conn.batch_execute("SELECT @@version")).is_err() {
            return;
        }
        wait!(conn.batch_execute(
            "CREATE PROCEDURE rolls_back() BEGIN ROLLBACK; START TRANSACTION; END"
        )).unwrap();
        for text in ["CALL rolls_back()", "EXECUTE IMMEDIATE 'ROLLBACK'", "BEGIN NOT ATOMIC ROLLBACK; END"] {
            let title = format!("{text} on {}", db.url());
            wait!(conn.batch_execute("BEGIN")).unwrap();
            let post = wait!(Hooked::cached().find(1).first(&mut conn)).unwrap();
            let new = wait!(Hooked::cached().update(&post, posts::title.eq(&title), &mut conn)).unwrap();
            wait!(conn.batch_execute(text)).unwrap();
            wait!(conn.batch_execute("COMMIT")).unwrap();
            assert_as_plain!(conn, text);
            assert!(!is_said_to_be_committed(&title), "{title}");
            drop((post, new));
        }
        let title = format!("committed on {}", db.url());
        wait!(conn.batch_execute("BEGIN")).unwrap();
        let post = wait!(Hooked::cached().find(1).first(&mut conn)).unwrap();
        wait!(Hooked::cached().update(&post, posts::title.eq(&title), &mut conn)).unwrap();
        wait!(conn.batch_execute("COMMIT")).unwrap();
        assert!(is_said_to_be_committed(&title));
    }

    /// G3: MySQL's `UNLOCK TABLES` ends nothing where no table was locked, and the level is as before.
    fn not_by_an_unlock(db) {
        db.fill(1, 1);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        if wait!(one.batch_execute("SELECT @@version")).is_err() {
            return;
        }
        let _entered = Scope::new().entered();
        wait!(one.batch_execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")).unwrap();
        wait!(one.batch_execute("BEGIN")).unwrap();
        wait!(one.batch_execute("UNLOCK TABLES")).unwrap();
        let held = wait!(Post::cached().find(1).first(&mut one)).unwrap();
        wait!(diesel::update(posts::table).set(posts::title.eq("new")).execute(&mut other)).unwrap();
        let found = wait!(Post::cached().find(1).first(&mut one)).unwrap();
        assert_eq!(found.title, "new");
        wait!(one.batch_execute("COMMIT")).unwrap();
        drop(held);
    }

    /// G4: where the database refuses to read, nothing is handed out.
    fn by_a_statement_that_fails(db) {
        db.fill(1, 1);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        if wait!(conn.batch_execute("SELECT pg_backend_pid()")).is_err() {
            return;
        }
        wait!(conn.batch_execute("BEGIN")).unwrap();
        let post = wait!(Post::cached().find(1).first(&mut conn)).unwrap();
        let new = wait!(Post::cached().update(&post, posts::title.eq("undone"), &mut conn)).unwrap();
        wait!(conn.batch_execute("SELECT 1 / 0")).unwrap_err();
        assert!(wait!(Post::cached().find(1).first(&mut conn)).is_err());
        wait!(conn.batch_execute("ROLLBACK")).unwrap();
        assert_as_plain!(conn, "after the rollback");
        drop((post, new));
    }

    /// G4: by a write of the manager that fails, and that no statement follows but the commit.
    fn by_a_write_that_fails(db) {
        db.fill(1, 1);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        if wait!(conn.batch_execute("SELECT pg_backend_pid()")).is_err() {
            return;
        }
        let title = format!("a write that fails on {}", db.url());
        wait!(conn.batch_execute("BEGIN")).unwrap();
        let post = wait!(Hooked::cached().find(1).first(&mut conn)).unwrap();
        let hooked = wait!(Hooked::cached().update(&post, posts::title.eq(&title), &mut conn)).unwrap();
        let post = wait!(Post::cached().find(1).first(&mut conn)).unwrap();
        let new = wait!(Post::cached().update(&post, posts::body.eq("undone"), &mut conn)).unwrap();
        let again = (posts::id.eq(1), posts::user_id.eq(1), posts::title.eq(""), posts::body.eq(""));
        wait!(Post::cached().insert(again, &mut conn)).unwrap_err();
        assert!(wait!(Post::cached().find(1).first(&mut conn)).is_err());
        wait!(conn.batch_execute("COMMIT")).unwrap();
        let found = wait!(Post::cached().find(1).first(&mut conn)).unwrap();
        assert_ne!((&*found.title, &*found.body), (&*title, "undone"));
        assert!(!is_said_to_be_committed(&title));
        assert_as_plain!(conn, "after the commit that rolled back");
        drop((hooked, new));
    }

    /// G4: the map was enabled inside a transaction that has written already.
    fn before_the_map_was_enabled(db) {
        db.fill(1, 1);
        let mut conn = wait!(db.connect());
        wait!(conn.begin_test_transaction()).unwrap();
        wait!(diesel::update(posts::table).set(posts::title.eq("undone")).execute(&mut conn)).unwrap();
        let (mut conn, _) = mapped(conn, db.url());
        let undone = wait!(Post::cached().find(1).first(&mut conn)).unwrap();
        assert_eq!(undone.title, "undone");
        wait!(diesel::sql_query("ROLLBACK").execute(&mut conn)).unwrap();
        assert_as_plain!(conn, "after the rollback");
        drop(undone);
    }
}
