//! `update_all` and `delete_all`: one statement for the filtered rows, and no old object of them.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;

use crate::db::each_database;
use crate::models::*;
use crate::schema::*;

use super::asserts::*;
use super::models::*;
use super::setup::*;

each_database! {
    fn update_all_touches_its_rows(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(5).build();
        let user = User::cached().find(1).first(conn).unwrap();
        let old = Post::cached().order(posts::id).load(conn).unwrap();
        sent.take();
        let changed = Post::cached()
            .filter(posts::id.le(2))
            .update_all(posts::score.eq(posts::score + 100), conn)
            .unwrap();
        assert_eq!((changed, sent.take().len()), (2, 1));
        let new = Post::cached().order(posts::id).load(conn).unwrap();
        for (old, new) in old.iter().zip(&new) {
            let touched = old.id <= 2;
            assert_eq!(new.score, old.score + if touched { 100 } else { 0 });
            if Conn::RETURNING {
                assert_eq!(Arc::ptr_eq(old, new), !touched, "{}", old.id);
            }
        }
        assert_held!(user, User, 1, conn, sent);
        let none = Post::cached().filter(posts::id.gt(99)).update_all(posts::score.eq(0), conn);
        assert_eq!(none.unwrap(), 0);
        let all = Post::cached().update_all(posts::title.eq("all"), conn).unwrap();
        assert_eq!(all, 5);
        assert!(Post::cached().load(conn).unwrap().iter().all(|post| post.title == "all"));
        let one = Post::cached().find(3).update_all(posts::title.eq("three"), conn).unwrap();
        assert_eq!(one, 1);
        assert_eq!(Post::cached().find(3).first(conn).unwrap().title, "three");
    }

    fn update_all_that_fails_changes_nothing(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).build();
        let held = Post::cached().order(posts::id).load(conn).unwrap();
        let error = Post::cached().update_all(posts::user_id.eq(99), conn).unwrap_err();
        assert!(is_foreign_key_violation(&error), "{error}");
        assert_all_held!(held, Post, conn, sent);
    }

    fn delete_all_forgets_its_rows(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(4).comments(8).build();
        let user = User::cached().find(1).first(conn).unwrap();
        let _posts = Post::cached().order(posts::id).load(conn).unwrap();
        let replies = Reply::cached().order(comments::id).load(conn).unwrap();
        let deleted = Post::cached().filter(posts::id.ge(3)).delete_all(conn).unwrap();
        assert_eq!(deleted, 2);
        assert_gone!(Post, 3, conn);
        assert_gone!(Post, 4, conn);
        for reply in &replies {
            if reply.post_id >= 3 {
                assert_gone!(Reply, reply.id, conn);
            }
        }
        assert_held!(user, User, 1, conn, sent);
        assert_eq!(Post::cached().delete_all(conn).unwrap(), 2);
        assert_eq!(Post::cached().load(conn).unwrap().len(), 0);
    }

    fn delete_all_is_one_statement_and_keeps_what_it_can(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(4).build();
        let posts = Post::cached().order(posts::id).load(conn).unwrap();
        sent.take();
        Post::cached().filter(posts::id.ge(3)).delete_all(conn).unwrap();
        assert_eq!(sent.take().len(), 1);
        if Conn::RETURNING {
            assert_held!(posts[0], Post, 1, conn, sent);
            assert_held!(posts[1], Post, 2, conn, sent);
        } else {
            let again = Post::cached().order(posts::id).load(conn).unwrap();
            assert!(!Arc::ptr_eq(&posts[0], &again[0]));
        }
    }
}
