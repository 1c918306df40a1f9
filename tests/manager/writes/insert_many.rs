//! `insert_many`: objects in the order of the rows, in few statements, and all of them or none.

use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;

use crate::db::each_database;
use crate::models::*;
use crate::schema::*;

use super::asserts::*;
use super::models::*;
use super::setup::*;

each_database! {
    /// On MySQL three, and one more to see that given keys are not there yet.
    fn insert_many_is_one_statement_and_three_or_four_on_mysql(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(1).build();
        let rows = [new_post(None, "a", Some(1)), new_post(None, "b", Some(2))];
        Post::cached().insert_many(&rows, conn).unwrap();
        // MySQL is asked once per connection whether its keys are consecutive.
        let asked = if Conn::RETURNING { 0 } else { 1 };
        assert_eq!(sent.take().len(), Conn::INSERT_MANY + asked);
        Post::cached().insert_many((0..3_000).map(|_| words("many")), conn).unwrap();
        assert_eq!(sent.take().len(), Conn::INSERT_MANY);
        let keys = ["a", "b"].map(|code| country(code, "name"));
        Country::cached().insert_many(keys, conn).unwrap();
        let looked = if Conn::RETURNING { 0 } else { 1 };
        assert_eq!(sent.take().len(), Conn::INSERT_MANY + looked);
    }

    fn insert_many_is_in_order(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(1).build();
        let titles = ["d", "a", "c", "b"];
        let posts = Post::cached().insert_many(titles.map(words), conn).unwrap();
        let got: Vec<&str> = posts.iter().map(|post| &*post.title).collect();
        assert_eq!(got, titles);
        for post in posts {
            assert_held!(post, Post, post.id, conn, sent);
            assert_is_row!(post, Post, post.id, conn);
        }
    }

    fn insert_many_with_given_and_composite_keys(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).tags().build();
        let keys = [(3, 1), (1, 2), (2, 2)];
        let rows = keys.map(|(post, tag)| post_tag(post, tag));
        let post_tags = PostTag::cached().insert_many(rows, conn).unwrap();
        assert_eq!(post_tags.iter().map(|made| made.key()).collect::<Vec<_>>(), keys);
        let codes = ["z", "a", "m"];
        let rows = codes.map(|code| country(code, "name"));
        let countries = Country::cached().insert_many(rows, conn).unwrap();
        assert_eq!(countries.iter().map(|made| &*made.code).collect::<Vec<_>>(), codes);
        assert_all_held!(post_tags, PostTag, conn, sent);
        assert_all_held!(countries, Country, conn, sent);
    }

    fn insert_many_with_columns_left_out_here_and_there(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(0).build();
        let rows = vec![
            new_post(None, "0", Some(5)),
            new_post(None, "1", None),
            new_post(Some(60), "2", None),
            new_post(Some(61), "3", Some(6)),
            new_post(None, "4", None),
            new_post(None, "5", None),
        ];
        let posts = Post::cached().insert_many(rows, conn).unwrap();
        let titles: Vec<&str> = posts.iter().map(|post| &*post.title).collect();
        assert_eq!(titles, ["0", "1", "2", "3", "4", "5"]);
        let scores: Vec<i32> = posts.iter().map(|post| post.score).collect();
        assert_eq!(scores, [5, 0, 0, 6, 0, 0]);
        assert_eq!((posts[2].id, posts[3].id), (60, 61));
        for post in posts {
            assert_held!(post, Post, post.id, conn, sent);
            assert_is_row!(post, Post, post.id, conn);
        }
    }

    fn insert_many_of_references(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(0).build();
        let rows = [new_post(None, "a", Some(1)), new_post(None, "b", Some(2))];
        let posts = Post::cached().insert_many(&rows, conn).unwrap();
        assert_held!(posts[1], Post, posts[1].id, conn, sent);
        assert_eq!((&*posts[0].title, &*posts[1].title), ("a", "b"));
    }

    fn insert_many_of_nothing_sends_nothing(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(1).build();
        let none = Post::cached().insert_many(Vec::<NewPost>::new(), conn).unwrap();
        assert!(none.is_empty());
        assert_eq!(sent.take(), Vec::<String>::new());
    }

    fn insert_many_of_three_thousand_rows(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(0).build();
        let rows: Vec<NewPost> =
            (0..3_000).map(|n| new_post(None, &format!("post {n}"), Some(n))).collect();
        let posts = Post::cached().insert_many(rows, conn).unwrap();
        assert_eq!(posts.len(), 3_000);
        assert!(posts.iter().zip(0..).all(|(post, n)| post.score == n));
        assert_held!(posts[1_777], Post, posts[1_777].id, conn, sent);
        assert_held!(posts[2_999], Post, posts[2_999].id, conn, sent);
        let rows = Post::cached().uncached().order(posts::score).load(conn).unwrap();
        assert_eq!(rows, posts);
    }

    fn insert_many_of_more_rows_than_one_statement_binds(db) {
        let (conn, sent) = &mut Fixture::new(&db).build();
        let rows = (0..34_000).map(|n| country(format!("c{n}"), "n"));
        let countries = Country::cached().insert_many(rows, conn).unwrap();
        assert!(sent.take().iter().filter(|text| text.starts_with("INSERT")).count() > 1);
        assert!(countries.iter().enumerate().all(|(n, made)| made.code == format!("c{n}")));
        let count: i64 = countries::table.count().get_result(conn).unwrap();
        assert_eq!((count, countries.len()), (34_000, 34_000));
        assert_held!(countries[33_999], Country, "c33999", conn, sent);
    }

    fn insert_many_that_fails_in_the_middle_leaves_nothing(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).build();
        let held = Post::cached().order(posts::id).load(conn).unwrap();
        let same_columns = vec![
            new_post(Some(50), "a", None),
            new_post(Some(2), "twice", None),
            new_post(Some(51), "b", None),
        ];
        let other_columns = vec![
            new_post(Some(50), "a", Some(1)),
            new_post(None, "x", None),
            new_post(Some(2), "twice", None),
            new_post(Some(51), "b", None),
        ];
        for rows in [same_columns, other_columns] {
            let error = Post::cached().insert_many(rows, conn).unwrap_err();
            assert!(is_unique_violation(&error), "{error}");
            assert_all_held!(held, Post, conn, sent);
            assert_gone!(Post, 50, conn);
            assert_eq!(Post::cached().load(conn).unwrap(), held);
        }
        let new = Post::cached().insert_many([new_post(Some(50), "a", None)], conn).unwrap();
        assert_held!(new[0], Post, 50, conn, sent);
    }

    fn insert_many_that_fails_inside_a_transaction_leaves_the_rest_of_it(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).build();
        conn.transaction(|conn| {
            let mine = Post::cached().insert(new_post(Some(40), "mine", None), conn).unwrap();
            let rows = [new_post(Some(50), "a", Some(1)), new_post(Some(2), "twice", None)];
            let failed = conn.transaction(|conn| Post::cached().insert_many(rows, conn));
            assert!(is_unique_violation(&failed.unwrap_err()));
            assert_gone!(Post, 50, conn);
            assert_eq!(mine.title, "mine");
            assert_held!(mine, Post, 40, conn, sent);
            QueryResult::Ok(())
        })
        .unwrap();
        assert_eq!(Post::cached().find(40).first(conn).unwrap().title, "mine");
    }
}
