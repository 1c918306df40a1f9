//! G4: what was rolled back is gone, and nothing uncommitted reaches another connection.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::Error;
use diesel_identity_map::{IdentityMapConnection, IdentityMapped, MapOptions, Retain, Scope};
use proptest::test_runner::{Config, TestRunner};

use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;
use crate::world::{Edited, State, Transactions, World, steps_in_transactions};

const CASES: u32 = 40;

fn failing<C: Connection, T>(
    conn: &mut C,
    inside: impl FnOnce(&mut C) -> QueryResult<T>,
) -> Option<T> {
    let mut done = None;
    let end = conn.transaction(|conn| {
        done = Some(inside(conn)?);
        QueryResult::<()>::Err(Error::RollbackTransaction)
    });
    assert_eq!(end, Err(Error::RollbackTransaction));
    done
}

each_database! {
    fn every_load_is_what_this_connection_may_see(db) {
        let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(CASES) });
        let programs = proptest::collection::vec((steps_in_transactions(), proptest::bool::ANY), 1..30);
        let by = proptest::sample::select(vec![Transactions::OfDiesel, Transactions::OfRawSql]);
        runner
            .run(&(programs, by), |(program, by)| {
                let (mut one, _) = mapped(db.connect(), db.url());
                let (mut other, _) = mapped(db.connect(), db.url());
                one.empty();
                seed(&mut one, 3, 5);
                let _entered = Scope::new().entered();
                let mut state = State::default();
                // A check loads everything, so it is left out now and then.
                for (step, check) in program {
                    one.step(step, by, &mut state).unwrap();
                    if check {
                        one.check()?;
                        other.check()?;
                    }
                }
                while state.is_in_transaction() {
                    one.end(false, by, &mut state).unwrap();
                    one.check()?;
                }
                other.check()?;
                Ok(())
            })
            .unwrap_or_else(|failure| panic!("{failure}"));
    }

    fn what_was_rolled_back_is_read_again(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 5);
        let held = Post::cached().order(posts::id).load(conn).unwrap();
        let inserted = failing(conn, |conn| {
            let new = (
                posts::id.eq(900),
                posts::user_id.eq(1),
                posts::title.eq("new"),
                posts::body.eq(""),
            );
            let inserted = Post::cached().insert(new, conn)?;
            Post::cached().update(&held[0], posts::title.eq("changed"), conn)?;
            Post::cached().delete(&held[1], conn)?;
            assert_eq!(Post::cached().find(1).first(conn)?.title, "changed");
            assert_eq!(Post::cached().find(2).first(conn).unwrap_err(), Error::NotFound);
            assert!(Arc::ptr_eq(&inserted, &Post::cached().find(inserted.id).first(conn)?));
            Ok(inserted)
        })
        .unwrap();
        sent.take();
        assert_eq!(Post::cached().find(inserted.id).first(conn).unwrap_err(), Error::NotFound);
        assert_eq!(Post::cached().find(1).first(conn).unwrap().title, "post 1");
        assert_eq!(Post::cached().find(2).first(conn).unwrap().title, "post 2");
        assert_eq!(sent.take().len(), 3, "each is read again");
        for post in &held[2..] {
            assert!(Arc::ptr_eq(post, &Post::cached().find(post.id).first(conn).unwrap()));
        }
        assert_eq!(sent.count(), 0, "and nothing else");
    }

    fn what_was_committed_keeps_the_objects_of_the_transaction(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 5);
        let held = Post::cached().find(5).first(conn).unwrap();
        let (written, read, untouched) = conn
            .transaction(|conn| {
                let post = Post::cached().find(1).first(conn)?;
                let written = Post::cached().update(&post, posts::score.eq(9), conn)?;
                let read = Post::cached().find(3).first(conn)?;
                let untouched = User::cached().find(1).first(conn)?;
                assert!(Arc::ptr_eq(&held, &Post::cached().find(5).first(conn)?));
                QueryResult::Ok((written, read, untouched))
            })
            .unwrap();
        sent.take();
        assert!(Arc::ptr_eq(&written, &Post::cached().find(1).first(conn).unwrap()));
        assert!(Arc::ptr_eq(&read, &Post::cached().find(3).first(conn).unwrap()));
        assert!(Arc::ptr_eq(&untouched, &User::cached().find(1).first(conn).unwrap()));
        assert!(Arc::ptr_eq(&held, &Post::cached().find(5).first(conn).unwrap()));
        assert_eq!(sent.count(), 0);
    }

    fn a_savepoint_takes_back_only_what_is_its_own(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 5);
        let score = |id: i32, conn: &mut Conn| Post::cached().find(id).first(conn).unwrap().score;
        let set = |id: i32, score: i32, conn: &mut Conn| {
            let post = Post::cached().find(id).first(conn)?;
            Post::cached().update(&post, posts::score.eq(score), conn)
        };
        conn.transaction(|conn| {
            let outer = set(1, 100, conn)?;
            failing(conn, |conn| {
                set(2, 200, conn)?;
                set(1, 101, conn)?;
                conn.transaction(|conn| set(3, 300, conn))?;
                assert_eq!([score(1, conn), score(2, conn), score(3, conn)], [101, 200, 300]);
                Ok(())
            });
            assert_eq!([score(1, conn), score(2, conn), score(3, conn)], [100, 4, 1]);
            conn.transaction(|conn| set(4, 400, conn))?;
            assert_eq!(score(4, conn), 400);
            QueryResult::Ok(outer)
        })
        .unwrap();
        assert_eq!([score(1, conn), score(2, conn), score(3, conn), score(4, conn)], [100, 4, 1, 400]);
        let stored: Vec<i32> = posts::table.select(posts::score).order(posts::id).load(conn).unwrap();
        assert_eq!(stored[..4], [100, 4, 1, 400]);
    }

    fn a_transaction_that_only_reads_leaves_its_objects(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        let read = failing(conn, |conn| Post::cached().find(2).first(conn)).unwrap();
        assert!(Arc::ptr_eq(&read, &Post::cached().find(2).first(conn).unwrap()));
    }

    fn what_was_read_after_a_write_goes_with_it(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        // A trigger or a rule may have changed whatever it likes.
        let read = failing(conn, |conn| {
            diesel::update(tags::table).set(tags::name.eq("x")).execute(conn)?;
            Post::cached().find(2).first(conn)
        });
        sent.take();
        Post::cached().find(2).first(conn).unwrap();
        assert_eq!(sent.take().len(), 1);
        drop(read);
        // The same of a savepoint.
        conn.transaction(|conn| {
            let read = failing(conn, |conn| {
                diesel::update(tags::table).set(tags::name.eq("y")).execute(conn)?;
                Post::cached().find(3).first(conn)
            });
            sent.take();
            Post::cached().find(3).first(conn)?;
            assert_eq!(sent.count(), 1);
            drop(read);
            QueryResult::Ok(())
        })
        .unwrap();
    }

    fn a_test_transaction(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        conn.begin_test_transaction().unwrap();
        let held = Post::cached().find(1).first(conn).unwrap();
        let new = Post::cached().update(&held, posts::title.eq("in a test"), conn).unwrap();
        sent.take();
        assert!(Arc::ptr_eq(&new, &Post::cached().find(1).first(conn).unwrap()));
        assert_eq!(sent.count(), 0);
        failing(conn, |conn| {
            diesel::update(posts::table).set(posts::title.eq("all")).execute(conn)?;
            assert_eq!(Post::cached().find(1).first(conn)?.title, "all");
            Ok(())
        });
        assert_eq!(Post::cached().find(1).first(conn).unwrap().title, "in a test");
    }

    fn a_map_that_is_enabled_inside_a_transaction(db) {
        let mut conn = db.connect();
        let conn = &mut conn;
        seed(conn, 1, 3);
        let (mut other, _) = mapped(db.connect(), db.url());
        let _entered = Scope::new().entered();
        failing(conn, |conn| {
            conn.transaction(|conn| {
                conn.enable_identity_map_with(MapOptions::new().database(db.url()));
                let post = Post::cached().find(1).first(conn)?;
                Post::cached().update(&post, posts::title.eq("new"), conn)
            })?;
            assert_eq!(Post::cached().find(1).first(conn)?.title, "new");
            assert_eq!(Post::cached().find(1).first(&mut other)?.title, "post 1");
            Ok(())
        });
        assert_eq!(Post::cached().find(1).first(conn).unwrap().title, "post 1");
    }

    fn scopes_stay_apart_inside_a_transaction(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        let (one, other) = (Scope::new(), Scope::new());
        conn.transaction(|conn| {
            diesel::update(posts::table).set(posts::score.eq(50)).execute(conn)?;
            let a = one.in_scope(|| Post::cached().find(1).first(conn))?;
            let b = other.in_scope(|| Post::cached().find(1).first(conn))?;
            let own = Post::cached().find(1).first(conn)?;
            assert!(!Arc::ptr_eq(&a, &b) && !Arc::ptr_eq(&a, &own) && !Arc::ptr_eq(&b, &own));
            assert!(Arc::ptr_eq(&a, &one.in_scope(|| Post::cached().find(1).first(conn))?));
            QueryResult::Ok(())
        })
        .unwrap();
    }

    fn a_scope_that_ends_inside_a_transaction_keeps_nothing(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        conn.transaction(|conn| {
            diesel::update(posts::table).set(posts::score.eq(50)).execute(conn)?;
            let scope = Scope::builder().retain(Retain::UntilScopeEnds).build();
            let weak = scope.in_scope(|| Post::cached().find(1).first(conn).map(|post| Arc::downgrade(&post)))?;
            assert!(weak.upgrade().is_some());
            drop(scope);
            assert!(weak.upgrade().is_none());
            QueryResult::Ok(())
        })
        .unwrap();
    }

    fn what_the_program_expires_inside_a_transaction_is_read_again(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        conn.transaction(|conn| {
            let post = Post::cached().find(1).first(conn)?;
            let post = Post::cached().update(&post, posts::score.eq(50), conn)?;
            for forget in [0, 1, 2] {
                match forget {
                    0 => Post::cached().expire(&post, conn)?,
                    1 => conn.identity_map()?.expire_all::<Post>(),
                    _ => conn.identity_map()?.clear(),
                }
                sent.take();
                assert_eq!(Post::cached().find(1).first(conn)?.score, 50);
                assert_eq!(sent.count(), 1, "{forget}");
            }
            QueryResult::Ok(())
        })
        .unwrap();
    }

    fn fresh_rows_replace_inside_a_transaction_too(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 3);
        let held = Post::cached().find(2).first(conn).unwrap();
        let fresh = conn
            .transaction(|conn| {
                diesel::update(users::table.find(2)).set(users::name.eq("x")).execute(conn)?;
                let post = Edited::cached().find(1).first(conn)?;
                Edited::cached().update(&post, posts::score.eq(3), conn)?;
                let fresh = Post::cached().fresh().find(2).first(conn)?;
                assert!(Arc::ptr_eq(&fresh, &Post::cached().find(2).first(conn)?));
                QueryResult::Ok(fresh)
            })
            .unwrap();
        assert!(!Arc::ptr_eq(&held, &fresh));
        assert!(Arc::ptr_eq(&fresh, &Post::cached().find(2).first(conn).unwrap()));
    }

    fn what_a_savepoint_changed_is_not_hidden_by_what_was_read_before_it(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        conn.transaction(|conn| {
            let post = Post::cached().find(1).first(conn)?;
            let held = Post::cached().update(&post, posts::title.eq("one"), conn)?;
            conn.transaction(|conn| {
                diesel::update(posts::table).set(posts::title.eq("all")).execute(conn)
            })?;
            assert_eq!(Post::cached().find(1).first(conn)?.title, "all");
            drop(held);
            QueryResult::Ok(())
        })
        .unwrap();
    }

    fn a_rollback_past_savepoints_that_are_open(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 4);
        let held = conn.hold_all();
        let set = |id: i32, conn: &mut Conn| {
            let post = Post::cached().find(id).first(conn).unwrap();
            Post::cached().update(&post, posts::title.eq("new"), conn).unwrap();
        };
        for end in ["ROLLBACK TO SAVEPOINT a", "RELEASE SAVEPOINT a"] {
            conn.batch_execute("BEGIN").unwrap();
            set(1, conn);
            conn.batch_execute("SAVEPOINT a").unwrap();
            set(2, conn);
            conn.batch_execute("SAVEPOINT b").unwrap();
            set(3, conn);
            conn.batch_execute(end).unwrap();
            conn.check().unwrap();
            conn.batch_execute("COMMIT").unwrap();
            conn.check().unwrap();
        }
        drop(held);
    }

    fn many_savepoints_leave_nothing_behind(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        conn.transaction(|conn| {
            for round in 0..50 {
                let post = Post::cached().find(1).first(conn)?;
                let set = |conn: &mut Conn| Post::cached().update(&post, posts::score.eq(round), conn);
                if round % 2 == 0 {
                    failing(conn, set);
                } else {
                    conn.transaction(set)?;
                }
                let score: i32 = posts::table.find(1).select(posts::score).first(conn)?;
                assert_eq!(Post::cached().find(1).first(conn)?.score, score);
            }
            QueryResult::Ok(())
        })
        .unwrap();
        assert_eq!(Post::cached().find(1).first(conn).unwrap().score, 49);
    }
}

