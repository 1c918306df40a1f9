//! `delete`: the row is forgotten, and what the database deleted with it.

use diesel::prelude::*;
use diesel::result::Error;
use diesel_identity_map::{IdentityMapConnection, IdentityMapped};

use crate::db::each_database;
use crate::models::*;
use crate::schema::*;

use super::asserts::*;
use super::models::*;
use super::setup::*;

each_database! {
    fn delete_forgets_the_row(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).build();
        let all = Post::cached().order(posts::id).load(conn).unwrap();
        sent.take();
        Post::cached().delete(&all[1], conn).unwrap();
        assert_eq!(sent.take().len(), 1);
        assert_eq!(all[1].title, "post 2");
        assert_gone!(Post, 2, conn);
        assert_held!(all[0], Post, 1, conn, sent);
        assert_held!(all[2], Post, 3, conn, sent);
        assert_eq!(Post::cached().delete(&all[1], conn).unwrap_err(), Error::NotFound);
        let ids: Vec<i32> = posts::table.select(posts::id).order(posts::id).load(conn).unwrap();
        assert_eq!(ids, [1, 3]);
    }

    fn delete_of_a_row_that_somebody_else_deleted(db) {
        let (conn, _) = &mut Fixture::new(&db).posts(1).build();
        let post = Post::cached().find(1).first(conn).unwrap();
        diesel::delete(posts::table).execute(&mut db.connect()).unwrap();
        assert_eq!(Post::cached().delete(&post, conn).unwrap_err(), Error::NotFound);
        assert!(conn.identity_map().unwrap().get::<Post>(&1).is_none());
    }

    fn delete_of_a_composite_key(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(2).tags().build();
        let keys = [(1, 1), (1, 2), (2, 1)];
        let rows = keys.map(|(post, tag)| post_tag(post, tag));
        let made = PostTag::cached().insert_many(rows, conn).unwrap();
        PostTag::cached().delete(&made[1], conn).unwrap();
        assert_gone!(PostTag, (1, 2), conn);
        assert_held!(made[0], PostTag, (1, 1), conn, sent);
        assert_held!(made[2], PostTag, (2, 1), conn, sent);
    }

    fn delete_lets_children_be_read_again(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(2).comments(4).build();
        let post = Post::cached().find(2).first(conn).unwrap();
        let user = User::cached().find(1).first(conn).unwrap();
        let replies = Reply::cached().order(comments::id).load(conn).unwrap();
        Post::cached().delete(&post, conn).unwrap();
        for reply in &replies {
            match reply.post_id {
                2 => assert_gone!(Reply, reply.id, conn),
                _ => assert_eq!(Reply::cached().find(reply.id).first(conn).unwrap(), *reply),
            }
        }
        assert_held!(user, User, 1, conn, sent);
    }

    fn delete_lets_grandchildren_be_read_again(db) {
        let (conn, _) = &mut Fixture::new(&db).posts(2).comments(4).build();
        let user = User::cached().find(1).first(conn).unwrap();
        let posts = Post::cached().order(posts::id).load(conn).unwrap();
        let replies = Reply::cached().order(comments::id).load(conn).unwrap();
        User::cached().delete(&user, conn).unwrap();
        for post in posts.iter().filter(|post| post.user_id == 1) {
            assert_gone!(Post, post.id, conn);
            for reply in replies.iter().filter(|reply| reply.post_id == post.id) {
                assert_gone!(Reply, reply.id, conn);
            }
        }
    }
}
