//! G3: routines that are called in the values of what the library writes. Their text is Diesel's, but what they do
//! only the database knows.

use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use diesel_identity_map::prelude::*;

use super::tables::*;
use crate::db::each_connection;

diesel::define_sql_function! {
    /// Counts a jar on a shelf, and gives the shelf.
    fn count_up(shelf: Integer) -> Integer;
}

diesel::define_sql_function! {
    /// Says which tenant's rows the session sees, and gives its name.
    fn act_as(tenant: Text) -> Text;
}

impl Product {
    fn count_up(self) -> &'static str {
        match self {
            Self::Mysql => {
                "CREATE FUNCTION count_up(shelf INT) RETURNS INT MODIFIES SQL DATA
                 BEGIN UPDATE shelves SET jars = jars + 1 WHERE id = shelf; RETURN shelf; END"
            }
            _ => {
                "CREATE FUNCTION count_up(shelf int) RETURNS int LANGUAGE plpgsql AS
                 $$ BEGIN UPDATE shelves SET jars = jars + 1 WHERE id = shelf; RETURN shelf; END $$"
            }
        }
    }
}

/// Two rows of shelves. The value of the second one counts on the shelf of the first.
macro_rules! counted_shelves {
    ($first:expr) => {
        [$first, $first + 1].map(|id| {
            let is_second = id.into_sql::<Integer>().eq($first + 1);
            let counted = diesel::dsl::case_when(is_second, count_up($first)).otherwise(0);
            (
                shelves::id.eq(id),
                shelves::name.eq("new"),
                shelves::jars.eq(counted),
            )
        })
    };
}

each_connection! {
    shared

    /// Each write of the manager's, on a table beside the one that the routine writes to.
    fn by_each_write(db) {
        let product = Product::of(db.url());
        if product == Product::Sqlite {
            return; // It has no routines.
        }
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        wait!(conn.batch_execute(&product.tables(""))).unwrap();
        wait!(conn.batch_execute(product.count_up())).unwrap();
        let badge = |id: i32| (badges::id.eq(id), badges::shelf_id.eq(count_up(2)), badges::name.eq("x"));
        let calls = badges::shelf_id.eq(count_up(2));
        for way in 0..7 {
            let jars = wait!(Jar::cached().order(jars::id).load(take!(conn))).unwrap();
            let held = wait!(Shelf::cached().order(shelves::id).load(take!(conn))).unwrap();
            let badge_1 = wait!(Badge::cached().find(1).first(take!(conn))).unwrap();
            let written = match way {
                0 => wait!(Badge::cached().insert(badge(7), take!(conn))).map(|_| 1),
                1 => wait!(Badge::cached().insert_many([badge(8), badge(9)], take!(conn))).map(|rows| rows.len()),
                2 => wait!(Badge::cached().update(&badge_1, calls, take!(conn))).map(|_| 1),
                3 => wait!(Badge::cached().find(1).update(calls, take!(conn))).map(|_| 1),
                4 => wait!(Badge::cached().filter(badges::id.eq(7)).update_all(calls, take!(conn))),
                5 => wait!(Badge::cached().filter(badges::id.gt(7)).update_returning(calls, take!(conn))).map(|rows| rows.len()),
                // What only computes calls nothing.
                _ => wait!(Badge::cached().update(&badge_1, badges::name.eq("same"), take!(conn))).map(|_| 0),
            };
            let called = i32::try_from(written.unwrap()).unwrap();
            sent.take();
            let shelf = wait!(Shelf::cached().find(2).first(take!(conn))).unwrap();
            assert_eq!(shelf.jars, held[1].jars + called, "way {way}");
            assert_eq!(sent.take().len(), usize::from(called > 0), "way {way}");
            for jar in &jars {
                let found = wait!(Jar::cached().find(jar.id).first(take!(conn))).unwrap();
                assert!(Arc::ptr_eq(&found, jar), "way {way}");
            }
        }
    }

    /// What a mapped query selects beside models: the routine changes rows that are held, and one that the same query reads.
    fn by_a_mapped_query(db) {
        let product = Product::of(db.url());
        if product == Product::Sqlite {
            return;
        }
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        wait!(conn.batch_execute(&product.tables(""))).unwrap();
        wait!(conn.batch_execute(product.count_up())).unwrap();
        let held = wait!(Shelf::cached().order(shelves::id).load(take!(conn))).unwrap();
        let counted = jars::table.filter(jars::id.le(2)).order(jars::id).select((count_up(2), Jar::as_select()));
        let rows: Vec<(i32, Arc<Jar>)> = wait!(counted.mapped().load(take!(conn))).unwrap();
        assert_eq!(rows.len(), 2);
        let shelf = wait!(Shelf::cached().find(2).first(take!(conn))).unwrap();
        assert_eq!((held[1].jars, shelf.jars), (0, 2));
        if product == Product::Postgres {
            let counted = shelves::table.find(2).select((Shelf::as_select(), count_up(shelves::id)));
            let (read, _): (Arc<Shelf>, i32) = wait!(counted.mapped().first(take!(conn))).unwrap();
            let shelf = wait!(Shelf::cached().find(2).first(take!(conn))).unwrap();
            assert_eq!((read.jars, shelf.jars), (2, 3));
        }
        // What only computes expires nothing.
        let held = wait!(Shelf::cached().order(shelves::id).load(take!(conn))).unwrap();
        let sums = shelves::table.select((Shelf::as_select(), shelves::jars + 1)).order(shelves::id);
        let rows: Vec<(Arc<Shelf>, i32)> = wait!(sums.mapped().load(take!(conn))).unwrap();
        sent.take();
        for (shelf, row) in held.iter().zip(&rows) {
            let found = wait!(Shelf::cached().find(shelf.id).first(take!(conn))).unwrap();
            assert!(Arc::ptr_eq(&found, shelf) && Arc::ptr_eq(&row.0, shelf));
        }
        assert_eq!(sent.take().len(), 0);
    }

    /// A routine that changes the row which the same statement has just returned, and what the session sees.
    fn of_what_comes_back(db) {
        if Product::of(db.url()) != Product::Postgres {
            return; // MySQL refuses to write to the same table.
        }
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        wait!(conn.batch_execute(&Product::Postgres.tables(""))).unwrap();
        wait!(conn.batch_execute(Product::Postgres.count_up())).unwrap();
        let inserted = wait!(Shelf::cached().insert_many(counted_shelves!(7), take!(conn))).unwrap();
        assert_eq!(inserted[0].jars, 0);
        let found = wait!(Shelf::cached().find(7).first(take!(conn))).unwrap();
        assert_eq!(found.jars, 1);

        let changed = shelves::jars.eq(count_up(shelves::id + 1));
        let updated = wait!(Shelf::cached().filter(shelves::id.eq(1)).update_returning(changed, take!(conn))).unwrap();
        assert_eq!(updated[0].jars, 2);
        assert_eq!(wait!(Shelf::cached().find(2).first(take!(conn))).unwrap().jars, 1);

        wait!(conn.batch_execute(
            "ALTER TABLE shelves RENAME TO all_shelves;
             CREATE VIEW shelves AS SELECT * FROM all_shelves
                 WHERE name <> coalesce(current_setting('app.tenant', true), '');
             CREATE FUNCTION act_as(tenant text) RETURNS text LANGUAGE sql AS
                 $$ SELECT set_config('app.tenant', tenant, false) $$"
        )).unwrap();
        let held = wait!(Shelf::cached().order(shelves::id).load(take!(conn))).unwrap();
        let jar = (jars::id.eq(9), jars::label.eq(act_as("high")));
        wait!(Jar::cached().insert(jar, take!(conn))).unwrap();
        assert_eq!(wait!(Shelf::cached().find(2).first(take!(conn))).optional().unwrap(), None);
        assert_eq!(held[1].name, "high");
    }
}

