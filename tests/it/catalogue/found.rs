//! What was found stale by those who tried.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;
use diesel_identity_map::{MapOptions, Scope};

diesel::table! {
    a (id) {
        id -> Integer,
        v -> Nullable<Integer>,
    }
}

diesel::table! {
    b (id) {
        id -> Integer,
        v -> Nullable<Integer>,
    }
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = a)]
struct A {
    id: i32,
    v: Option<i32>,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = b)]
struct B {
    id: i32,
    v: Option<i32>,
}

/// Makes a schema, holds all rows, writes, and compares what is loaded then.
macro_rules! holds {
    ($database:ident: $($schema:literal)+ => $($write:literal)+) => {{
        use crate::db::$database::Db;
        let db = Db::new();
        let (mut conn, _) = crate::mapped(db.connect(), db.url());
        let conn = &mut conn;
        for sql in [$($schema),+] {
            conn.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
        for sql in [$($write),+] {
            let held = (A::cached().load(conn).unwrap(), B::cached().load(conn).unwrap());
            match sql.strip_prefix("manager ") {
                Some(value) => {
                    let v: i32 = value.parse().unwrap();
                    let _ = A::cached().update(&held.0[0], a::v.eq(v), conn);
                }
                None => conn.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}")),
            }
            let found: Vec<B> = B::cached().order(b::id).load(conn).unwrap().iter().map(|row| B::clone(row)).collect();
            let rows: Vec<B> = b::table.order(b::id).load(conn).unwrap();
            assert_eq!(found, rows, "{sql}");
            let found: Vec<A> = A::cached().order(a::id).load(conn).unwrap().iter().map(|row| A::clone(row)).collect();
            let rows: Vec<A> = a::table.order(a::id).load(conn).unwrap();
            assert_eq!(found, rows, "{sql}");
            drop(held);
        }
    }};
}

/// Two names of one database: what one connection changes in the schema, the other's catalogue has too.
#[test]
fn the_schema_changes_under_another_name() {
    use crate::db::sqlite::Db;
    for names in [None, Some(("one", "other"))] {
        let db = Db::new();
        let (mut one, mut other) = (db.connect(), db.connect());
        match names {
            Some((first, second)) => {
                one.enable_identity_map_with(MapOptions::new().database(first));
                other.enable_identity_map_with(MapOptions::new().database(second));
            }
            None => {
                one.enable_identity_map();
                other.enable_identity_map();
            }
        }
        one.batch_execute(
            "CREATE TABLE a (id INTEGER PRIMARY KEY, v INT); CREATE TABLE b (id INTEGER PRIMARY KEY, v INT);
             INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1)",
        )
        .unwrap();
        let scope = Scope::new();
        let _entered = scope.enter();
        let _held = (
            A::cached().load(&mut one).unwrap(),
            B::cached().load(&mut one).unwrap(),
        );
        let _held_too = B::cached().load(&mut other).unwrap();
        other
            .batch_execute("CREATE TRIGGER t AFTER UPDATE ON a BEGIN UPDATE b SET v = v + 1; END")
            .unwrap();
        let _held = B::cached().load(&mut one).unwrap();
        one.batch_execute("UPDATE a SET v = 6").unwrap();
        assert_eq!(B::cached().find(1).first(&mut one).unwrap().v, Some(2));
        assert_eq!(B::cached().find(1).first(&mut other).unwrap().v, Some(2));
    }
}

#[test]
fn a_key_that_moves_without_being_assigned() {
    holds!(sqlite:
        "CREATE TABLE a (id INTEGER PRIMARY KEY, v INT, k INT GENERATED ALWAYS AS (v * 10) STORED UNIQUE)"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, v INT REFERENCES a (k) ON UPDATE CASCADE)"
        "PRAGMA foreign_keys = 1; INSERT INTO a (id, v) VALUES (1, 1); INSERT INTO b VALUES (1, 10)"
        => "manager 5" "UPDATE a SET v = 7");
    holds!(sqlite:
        "CREATE TABLE a (id INTEGER PRIMARY KEY, v INT); CREATE TABLE b (id INTEGER PRIMARY KEY, v INT REFERENCES a ON UPDATE CASCADE)"
        "PRAGMA foreign_keys = 1; INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1)"
        => "UPDATE a SET rowid = 5 WHERE id = 1" "UPDATE a SET \"_rowid_\" = 6");
}

