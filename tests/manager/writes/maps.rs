//! Which maps a write fills and which it only corrects, and what it counts there.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::{
    IdentityMap, IdentityMapConnection, IdentityMapError, IdentityMapped, Scope,
};

use crate::db::each_database;
use crate::models::*;
use crate::schema::*;

use super::asserts::*;
use super::models::*;
use super::setup::*;

each_database! {
    fn writes_count_their_statements(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(0).build();
        let map = conn.identity_map().unwrap();
        let before = map.stats().statements;
        sent.take();
        let post = Post::cached().insert(words("new"), conn).unwrap();
        let post = Post::cached().update(&post, posts::score.eq(2), conn).unwrap();
        let post = Post::cached().refresh(&post, conn).unwrap();
        Post::cached().update_all(posts::score.eq(3), conn).unwrap();
        Post::cached().delete(&post, conn).unwrap();
        let sent = sent.take().into_iter();
        let sent = sent.filter(|text| !["BEGIN", "COMMIT"].contains(&&**text)).count();
        assert_eq!(map.stats().statements - before, sent as u64);
    }

    fn insert_uncached_leaves_the_map_alone(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(1).build();
        let post = Post::cached().uncached().insert(words("own"), conn).unwrap();
        assert_eq!(conn.identity_map().unwrap().len::<Post>(), 0);
        let loaded = Post::cached().find(post.id).first(conn).unwrap();
        assert_eq!(loaded, post);
        assert!(!Arc::ptr_eq(&loaded, &post));

        let new = Post::cached().uncached().update(&loaded, posts::title.eq("x"), conn).unwrap();
        sent.take();
        let again = Post::cached().find(post.id).first(conn).unwrap();
        assert_eq!((&*again.title, sent.take().len()), ("x", 1));
        assert!(!Arc::ptr_eq(&again, &new));
        Post::cached().uncached().delete(&again, conn).unwrap();
        assert_gone!(Post, post.id, conn);
    }

    fn uncached_writes_need_no_map(db) {
        let _nothing = crate::installed::nothing_installed();
        let (conn, _) = &mut Fixture::on(db.connect()).posts(1).build();
        let posts = || Post::cached().uncached();
        let post = posts().insert(words("own"), conn).unwrap();
        let post = posts().update(&post, posts::title.eq("changed"), conn).unwrap();
        assert_is_row!(post, Post, post.id, conn);
        posts().delete(&post, conn).unwrap();
        assert_eq!(posts().load(conn).unwrap().len(), 1);
        let error = Post::cached().insert(words("no"), conn).unwrap_err();
        assert_eq!(IdentityMapError::of(&error), Some(&IdentityMapError::NotEnabled));
        assert_eq!(posts().load(conn).unwrap().len(), 1);
    }

    fn insert_in_a_map_of_the_program_s_own(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(1).build();
        let map = IdentityMap::new();
        let post = Post::cached().in_map(&map).insert(words("there"), conn).unwrap();
        assert!(Arc::ptr_eq(&post, &map.get::<Post>(&post.id).unwrap()));
        sent.take();
        let there = Post::cached().in_map(&map).find(post.id).first(conn).unwrap();
        assert!(Arc::ptr_eq(&post, &there));
        assert_eq!(sent.take().len(), 0);
        assert_eq!(conn.identity_map().unwrap().len::<Post>(), 0);
    }

    fn a_write_reaches_every_map_that_the_connection_fills(db) {
        let (conn, _) = &mut Fixture::new(&db).posts(2).build();
        let map = IdentityMap::new();
        let scope = Scope::new();
        let own = Post::cached().order(posts::id).load(conn).unwrap();
        let other = Post::cached().in_map(&map).order(posts::id).load(conn).unwrap();
        scope.in_scope(|| {
            let scoped = Post::cached().find(1).first(conn).unwrap();
            Post::cached().update(&scoped, posts::title.eq("scoped"), conn).unwrap();
        });
        let again = Post::cached().order(posts::id).load(conn).unwrap();
        let other_again = Post::cached().in_map(&map).order(posts::id).load(conn).unwrap();
        assert_eq!((&*again[0].title, &*other_again[0].title), ("scoped", "scoped"));
        assert!(Arc::ptr_eq(&own[1], &again[1]));
        assert!(Arc::ptr_eq(&other[1], &other_again[1]));
    }
}
