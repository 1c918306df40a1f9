//! What the database moves by itself.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::tables::*;
use crate::db::each_connection;

/// The three ways to write: plain Diesel, raw SQL, and the manager.
const WAYS: [&str; 3] = ["plain", "raw", "manager"];

each_connection! {
    /// A trigger that counts the jars of a shelf.
    fn a_trigger_on_another_table(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let product = Product::of(db.url());
        wait!(conn.batch_execute(&product.tables(""))).unwrap();
        let count = "UPDATE shelves SET jars = jars + 1 WHERE id = NEW.shelf_id;";
        wait!(conn.batch_execute(&product.trigger("count_up", "AFTER INSERT", "jars", count))).unwrap();
        let _held = (wait!(Shelf::cached().load(conn)).unwrap(), wait!(Jar::cached().load(conn)).unwrap());
        let would = |conn: &mut Conn, sql: &str| conn.would_expire(sql).unwrap().tables;
        assert_eq!(would(conn, "INSERT INTO jars VALUES (10, 2, 'x')"), ["jars", "shelves"]);
        assert_eq!(would(conn, "UPDATE jars SET label = 'x'"), ["jars"]);
        for (at, way) in WAYS.iter().enumerate() {
            let held = wait!(Shelf::cached().order(shelves::id).load(conn)).unwrap();
            let id = 10 + i32::try_from(at).unwrap();
            let jar = (jars::id.eq(id), jars::shelf_id.eq(2), jars::label.eq("quince"));
            match *way {
                "plain" => { wait!(diesel::insert_into(jars::table).values(jar).execute(conn)).unwrap(); }
                "raw" => {
                    let sql = format!("INSERT INTO jars VALUES ({id}, 2, 'quince')");
                    wait!(diesel::sql_query(sql).execute(conn)).unwrap();
                }
                _ => { wait!(Jar::cached().insert(jar, conn)).unwrap(); }
            }
            let shelf = wait!(Shelf::cached().find(2).first(conn)).unwrap();
            let expected = i32::try_from(at + 1).unwrap();
            assert_eq!((held[1].jars, shelf.jars), (expected - 1, expected), "{way}");
        }
    }

    /// Two triggers in a row, the second on a table without a model.
    fn triggers_in_a_row(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let product = Product::of(db.url());
        wait!(conn.batch_execute(&product.tables(""))).unwrap();
        wait!(conn.batch_execute("CREATE TABLE moves (id INTEGER NOT NULL)")).unwrap();
        let note = "INSERT INTO moves VALUES (NEW.id);";
        wait!(conn.batch_execute(&product.trigger("note_move", "AFTER UPDATE", "jars", note))).unwrap();
        let count = "UPDATE shelves SET jars = jars + 1;";
        wait!(conn.batch_execute(&product.trigger("count_moves", "AFTER INSERT", "moves", count))).unwrap();
        for (at, way) in WAYS.iter().enumerate() {
            let _held = wait!(Shelf::cached().order(shelves::id).load(conn)).unwrap();
            let jar = wait!(Jar::cached().find(1).first(conn)).unwrap();
            let label = format!("by {way}");
            match *way {
                "plain" => { wait!(diesel::update(jars::table.find(1)).set(jars::label.eq(label)).execute(conn)).unwrap(); }
                "raw" => {
                    let sql = format!("UPDATE jars SET label = '{label}' WHERE id = 1");
                    wait!(diesel::sql_query(sql).execute(conn)).unwrap();
                }
                _ => { wait!(Jar::cached().update(&jar, jars::label.eq(label), conn)).unwrap(); }
            }
            let shelf = wait!(Shelf::cached().find(2).first(conn)).unwrap();
            assert_eq!(usize::try_from(shelf.jars).unwrap(), at + 1, "{way}");
        }
    }

    /// The actions of a foreign key that no model declares.
    fn an_undeclared_foreign_key(db) {
        let product = Product::of(db.url());
        for action in ["CASCADE", "SET NULL"] {
            for way in WAYS {
                let (mut conn, _) = mapped(wait!(db.connect()), db.url());
                let conn = &mut conn;
                for table in ["badges", "jars", "shelves"] {
                    wait!(conn.batch_execute(&format!("DROP TABLE IF EXISTS {table}"))).unwrap();
                }
                wait!(conn.batch_execute(&product.tables(&format!("ON DELETE {action}")))).unwrap();
                let shelf = wait!(Shelf::cached().find(1).first(conn)).unwrap();
                let held = wait!(Jar::cached().order(jars::id).load(conn)).unwrap();
                assert_eq!(held.len(), 3);
                match way {
                    "plain" => { wait!(diesel::delete(shelves::table.find(1)).execute(conn)).unwrap(); }
                    "raw" => { wait!(conn.batch_execute("DELETE FROM shelves WHERE id = 1")).unwrap(); }
                    _ => wait!(Shelf::cached().delete(&shelf, conn)).unwrap(),
                }
                let jar = wait!(Jar::cached().find(1).first(conn)).optional().unwrap();
                match action {
                    "CASCADE" => assert_eq!(jar, None, "{way}"),
                    _ => assert_eq!(jar.unwrap().shelf_id, None, "{way}"),
                }
            }
        }
    }

    /// A key that moves takes those with it that refer to it.
    fn a_key_that_moves(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute(&Product::of(db.url()).tables("ON UPDATE CASCADE"))).unwrap();
        let mut id = 1;
        for way in WAYS {
            let shelf = wait!(Shelf::cached().find(id).first(conn)).unwrap();
            let held = wait!(Jar::cached().find(1).first(conn)).unwrap();
            assert_eq!(held.shelf_id, Some(id));
            let to = id + 10;
            match way {
                "plain" => { wait!(diesel::update(shelves::table.find(id)).set(shelves::id.eq(to)).execute(conn)).unwrap(); }
                "raw" => { wait!(conn.batch_execute(&format!("UPDATE shelves SET id = {to} WHERE id = {id}"))).unwrap(); }
                _ => { wait!(Shelf::cached().update(&shelf, shelves::id.eq(to), conn)).unwrap(); }
            }
            id = to;
            let jar = wait!(Jar::cached().find(1).first(conn)).unwrap();
            assert_eq!(jar.shelf_id, Some(id), "{way}");
        }
    }

    /// A model whose base query joins another table.
    fn a_joined_base_query(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute(&Product::of(db.url()).tables(""))).unwrap();
        for way in WAYS {
            let _held = wait!(BadgedShelf::cached().order(shelves::id).load(conn)).unwrap();
            let badge = wait!(Badge::cached().find(1).first(conn)).unwrap();
            match way {
                "plain" => { wait!(diesel::update(badges::table).set(badges::name.eq(way)).execute(conn)).unwrap(); }
                "raw" => { wait!(conn.batch_execute("UPDATE badges SET name = 'raw'")).unwrap(); }
                _ => { wait!(Badge::cached().update(&badge, badges::name.eq(way), conn)).unwrap(); }
            }
            let shelf = wait!(BadgedShelf::cached().find(1).first(conn)).unwrap();
            assert_eq!(shelf.badge.as_deref(), Some(way));
        }
    }

    /// Two connections in a scope: what one writes, the other does not hold any more.
    fn two_connections_in_a_scope(db) {
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        let product = Product::of(db.url());
        wait!(one.batch_execute(&product.tables(""))).unwrap();
        let count = "UPDATE shelves SET jars = jars + 1 WHERE id = NEW.shelf_id;";
        wait!(one.batch_execute(&product.trigger("count_up", "AFTER INSERT", "jars", count))).unwrap();
        let scope = diesel_identity_map::Scope::new();
        let _entered = scope.enter();
        let _held = wait!(Shelf::cached().order(shelves::id).load(&mut one)).unwrap();
        wait!(diesel::sql_query("INSERT INTO jars VALUES (10, 2, 'quince')").execute(&mut other)).unwrap();
        let shelf = wait!(Shelf::cached().find(2).first(&mut one)).unwrap();
        assert_eq!(shelf.jars, 1);
    }
}