#[cfg(feature = "postgres")]
#[test]
fn a_key_that_postgres_moves() {
    holds!(postgres:
        "CREATE TABLE a (id int PRIMARY KEY, v int, k int GENERATED ALWAYS AS (v * 10) STORED UNIQUE)"
        "CREATE TABLE b (id int PRIMARY KEY, v int REFERENCES a (k) ON UPDATE CASCADE)"
        "INSERT INTO a (id, v) VALUES (1, 1); INSERT INTO b VALUES (1, 10)"
        => "manager 5");
    holds!(postgres:
        "CREATE TABLE a (id int PRIMARY KEY, v int, k int UNIQUE)"
        "CREATE TABLE b (id int PRIMARY KEY, v int REFERENCES a (k) ON UPDATE CASCADE)"
        "INSERT INTO a VALUES (1, 1, 1); INSERT INTO b VALUES (1, 1)"
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.k := NEW.v * 10; RETURN NEW; END $$"
        "CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f()"
        => "manager 5" "UPDATE a SET v = 7");
}

#[cfg(feature = "mysql")]
#[test]
fn a_key_that_a_trigger_of_mysql_moves() {
    holds!(mysql:
        "CREATE TABLE a (id INT PRIMARY KEY, v INT, k INT UNIQUE)"
        "CREATE TABLE b (id INT PRIMARY KEY, v INT, FOREIGN KEY (v) REFERENCES a (k) ON UPDATE CASCADE)"
        "INSERT INTO a VALUES (1, 1, 1)"
        "INSERT INTO b VALUES (1, 1)"
        "CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW SET NEW.k = NEW.v * 10"
        => "manager 5" "UPDATE a SET v = 7");
}

/// `OR REPLACE` holds for the statements of the triggers as well.
#[test]
fn a_trigger_that_replaces() {
    holds!(sqlite:
        "CREATE TABLE a (id INTEGER PRIMARY KEY, v INT); CREATE TABLE b (id INTEGER PRIMARY KEY, v INT UNIQUE)"
        "INSERT INTO a VALUES (1, 1), (2, 2); INSERT INTO b VALUES (1, 1), (2, 2)"
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO b VALUES (new.id, new.v); END"
        => "INSERT OR REPLACE INTO a VALUES (4, 1)" "REPLACE INTO a VALUES (5, 2)");
}

#[test]
fn a_temporary_trigger() {
    holds!(sqlite:
        "CREATE TABLE a (id INTEGER PRIMARY KEY, v INT); CREATE TABLE b (id INTEGER PRIMARY KEY, v INT)"
        "INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1)"
        => "CREATE TEMP TRIGGER t AFTER UPDATE ON a BEGIN UPDATE b SET v = v + 1; END" "UPDATE a SET v = 6" "manager 7");
}

/// Functions in the new style, in the condition of a trigger, and as a default.
#[cfg(feature = "postgres")]
#[test]
fn functions_of_postgres() {
    holds!(postgres:
        "CREATE TABLE a (id int PRIMARY KEY, v int); CREATE TABLE b (id int PRIMARY KEY, v int)"
        "INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1)"
        "CREATE FUNCTION f(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC UPDATE b SET v = v + 1; SELECT 1; END"
        "CREATE FUNCTION g() RETURNS int LANGUAGE sql RETURN f(1)"
        "CREATE FUNCTION w() RETURNS bool LANGUAGE sql AS 'UPDATE public.b SET v = v + 1; SELECT false'"
        "CREATE FUNCTION n() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
        "CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW WHEN (w()) EXECUTE FUNCTION n()"
        "CREATE TABLE d (id int, x int DEFAULT f(1))"
        => "SELECT f(1)" "SELECT g()" "manager 3" "INSERT INTO d VALUES (1)");
}

