//! G3: after a write through the same connection, by whatever means, no load gives an old row.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::{IdentityMap, IdentityMapConnection, IdentityMapped, MapOptions, Scope};
use proptest::test_runner::{Config, TestRunner};

use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;
use crate::world::{Edited, Remark, State, Transactions, World, steps};

const CASES: u32 = 40;

/// Runs `write`, with every row held, and checks that loads see it.
macro_rules! seen {
    ($conn:expr, $what:expr, $write:expr) => {{
        let conn = &mut *$conn;
        let held = Post::cached().order(posts::id).load(conn).unwrap();
        let remarks = Remark::cached().load(conn).unwrap();
        #[allow(clippy::redundant_closure_call)]
        $write(conn);
        if let Err(stale) = conn.check() {
            panic!("{}: {stale}", $what);
        }
        drop((held, remarks));
    }};
}

fn raw<C: World>(conn: &mut C, statements: &[&str]) {
    conn.empty();
    for sql in statements {
        seed_small(conn);
        seen_raw(conn, sql);
        conn.empty();
    }
}

fn seed_small<C: World>(conn: &mut C) {
    seed(conn, 2, 6);
    seed_comments(conn, 6, 6);
}

fn seen_raw<C: World>(conn: &mut C, sql: &str) {
    let held = conn.hold_all();
    conn.batch_execute(sql)
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    if let Err(stale) = conn.check() {
        panic!("{sql}: {stale}");
    }
    drop(held);
}

