//! What the database does not move is kept.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::tables::*;
use crate::db::each_connection;

each_connection! {
    /// A write to one table keeps the objects of another that nothing ties to it.
    fn nothing_ties_them(db) {
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute(&Product::of(db.url()).tables("ON DELETE CASCADE ON UPDATE CASCADE"))).unwrap();
        let shelves = wait!(Shelf::cached().order(shelves::id).load(conn)).unwrap();
        let jars = wait!(Jar::cached().order(jars::id).load(conn)).unwrap();
        // Neither an update of another column nor a delete on the other side of the key.
        wait!(conn.batch_execute("UPDATE shelves SET name = 'top' WHERE id = 1")).unwrap();
        wait!(Shelf::cached().update(&shelves[1], shelves::name.eq("floor"), conn)).unwrap();
        wait!(conn.batch_execute("DELETE FROM badges WHERE shelf_id IN (SELECT id FROM shelves)")).unwrap();
        sent.take();
        for jar in &jars {
            let found = wait!(Jar::cached().find(jar.id).first(conn)).unwrap();
            assert!(Arc::ptr_eq(jar, &found));
        }
        assert_eq!(sent.take().len(), 0);
    }

    /// What the program says by `changed_by`, with the catalogue and without it.
    fn what_the_program_says(db) {
        for reads_catalogue in [true, false] {
            let mut conn = wait!(db.connect());
            let options = MapOptions::new().database(format!("{reads_catalogue} {}", db.url()));
            conn.enable_identity_map_with(options.catalogue(reads_catalogue));
            let conn = &mut conn;
            for table in ["badges", "jars", "shelves"] {
                wait!(conn.batch_execute(&format!("DROP TABLE IF EXISTS {table}"))).unwrap();
            }
            wait!(conn.batch_execute(&Product::of(db.url()).tables(""))).unwrap();
            let told = wait!(ToldShelf::cached().find(1).first(conn)).unwrap();
            let shelf = wait!(Shelf::cached().find(1).first(conn)).unwrap();
            wait!(conn.batch_execute("UPDATE badges SET name = 'x'")).unwrap();
            let map = conn.identity_map().unwrap();
            assert!(map.get::<ToldShelf>(&told.id).is_none() && map.get::<Shelf>(&shelf.id).is_some());
            let told = wait!(ToldShelf::cached().find(1).first(conn)).unwrap();
            let badge = wait!(Badge::cached().find(1).first(conn)).unwrap();
            wait!(Badge::cached().delete(&badge, conn)).unwrap();
            assert!(conn.identity_map().unwrap().get::<ToldShelf>(&told.id).is_none());
        }
    }

    /// What is kept over a script of writes, with the catalogue and without it.
    fn a_script_of_writes(db) {
        let product = Product::of(db.url());
        let mut kept = Vec::new();
        for reads_catalogue in [false, true] {
            let mut conn = wait!(db.connect());
            let options = MapOptions::new().database(db.url()).catalogue(reads_catalogue);
            conn.enable_identity_map_with(options);
            let conn = &mut conn;
            for table in ["badges", "jars", "shelves"] {
                wait!(conn.batch_execute(&format!("DROP TABLE IF EXISTS {table}"))).unwrap();
            }
            wait!(conn.batch_execute(&product.tables(""))).unwrap();
            let script = [
                "UPDATE shelves SET name = 'a' WHERE id = 1",
                "INSERT INTO jars VALUES (10, 1, 'x')",
                "INSERT INTO badges VALUES (10, 2, 'x')",
                "UPDATE jars SET label = 'y' WHERE id = 10",
                "DELETE FROM jars WHERE shelf_id NOT IN (SELECT id FROM shelves)",
                "UPDATE badges SET name = (SELECT label FROM jars WHERE id = 1)",
            ];
            let mut found_held = 0;
            for sql in script {
                let shelves = wait!(Shelf::cached().order(shelves::id).load(conn)).unwrap();
                let jars = wait!(Jar::cached().order(jars::id).load(conn)).unwrap();
                let badges = wait!(Badge::cached().order(badges::id).load(conn)).unwrap();
                wait!(conn.batch_execute(sql)).unwrap();
                let map = conn.identity_map().unwrap();
                found_held += shelves.iter().filter(|shelf| map.get::<Shelf>(&shelf.id).is_some()).count();
                found_held += jars.iter().filter(|jar| map.get::<Jar>(&jar.id).is_some()).count();
                found_held += badges.iter().filter(|badge| map.get::<Badge>(&badge.id).is_some()).count();
            }
            kept.push(found_held);
        }
        // Of 43 objects.
        assert_eq!(kept, [21, 27]);
    }
}