/// A commit that the database refuses.
fn a_commit_that_fails<C: World>(conn: &mut C, tables: &str) {
    conn.batch_execute(tables).unwrap();
    seed(conn, 1, 3);
    let held = conn.hold_all();
    let end = conn.transaction(|conn| {
        conn.batch_execute("UPDATE posts SET title = 'never'; INSERT INTO pages VALUES (1, 99)")?;
        conn.check().unwrap();
        QueryResult::Ok(())
    });
    assert!(end.is_err());
    conn.check().unwrap();
    conn.batch_execute("UPDATE posts SET title = 'later'")
        .unwrap();
    conn.check().unwrap();
    drop(held);
}

const PAGES: &str = "CREATE TABLE pages (id INTEGER PRIMARY KEY, post_id INTEGER NOT NULL
    REFERENCES posts (id) DEFERRABLE INITIALLY DEFERRED)";

#[test]
fn a_commit_that_fails_on_sqlite() {
    let db = crate::db::sqlite::Db::new();
    a_commit_that_fails(&mut mapped(db.connect(), db.url()).0, PAGES);
}

#[test]
fn a_savepoint_that_is_the_whole_transaction_on_sqlite() {
    let db = crate::db::sqlite::Db::new();
    let (mut one, _) = mapped(db.connect(), db.url());
    let (mut other, _) = mapped(db.connect(), db.url());
    seed(&mut one, 1, 3);
    let _entered = Scope::new().entered();
    for (end, title) in [("ROLLBACK TO a; RELEASE a", "post 1"), ("RELEASE a", "new")] {
        one.batch_execute("SAVEPOINT a").unwrap();
        diesel::update(posts::table)
            .set(posts::title.eq("new"))
            .execute(&mut one)
            .unwrap();
        one.check().unwrap();
        other.check().unwrap();
        one.batch_execute(end).unwrap();
        one.check().unwrap();
        other.check().unwrap();
        assert_eq!(
            Post::cached().find(1).first(&mut other).unwrap().title,
            title
        );
    }
}