/// What changes the schema inside another statement, or in a comment that databases read differently.
#[cfg(feature = "postgres")]
#[test]
fn the_schema_changes_inside() {
    holds!(postgres:
        "CREATE TABLE a (id int PRIMARY KEY, v int); CREATE TABLE b (id int PRIMARY KEY, v int)"
        "INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1)"
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE b SET v = v + 1; RETURN NULL; END $$"
        "CREATE FUNCTION mk() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'CREATE TRIGGER u AFTER UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f()'; END $$"
        => "/* x /* nested */ */ CREATE TRIGGER t AFTER UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f()"
        "UPDATE a SET v = 4"
        "DROP TRIGGER t ON a"
        "DO $$ BEGIN CREATE TRIGGER t AFTER UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f(); END $$"
        "manager 9"
        "DROP TRIGGER t ON a"
        "SELECT mk()"
        "UPDATE a SET v = 5");
}

#[cfg(feature = "mysql")]
#[test]
fn the_schema_changes_in_a_comment() {
    holds!(mysql:
        "CREATE TABLE a (id INT PRIMARY KEY, v INT)"
        "CREATE TABLE b (id INT PRIMARY KEY, v INT)"
        "INSERT INTO a VALUES (1, 1)"
        "INSERT INTO b VALUES (1, 1)"
        => "/*!50003 CREATE*/ /*!50003 TRIGGER t AFTER UPDATE ON a FOR EACH ROW UPDATE b SET v = v + 5 */"
        "UPDATE a SET v = 7"
        "DROP TRIGGER t"
        "EXECUTE IMMEDIATE 'CREATE TRIGGER t AFTER UPDATE ON a FOR EACH ROW UPDATE b SET v = v + 1'"
        "manager 9"
        "UPDATE a SET v = 8");
}

/// An update that gives no row back, and has changed others.
#[test]
fn an_update_that_ends_in_not_found() {
    holds!(sqlite:
        "CREATE TABLE a (id INTEGER PRIMARY KEY, v INT UNIQUE ON CONFLICT REPLACE, parent INT REFERENCES a ON DELETE CASCADE)"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, v INT REFERENCES a ON DELETE SET NULL)"
        "PRAGMA foreign_keys = 1; INSERT INTO a VALUES (1, 1, 2), (2, 2, NULL); INSERT INTO b VALUES (1, 1), (2, 2)"
        => "manager 2");
}

#[cfg(feature = "postgres")]
#[test]
fn an_update_that_a_trigger_prevents() {
    holds!(postgres:
        "CREATE TABLE a (id int PRIMARY KEY, v int); CREATE TABLE b (id int PRIMARY KEY, v int)"
        "INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1)"
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE b SET v = v + 1; RETURN NULL; END $$"
        "CREATE TRIGGER t BEFORE INSERT OR UPDATE OR DELETE ON a FOR EACH ROW EXECUTE FUNCTION f()"
        => "manager 2" "UPDATE a SET v = 3" "DELETE FROM a");
}

/// A trigger that waits for the commit changes what the transaction has loaded before.
#[cfg(feature = "postgres")]
#[test]
fn a_trigger_that_is_deferred() {
    holds!(postgres:
        "CREATE TABLE a (id int PRIMARY KEY, v int); CREATE TABLE b (id int PRIMARY KEY, v int)"
        "INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1)"
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN UPDATE b SET v = v + 1; UPDATE a SET v = -v WHERE v > 0; RETURN NULL; END $$"
        "CREATE CONSTRAINT TRIGGER t AFTER UPDATE ON a DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION f()"
        => "BEGIN" "UPDATE a SET v = 6" "COMMIT"
           "BEGIN" "manager 7" "COMMIT" "manager 8"
           "BEGIN" "UPDATE a SET v = 6" "SET CONSTRAINTS ALL IMMEDIATE" "COMMIT"
           "BEGIN" "SAVEPOINT s" "UPDATE a SET v = 6" "RELEASE s" "COMMIT"
           "BEGIN" "UPDATE a SET v = 6" "ROLLBACK");
}
