//! Which objects were loaded together: every way to load several makes a list.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::{add_comments, add_reviews, bound, tagged};
use crate::db::{Recorder, each_database};
use crate::mapped;
use crate::models::*;
use crate::schema::*;

/// Asks each post once for its user, and says how many statements that took.
macro_rules! statements_of_a_loop {
    ($posts:expr, $conn:expr, $sent:expr) => {{
        let sent: &Recorder = $sent;
        let mut posts: Vec<Arc<Post>> = $posts.into_iter().cloned().collect();
        posts.sort_unstable_by_key(|post| post.id);
        posts.dedup_by_key(|post| post.id);
        sent.take();
        for post in posts {
            let user = post.load_parent::<User>($conn).unwrap().unwrap();
            assert_eq!(user.id, post.user_id);
        }
        sent.take().len()
    }};
}

each_database! {
    fn every_way_to_load_several(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 5, 10);
        seed_comments(conn, 10, 20);
        tagged(conn);
        let one_by_one = Post::cached().load_iter(conn).unwrap().collect::<QueryResult<Vec<_>>>().unwrap();
        assert_eq!(statements_of_a_loop!(&one_by_one, conn, &sent), 1, "load_iter");
        drop(one_by_one);
        let some = Post::cached().find_many(1..=10).load(conn).unwrap();
        assert_eq!(statements_of_a_loop!(some.iter().flatten(), conn, &sent), 1, "find_many");
        drop(some);
        let rows = comments::table
            .inner_join(posts::table)
            .select((Comment::as_select(), Post::as_select()))
            .mapped()
            .load(conn)
            .unwrap();
        assert_eq!(statements_of_a_loop!(rows.iter().map(|(_, post)| post), conn, &sent), 1, "mapped");
        drop(rows);
        let comments = Comment::cached().load(conn).unwrap();
        let posts = comments.load_parents::<Post>(conn).unwrap();
        assert_eq!(statements_of_a_loop!(posts.iter().flatten(), conn, &sent), 1, "load_parents");
        drop(posts);
        let rows = Comment::cached().with::<Post>().load(conn).unwrap();
        assert_eq!(statements_of_a_loop!(rows.iter().map(|(_, post)| post), conn, &sent), 1, "with");
        drop((rows, comments));
        let tags = Tag::cached().load(conn).unwrap();
        let posts = tags.load_through::<PostTag, Post>(conn).unwrap();
        assert_eq!(statements_of_a_loop!(posts.iter().flatten(), conn, &sent), 1, "load_through");
        drop(posts);
        let fresh = Post::cached().fresh().load(conn).unwrap();
        assert_eq!(statements_of_a_loop!(&fresh, conn, &sent), 1, "fresh");
        drop(fresh);
        let boxed = Post::cached().into_boxed().load(conn).unwrap();
        assert_eq!(statements_of_a_loop!(&boxed, conn, &sent), 1, "boxed");
        drop(boxed);
        let made = (0..5).map(|at| (posts::id.eq(100 + at), posts::user_id.eq(at + 1), posts::title.eq("new"), posts::body.eq("")));
        let made = Post::cached().insert_many(made, conn).unwrap();
        assert_eq!(statements_of_a_loop!(&made, conn, &sent), 1, "insert_many");
    }

    fn objects_of_a_transaction_stay_a_list_when_it_commits(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 5, 10);
        let posts = conn
            .transaction(|conn| {
                diesel::update(posts::table).set(posts::score.eq(9)).execute(conn)?;
                Post::cached().load(conn)
            })
            .unwrap();
        assert_eq!(statements_of_a_loop!(&posts, conn, &sent), 1);
    }

    fn children_of_several_parents_are_one_list(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 4, 4);
        let rows: Vec<String> = (1..=16).map(|id| format!("({id}, {}, {}, NULL, '')", id % 4 + 1, id % 3 + 1)).collect();
        add_comments(conn, &rows.join(", "));
        let posts = Post::cached().load(conn).unwrap();
        let comments = posts.load_children::<Comment>(conn).unwrap();
        sent.take();
        for comment in comments.iter().flatten() {
            assert_eq!(comment.load_parent::<User>(conn).unwrap().map(|user| user.id), comment.user_id);
        }
        assert_eq!(sent.take().len(), 1);
    }

    fn lists_that_take_turns(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 12, 12);
        let low = Post::cached().filter(posts::id.le(6)).order(posts::id).load(conn).unwrap();
        let high = Post::cached().filter(posts::id.gt(6)).order(posts::id).load(conn).unwrap();
        sent.take();
        for (one, other) in low.iter().zip(&high) {
            assert_eq!(one.load_parent::<User>(conn).unwrap().unwrap().id, one.user_id);
            assert_eq!(other.load_parent::<User>(conn).unwrap().unwrap().id, other.user_id);
        }
        let statements = sent.take();
        assert_eq!(statements.len(), 2);
        assert_eq!(bound(&statements[0]).len() + bound(&statements[1]).len(), 12, "none asked for twice");
    }

    /// It belongs to the list that it was loaded with last.
    fn an_object_in_two_lists(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 12, 12);
        let low = Post::cached().filter(posts::id.le(8)).order(posts::id).load(conn).unwrap();
        let high = Post::cached().filter(posts::id.gt(4)).order(posts::id).load(conn).unwrap();
        assert!(Arc::ptr_eq(&low[4], &high[0]));
        for _ in 0..2 {
            let count = statements_of_a_loop!(&low, conn, &sent);
            assert!(count <= 2, "{count}: one per list");
            let count = statements_of_a_loop!(&high, conn, &sent);
            assert!(count <= 2, "{count}: one per list");
        }
        assert_eq!(statements_of_a_loop!(&high, conn, &sent), 0, "they have asked twice");
    }

    /// A query that is run again while its first objects are held moves them into a new list.
    fn a_list_loaded_again_in_the_middle(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 5, 20);
        let posts = Post::cached().order(posts::id).load(conn).unwrap();
        sent.take();
        for post in &posts {
            let _again = Post::cached().order(posts::id).load(conn).unwrap();
            assert_eq!(post.load_parent::<User>(conn).unwrap().unwrap().id, post.user_id);
        }
        let parents = sent.take().into_iter().filter(|text| text.contains("email")).count();
        assert!(parents <= 2, "{parents}");
        drop(posts);
        assert_eq!(conn.identity_map().unwrap().len::<User>(), 0);
    }

    /// Each of them has asked: what was kept for them goes, in whichever list they are by now.
    fn what_was_awaited_goes_though_the_list_was_loaded_again(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 5, 20);
        let posts = Post::cached().order(posts::id).load(conn).unwrap();
        posts[0].load_parent::<User>(conn).unwrap().unwrap();
        let _again = Post::cached().order(posts::id).load(conn).unwrap();
        for post in &posts {
            post.load_parent::<User>(conn).unwrap().unwrap();
        }
        assert_eq!(conn.identity_map().unwrap().len::<User>(), 0);
    }

    fn what_the_query_says_of_peers(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 4, 8);
        add_reviews(conn, "(1, 1, 1, NULL)");
        let alone = Post::cached().peers(false).order(posts::id).load(conn).unwrap();
        assert_eq!(statements_of_a_loop!(&alone, conn, &sent), 8, "each alone");
        let alone = Post::cached().peers(Peers::Alone).order(posts::id).load(conn).unwrap();
        assert_eq!(statements_of_a_loop!(&alone, conn, &sent), 8, "each alone");
        let together = Post::cached().peers(true).order(posts::id).load(conn).unwrap();
        assert_eq!(statements_of_a_loop!(&together, conn, &sent), 1, "the later query's word counts");
        drop((alone, together));
        let rows = posts::table.select(Post::as_select()).order(posts::id).mapped().peers(false).load(conn).unwrap();
        assert_eq!(statements_of_a_loop!(&rows, conn, &sent), 8, "mapped");
        drop(rows);
        let rows = Post::cached().peers(false).with_children::<Comment>().load(conn).unwrap();
        assert_eq!(statements_of_a_loop!(rows.iter().map(|(post, _)| post), conn, &sent), 8, "with");
        drop(rows);

        let forbidden = Post::cached().peers(Peers::Forbidden).order(posts::id).load(conn).unwrap();
        sent.take();
        for (error, relation) in [
            (forbidden[0].load_parent::<User>(conn).unwrap_err(), "User"),
            (forbidden[0].load_children::<Comment>(conn).unwrap_err(), "Comment"),
            (forbidden[0].load_children_from(Review::cached().order(reviews::id), conn).unwrap_err(), "Review"),
        ] {
            assert!(
                matches!(
                    diesel_identity_map::IdentityMapError::of(&error),
                    Some(diesel_identity_map::IdentityMapError::LazyLoadForbidden { relation: of, .. })
                        if *of == relation
                ),
                "{error}"
            );
            assert!(error.to_string().contains(relation), "{error}");
        }
        assert_eq!(sent.count(), 0);
        // What sends no statement is not forbidden, and neither is what is meant for all.
        let users = forbidden.load_parents::<User>(conn).unwrap();
        assert!(Arc::ptr_eq(&forbidden[0].load_parent::<User>(conn).unwrap().unwrap(), users[0].as_ref().unwrap()));
        assert_eq!(forbidden.load_children::<Comment>(conn).unwrap().len(), 8);
        assert_eq!(Post::cached().peers(Peers::Forbidden).with::<User>().load(conn).unwrap().len(), 8);
        let reviews = Review::cached().peers(Peers::Forbidden).load(conn).unwrap();
        assert!(reviews[0].load_parent::<Editor>(conn).unwrap().is_none(), "NULL is known without asking");
        let error = Review::cached().peers(Peers::Forbidden).find(1).first(conn).unwrap().load_parent::<Post>(conn);
        assert!(error.is_ok(), "the post is held");
    }

    fn a_single_object_can_be_forbidden_too(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 2);
        let post = Post::cached().peers(Peers::Forbidden).find(1).first(conn).unwrap();
        assert!(post.load_parent::<User>(conn).is_err());
        drop(post);
        let post = Post::cached().find(1).first(conn).unwrap();
        assert!(post.load_parent::<User>(conn).is_ok());
    }
}
