//! A savepoint takes back what is its own, and nothing of what was before it.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::{IdentityMapped, Scope};

use crate::db::each_database;
use crate::models::*;
use crate::schema::*;
use crate::world::World;
use crate::{mapped, seeded};

use super::setup::failing;

each_database! {
    fn a_savepoint_takes_back_only_what_is_its_own(db) {
        let (conn, _) = &mut seeded(&db, 1, 5);
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

    fn what_a_savepoint_changed_is_not_hidden_by_what_was_read_before_it(db) {
        let (conn, _) = &mut seeded(&db, 1, 3);
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
        let (conn, _) = &mut seeded(&db, 1, 4);
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
        let (conn, _) = &mut seeded(&db, 1, 3);
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

#[test]
fn a_savepoint_that_is_the_whole_transaction_on_sqlite() {
    let db = crate::db::sqlite::Db::new();
    let (mut one, _) = seeded(&db, 1, 3);
    let (mut other, _) = mapped(db.connect(), db.url());
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
