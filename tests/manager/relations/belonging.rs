//! `belonging_to` and `grouped_by`, beside Diesel's own.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::{add_reviews, insert};
use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

each_database! {
    fn of_one_and_of_several_parents(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 9);
        let users = User::cached().order(users::id).load(conn).unwrap();
        let plain: Vec<User> = users::table.select(User::as_select()).order(users::id).load(conn).unwrap();
        sent.take();
        let ids = |posts: Vec<Arc<Post>>| posts.iter().map(|post| post.id).collect::<Vec<_>>();
        let by_id = || Post::cached().order(posts::id);
        assert_eq!(ids(by_id().belonging_to(&users[0]).load(conn).unwrap()), [3, 6, 9]);
        assert_eq!(ids(by_id().belonging_to(&*users[0]).load(conn).unwrap()), [3, 6, 9]);
        assert_eq!(ids(by_id().belonging_to(&users[..2]).load(conn).unwrap()), [1, 3, 4, 6, 7, 9]);
        assert_eq!(ids(by_id().belonging_to(&users).load(conn).unwrap()).len(), 9);
        assert_eq!(ids(by_id().belonging_to(&plain[1]).load(conn).unwrap()), [1, 4, 7]);
        assert_eq!(ids(by_id().belonging_to(&plain).limit(2).load(conn).unwrap()), [1, 2]);
        assert_eq!(ids(by_id().belonging_to(&plain[2..]).filter(posts::id.gt(4)).load(conn).unwrap()), [5, 8]);
        assert_eq!(sent.take().len(), 7);
        let nobody: Vec<Arc<User>> = Vec::new();
        assert!(by_id().belonging_to(&nobody).load(conn).unwrap().is_empty());

        // What was held is what comes.
        let held = Post::cached().find(3).first(conn).unwrap();
        assert!(Arc::ptr_eq(&held, &by_id().belonging_to(&users[0]).first(conn).unwrap()));
        for strategy in [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows] {
            let posts = by_id().strategy(strategy).belonging_to(&users[1..]).load(conn).unwrap();
            assert_eq!(ids(posts), [1, 2, 4, 5, 7, 8]);
        }
    }

    fn by_a_name_and_by_a_composite_key(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 1);
        add_reviews(conn, "(1, 1, 1, 2), (2, 1, 2, 1), (3, 1, 1, 2), (4, 1, 3, NULL)");
        let users = User::cached().order(users::id).load(conn).unwrap();
        let ids = |reviews: Vec<Arc<Review>>| reviews.iter().map(|review| review.id).collect::<Vec<_>>();
        let by_id = || Review::cached().order(reviews::id);
        assert_eq!(ids(by_id().belonging_to_by::<Editor>(&users[1]).load(conn).unwrap()), [1, 3]);
        assert_eq!(ids(by_id().belonging_to_by::<Editor>(&users).load(conn).unwrap()), [1, 2, 3]);
        assert_eq!(ids(by_id().belonging_to(&users[0]).load(conn).unwrap()), [1, 3]);
        assert_eq!(ids(by_id().belonging_to(&users[0]).belonging_to_by::<Editor>(&users[1]).load(conn).unwrap()), [1, 3]);

        insert(conn, "translations (lang, msg, text)", "('de', 'yes', 'ja'), ('de', 'no', 'nein'), ('fr', 'no', 'non')");
        insert(conn, "hints (id, lang, msg)", "(1, 'de', 'yes'), (2, 'fr', 'no'), (3, 'de', NULL), (4, 'de', 'no'), (5, 'fr', 'yes')");
        let translations = Translation::cached().order((translations::lang, translations::msg)).load(conn).unwrap();
        // ('de', 'no'), ('de', 'yes')
        let hints = Hint::cached().belonging_to(&translations[..2]).order(hints::id).load(conn).unwrap();
        assert_eq!(hints.iter().map(|hint| hint.id).collect::<Vec<_>>(), [1, 4]);
        let groups = hints.grouped_by(&translations);
        let ids: Vec<Vec<i32>> = groups.iter().map(|list| list.iter().map(|hint| hint.id).collect()).collect();
        assert_eq!(ids, [vec![4], vec![1], vec![]]);
    }

    /// Both in one file, and each is found where it is meant.
    fn grouped_beside_diesels_own(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 4, 9);
        seed_comments(conn, 3, 5);
        let users = User::cached().order(users::id).load(conn).unwrap();
        let grouped: Vec<Vec<Arc<Post>>> =
            Post::cached().belonging_to(&users).order(posts::id.desc()).load(conn).unwrap().grouped_by(&users);

        let plain: Vec<User> = users::table.select(User::as_select()).order(users::id).load(conn).unwrap();
        let expected: Vec<Vec<Post>> = Post::belonging_to(&plain)
            .select(Post::as_select())
            .order(posts::id.desc())
            .load(conn)
            .unwrap()
            .grouped_by(&plain);
        let found: Vec<Vec<&Post>> =
            grouped.iter().map(|list| list.iter().map(|post| &**post).collect()).collect();
        let expected: Vec<Vec<&Post>> = expected.iter().map(|list| list.iter().collect()).collect();
        assert_eq!(found, expected);

        // Those of other parents are left out, and an optional key works as a mandatory one.
        let comments = Comment::cached().order(comments::id).load(conn).unwrap();
        let posts = Post::cached().find_many([2, 1]).load(conn).unwrap();
        let posts: Vec<Arc<Post>> = posts.into_iter().flatten().collect();
        let ids: Vec<Vec<i64>> = comments
            .grouped_by(&posts)
            .iter()
            .map(|list| list.iter().map(|comment| comment.id).collect())
            .collect();
        assert_eq!(ids, [vec![1, 4], vec![3]]);
        let comments = Comment::cached().load(conn).unwrap();
        assert_eq!(comments.grouped_by(&users), vec![Vec::<Arc<Comment>>::new(); 4]);
    }
}
