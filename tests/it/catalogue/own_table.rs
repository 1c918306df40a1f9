//! Other rows of the table that is written to: a trigger changes them, or a constraint replaces them.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::tables::*;
use crate::db::each_connection;

each_connection! {
    /// One badge of a shelf is the latest: each insert and update takes the name of the others.
    fn a_trigger_on_its_own_table(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let product = Product::of(db.url());
        if product == Product::Mysql {
            return; // It refuses such triggers.
        }
        wait!(conn.batch_execute(&product.tables(""))).unwrap();
        let others = "UPDATE badges SET name = 'old' WHERE name <> 'old' AND id <> NEW.id;";
        wait!(conn.batch_execute(&product.trigger("one_new", "AFTER INSERT", "badges", others))).unwrap();
        let to_shelf = "UPDATE badges SET name = 'moved' WHERE id <> NEW.id AND NEW.name <> 'old' AND NEW.name <> 'moved' AND name <> 'moved';";
        wait!(conn.batch_execute(&product.trigger("one_moved", "AFTER UPDATE", "badges", to_shelf))).unwrap();
        wait!(conn.batch_execute("INSERT INTO badges VALUES (5, 1, 'old'), (6, 2, 'old')")).unwrap();

        let check = |held: &[Arc<Badge>], now: Vec<Arc<Badge>>, plain: Vec<Badge>| {
            let now: Vec<&Badge> = now.iter().map(|badge| &**badge).collect();
            assert_eq!(now, plain.iter().collect::<Vec<_>>(), "held: {held:?}");
        };
        let query = || Badge::cached().order(badges::id);
        let plain = || badges::table.order(badges::id);
        let held = wait!(query().load(conn)).unwrap();
        wait!(Badge::cached().insert((badges::id.eq(7), badges::shelf_id.eq(1), badges::name.eq("new")), conn)).unwrap();
        check(&held, wait!(query().load(conn)).unwrap(), wait!(plain().load(conn)).unwrap());
        let held = wait!(query().load(conn)).unwrap();
        let rows = [(badges::id.eq(8), badges::shelf_id.eq(1), badges::name.eq("a")), (badges::id.eq(9), badges::shelf_id.eq(1), badges::name.eq("b"))];
        wait!(Badge::cached().insert_many(rows, conn)).unwrap();
        check(&held, wait!(query().load(conn)).unwrap(), wait!(plain().load(conn)).unwrap());
        let held = wait!(query().load(conn)).unwrap();
        wait!(Badge::cached().update(&held[1], badges::name.eq("first"), conn)).unwrap();
        check(&held, wait!(query().load(conn)).unwrap(), wait!(plain().load(conn)).unwrap());
        wait!(conn.batch_execute("UPDATE badges SET name = 'old'")).unwrap();
        let held = wait!(query().load(conn)).unwrap();
        wait!(Badge::cached().filter(badges::id.eq(9)).update_all(badges::name.eq("last"), conn)).unwrap();
        check(&held, wait!(query().load(conn)).unwrap(), wait!(plain().load(conn)).unwrap());
        assert_eq!(held.len(), 6);
    }
}

/// `UNIQUE .. ON CONFLICT REPLACE` takes another row away, and what refers to that row.
#[test]
fn a_constraint_that_replaces() {
    use crate::db::sqlite::Db;
    use crate::mapped;
    use diesel::connection::SimpleConnection;

    for way in ["plain", "raw", "manager", "update"] {
        let db = Db::new();
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        conn.batch_execute(
            "PRAGMA foreign_keys = ON;
             CREATE TABLE shelves (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE ON CONFLICT REPLACE,
                 jars INTEGER NOT NULL DEFAULT 0);
             CREATE TABLE jars (id INTEGER NOT NULL PRIMARY KEY, label TEXT NOT NULL,
                 shelf_id INTEGER REFERENCES shelves ON DELETE CASCADE);
             INSERT INTO shelves VALUES (1, 'low', 0), (2, 'high', 0);
             INSERT INTO jars (id, shelf_id, label) VALUES (1, 1, 'plum'), (2, 2, 'fig');",
        )
        .unwrap();
        let shelves_held = Shelf::cached().order(shelves::id).load(conn).unwrap();
        let jars_held = Jar::cached().order(jars::id).load(conn).unwrap();
        let shelf = (
            shelves::id.eq(3),
            shelves::name.eq("low"),
            shelves::jars.eq(5),
        );
        match way {
            "plain" => {
                diesel::insert_into(shelves::table)
                    .values(shelf)
                    .execute(conn)
                    .unwrap();
            }
            "raw" => conn
                .batch_execute("INSERT INTO shelves VALUES (3, 'low', 5)")
                .unwrap(),
            "manager" => {
                Shelf::cached().insert(shelf, conn).unwrap();
            }
            _ => {
                Shelf::cached()
                    .update(&shelves_held[1], shelves::name.eq("low"), conn)
                    .unwrap();
            }
        }
        assert_eq!(
            Shelf::cached().find(1).first(conn).optional().unwrap(),
            None,
            "{way}"
        );
        assert_eq!(
            Jar::cached().find(1).first(conn).optional().unwrap(),
            None,
            "{way}"
        );
        assert_eq!((shelves_held.len(), jars_held.len()), (2, 2));
    }
}
