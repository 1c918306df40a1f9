//! Counting statements in a program's own tests.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use diesel_identity_map::{
    CachedConnection, IdentityMapConnection, IdentityMapError, IdentityMapped, MapOptions,
    Strategy, assert_statements,
};

use crate::db::each_database;
use crate::installed::nothing_installed;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

/// What it panics with, and in which line.
fn panic_of<T>(panics: impl FnOnce() -> T) -> (String, u32) {
    thread_local! {
        static LINE: Cell<u32> = const { Cell::new(0) };
    }
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            LINE.set(info.location().map_or(0, |location| location.line()));
            before(info);
        }));
    });
    let panic = catch_unwind(AssertUnwindSafe(panics))
        .map(drop)
        .unwrap_err();
    (*panic.downcast::<String>().unwrap(), LINE.get())
}

/// MySQL does not return what it writes, and a given key must not be there before.
fn statements_of_an_insert<C>() -> usize {
    1 + 2 * usize::from(std::any::type_name::<C>().contains("Mysql"))
}

fn first_two<C: CachedConnection<Post>>(conn: &mut C) -> QueryResult<Vec<Arc<Post>>> {
    Ok(assert_statements!(conn, 1, {
        Post::cached().filter(posts::id.le(2)).load(conn)?
    }))
}

