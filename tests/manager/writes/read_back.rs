//! Where a write is a statement and a `SELECT`, as on MySQL and MariaDB: nobody writes between the two, and
//! both are done or none.

use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use diesel_identity_map::{IdentityMapped, MapOptions};

use crate::db::mysql::Db;
use crate::models::*;
use crate::schema::*;

use super::asserts::*;
use super::models::*;
use super::setup::*;

/// Writes every post by another connection, each time its own one sends the first `SELECT` after a write.
struct WritesBetween {
    other: MysqlConnection,
    has_written: bool,
}

impl WritesBetween {
    fn new(db: &Db) -> Self {
        let mut other = db.connect();
        other
            .batch_execute("SET SESSION innodb_lock_wait_timeout = 1")
            .unwrap();
        Self {
            other,
            has_written: false,
        }
    }
}

impl Instrumentation for WritesBetween {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        let InstrumentationEvent::StartQuery { query, .. } = event else {
            return;
        };
        let text = query.to_string();
        if text.starts_with("UPDATE") || text.starts_with("INSERT") {
            self.has_written = true;
        } else if self.has_written && text.starts_with("SELECT") {
            self.has_written = false;
            // It waits for a row that is locked, and gives up after a second.
            let _ = self
                .other
                .batch_execute("UPDATE posts SET title = 'theirs'");
        }
    }
}

#[derive(Queryable, Selectable, AsChangeset, IdentityMapped, Clone, Debug)]
#[diesel(table_name = posts)]
struct Draft {
    id: i32,
    title: String,
}

macro_rules! nobody_writes_between {
    ($conn:ident, $($awaited:tt)*) => {
        let draft = Draft::cached().find(1).first(&mut $conn) $($awaited)*.unwrap();
        let draft = Draft::cached().update(&draft, posts::title.eq("mine"), &mut $conn);
        let draft = draft $($awaited)*.unwrap();
        assert_eq!(draft.title, "mine");
        let mut changed = Draft::clone(&draft);
        changed.title.push_str(" too");
        let saved = Draft::cached().save(changed, &mut $conn) $($awaited)*.unwrap();
        assert_eq!(saved.title, "mine too");
        let new = new_post(Some(77), "new", None);
        let new = Post::cached().insert(new, &mut $conn) $($awaited)*.unwrap();
        assert_eq!(new.title, "new");
        let several = [new_post(None, "a", None), new_post(None, "b", None)];
        let several = Post::cached().insert_many(several, &mut $conn) $($awaited)*.unwrap();
        assert_eq!((&*several[0].title, &*several[1].title), ("a", "b"));
    };
}

#[test]
fn nobody_writes_between() {
    let db = Db::new();
    db.fill(1, 2);
    let mut conn = db.connect();
    diesel_identity_map::IdentityMapConnection::enable_identity_map_with(
        &mut conn,
        MapOptions::new()
            .database(db.url())
            .instrumentation(WritesBetween::new(&db)),
    );
    nobody_writes_between!(conn,);
}

#[cfg(feature = "__async-tests")]
#[test]
fn nobody_writes_between_where_it_is_awaited() {
    use diesel_async::AsyncConnection;

    let db = Db::new();
    db.fill(1, 2);
    crate::db::asynchronous::run(async {
        let url = db.url();
        let mut conn = diesel_async::AsyncMysqlConnection::establish(url)
            .await
            .unwrap();
        diesel_identity_map::AsyncIdentityMapConnection::enable_identity_map_with(
            &mut conn,
            MapOptions::new()
                .database(url)
                .instrumentation(WritesBetween::new(&db)),
        );
        nobody_writes_between!(conn, .await);
    });
}

diesel::table! {
    guarded (id) {
        id -> Integer,
        title -> Text,
        score -> Integer,
        guard -> BigInt,
    }
}

/// A post that the server refuses to read if its score is 99.
#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = guarded)]
#[allow(dead_code)] // it is there to fail
struct Guarded {
    id: i32,
    score: i32,
    guard: i64,
}

/// G7
#[test]
fn a_read_that_the_server_refuses_undoes_the_write() {
    let db = Db::new();
    let (conn, sent) = &mut Fixture::new(&db).posts(2).build();
    conn.batch_execute(
        "CREATE VIEW guarded AS SELECT id, title, score, \
         CAST(IF(score = 99, (SELECT 1 UNION SELECT 2), 0) AS SIGNED) AS guard FROM posts",
    )
    .unwrap();
    let held = Guarded::cached().find(1).first(conn).unwrap();
    let error = Guarded::cached().update(&held, guarded::score.eq(99), conn);
    let error = error.unwrap_err();
    assert!(
        matches!(error, diesel::result::Error::DatabaseError(..)),
        "{error}"
    );
    let score: i32 = posts::table
        .find(1)
        .select(posts::score)
        .first(conn)
        .unwrap();
    assert_eq!(score, held.score);
    assert_held!(held, Guarded, 1, conn, sent);
}
