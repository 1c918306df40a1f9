//! `update`: the changed row comes back as a new object, and nothing else is touched.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::Error;
use diesel_identity_map::{IdentityMapConnection, IdentityMapped};

use crate::db::each_database;
use crate::documents::documents;
use crate::models::*;
use crate::schema::*;

use super::asserts::*;
use super::models::*;
use super::setup::*;

#[derive(AsChangeset, Clone, Default)]
#[diesel(table_name = posts)]
struct PostChanges {
    title: Option<String>,
    score: Option<i32>,
}

each_database! {
    fn update_returns_a_fresh_object_and_leaves_the_old(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).build();
        let all = Post::cached().order(posts::id).load(conn).unwrap();
        sent.take();
        let new = Post::cached().update(&all[1], posts::title.eq("new"), conn).unwrap();
        assert_eq!(sent.take().len(), Conn::UPDATE);
        assert_eq!((&*all[1].title, &*new.title), ("post 2", "new"));
        assert_eq!((&new.body, new.score), (&all[1].body, all[1].score));
        assert_held!(new, Post, 2, conn, sent);
        assert_is_row!(new, Post, 2, conn);
        assert_held!(all[0], Post, 1, conn, sent);
        assert_held!(all[2], Post, 3, conn, sent);
        assert!(Arc::ptr_eq(&new, &Post::cached().order(posts::id).load(conn).unwrap()[1]));
    }

    fn update_by_tuples_structs_and_expressions(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(2).build();
        let post = Post::cached().find(2).first(conn).unwrap();
        let post = Post::cached()
            .update(&post, (posts::title.eq("tuple"), posts::score.eq(10)), conn)
            .unwrap();
        assert_eq!((&*post.title, post.score), ("tuple", 10));
        let post = Post::cached().update(&post, posts::score.eq(posts::score + 1), conn).unwrap();
        assert_eq!(post.score, 11);
        let changes = PostChanges { title: Some("struct".to_owned()), score: None };
        let post = Post::cached().update(&post, &changes, conn).unwrap();
        assert_eq!((&*post.title, post.score), ("struct", 11));
        let changes = PostChanges { title: None, score: Some(3) };
        let post = Post::cached().update(&post, changes, conn).unwrap();
        assert_eq!((&*post.title, post.score), ("struct", 3));
        assert_held!(post, Post, 2, conn, sent);
        assert_is_row!(post, Post, 2, conn);
        let other = Post::cached().find(1).first(conn).unwrap();
        assert_eq!((&*other.title, other.score), ("post 1", 2));
    }

    fn update_to_what_the_row_is_already(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(1).build();
        let post = Post::cached().find(1).first(conn).unwrap();
        let same = Post::cached().update(&post, posts::title.eq("post 1"), conn).unwrap();
        assert_eq!(same, post);
        assert_held!(same, Post, 1, conn, sent);
    }

    fn update_of_a_row_whose_object_is_not_held(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(1).build();
        let own = Post::cached().uncached().find(1).first(conn).unwrap();
        let new = Post::cached().update(&own, posts::score.eq(8), conn).unwrap();
        assert_held!(new, Post, 1, conn, sent);
    }

    fn update_of_a_row_that_is_gone(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).build();
        let all = Post::cached().order(posts::id).load(conn).unwrap();
        diesel::delete(posts::table.find(2)).execute(&mut db.connect()).unwrap();
        assert_held!(all[1], Post, 2, conn, sent);
        let error = Post::cached().update(&all[1], posts::title.eq("x"), conn).unwrap_err();
        assert_eq!(error, Error::NotFound);
        assert!(conn.identity_map().unwrap().get::<Post>(&2).is_none());
        assert_gone!(Post, 2, conn);
        assert_held!(all[0], Post, 1, conn, sent);
    }

    fn update_with_nothing_to_change(db) {
        let mut conn = db.connect();
        conn.enable_identity_map();
        let (conn, _) = &mut Fixture::on(conn).posts(1).documents().build();
        let post = Post::cached().find(1).first(conn).unwrap();
        let document = Document::cached().find(1).first(conn).unwrap();
        let error = Post::cached().update(&post, PostChanges::default(), conn).unwrap_err();
        assert!(is_empty_changeset(&error), "{error}");
        let nothing = None::<diesel::dsl::Eq<documents::text, &str>>;
        let error = Document::cached().update(&document, nothing, conn).unwrap_err();
        assert!(is_empty_changeset(&error), "{error}");
        assert!(Arc::ptr_eq(&post, &Post::cached().find(1).first(conn).unwrap()));
        assert!(Arc::ptr_eq(&document, &Document::cached().find(1).first(conn).unwrap()));
        assert_is_row!(document, Document, 1, conn);
    }

    fn update_with_nothing_to_change_is_not_shown_to_an_instrumentation(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(1).build();
        let post = Post::cached().find(1).first(conn).unwrap();
        sent.take();
        let error = Post::cached().update(&post, PostChanges::default(), conn).unwrap_err();
        assert!(is_empty_changeset(&error), "{error}");
        assert_held!(post, Post, 1, conn, sent);
    }

    fn a_plain_update_with_nothing_to_change_expires_nothing(db) {
        let mut conn = db.connect();
        conn.enable_identity_map();
        let (conn, _) = &mut Fixture::on(conn).posts(1).build();
        let post = Post::cached().find(1).first(conn).unwrap();
        let user = User::cached().find(1).first(conn).unwrap();
        let nothing = diesel::update(posts::table.find(1)).set(PostChanges::default());
        assert!(is_empty_changeset(&nothing.execute(conn).unwrap_err()));
        assert!(Arc::ptr_eq(&user, &User::cached().find(1).first(conn).unwrap()));
        assert!(Arc::ptr_eq(&post, &Post::cached().find(1).first(conn).unwrap()));
    }
}
