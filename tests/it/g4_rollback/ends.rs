//! A transaction that ends otherwise than the program says: a commit that fails, a rollback by the
//! database itself, an implicit commit.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;

use crate::models::*;
use crate::schema::*;
use crate::world::World;
use crate::{mapped, seeded};

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
        let (mut conn, _) = seeded(&db, 1, 3);
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
}

/// MySQL commits what is open before it changes a table.
#[cfg(feature = "mysql")]
#[test]
fn an_implicit_commit_on_mysql() {
    let db = crate::db::mysql::Db::new();
    let (conn, _) = &mut seeded(&db, 1, 3);
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
    let (mut one, _) = seeded(&db, 1, 3);
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

/// SQLite ends a transaction by itself.
#[test]
fn a_conflict_that_rolls_back_on_sqlite() {
    let db = crate::db::sqlite::Db::new();
    let (conn, _) = &mut seeded(&db, 1, 3);
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
