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
}
