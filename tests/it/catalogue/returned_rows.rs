//! G3: what the manager's write returns is no row of the relation where a trigger, a rule or the condition of a view has made
//! something else of it.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    facade (id) {
        id -> Integer,
        v -> Integer,
    }
}

#[derive(
    Queryable, Selectable, Insertable, AsChangeset, IdentityMapped, Debug, Clone, PartialEq,
)]
#[diesel(table_name = facade)]
struct Facade {
    id: i32,
    v: i32,
}

/// Writes by the manager in every way, and compares with plain Diesel's rows.
macro_rules! written {
    ($database:ident: $($sql:literal)+) => {{
        use crate::db::$database::Db;
        let db = Db::new();
        let (mut conn, _) = crate::mapped(db.connect(), db.url());
        let conn = &mut conn;
        for sql in [$($sql),+] {
            conn.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
        for way in ["update", "save", "insert", "insert_many"] {
            let held = Facade::cached().find(1).first(conn).optional().unwrap();
            let held = held.unwrap_or_else(|| Arc::new(Facade { id: 1, v: 0 }));
            let values = |id: i32| (facade::id.eq(id), facade::v.eq(700));
            let done = match way {
                "update" => Facade::cached().update(&held, facade::v.eq(500), conn).map(|row| vec![row]),
                "save" => Facade::cached().save(Facade { id: 1, v: 600 }, conn).map(|row| vec![row]),
                "insert" => Facade::cached().insert(values(3), conn).map(|row| vec![row]),
                _ => Facade::cached().insert_many([values(4), values(5)], conn),
            };
            let rows: Vec<Facade> = facade::table.order(facade::id).load(conn).unwrap();
            for id in 1..6 {
                let found = Facade::cached().find(id).first(conn).optional().unwrap();
                let row = rows.iter().find(|row| row.id == id);
                assert_eq!(found.as_deref(), row, "{way} ({done:?}) of {}", [$($sql),+].join("; "));
            }
        }
    }};
}

#[test]
fn a_view_of_sqlite() {
    written!(sqlite:
        "CREATE TABLE a (id INTEGER PRIMARY KEY, v INT); CREATE TABLE b (id INTEGER PRIMARY KEY, v INT)"
        "INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1)"
        "CREATE VIEW facade AS SELECT id, v FROM a"
        "CREATE TRIGGER u INSTEAD OF UPDATE ON facade BEGIN UPDATE b SET v = NEW.v; END"
        "CREATE TRIGGER i INSTEAD OF INSERT ON facade BEGIN UPDATE b SET v = NEW.v; END");
}

#[cfg(feature = "postgres")]
#[test]
fn views_and_rules_of_postgres() {
    written!(postgres:
        "CREATE TABLE a (id int PRIMARY KEY, v int); INSERT INTO a VALUES (1, 1)"
        "CREATE VIEW facade AS SELECT id, v FROM a"
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
        "CREATE TRIGGER t INSTEAD OF UPDATE OR INSERT ON facade FOR EACH ROW EXECUTE FUNCTION f()");
    written!(postgres:
        "CREATE TABLE a (id int PRIMARY KEY, v int); INSERT INTO a VALUES (1, 1)"
        "CREATE VIEW facade AS SELECT id, v FROM a WHERE v < 100");
    written!(postgres:
        "CREATE TABLE facade (id int PRIMARY KEY, v int); CREATE TABLE b (id int PRIMARY KEY, v int)"
        "INSERT INTO facade VALUES (1, 1); INSERT INTO b VALUES (1, 1)"
        "CREATE RULE r AS ON UPDATE TO facade DO INSTEAD UPDATE b SET v = NEW.v WHERE id = NEW.id RETURNING id, v");
    written!(postgres:
        "CREATE TABLE facade (id int PRIMARY KEY, v int); INSERT INTO facade VALUES (1, 1)"
        "CREATE RULE r AS ON INSERT TO facade DO INSTEAD UPDATE facade SET v = v + 1 RETURNING id + 2, v");
}

#[cfg(feature = "mysql")]
#[test]
fn a_view_of_mysql() {
    written!(mysql:
        "CREATE TABLE a (id INT PRIMARY KEY, v INT)" "INSERT INTO a VALUES (1, 1)"
        "CREATE VIEW facade AS SELECT id, v FROM a WHERE v < 100");
}
