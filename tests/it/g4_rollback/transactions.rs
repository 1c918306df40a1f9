//! What a transaction wrote, and read after it wrote, goes with its rollback; a commit keeps it.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::Error;
use diesel_identity_map::{IdentityMapConnection, IdentityMapped, MapOptions, Scope};

use crate::db::each_database;
use crate::models::*;
use crate::schema::*;
use crate::world::Edited;
use crate::{mapped, seeded};

use super::setup::failing;

each_database! {
    fn what_was_rolled_back_is_read_again(db) {
        let (conn, sent) = &mut seeded(&db, 1, 5);
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
        let (conn, sent) = &mut seeded(&db, 2, 5);
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

    fn a_transaction_that_only_reads_leaves_its_objects(db) {
        let (conn, _) = &mut seeded(&db, 1, 3);
        let read = failing(conn, |conn| Post::cached().find(2).first(conn)).unwrap();
        assert!(Arc::ptr_eq(&read, &Post::cached().find(2).first(conn).unwrap()));
    }

    fn what_was_read_after_a_write_goes_with_it(db) {
        let (conn, sent) = &mut seeded(&db, 1, 3);
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
        let (conn, sent) = &mut seeded(&db, 1, 3);
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

    fn what_the_program_expires_inside_a_transaction_is_read_again(db) {
        let (conn, sent) = &mut seeded(&db, 1, 3);
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
        let (conn, _) = &mut seeded(&db, 2, 3);
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
}