/// Diesel's own statements with `mapped`, and a write that fails after the routine has run.
#[cfg(feature = "postgres")]
#[test]
fn by_mapped_statements() {
    use crate::db::postgres::Db;
    use crate::mapped;
    use diesel::connection::SimpleConnection;

    let db = Db::new();
    let (mut conn, _) = mapped(db.connect(), db.url());
    let conn = &mut conn;
    conn.batch_execute(&Product::Postgres.tables("")).unwrap();
    conn.batch_execute(Product::Postgres.count_up()).unwrap();
    let mut expected = 0;
    for way in 0..4 {
        let held = Shelf::cached().find(2).first(conn).unwrap();
        assert_eq!(held.jars, expected, "way {way}");
        let badge = (badges::shelf_id.eq(count_up(2)), badges::name.eq("x"));
        let written = match way {
            0 => diesel::insert_into(badges::table)
                .values((badges::id.eq(7), badge))
                .returning(Badge::as_returning())
                .mapped()
                .get_result(conn),
            1 => diesel::insert_into(badges::table)
                .values((badges::id.eq(7), badge))
                .on_conflict(badges::id)
                .do_update()
                .set(badges::name.eq("again"))
                .returning(Badge::as_returning())
                .mapped()
                .get_result(conn),
            2 => diesel::update(badges::table.find(7))
                .set(badge)
                .returning(Badge::as_returning())
                .mapped()
                .get_result(conn),
            // The key is there: nothing is done.
            _ => Badge::cached().insert((badges::id.eq(7), badge), conn),
        };
        assert_eq!(written.is_ok(), way < 3, "way {way}: {written:?}");
        expected += i32::from(written.is_ok());
        let found = Shelf::cached().find(2).first(conn).unwrap();
        assert_eq!(found.jars, expected, "way {way}");
    }
}

/// Two futures write on one connection: what the routine of one has changed is not what the other returns.
#[cfg(all(feature = "__async-tests", feature = "postgres"))]
#[test]
fn by_one_of_two_futures() {
    use crate::db::asynchronous::{mapped, postgres::Db, run};
    use diesel_async::SimpleAsyncConnection;

    run(async {
        let db = Db::new();
        let (mut conn, _) = mapped(db.connect().await, db.url());
        conn.batch_execute(&Product::Postgres.tables(""))
            .await
            .unwrap();
        conn.batch_execute(Product::Postgres.count_up())
            .await
            .unwrap();
        let (mut one, mut two) = (&conn, &conn);
        for first in [10, 20, 30] {
            let badge = (
                badges::id.eq(first),
                badges::shelf_id.eq(1),
                badges::name.eq("x"),
            );
            let (counted, badge) = tokio::join!(
                Shelf::cached().insert_many(counted_shelves!(first), &mut one),
                Badge::cached().insert(badge, &mut two),
            );
            let (counted, badge) = (counted.unwrap(), badge.unwrap());
            assert_eq!(counted[0].jars, 0);
            let found = Shelf::cached().find(first).first(&mut one).await.unwrap();
            assert_eq!(found.jars, 1);
            assert_eq!(
                *Badge::cached().find(first).first(&mut one).await.unwrap(),
                *badge
            );
        }
    });
}
