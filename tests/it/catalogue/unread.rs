//! G3 and G7: a catalogue that cannot be read now, and one whose reading is given up half-way.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::tables::*;
use crate::db::postgres::Db;
use crate::mapped;

/// A database with a trigger that counts jars.
fn with_trigger() -> Db {
    let db = Db::new();
    let mut conn = db.connect();
    let product = Product::Postgres;
    conn.batch_execute(&product.tables("")).unwrap();
    let count = "UPDATE shelves SET jars = jars + 1;";
    conn.batch_execute(&product.trigger("count_up", "AFTER UPDATE", "jars", count))
        .unwrap();
    db
}

/// Holds up everybody who reads which triggers there are.
const LOCK: &str = "BEGIN; LOCK TABLE pg_catalog.pg_trigger IN ACCESS EXCLUSIVE MODE";

/// The reading hits the program's `statement_timeout`, also inside a transaction of the program's, which goes on.
#[test]
fn a_timeout() {
    let db = with_trigger();
    let mut other = db.connect();
    for begins in [false, true] {
        let (mut conn, _) = mapped(db.connect(), &format!("{} {begins}", db.url()));
        let conn = &mut conn;
        // What the connection knows of its tables is not read again.
        badges::table.count().get_result::<i64>(conn).unwrap();
        conn.batch_execute("SET statement_timeout = 50").unwrap();
        other.batch_execute(LOCK).unwrap();
        if begins {
            conn.batch_execute("BEGIN").unwrap();
            conn.batch_execute("INSERT INTO badges VALUES (7, 1, 'mine')")
                .unwrap();
        }
        for _ in 0..4 {
            assert!(!Badge::cached().load(conn).unwrap().is_empty());
        }
        let stats = |conn: &mut PgConnection| conn.identity_map().unwrap().stats();
        assert_eq!(stats(conn).without_catalogue, 1);
        other.batch_execute("COMMIT").unwrap();
        if begins {
            let mine = Badge::cached().find(7).first(conn).unwrap();
            assert_eq!(mine.name, "mine");
            conn.batch_execute("COMMIT").unwrap();
            assert_eq!(Badge::cached().find(7).first(conn).unwrap().name, "mine");
        }
        conn.identity_map().unwrap().forget_schema();
        let held = Shelf::cached().find(2).first(conn).unwrap();
        assert_eq!(stats(conn).without_catalogue, 0);
        conn.batch_execute("UPDATE jars SET label = 'x' WHERE id = 1")
            .unwrap();
        let now = Shelf::cached().find(2).first(conn).unwrap();
        assert_eq!(now.jars, held.jars + 1);
    }
}

/// A future that is dropped while it reads the catalogue, by one who has the connection alone, and by one who
/// shares it.
#[cfg(feature = "__async-tests")]
#[test]
fn a_future_that_is_dropped() {
    use crate::db::asynchronous;
    use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};

    for is_shared in [false, true] {
        let db = with_trigger();
        let mut other = db.connect();
        asynchronous::run(async {
            let conn = AsyncPgConnection::establish(db.url()).await.unwrap();
            let (mut conn, _) = asynchronous::mapped(conn, db.url());
            other.batch_execute(LOCK).unwrap();
            let wait = Duration::from_millis(50);
            for _ in 0..3 {
                let done = if is_shared {
                    let shared = &mut &conn;
                    tokio::time::timeout(wait, Badge::cached().load(shared))
                        .await
                        .is_ok()
                } else {
                    tokio::time::timeout(wait, Badge::cached().load(&mut conn))
                        .await
                        .is_ok()
                };
                assert!(!done);
            }
            other.batch_execute("COMMIT").unwrap();
            let held = Shelf::cached().find(2).first(&mut conn).await.unwrap();
            let update = "UPDATE jars SET label = 'x' WHERE id = 1";
            SimpleAsyncConnection::batch_execute(&mut conn, update)
                .await
                .unwrap();
            let now = Shelf::cached().find(2).first(&mut conn).await.unwrap();
            assert_eq!((held.jars, now.jars), (0, 1));
        });
    }
}
