//! A catalogue that was read is read again when the schema changes.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::tables::*;
use crate::db::each_connection;

each_connection! {
    /// A trigger that is made after the first load; by this connection, and by another one.
    fn a_trigger_that_comes_later(db) {
        let product = Product::of(db.url());
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        wait!(conn.batch_execute(&product.tables(""))).unwrap();
        let _held = wait!(Shelf::cached().order(shelves::id).load(&mut conn)).unwrap();
        let count = "UPDATE shelves SET jars = jars + 1 WHERE id = NEW.shelf_id;";
        wait!(conn.batch_execute(&product.trigger("count_up", "AFTER INSERT", "jars", count))).unwrap();
        let _held = wait!(Shelf::cached().order(shelves::id).load(&mut conn)).unwrap();
        wait!(conn.batch_execute("INSERT INTO jars VALUES (10, 2, 'quince')")).unwrap();
        assert_eq!(wait!(Shelf::cached().find(2).first(&mut conn)).unwrap().jars, 1);

        let again = "UPDATE shelves SET jars = jars + 10 WHERE id = NEW.shelf_id;";
        wait!(other.batch_execute(&product.trigger("count_up_again", "AFTER UPDATE", "jars", again))).unwrap();
        let _held = wait!(Shelf::cached().order(shelves::id).load(&mut conn)).unwrap();
        wait!(conn.batch_execute("UPDATE jars SET label = 'x' WHERE id = 10")).unwrap();
        assert_eq!(wait!(Shelf::cached().find(2).first(&mut conn)).unwrap().jars, 11);
    }

    /// A write to a table that the catalogue does not know: somebody else has made it.
    fn a_table_that_nobody_knows(db) {
        let product = Product::of(db.url());
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        wait!(conn.batch_execute(&product.tables(""))).unwrap();
        let _held = wait!(Shelf::cached().order(shelves::id).load(&mut conn)).unwrap();
        let mut stranger = wait!(db.connect());
        wait!(stranger.batch_execute("CREATE TABLE newcomers (id INTEGER NOT NULL)")).unwrap();
        let count = "UPDATE shelves SET jars = jars + 1;";
        wait!(stranger.batch_execute(&product.trigger("count_new", "AFTER INSERT", "newcomers", count))).unwrap();
        for expected in 1..4 {
            let _held = wait!(Shelf::cached().order(shelves::id).load(&mut conn)).unwrap();
            wait!(conn.batch_execute("INSERT INTO newcomers VALUES (1)")).unwrap();
            assert_eq!(wait!(Shelf::cached().find(2).first(&mut conn)).unwrap().jars, expected);
        }
    }

    /// A trigger that is made in a transaction: its own connection has it at once, nobody after a rollback, and
    /// another connection after the commit.
    fn a_trigger_that_is_made_in_a_transaction(db) {
        let product = Product::of(db.url());
        if product == Product::Mysql {
            return; // Its `CREATE` commits.
        }
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        wait!(conn.batch_execute(&product.tables(""))).unwrap();
        let count = "UPDATE shelves SET jars = jars + 1 WHERE id = NEW.shelf_id;";
        let trigger = product.trigger("count_up", "AFTER INSERT", "jars", count);
        for end in ["ROLLBACK", "COMMIT"] {
            wait!(conn.batch_execute("BEGIN")).unwrap();
            wait!(conn.batch_execute(&trigger)).unwrap();
            let _held = wait!(Shelf::cached().order(shelves::id).load(&mut conn)).unwrap();
            wait!(conn.batch_execute("INSERT INTO jars VALUES (10, 2, 'quince')")).unwrap();
            assert_eq!(wait!(Shelf::cached().find(2).first(&mut conn)).unwrap().jars, 1, "{end}");
            wait!(conn.batch_execute(end)).unwrap();
            let jars = i32::from(end == "COMMIT");
            assert_eq!(wait!(Shelf::cached().find(2).first(&mut conn)).unwrap().jars, jars, "{end}");
        }
        let _held = wait!(Shelf::cached().order(shelves::id).load(&mut other)).unwrap();
        wait!(other.batch_execute("INSERT INTO jars VALUES (11, 2, 'fig')")).unwrap();
        assert_eq!(wait!(Shelf::cached().find(2).first(&mut other)).unwrap().jars, 2);
    }
}

/// A snapshot may show an older schema than the one by which the database writes: what it reads of the catalogue is
/// not taken for that, neither by others nor for its own writes.
#[cfg(feature = "postgres")]
#[test]
fn a_snapshot_that_is_older_than_a_trigger() {
    use crate::db::postgres::Db;
    use crate::mapped;
    use diesel::connection::SimpleConnection;

    let db = Db::new();
    let product = Product::Postgres;
    let (mut conn, _) = mapped(db.connect(), db.url());
    let (mut other, _) = mapped(db.connect(), db.url());
    let (conn, other) = (&mut conn, &mut other);
    conn.batch_execute(&product.tables("")).unwrap();
    let _entered = Scope::new().entered();
    let _held = Shelf::cached().order(shelves::id).load(conn).unwrap();
    conn.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        .unwrap();
    let _held = Shelf::cached().order(shelves::id).load(conn).unwrap();
    let count = "UPDATE shelves SET jars = jars + 1 WHERE id = NEW.shelf_id;";
    other
        .batch_execute(&product.trigger("count_up", "AFTER INSERT", "jars", count))
        .unwrap();
    // The older schema is read again, if at all.
    let _held = Shelf::cached().order(shelves::id).load(conn).unwrap();
    conn.batch_execute("INSERT INTO jars VALUES (10, 2, 'quince')")
        .unwrap();
    let shelf = |conn: &mut PgConnection| Shelf::cached().find(2).first(conn).unwrap().jars;
    let plain = |conn: &mut PgConnection| {
        let shelf = shelves::table.find(2).select(shelves::jars);
        shelf.get_result::<i32>(conn).unwrap()
    };
    assert_eq!((shelf(conn), plain(conn)), (1, 1));
    let _held = Shelf::cached().order(shelves::id).load(conn).unwrap();
    let jar = (
        jars::id.eq(11),
        jars::shelf_id.eq(2),
        jars::label.eq("managed"),
    );
    let _jar = Jar::cached().insert(jar, conn).unwrap();
    assert_eq!((shelf(conn), plain(conn)), (2, 2));
    conn.batch_execute("COMMIT").unwrap();
    for by in [conn, other] {
        let held = Shelf::cached().find(2).first(by).unwrap();
        by.batch_execute("INSERT INTO jars SELECT max(id) + 1, 2, 'fig' FROM jars")
            .unwrap();
        assert_eq!((shelf(by), plain(by)), (held.jars + 1, held.jars + 1));
    }
}