#[cfg(feature = "postgres")]
mod postgres_only {
    use super::*;
    use crate::db::postgres::Db;

    #[test]
    fn a_commit_that_fails() {
        let db = Db::new();
        super::a_commit_that_fails(&mut mapped(db.connect(), db.url()).0, PAGES);
    }

    #[test]
    fn a_commit_that_silently_rolls_back() {
        let db = Db::new();
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 3);
        let held = conn.hold_all();
        conn.batch_execute("BEGIN").unwrap();
        let post = Post::cached().find(1).first(&mut conn).unwrap();
        Post::cached()
            .update(&post, posts::title.eq("never"), &mut conn)
            .unwrap();
        assert!(
            diesel::sql_query("SELECT nothing")
                .execute(&mut conn)
                .is_err()
        );
        conn.batch_execute("COMMIT").unwrap(); // PostgreSQL says ROLLBACK, and no error
        conn.check().unwrap();
        assert_eq!(
            Post::cached().find(1).first(&mut conn).unwrap().title,
            "post 1"
        );
        drop(held);
    }

    #[test]
    fn isolation_levels_and_retries() {
        let db = Db::new();
        let (mut one, _) = mapped(db.connect(), db.url());
        let (mut other, _) = mapped(db.connect(), db.url());
        seed(&mut one, 1, 3);
        let _entered = Scope::new().entered();
        let mut tries = 0;
        let last = loop {
            tries += 1;
            let end = one.build_transaction().serializable().run(|one| {
                let post = Post::cached().find(1).first(one)?;
                let sum: Option<i64> = posts::table
                    .select(diesel::dsl::sum(posts::score))
                    .first(one)?;
                if tries == 1 {
                    // A write that cannot be put in an order with this one.
                    other.build_transaction().serializable().run(|other| {
                        let _: Vec<i32> = posts::table.select(posts::score).load(other)?;
                        let post = Post::cached().find(2).first(other)?;
                        Post::cached().update(&post, posts::score.eq(1000), other)
                    })?;
                }
                let sum = i32::try_from(sum.unwrap_or_default()).unwrap();
                Post::cached().update(&post, posts::score.eq(sum), one)
            });
            one.check().unwrap();
            other.check().unwrap();
            match end {
                Ok(post) => break post,
                Err(_) => assert!(tries < 5),
            }
        };
        assert_eq!(tries, 2, "the first try conflicts");
        assert!(Arc::ptr_eq(
            &last,
            &Post::cached().find(1).first(&mut other).unwrap()
        ));
    }
}