each_database! {
    fn cold_and_warm(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 4);
        let posts = || Post::cached().strategy(Strategy::KeysFirst).order(posts::id);
        let all = assert_statements!(&mut conn, 2, { posts().load(&mut conn).unwrap() });
        assert_statements!(conn, 1, { posts().load(&mut conn).unwrap() });
        let first = assert_statements!(conn, 0, Post::cached().find(1).first(&mut conn).unwrap());
        assert!(Arc::ptr_eq(&first, &all[0]));
    }

    fn the_connection_may_be_a_variable_a_reference_or_generic(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 2);
        let load = |conn: &mut Conn| Post::cached().load(conn).unwrap().len();
        assert_eq!(assert_statements!(conn, 1, { load(&mut conn) }), 2);
        assert_eq!(assert_statements!(&mut conn, 1, { load(&mut conn) },), 2);
        assert_eq!(first_two(&mut conn).unwrap().len(), 2);
        let conn = &mut conn;
        let expected = 1;
        assert_eq!(assert_statements!(conn, expected, { load(conn) }), 2);
        assert_eq!(assert_statements!(conn, 1, { load(conn) }, "in {}", "vain"), 2);
        assert_eq!(load(conn), 2);
    }

    fn of_a_pool(db) {
        let _turn = nothing_installed();
        let pool = Pool::builder().max_size(1);
        let pool = pool.build(ConnectionManager::<Conn>::new(db.url())).unwrap();
        let mut conn = pool.get().unwrap();
        conn.enable_identity_map();
        seed(&mut conn, 1, 2);
        assert_statements!(conn, 1, { Post::cached().load(&mut conn).unwrap() });
    }

    fn everything_that_is_sent_counts(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        let post = assert_statements!(conn, statements_of_an_insert::<Conn>(), {
            Post::cached()
                .insert(
                    (
                        posts::id.eq(9),
                        posts::user_id.eq(1),
                        posts::title.eq("a"),
                        posts::body.eq("b"),
                        posts::published.eq(true),
                        posts::score.eq(1),
                    ),
                    conn,
                )
                .unwrap()
        });
        assert_statements!(conn, 1, { Post::cached().delete(&post, conn).unwrap() });
        assert_statements!(conn, 1, { posts::table.count().get_result::<i64>(conn).unwrap() });
        assert_statements!(conn, 1, { diesel::sql_query("DELETE FROM posts").execute(conn).unwrap() });
        assert_statements!(conn, 1, {
            conn.batch_execute("DELETE FROM comments; DELETE FROM posts").unwrap();
        });
        assert_statements!(conn, 1, { conn.batch_execute("SELECT nothing").unwrap_err() });
    }

    fn transactions_do_not_count(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        let load = |conn: &mut Conn| Post::cached().load(conn);
        assert_statements!(conn, 2, {
            conn.transaction(|conn| {
                load(conn)?;
                conn.transaction(load)
            })
            .unwrap();
        });
        assert_statements!(conn, 1, {
            conn.test_transaction::<_, diesel::result::Error, _>(load);
        });
        assert_statements!(conn, 1, {
            for raw in ["BEGIN", "SAVEPOINT a", "ROLLBACK TO SAVEPOINT a", "RELEASE SAVEPOINT a"] {
                conn.batch_execute(raw).unwrap();
            }
            load(conn).unwrap();
            diesel::sql_query("COMMIT").execute(conn).unwrap();
        });
        // One text that does more than that is one statement.
        assert_statements!(conn, 1, { conn.batch_execute("BEGIN; DELETE FROM posts; COMMIT").unwrap() });
    }

    fn without_the_watch(db) {
        let mut conn = db.connect();
        conn.enable_identity_map_with(MapOptions::new().watch(false));
        seed(&mut conn, 1, 3);
        assert_statements!(conn, 2, {
            conn.transaction(|conn| {
                Post::cached().load(conn)?;
                posts::table.count().get_result::<i64>(conn)
            })
            .unwrap();
        });
    }

    fn what_cannot_be_sent_does_not_count(db) {
        let mut conn = db.connect();
        conn.enable_identity_map();
        assert_statements!(conn, 0, {
            let no_change = None::<diesel::dsl::Eq<posts::title, &str>>;
            diesel::update(posts::table).set(no_change).execute(&mut conn).unwrap_err()
        });
    }

    fn the_panic_says_what_was_sent_and_where(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        let (said, at) = panic_of(|| {
            assert_statements!(conn, 1, {
                Post::cached().find(1).first(conn).unwrap();
                diesel::delete(posts::table.find(77)).execute(conn).unwrap();
            })
        });
        assert_eq!(at, line!() - 5);
        let mut lines = said.lines();
        assert_eq!(lines.next(), Some("1 statement expected, but 2 were sent"));
        assert!(lines.next().unwrap().starts_with("   1: SELECT"), "{said}");
        let delete = lines.next().unwrap();
        assert!(delete.starts_with("   2: DELETE FROM"), "{said}");
        assert!(delete.ends_with("-- binds: [77]"), "{said}");
        assert_eq!(lines.next(), None);

        let (said, _) = panic_of(|| assert_statements!(conn, 2, {}, "the {} of {}", "posts", 7));
        assert_eq!(said, "2 statements expected, but none was sent: the posts of 7");
    }

    fn a_connection_without_a_map(db) {
        let _turn = nothing_installed();
        let mut conn = db.connect();
        let (said, at) = panic_of(|| assert_statements!(conn, 0, {}));
        assert_eq!((said, at), (IdentityMapError::NotEnabled.to_string(), line!() - 1));
        let refused = conn.record_statements().unwrap_err();
        assert_eq!(IdentityMapError::of(&refused), Some(&IdentityMapError::NotEnabled));
    }

    fn logs_nest(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        let outer = conn.record_statements().unwrap();
        assert!(outer.is_empty());
        Post::cached().load(conn).unwrap();
        assert_statements!(conn, 3, {
            Post::cached().load(conn).unwrap();
            assert_statements!(conn, 2, {
                Post::cached().load(conn).unwrap();
                Post::cached().load(conn).unwrap();
            });
        });
        assert_eq!(outer.len(), 4);
        assert_eq!(outer.statements().len(), 4);
        // In whatever order they end.
        let inner = conn.record_statements().unwrap();
        drop(outer);
        Post::cached().load(conn).unwrap();
        assert_eq!(inner.len(), 1);
    }

    fn a_question_mark_leaves_the_function_and_ends_the_log(db) {
        fn fails<C>(conn: &mut C) -> QueryResult<usize>
        where
            C: CachedConnection<Post>,
        {
            Ok(assert_statements!(conn, 99, { Post::cached().find(77).first(conn)?.title.len() }))
        }
        let (mut conn, _) = mapped(db.connect(), db.url());
        assert_eq!(fails(&mut conn), Err(diesel::NotFound));
        assert_statements!(conn, 1, { fails(&mut conn).unwrap_err() });
    }
}