each_database! {
    fn every_load_is_what_plain_diesel_reads(db) {
        let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(CASES) });
        let programs = proptest::collection::vec((steps(), proptest::bool::ANY), 1..25);
        runner
            .run(&(programs, proptest::bool::ANY), |(program, scoped)| {
                let (mut conn, _) = mapped(db.connect(), db.url());
                conn.empty();
                seed(&mut conn, 3, 5);
                let scope = scoped.then(|| Scope::new().entered());
                let mut state = State::default();
                // A check loads everything, so it is left out now and then.
                for (step, check) in program {
                    conn.step(step, Transactions::OfDiesel, &mut state).unwrap();
                    if check {
                        conn.check()?;
                    }
                }
                conn.check()?;
                drop(scope);
                Ok(())
            })
            .unwrap_or_else(|failure| panic!("{failure}"));
    }

    fn every_way_to_write_is_seen(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed_small(conn);
        seen!(conn, "update", |conn: &mut Conn| {
            diesel::update(posts::table).set(posts::score.eq(posts::score + 1)).execute(conn).unwrap();
        });
        seen!(conn, "update of one", |conn: &mut Conn| {
            diesel::update(posts::table.find(2)).set(posts::title.eq("x")).execute(conn).unwrap();
        });
        seen!(conn, "insert", |conn: &mut Conn| {
            let user = (users::id.eq(50), users::name.eq("new"));
            diesel::insert_into(users::table).values(user).execute(conn).unwrap();
        });
        seen!(conn, "delete", |conn: &mut Conn| {
            diesel::delete(posts::table.filter(posts::id.gt(4))).execute(conn).unwrap();
        });
        seen!(conn, "transaction", |conn: &mut Conn| {
            conn.transaction(|conn| {
                diesel::update(posts::table).set(posts::published.eq(true)).execute(conn)
            })
            .unwrap();
        });
        seen!(conn, "sql_query", |conn: &mut Conn| {
            diesel::sql_query("UPDATE posts SET title = 'y' WHERE id = 1").execute(conn).unwrap();
        });
        let upsert = format!(
            "INSERT INTO posts (id, user_id, title, body) VALUES (1, 1, 'z', '') {} title = 'upserted'",
            Conn::UPSERT
        );
        raw(conn, &[
            &upsert,
            "update posts set score = 9; select 2; delete from comments where id < 3",
            "BEGIN; UPDATE posts SET score = 10; COMMIT",
            "BEGIN; UPDATE posts SET score = 10; ROLLBACK",
            "delete from users where id = 1",
            "ALTER TABLE posts ADD COLUMN more INTEGER; UPDATE posts SET score = 3",
        ]);
    }

    fn cascades_reach_what_belongs_to_a_row(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed_small(conn);
        conn.batch_execute("UPDATE comments SET user_id = 1; UPDATE comments SET user_id = 2 WHERE post_id = 2")
            .unwrap();
        // SET NULL, and CASCADE over two levels: post 2 is by user 1.
        seen!(conn, "delete a user", |conn: &mut Conn| {
            let user = User::cached().find(1).first(conn).unwrap();
            User::cached().delete(&user, conn).unwrap();
        });
        assert!(Remark::cached().load(conn).unwrap().iter().all(|remark| remark.user_id != Some(1)));
        seen!(conn, "delete all", |conn: &mut Conn| {
            Post::cached().filter(posts::id.lt(4)).delete_all(conn).unwrap();
        });
    }

    fn a_key_that_changes_takes_its_children_along(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        conn.batch_execute(
            "CREATE TABLE shelves (id INTEGER NOT NULL PRIMARY KEY);
             CREATE TABLE books (id INTEGER NOT NULL PRIMARY KEY, shelf_id INTEGER NOT NULL,
                 FOREIGN KEY (shelf_id) REFERENCES shelves (id) ON UPDATE CASCADE);
             INSERT INTO shelves VALUES (1), (2);
             INSERT INTO books VALUES (1, 1), (2, 2);",
        )
        .unwrap();
        let shelf = Shelf::cached().find(1).first(conn).unwrap();
        let books = Book::cached().order(books::id).load(conn).unwrap();
        Shelf::cached().update(&shelf, shelves::id.eq(7), conn).unwrap();
        let again = Book::cached().order(books::id).load(conn).unwrap();
        assert_eq!((books[0].shelf_id, again[0].shelf_id), (1, 7));

        let books = again;
        Shelf::cached().filter(shelves::id.eq(2)).update_all(shelves::id.eq(8), conn).unwrap();
        let again = Book::cached().order(books::id).load(conn).unwrap();
        assert_eq!((books[1].shelf_id, again[1].shelf_id), (2, 8));
        diesel::update(shelves::table.find(8)).set(shelves::id.eq(9)).execute(conn).unwrap();
        assert_eq!(Book::cached().find(2).first(conn).unwrap().shelf_id, 9);
    }

    fn what_was_not_touched_keeps_its_identity(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed_small(conn);
        let users = User::cached().order(users::id).load(conn).unwrap();
        let posts = Post::cached().order(posts::id).load(conn).unwrap();
        diesel::update(posts::table.find(1)).set(posts::score.eq(8)).execute(conn).unwrap();
        diesel::insert_into(tags::table).values(tags::name.eq("a")).execute(conn).unwrap();
        let same = User::cached().order(users::id).load(conn).unwrap();
        assert!(users.iter().zip(&same).all(|(one, other)| Arc::ptr_eq(one, other)));

        // The manager knows which row it wrote.
        let posts_now = Post::cached().order(posts::id).load(conn).unwrap();
        Post::cached().update(&posts_now[0], posts::score.eq(9), conn).unwrap();
        let again = Post::cached().order(posts::id).load(conn).unwrap();
        assert!(!Arc::ptr_eq(&posts_now[0], &again[0]));
        assert!(posts_now[1..].iter().zip(&again[1..]).all(|(one, other)| Arc::ptr_eq(one, other)));
        drop(posts);
    }

    fn what_is_unchanged_keeps_its_object_if_the_model_asks_for_it(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed_small(conn);
        let held = Edited::cached().order(posts::id).load(conn).unwrap();
        let same = |conn: &mut Conn| -> Vec<bool> {
            let again = Edited::cached().order(posts::id).load(conn).unwrap();
            held.iter().zip(&again).map(|(one, other)| Arc::ptr_eq(one, other)).collect()
        };
        diesel::sql_query("UPDATE posts SET title = 'x' WHERE id = 3").execute(conn).unwrap();
        assert_eq!(same(conn), [true, true, false, true, true, true]);
        // Also inside a transaction, after its commit, and after a rollback.
        conn.transaction(|conn| {
            diesel::sql_query("UPDATE posts SET title = 'y' WHERE id = 4").execute(conn)?;
            assert_eq!(same(conn), [true, true, false, false, true, true]);
            QueryResult::Ok(())
        })
        .unwrap();
        assert_eq!(same(conn), [true, true, false, false, true, true]);
        let _ = conn.transaction(|conn| {
            diesel::sql_query("UPDATE posts SET title = 'z' WHERE id = 5").execute(conn)?;
            assert_eq!(same(conn), [true, true, false, false, false, true]);
            QueryResult::<()>::Err(diesel::result::Error::RollbackTransaction)
        });
        assert_eq!(same(conn), [true, true, false, false, true, true]);
        // A map that was told to forget finds them unchanged as well.
        conn.identity_map().unwrap().expire_all::<Edited>();
        assert_eq!(same(conn), [true, true, false, false, true, true]);
        assert_eq!(Edited::cached().find(3).first(conn).unwrap().title, "x");
    }

    fn a_statement_that_failed_forgets_nothing(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed_small(conn);
        let held = Post::cached().find(1).first(conn).unwrap();
        let twice = (posts::id.eq(1), posts::user_id.eq(1), posts::title.eq(""), posts::body.eq(""));
        assert!(diesel::insert_into(posts::table).values(twice).execute(conn).is_err());
        assert!(Arc::ptr_eq(&held, &Post::cached().find(1).first(conn).unwrap()));

        // Half of a batch may have been done.
        let batch = "UPDATE posts SET score = 77 WHERE id = 1; UPDATE nothing SET a = 1";
        assert!(conn.batch_execute(batch).is_err());
        conn.check().unwrap();
    }

    fn a_write_reaches_every_map_that_the_connection_serves(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let (mut other, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 3);
        let map = IdentityMap::new();
        let (outer, inner) = (Scope::new(), Scope::new());
        let load = |conn: &mut Conn| Post::cached().find(1).first(conn).unwrap();
        let in_map = |conn: &mut Conn| Post::cached().in_map(&map).find(1).first(conn).unwrap();
        let held = [
            load(&mut conn),
            in_map(&mut conn),
            outer.in_scope(|| load(&mut conn)),
            inner.in_scope(|| load(&mut other)), // another connection of the scope
        ];
        inner.in_scope(|| {
            diesel::sql_query("UPDATE posts SET title = 'new'").execute(&mut conn).unwrap();
        });
        let now = [
            load(&mut conn),
            in_map(&mut conn),
            outer.in_scope(|| load(&mut conn)),
            inner.in_scope(|| load(&mut other)),
        ];
        assert!(held.iter().all(|post| post.title == "post 1"));
        assert!(now.iter().all(|post| post.title == "new"), "{now:?}");
    }

    /// What is promised of two connections in one scope: a commit of one is seen by the next load
    /// of the other, and nothing before it.
    fn two_connections_of_one_scope(db) {
        let (mut one, _) = mapped(db.connect(), db.url());
        let (mut other, _) = mapped(db.connect(), db.url());
        seed(&mut one, 1, 3);
        let _entered = Scope::new().entered();
        let title = |conn: &mut Conn| Post::cached().find(1).first(conn).unwrap().title.clone();
        let held = Post::cached().find(1).first(&mut one).unwrap();
        Post::cached().update(&held, posts::title.eq("first"), &mut one).unwrap();
        assert_eq!(title(&mut other), "first");

        // By the manager, and by a statement that does not say which row.
        for (manager, new) in [(true, "second"), (false, "third")] {
            let mut hidden = None;
            let old = title(&mut other);
            one.transaction(|one| {
                let post = Post::cached().find(1).first(one)?;
                if manager {
                    Post::cached().update(&post, posts::title.eq(new), one)?;
                } else {
                    diesel::update(posts::table).set(posts::title.eq(new)).execute(one)?;
                }
                assert_eq!(title(one), new);
                assert_eq!(title(&mut other), old, "nothing uncommitted");
                // What is loaded there meanwhile does not hide what is committed here.
                Scope::current().unwrap().clear();
                hidden = Some(Post::cached().find(1).first(&mut other)?);
                assert_eq!(title(one), new);
                QueryResult::Ok(())
            })
            .unwrap();
            assert_eq!(hidden.unwrap().title, old);
            assert_eq!((title(&mut one), title(&mut other)), (new.to_owned(), new.to_owned()));
        }
    }

    fn a_row_that_was_read_before_a_write_is_not_taken_in_after_it(db) {
        let (mut one, _) = mapped(db.connect(), db.url());
        let (mut other, _) = mapped(db.connect(), db.url());
        seed(&mut one, 1, 3);
        let _entered = Scope::new().entered();
        let mut rows = Post::cached().order(posts::id).load_iter(&mut other).unwrap();
        let first = rows.next().unwrap().unwrap();
        let last = diesel::update(posts::table.find(3)).set(posts::title.eq("new"));
        last.execute(&mut one).unwrap();
        let late: Vec<Arc<Post>> = rows.collect::<QueryResult<_>>().unwrap();
        assert_eq!(Post::cached().find(3).first(&mut one).unwrap().title, "new");
        assert_eq!(late.len(), 2);
        drop(first);
    }

    fn without_the_watch_only_the_manager_is_seen(db) {
        let mut conn = db.connect();
        conn.enable_identity_map_with(MapOptions::new().watch(false));
        let conn = &mut conn;
        seed(conn, 1, 3);
        let held = Post::cached().find(1).first(conn).unwrap();
        diesel::update(posts::table).set(posts::title.eq("unseen")).execute(conn).unwrap();
        assert!(Arc::ptr_eq(&held, &Post::cached().find(1).first(conn).unwrap()));
        let new = Post::cached().update(&held, posts::score.eq(3), conn).unwrap();
        assert_eq!((&*new.title, new.score), ("unseen", 3));
        // Transactions are Diesel's to tell.
        let _ = conn.transaction(|conn| {
            Post::cached().update(&new, posts::score.eq(4), conn)?;
            QueryResult::<()>::Err(diesel::result::Error::RollbackTransaction)
        });
        assert_eq!(Post::cached().find(1).first(conn).unwrap().score, 3);
    }
}