/// A snapshot that is older than a commit does not hide it from others.
macro_rules! old_snapshot {
    ($name:ident, $database:ident) => {
        #[test]
        fn $name() {
            let db = crate::db::$database::Db::new();
            let (mut one, _) = mapped(db.connect(), db.url());
            let (mut other, _) = mapped(db.connect(), db.url());
            seed(&mut one, 1, 3);
            let _entered = Scope::new().entered();
            let set = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ";
            let _ = other.batch_execute(set); // the default of the others
            other
                .transaction(|other| {
                    let _: i64 = posts::table.count().get_result(other)?;
                    let post = Post::cached().find(1).first(&mut one)?;
                    drop(Post::cached().update(&post, posts::title.eq("new"), &mut one)?);
                    drop(post);
                    let old = Post::cached().find(1).first(other)?;
                    assert_eq!(old.title, "post 1", "by its snapshot");
                    assert!(Arc::ptr_eq(&old, &Post::cached().find(1).first(other)?));
                    assert_eq!(Post::cached().find(1).first(&mut one)?.title, "new");
                    QueryResult::Ok(())
                })
                .unwrap();
            assert_eq!(
                Post::cached().find(1).first(&mut other).unwrap().title,
                "new"
            );
        }
    };
}

old_snapshot!(an_old_snapshot_on_sqlite, sqlite);

