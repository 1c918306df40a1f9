//! Writes that change a key: the object moves to the new key, and nothing is left at the old one.

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
    fn update_of_the_key_moves_the_entry(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).build();
        let other = Post::cached().find(1).first(conn).unwrap();
        let post = Post::cached().find(2).first(conn).unwrap();
        sent.take();
        let moved = Post::cached()
            .update(&post, (posts::id.eq(20), posts::title.eq("moved")), conn)
            .unwrap();
        assert!(sent.take().len() <= if Conn::RETURNING { 1 } else { 5 });
        assert_eq!((moved.id, &*moved.title), (20, "moved"));
        assert_held!(moved, Post, 20, conn, sent);
        assert_is_row!(moved, Post, 20, conn);
        assert_gone!(Post, 2, conn);
        assert_held!(other, Post, 1, conn, sent);

        let moved = Post::cached().update(&moved, posts::id.eq(posts::id + 1), conn).unwrap();
        assert_eq!(moved.id, 21);
        assert_held!(moved, Post, 21, conn, sent);
        assert_gone!(Post, 20, conn);
    }

    fn update_of_a_text_key_and_of_parts_of_a_key(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).tags().build();
        let country = Country::cached()
            .insert(country("at", "Austria"), conn)
            .unwrap();
        let country = Country::cached().update(&country, countries::code.eq("aut"), conn).unwrap();
        assert_eq!((&*country.code, &*country.name), ("aut", "Austria"));
        assert_held!(country, Country, "aut", conn, sent);
        assert_gone!(Country, "at", conn);

        let old = PostTag::cached()
            .insert(post_tag(1, 1), conn)
            .unwrap();
        let one_part = PostTag::cached().update(&old, post_tags::tag_id.eq(2), conn).unwrap();
        assert_eq!(one_part.key(), (1, 2));
        assert_held!(one_part, PostTag, (1, 2), conn, sent);
        assert_gone!(PostTag, (1, 1), conn);

        let both = (post_tags::tag_id.eq(3), post_tags::position.eq(4), post_tags::post_id.eq(2));
        let both = PostTag::cached().update(&one_part, both, conn).unwrap();
        assert_eq!((both.key(), both.position), ((2, 3), 4));
        assert_held!(both, PostTag, (2, 3), conn, sent);
        assert_gone!(PostTag, (1, 2), conn);
        assert_gone!(PostTag, (1, 3), conn);

        let swapped = (
            post_tags::post_id.eq(post_tags::post_id + 1),
            post_tags::tag_id.eq(post_tags::tag_id - 1),
        );
        let swapped = PostTag::cached().update(&both, swapped, conn).unwrap();
        assert_eq!(swapped.key(), (3, 2));
        assert_held!(swapped, PostTag, (3, 2), conn, sent);
    }

    fn update_that_violates_a_key_changes_nothing(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).build();
        let all = Post::cached().order(posts::id).load(conn).unwrap();
        let error = Post::cached().update(&all[0], posts::id.eq(2), conn).unwrap_err();
        assert!(is_unique_violation(&error), "{error}");
        for post in all {
            assert_held!(post, Post, post.id, conn, sent);
            assert_is_row!(post, Post, post.id, conn);
        }
    }

    fn update_of_the_key_of_a_row_that_is_gone(db) {
        let (conn, _) = &mut Fixture::new(&db).posts(3).build();
        let one = Post::cached().find(1).first(conn).unwrap();
        let two = Post::cached().find(2).first(conn).unwrap();
        // On MariaDB the server remembers a key of this.
        let _moved = Post::cached().update(&one, posts::id.eq(30), conn).unwrap();
        diesel::delete(posts::table.find(2)).execute(&mut db.connect()).unwrap();
        let error = Post::cached().update(&two, posts::id.eq(31), conn).unwrap_err();
        assert_eq!(error, Error::NotFound);
        assert!(conn.identity_map().unwrap().get::<Post>(&2).is_none());
    }

    fn update_all_that_moves_keys(db) {
        let (conn, _) = &mut Fixture::new(&db).posts(3).build();
        let held = Post::cached().order(posts::id).load(conn).unwrap();
        let moved = Post::cached()
            .filter(posts::id.le(2))
            .update_all(posts::id.eq(posts::id + 200), conn)
            .unwrap();
        assert_eq!(moved, 2);
        assert_gone!(Post, 1, conn);
        assert_gone!(Post, 2, conn);
        assert_eq!(Post::cached().find(202).first(conn).unwrap().title, held[1].title);
        assert_eq!(Post::cached().find(3).first(conn).unwrap(), held[2]);
    }
}