diesel::table! {
    shelves (id) {
        id -> Integer,
    }
}

diesel::table! {
    books (id) {
        id -> Integer,
        shelf_id -> Integer,
    }
}

#[derive(Queryable, Selectable, Identifiable, IdentityMapped)]
#[diesel(table_name = shelves)]
struct Shelf {
    id: i32,
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[identity_map(belongs_to(Shelf, foreign_key = shelf_id))]
struct Book {
    #[allow(dead_code)]
    id: i32,
    shelf_id: i32,
}

/// What only SQLite says.
#[test]
fn writes_of_sqlite() {
    let db = crate::db::sqlite::Db::new();
    let (mut conn, _) = mapped(db.connect(), db.url());
    raw(
        &mut conn,
        &[
            "REPLACE INTO posts (id, user_id, title, body) VALUES (2, 1, 'replaced', '')",
            "INSERT OR REPLACE INTO posts (id, user_id, title, body) VALUES (2, 1, 'replaced', '')",
            "WITH gone AS (SELECT id FROM posts WHERE id > 3) DELETE FROM posts WHERE id IN gone",
            "UPDATE posts SET title = c.body FROM comments AS c WHERE c.post_id = posts.id",
            "SAVEPOINT a; UPDATE posts SET score = 12; RELEASE a",
            "SAVEPOINT a; UPDATE posts SET score = 12; ROLLBACK TO a; RELEASE a",
            "CREATE TRIGGER t AFTER UPDATE OF name ON users BEGIN
                 UPDATE posts SET score = 99; UPDATE comments SET body = 'by trigger'; END;
             UPDATE users SET name = 'x'",
        ],
    );
    // A statement that fails half-way and keeps what it did.
    seed_small(&mut conn);
    let held = conn.hold_all();
    let half = "UPDATE OR FAIL posts SET title = 'half', id = CASE id WHEN 3 THEN 4 ELSE id END";
    assert!(conn.batch_execute(half).is_err());
    conn.check().unwrap();
    drop(held);
}

/// What only PostgreSQL says.
#[cfg(feature = "postgres")]
#[test]
fn writes_of_postgres() {
    let db = crate::db::postgres::Db::new();
    let (mut conn, _) = mapped(db.connect(), db.url());
    conn.batch_execute(
        "CREATE FUNCTION touch_all() RETURNS integer LANGUAGE sql AS
         'UPDATE posts SET score = score + 1; SELECT 1'",
    )
    .unwrap();
    raw(
        &mut conn,
        &[
            "WITH changed AS (UPDATE posts SET score = 5 RETURNING id) SELECT count(*) FROM changed",
            "MERGE INTO posts USING users ON posts.user_id = users.id AND users.id = 1
             WHEN MATCHED THEN UPDATE SET title = 'merged'",
            "UPDATE posts SET title = u.name FROM users u WHERE u.id = posts.user_id",
            "TRUNCATE posts CASCADE",
            "DO $$ BEGIN UPDATE posts SET score = 6; END $$",
            "SELECT touch_all()",
            "SELECT * FROM touch_all()",
            "PREPARE p AS UPDATE posts SET score = 8; EXECUTE p",
        ],
    );
    seed_small(&mut conn);
    let held = conn.hold_all();
    let rows = [(100, 1, "copied", "", true, 1)];
    diesel::copy_from(posts::table)
        .from_insertable(
            rows.map(|(id, user, title, body, published, score)| {
                (
                    posts::id.eq(id),
                    posts::user_id.eq(user),
                    posts::title.eq(title),
                    posts::body.eq(body),
                    posts::published.eq(published),
                    posts::score.eq(score),
                )
            })
            .to_vec(),
        )
        .execute(&mut conn)
        .unwrap();
    conn.check().unwrap();
    drop(held);
}

/// What only MySQL and MariaDB say.
#[cfg(feature = "mysql")]
#[test]
fn writes_of_mysql() {
    let db = crate::db::mysql::Db::new();
    let (mut conn, _) = mapped(db.connect(), db.url());
    raw(
        &mut conn,
        &[
            "REPLACE INTO posts (id, user_id, title, body) VALUES (2, 1, 'replaced', '')",
            "UPDATE posts JOIN users ON posts.user_id = users.id SET posts.title = users.name",
            "DELETE posts, comments FROM posts JOIN comments ON comments.post_id = posts.id WHERE posts.id = 1",
            "/*!50000 UPDATE posts SET score = 4 */",
            "TRUNCATE comments",
            "PREPARE p FROM 'UPDATE posts SET score = 8'; EXECUTE p",
            "SET autocommit = 0; UPDATE posts SET score = 2; ROLLBACK; SET autocommit = 1",
        ],
    );
}
