//! What a write did not touch keeps its object.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::{IdentityMapConnection, IdentityMapped, MapOptions};

use crate::db::each_database;
use crate::models::*;
use crate::schema::*;
use crate::world::{Edited, World};

use super::setup::*;

each_database! {
    fn what_was_not_touched_keeps_its_identity(db) {
        let (conn, _) = &mut small(&db);
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
        let (conn, _) = &mut small(&db);
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
        let (conn, _) = &mut small(&db);
        let held = Post::cached().find(1).first(conn).unwrap();
        let twice = (posts::id.eq(1), posts::user_id.eq(1), posts::title.eq(""), posts::body.eq(""));
        assert!(diesel::insert_into(posts::table).values(twice).execute(conn).is_err());
        assert!(Arc::ptr_eq(&held, &Post::cached().find(1).first(conn).unwrap()));

        // Half of a batch may have been done.
        let batch = "UPDATE posts SET score = 77 WHERE id = 1; UPDATE nothing SET a = 1";
        assert!(conn.batch_execute(batch).is_err());
        conn.check().unwrap();
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