#[cfg(feature = "postgres")]
old_snapshot!(an_old_snapshot_on_postgres, postgres);

#[cfg(feature = "mysql")]
old_snapshot!(an_old_snapshot_on_mysql, mysql);

/// MySQL commits what is open before it changes a table.
#[cfg(feature = "mysql")]
#[test]
fn an_implicit_commit_on_mysql() {
    let db = crate::db::mysql::Db::new();
    let (mut conn, _) = mapped(db.connect(), db.url());
    let conn = &mut conn;
    seed(conn, 1, 3);
    let held = conn.hold_all();
    conn.batch_execute("BEGIN").unwrap();
    let post = Post::cached().find(1).first(conn).unwrap();
    Post::cached()
        .update(&post, posts::title.eq("kept"), conn)
        .unwrap();
    conn.batch_execute("CREATE TABLE another (id INTEGER)")
        .unwrap();
    conn.batch_execute("ROLLBACK").unwrap();
    conn.check().unwrap();
    assert_eq!(Post::cached().find(1).first(conn).unwrap().title, "kept");
    // `BEGIN` inside a transaction does so as well.
    conn.batch_execute("BEGIN").unwrap();
    diesel::update(posts::table)
        .set(posts::title.eq("kept too"))
        .execute(conn)
        .unwrap();
    conn.batch_execute("BEGIN").unwrap();
    diesel::update(posts::table)
        .set(posts::title.eq("undone"))
        .execute(conn)
        .unwrap();
    conn.batch_execute("ROLLBACK").unwrap();
    conn.check().unwrap();
    drop(held);
}

/// A deadlock rolls the whole transaction back, and the program may not notice.
#[cfg(feature = "mysql")]
#[test]
fn a_deadlock_on_mysql() {
    let db = crate::db::mysql::Db::new();
    let (mut one, _) = mapped(db.connect(), db.url());
    seed(&mut one, 1, 3);
    let url = db.url().to_owned();
    one.batch_execute("INSERT INTO tags (id, name) VALUES (1, 'a'), (2, 'b')")
        .unwrap();
    let held = one.hold_all();
    // The deadlock is about another table than the one that is read again.
    one.batch_execute("BEGIN; UPDATE posts SET title = 'one' WHERE id = 1")
        .unwrap();
    one.batch_execute("UPDATE tags SET name = 'one' WHERE id = 1")
        .unwrap();
    let ours = Post::cached().find(1).first(&mut one).unwrap();
    assert_eq!(ours.title, "one");
    let (ready, waits) = std::sync::mpsc::channel();
    let other = std::thread::spawn(move || {
        let mut other = MysqlConnection::establish(&url).unwrap();
        // The transaction that wrote more wins.
        other
            .batch_execute(
                "BEGIN; UPDATE tags SET name = 'other' WHERE id = 2;
                 INSERT INTO tags (name) VALUES ('c'), ('d'), ('e'), ('f'), ('g'), ('h')",
            )
            .unwrap();
        ready.send(()).unwrap();
        let second = other.batch_execute("UPDATE tags SET name = 'another' WHERE id = 1");
        let _ = other.batch_execute("COMMIT");
        second.is_ok()
    });
    waits.recv().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(200));
    let lost = one
        .batch_execute("UPDATE tags SET name = 'one too' WHERE id = 2")
        .is_err();
    let other_won = other.join().unwrap();
    assert!(lost || other_won);
    one.check().unwrap();
    let _ = one.batch_execute("COMMIT");
    one.check().unwrap();
    drop((held, ours));
}

