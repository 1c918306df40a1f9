//! Where nothing is returned, as on MySQL and MariaDB: how the key of an inserted row is found.

use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;

use crate::db::mysql::Db;
use crate::models::*;
use crate::schema::*;

use super::asserts::*;
use super::models::*;
use super::setup::*;

#[test]
fn a_generated_key() {
    let db = Db::new();
    let (conn, sent) = &mut Fixture::new(&db).posts(2).tags().build();
    let post = Post::cached().insert(words("new"), conn).unwrap();
    assert_eq!(sent.take().len(), MysqlConnection::INSERT);
    assert!(post.id > 2);
    assert_eq!((&*post.title, post.score), ("new", 0));
    assert_held!(post, Post, post.id, conn, sent);
    assert_is_row!(post, Post, post.id, conn);
    let comment = Comment::cached()
        .insert((comments::post_id.eq(1), comments::body.eq("a")), conn)
        .unwrap();
    assert_held!(comment, Comment, comment.id, conn, sent);
}

#[test]
fn a_key_that_is_given() {
    let db = Db::new();
    let (conn, sent) = &mut Fixture::new(&db).posts(2).tags().build();
    let first = Post::cached().insert(words("generated"), conn).unwrap();
    let post = Post::cached()
        .insert(new_post(Some(77), "it's (a, b) `c` ?", Some(3)), conn)
        .unwrap();
    assert_eq!(
        (post.id, &*post.title, post.score),
        (77, "it's (a, b) `c` ?", 3)
    );
    assert_held!(post, Post, 77, conn, sent);
    let third = Post::cached().insert(words("generated"), conn).unwrap();
    assert!(third.id > 77 && first.id < 77);
    assert_held!(third, Post, third.id, conn, sent);
}

#[test]
fn composite_text_and_binary_keys() {
    let db = Db::new();
    let (conn, sent) = &mut Fixture::new(&db).posts(2).tags().build();
    let post_tag = PostTag::cached()
        .insert((post_tags::tag_id.eq(3), post_tags::post_id.eq(2)), conn)
        .unwrap();
    assert_eq!(post_tag.key(), (2, 3));
    assert_held!(post_tag, PostTag, (2, 3), conn, sent);
    let country = Country::cached()
        .insert(
            (countries::name.eq("Österreich"), countries::code.eq("ö'st")),
            conn,
        )
        .unwrap();
    assert_eq!((&*country.code, &*country.name), ("ö'st", "Österreich"));
    assert_held!(country, Country, "ö'st", conn, sent);
    let blob = Blob::cached()
        .insert(
            (
                blobs::digest.eq(vec![0_u8, 255, 39, 200]),
                blobs::note.eq("n"),
            ),
            conn,
        )
        .unwrap();
    assert_held!(blob, Blob, &[0_u8, 255, 39, 200], conn, sent);
    let text = Translation::cached()
        .insert(
            (
                translations::msg.eq("m"),
                translations::text.eq("t"),
                translations::lang.eq("de"),
            ),
            conn,
        )
        .unwrap();
    assert_held!(text, Translation, ("de", "m"), conn, sent);
}

#[test]
fn nothing_but_defaults() {
    let db = Db::new();
    let (conn, sent) = &mut Fixture::new(&db).posts(2).tags().counters().build();
    let made = Counter::cached()
        .insert(NewCounter { count: None }, conn)
        .unwrap();
    assert_eq!(made.count, 7);
    assert_held!(made, Counter, made.id, conn, sent);
}

#[test]
fn several_rows() {
    let db = Db::new();
    let (conn, sent) = &mut Fixture::new(&db).posts(2).tags().build();
    let held = Post::cached().order(posts::id).load(conn).unwrap();
    let rows = vec![
        new_post(None, "a", Some(1)),
        new_post(Some(50), "b", None),
        new_post(None, "c", None),
    ];
    let posts = Post::cached().insert_many(rows, conn).unwrap();
    let titles: Vec<&str> = posts.iter().map(|post| &*post.title).collect();
    assert_eq!((titles, posts[1].id), (vec!["a", "b", "c"], 50));
    for post in posts {
        assert_held!(post, Post, post.id, conn, sent);
        assert_is_row!(post, Post, post.id, conn);
    }
    let twice = vec![
        new_post(Some(60), "x", None),
        new_post(Some(2), "twice", None),
    ];
    assert!(is_unique_violation(
        &Post::cached().insert_many(twice, conn).unwrap_err()
    ));
    assert_gone!(Post, 60, conn);
    assert_all_held!(held, Post, conn, sent);
    let keys = [(1, 2), (2, 1)];
    let rows = keys.map(|(post, tag)| post_tag(post, tag));
    let post_tags = PostTag::cached().insert_many(rows, conn).unwrap();
    assert_eq!(
        post_tags.iter().map(|made| made.key()).collect::<Vec<_>>(),
        keys
    );
}

#[test]
fn delete_all_forgets_the_model() {
    let db = Db::new();
    let (conn, _) = &mut Fixture::new(&db).posts(2).tags().build();
    let held = Post::cached().order(posts::id).load(conn).unwrap();
    assert_eq!(
        Post::cached()
            .filter(posts::id.eq(2))
            .delete_all(conn)
            .unwrap(),
        1
    );
    assert_gone!(Post, 2, conn);
    assert_eq!(Post::cached().find(1).first(conn).unwrap(), held[0]);
}
