//! `load_parent` on one object of many: the naive loop costs one statement.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::{add_reviews, bound};
use crate::db::each_database;
use crate::installed::nothing_installed;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

each_database! {
    fn the_naive_loop(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 4, 12);
        for strategy in [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows] {
            let posts = Post::cached().strategy(strategy).order(posts::id).load(conn).unwrap();
            sent.take();
            for post in &posts {
                // Each user is dropped before the next one is asked for.
                let user = post.load_parent::<User>(conn).unwrap().unwrap();
                assert_eq!(user.id, post.user_id);
            }
            let statements = sent.take();
            assert_eq!(statements.len(), 1, "{strategy:?} {statements:#?}");
            assert_eq!(bound(&statements[0]), [1, 2, 3, 4]);
        }
    }

    fn a_loop_whose_objects_go_one_by_one(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 4, 12);
        sent.take();
        for post in Post::cached().order(posts::id).load(conn).unwrap() {
            assert_eq!(post.load_parent::<User>(conn).unwrap().unwrap().id, post.user_id);
        }
        assert_eq!(sent.take().len(), 2);
        // From the end, and from the middle.
        let mut posts = Post::cached().order(posts::id).load(conn).unwrap();
        sent.take();
        while !posts.is_empty() {
            let post = posts.remove(posts.len() / 2);
            assert_eq!(post.load_parent::<User>(conn).unwrap().unwrap().id, post.user_id);
        }
        assert_eq!(sent.take().len(), 1);
    }

    fn only_those_that_are_alive_are_asked_about(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 10, 10);
        let mut posts = Post::cached().order(posts::id).load(conn).unwrap();
        posts.truncate(3);
        let _held = User::cached().find(3).first(conn).unwrap();
        sent.take();
        posts[0].load_parent::<User>(conn).unwrap().unwrap();
        assert_eq!(bound(&sent.take()[0]), [2, 4], "three posts alive, a user of theirs held");
    }

    fn another_object_in_the_map_is_no_peer(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 10, 10);
        let posts = Post::cached().filter(posts::id.le(3)).order(posts::id).load(conn).unwrap();
        let _other = Post::cached().find(7).first(conn).unwrap();
        sent.take();
        posts[0].load_parent::<User>(conn).unwrap().unwrap();
        assert_eq!(bound(&sent.take()[0]), [2, 3, 4]);
    }

    /// As many as the list had, but others, whose query wanted no peers.
    fn who_wants_no_peers_is_none(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 10, 10);
        let posts = Post::cached().filter(posts::id.le(4)).order(posts::id).load(conn).unwrap();
        for gone in [3, 4] {
            conn.identity_map().unwrap().expire::<Post>(&gone);
        }
        let others = Post::cached().peers(false).filter(posts::id.gt(8)).order(posts::id);
        let _others = others.load(conn).unwrap();
        sent.take();
        posts[0].load_parent::<User>(conn).unwrap().unwrap();
        assert_eq!(bound(&sent.take()[0]), [2, 3]);
    }

    fn twice_over_one_list(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 4, 12);
        let posts = Post::cached().order(posts::id).load(conn).unwrap();
        // What was fetched goes when all have asked; from the second time on it is kept.
        for statements in [1, 1, 0, 0, 0] {
            sent.take();
            for post in &posts {
                assert_eq!(post.load_parent::<User>(conn).unwrap().unwrap().id, post.user_id);
            }
            assert_eq!(sent.take().len(), statements);
        }
    }

    fn two_calls_per_iteration(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 4, 40);
        let posts = Post::cached().order(posts::id).load(conn).unwrap();
        sent.take();
        for post in &posts {
            assert_eq!(post.load_parent::<User>(conn).unwrap().unwrap().id, post.user_id);
            assert_eq!(post.load_parent::<User>(conn).unwrap().unwrap().id, post.user_id);
        }
        // The last post asks again when all have asked: that may fetch once more.
        let count = sent.take().len();
        assert!(count <= 2, "{count}");
    }

    fn two_relations_in_one_loop(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 6, 3);
        add_reviews(conn, "(1, 1, 1, 4), (2, 2, 2, NULL), (3, 3, 3, 5), (4, 1, 1, 99), (5, 2, 98, 6)");
        let reviews = Review::cached().order(reviews::id).load(conn).unwrap();
        sent.take();
        let mut found = Vec::new();
        for review in &reviews {
            let author = review.load_parent::<User>(conn).unwrap().map(|user| user.id);
            let editor = review.load_parent::<Editor>(conn).unwrap().map(|user| user.id);
            let post = review.load_parent::<Post>(conn).unwrap().unwrap();
            assert_eq!(post.id, review.post_id);
            found.push((author, editor));
        }
        assert_eq!(
            found,
            [(Some(1), Some(4)), (Some(2), None), (Some(3), Some(5)), (Some(1), None), (None, Some(6))]
        );
        assert_eq!(sent.take().len(), 3, "one per relation");
    }

    fn null_and_dangling_keys(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 1);
        add_reviews(conn, "(1, 1, 99, NULL), (2, 1, 1, NULL), (3, 1, 98, NULL), (4, 1, 99, NULL), (5, 1, 2, NULL)");
        let reviews = Review::cached().order(reviews::id).load(conn).unwrap();
        sent.take();
        for review in &reviews {
            assert!(review.load_parent::<Editor>(conn).unwrap().is_none());
        }
        assert_eq!(sent.count(), 0, "NULL is no key");
        let found: Vec<Option<i32>> = reviews
            .iter()
            .map(|review| review.load_parent::<User>(conn).unwrap().map(|user| user.id))
            .collect();
        assert_eq!(found, [None, Some(1), None, None, Some(2)]);
        assert_eq!(sent.take().len(), 1);
    }

    fn nested_loops(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 24);
        seed_comments(conn, 24, 24);
        sent.take();
        for comment in Comment::cached().order(comments::id).load(conn).unwrap() {
            let post = comment.load_parent::<Post>(conn).unwrap().unwrap();
            let user = post.load_parent::<User>(conn).unwrap().unwrap();
            assert_eq!((comment.post_id, post.user_id), (post.id, user.id));
        }
        let statements = sent.take();
        assert_eq!(statements.len(), 3, "{statements:#?}");
    }

    /// A loop that meets the same posts over and over, as most do, is no N+1 query either.
    fn nested_loops_that_come_back_to_a_parent(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 6);
        seed_comments(conn, 6, 120);
        sent.take();
        for comment in Comment::cached().order(comments::id).load(conn).unwrap() {
            let post = comment.load_parent::<Post>(conn).unwrap().unwrap();
            let user = post.load_parent::<User>(conn).unwrap().unwrap();
            assert_eq!((comment.post_id, post.user_id), (post.id, user.id));
        }
        let nested = sent.take().len();
        for (_, post) in Comment::cached().with::<Post>().order(comments::id).load(conn).unwrap() {
            assert_eq!(post.load_parent::<User>(conn).unwrap().unwrap().id, post.user_id);
        }
        let eager_then_lazy = sent.take().len();
        // Three would do. A few more are no harm, but they must not grow with the comments.
        assert!(nested <= 5 && eager_then_lazy <= 5, "{nested} and {eager_then_lazy} statements");
    }

    fn a_single_object(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 4);
        let one = Post::cached().find(1).first(conn).unwrap();
        let other = Post::cached().find(2).first(conn).unwrap();
        sent.take();
        let user = one.load_parent::<User>(conn).unwrap().unwrap();
        assert_eq!(bound(&sent.take()[0]), [2], "the other one was not loaded together with it");
        assert!(Arc::ptr_eq(&user, &one.load_parent::<User>(conn).unwrap().unwrap()));
        assert_eq!(sent.count(), 0);
        assert_eq!(other.load_parent::<User>(conn).unwrap().unwrap().id, 1);
        assert_eq!(sent.take().len(), 1);
        // `find` of a held object does not take it out of its list.
        let posts = Post::cached().order(posts::id).load(conn).unwrap();
        drop((user, one, other));
        let again = Post::cached().find(3).first(conn).unwrap();
        sent.take();
        again.load_parent::<User>(conn).unwrap();
        for post in &posts {
            post.load_parent::<User>(conn).unwrap().unwrap();
        }
        assert_eq!(sent.take().len(), 1);
    }

    /// An object that no map holds is looked at alone, and its answer is right.
    fn objects_that_no_map_holds(db) {
        let _nothing = nothing_installed();
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 4, 4);
        let own = Post::cached().uncached().order(posts::id).load(conn).unwrap();
        sent.take();
        for post in &own {
            assert_eq!(post.load_parent::<User>(conn).unwrap().unwrap().id, post.user_id);
        }
        assert_eq!(sent.take().len(), 4);
        let expired = Post::cached().order(posts::id).load(conn).unwrap();
        conn.identity_map().unwrap().expire_all::<Post>();
        for post in &expired {
            assert_eq!(post.load_parent::<User>(conn).unwrap().unwrap().id, post.user_id);
        }
        let made = Arc::new(Post { user_id: 3, ..Post::clone(&own[0]) });
        assert_eq!(made.load_parent::<User>(conn).unwrap().unwrap().id, 3);
        assert!(made.load_parent::<User>(&mut db.connect()).is_err(), "no map there");
    }
}