/// A transaction whose statement may have touched every row, while somebody else commits one.
#[cfg(any(feature = "postgres", feature = "mysql"))]
macro_rules! others_commit_meanwhile {
    ($name:ident, $database:ident) => {
        #[test]
        fn $name() {
            let db = crate::db::$database::Db::new();
            let (mut one, _) = mapped(db.connect(), db.url());
            let (mut other, _) = mapped(db.connect(), db.url());
            seed(&mut one, 1, 3);
            let _entered = Scope::new().entered();
            let set = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ";
            let _ = other.batch_execute(set); // MariaDB's default
            let old = other
                .transaction(|other| {
                    diesel::sql_query("UPDATE posts SET score = 80 WHERE id = 1").execute(other)?;
                    let old = Post::cached().find(2).first(other)?;
                    let post = Post::cached().find(2).first(&mut one)?;
                    drop(Post::cached().update(&post, posts::title.eq("new"), &mut one)?);
                    QueryResult::Ok(old)
                })
                .unwrap();
            assert_eq!(old.title, "post 2");
            assert_eq!(Post::cached().find(2).first(&mut one).unwrap().title, "new");
            assert_eq!(Post::cached().find(1).first(&mut one).unwrap().score, 80);
        }
    };
}

#[cfg(feature = "postgres")]
others_commit_meanwhile!(others_commit_meanwhile_on_postgres, postgres);

#[cfg(feature = "mysql")]
others_commit_meanwhile!(others_commit_meanwhile_on_mysql, mysql);

/// A model that nobody had used when a statement named its table.
#[derive(Queryable, Selectable, IdentityMapped)]
#[diesel(table_name = posts)]
struct LateComer {
    #[allow(dead_code)]
    id: i32,
    title: String,
}

#[test]
fn a_model_that_is_first_used_after_the_statement_that_touched_it() {
    let db = crate::db::sqlite::Db::new();
    let (mut one, _) = mapped(db.connect(), db.url());
    let (mut other, _) = mapped(db.connect(), db.url());
    seed(&mut one, 1, 3);
    let _entered = Scope::new().entered();
    one.transaction(|one| {
        diesel::update(posts::table)
            .set(posts::title.eq("new"))
            .execute(one)?;
        let held = LateComer::cached().find(1).first(&mut other)?;
        assert_eq!(held.title, "post 1");
        assert_eq!(LateComer::cached().find(1).first(one)?.title, "new");
        QueryResult::Ok(())
    })
    .unwrap();
}

/// SQLite ends a transaction by itself.
#[test]
fn a_conflict_that_rolls_back_on_sqlite() {
    let db = crate::db::sqlite::Db::new();
    let (mut conn, _) = mapped(db.connect(), db.url());
    let conn = &mut conn;
    seed(conn, 1, 3);
    let held = conn.hold_all();
    for end in ["COMMIT", "ROLLBACK"] {
        conn.batch_execute("BEGIN").unwrap();
        let post = Post::cached().find(1).first(conn).unwrap();
        let post = Post::cached()
            .update(&post, posts::title.eq("never"), conn)
            .unwrap();
        let conflict =
            "INSERT OR ROLLBACK INTO posts (id, user_id, title, body) VALUES (2, 1, '', '')";
        assert!(conn.batch_execute(conflict).is_err());
        conn.check().unwrap();
        assert!(conn.batch_execute(end).is_err());
        conn.check().unwrap();
        drop(post);
    }
    diesel::update(posts::table)
        .set(posts::title.eq("later"))
        .execute(conn)
        .unwrap();
    conn.check().unwrap();
    drop(held);
}
