//! Every way to write is seen, whoever sends it and however it is written.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::{IdentityMapped, Scope};
use proptest::test_runner::{Config, TestRunner};

use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;
use crate::world::{Remark, State, Transactions, World, steps};

use super::setup::*;

const CASES: u32 = 40;

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
        let (conn, _) = &mut small(&db);
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
