//! `insert`: one row, its key given or made up, comes back as the object that the map holds.

use diesel::prelude::*;
#[cfg(feature = "postgres")]
use diesel_identity_map::IdentityMapError;
use diesel_identity_map::IdentityMapped;

use crate::db::each_database;
use crate::models::*;
use crate::schema::*;

use super::asserts::*;
use super::models::*;
use super::setup::*;

#[derive(Insertable)]
#[diesel(table_name = posts)]
struct NewPostRef<'a> {
    user_id: &'a i32,
    title: &'a str,
    body: &'a str,
    published: Option<&'a bool>,
}

each_database! {
    /// On MySQL two, and one more to see that a given key is not there yet.
    fn insert_is_one_statement_and_two_or_three_on_mysql(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).tags().build();
        Post::cached().insert(words("new"), conn).unwrap();
        assert_eq!(sent.take().len(), Conn::INSERT);
        let key = post_tag(1, 1);
        PostTag::cached().insert(key, conn).unwrap();
        Country::cached().insert(country("a", "b"), conn).unwrap();
        assert_eq!(sent.take().len(), 2 * Conn::INSERT_WITH_KEY);
    }

    fn insert_makes_up_a_key_and_the_defaults(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).build();
        let post = Post::cached().insert(words("new"), conn).unwrap();
        assert!(post.id > 3);
        assert_eq!((&*post.title, post.published, post.score), ("new", false, 0));
        assert_is_row!(post, Post, post.id, conn);
        assert_held!(post, Post, post.id, conn, sent);

        let next = Post::cached().insert(words("next"), conn).unwrap();
        assert!(next.id > post.id);
        assert_held!(post, Post, post.id, conn, sent);
    }

    fn insert_takes_a_key_that_is_given(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).build();
        let user = User::cached()
            .insert((users::id.eq(77), users::name.eq("Ada"), users::email.eq("ada@x")), conn)
            .unwrap();
        assert_eq!((user.id, user.email.as_deref()), (77, Some("ada@x")));
        assert_held!(user, User, 77, conn, sent);
        assert_is_row!(user, User, 77, conn);
    }

    fn insert_of_composite_and_text_keys(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(2).tags().build();
        let post_tag = PostTag::cached()
            .insert((post_tags::tag_id.eq(3), post_tags::post_id.eq(2)), conn)
            .unwrap();
        assert_eq!((post_tag.post_id, post_tag.tag_id, post_tag.position), (2, 3, 0));
        let country = Country::cached().insert(country("it's, (at)", "Austria"), conn).unwrap();
        let text =
            (translations::text.eq("?"), translations::lang.eq("de"), translations::msg.eq("m"));
        let text = Translation::cached().insert(text, conn).unwrap();
        let blob = Blob::cached()
            .insert((blobs::digest.eq(vec![0_u8, 255, 39]), blobs::note.eq("n")), conn)
            .unwrap();
        assert_held!(post_tag, PostTag, (2, 3), conn, sent);
        assert_held!(country, Country, "it's, (at)", conn, sent);
        assert_held!(text, Translation, ("de", "m"), conn, sent);
        assert_held!(blob, Blob, &[0_u8, 255, 39], conn, sent);
    }

    fn insert_of_structs_references_and_one_column(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(1).build();
        let new = new_post(None, "owned", Some(9));
        let by_reference = Post::cached().insert(&new, conn).unwrap();
        let owned = Post::cached().insert(new, conn).unwrap();
        assert_ne!(owned.id, by_reference.id);
        assert_eq!((&*owned.title, owned.score), ("owned", 9));
        let explicit = Post::cached().insert(new_post(Some(55), "explicit", None), conn).unwrap();
        assert_eq!((explicit.id, explicit.score), (55, 0));
        let borrowing = NewPostRef { user_id: &2, title: "t", body: "b", published: Some(&true) };
        let borrowed = Post::cached().insert(&borrowing, conn).unwrap();
        assert!(borrowed.published);
        assert_eq!(borrowed.user_id, 2);
        let user = User::cached().insert(users::name.eq("single"), conn).unwrap();
        assert_eq!((&*user.name, &user.email), ("single", &None));
        for post in [by_reference, owned, explicit, borrowed] {
            assert_held!(post, Post, post.id, conn, sent);
            assert_is_row!(post, Post, post.id, conn);
        }
        assert_held!(user, User, user.id, conn, sent);
    }

    fn insert_that_violates_a_key_changes_nothing(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).build();
        let held = Post::cached().order(posts::id).load(conn).unwrap();
        let headline = Headline::cached().find(2).first(conn).unwrap();
        let error = Post::cached().insert(new_post(Some(2), "twice", None), conn).unwrap_err();
        assert!(is_unique_violation(&error), "{error}");
        assert_all_held!(held, Post, conn, sent);
        assert_held!(headline, Headline, 2, conn, sent);
        let new = Post::cached().insert(new_post(None, "once", None), conn).unwrap();
        assert_held!(new, Post, new.id, conn, sent);
    }

    fn insert_that_lacks_its_parent_changes_nothing(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(1).build();
        let held = Post::cached().find(1).first(conn).unwrap();
        let orphan = NewPost { user_id: 99, ..new_post(None, "orphan", None) };
        let error = Post::cached().insert(orphan, conn).unwrap_err();
        assert!(is_foreign_key_violation(&error), "{error}");
        assert_held!(held, Post, 1, conn, sent);
        assert_eq!(Post::cached().load(conn).unwrap().len(), 1);
    }

    fn insert_keeps_what_is_held_of_other_rows(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).comments(3).build();
        let posts = Post::cached().load(conn).unwrap();
        let replies = Reply::cached().load(conn).unwrap();
        let user = User::cached().find(1).first(conn).unwrap();
        Post::cached().insert(words("new"), conn).unwrap();
        assert_all_held!(posts, Post, conn, sent);
        assert_all_held!(replies, Reply, conn, sent);
        assert_held!(user, User, 1, conn, sent);
    }

    fn rows_of_nothing_but_defaults(db) {
        let (conn, sent) = &mut Fixture::new(&db).counters().build();
        let row = |count| NewCounter { count };
        let one = Counter::cached().insert(row(None), conn).unwrap();
        assert_eq!(one.count, 7);
        assert_held!(one, Counter, one.id, conn, sent);
        let many = Counter::cached()
            .insert_many([row(None), row(Some(1)), row(None), row(None)], conn)
            .unwrap();
        assert_eq!(many.iter().map(|made| made.count).collect::<Vec<_>>(), [7, 1, 7, 7]);
        for counter in many {
            assert_held!(counter, Counter, counter.id, conn, sent);
            assert_is_row!(counter, Counter, counter.id, conn);
        }
    }
}

/// The other two databases refuse it while they compile.
#[cfg(feature = "postgres")]
#[test]
fn insert_takes_one_row() {
    let db = crate::db::postgres::Db::new();
    let (conn, sent) = &mut Fixture::new(&db).posts(1).build();
    let two = vec![words("a"), words("b")];
    let error = Post::cached().insert(two, conn).unwrap_err();
    let expected = IdentityMapError::NotOneRow { model: "Post" };
    assert_eq!(IdentityMapError::of(&error), Some(&expected));
    assert_eq!(sent.take().len(), 0);
}
