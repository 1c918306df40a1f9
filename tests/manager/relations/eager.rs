//! `with`: the query's own statement, and one per relation and level.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::Error::NotFound;
use diesel_identity_map::prelude::*;

use super::{add_comments, add_reviews, tagged};
use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

each_database! {
    fn parents(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 7);
        sent.take();
        let rows: Vec<(Arc<Post>, Arc<User>)> =
            Post::cached().with::<User>().order(posts::id.desc()).load(conn).unwrap();
        assert_eq!(sent.take().len(), 2);
        assert_eq!(rows.iter().map(|(post, _)| post.id).collect::<Vec<_>>(), [7, 6, 5, 4, 3, 2, 1]);
        assert!(rows.iter().all(|(post, user)| post.user_id == user.id));
        assert!(Arc::ptr_eq(&rows[0].1, &rows[3].1));

        let again = Post::cached().filter(posts::id.le(3)).with::<User>().load(conn).unwrap();
        assert_eq!((again.len(), sent.take().len()), (3, 1), "all users are held");
        assert!(Post::cached().filter(posts::id.gt(99)).with::<User>().load(conn).unwrap().is_empty());
        assert_eq!(sent.take().len(), 1, "nobody has no parents");
    }

    /// As an inner and a left join would give them.
    fn parents_that_are_not_there(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 1);
        add_reviews(conn, "(1, 1, 1, NULL), (2, 1, 99, 2), (3, 1, 2, 99)");
        sent.take();
        let by_id = || Review::cached().order(reviews::id);
        let inner: Vec<(Arc<Review>, Arc<User>)> = by_id().with::<User>().load(conn).unwrap();
        let ids: Vec<(i32, i32)> = inner.iter().map(|(review, user)| (review.id, user.id)).collect();
        assert_eq!(ids, [(1, 1), (3, 2)], "what points to no row is left out");
        let left: Vec<(Arc<Review>, Option<Arc<User>>)> =
            by_id().with::<Option<User>>().load(conn).unwrap();
        let ids: Vec<(i32, Option<i32>)> =
            left.iter().map(|(review, user)| (review.id, user.as_ref().map(|user| user.id))).collect();
        assert_eq!(ids, [(1, Some(1)), (2, None), (3, Some(2))]);
        // A key that may be NULL gives an `Option` by itself.
        let edited: Vec<(Arc<Review>, Option<Arc<User>>)> = by_id().with::<Editor>().load(conn).unwrap();
        let ids: Vec<(i32, Option<i32>)> =
            edited.iter().map(|(review, user)| (review.id, user.as_ref().map(|user| user.id))).collect();
        assert_eq!(ids, [(1, None), (2, Some(2)), (3, None)]);

        let one = Review::cached().find(2);
        assert!(matches!(one.with::<User>().first(conn), Err(NotFound)));
        let one = Review::cached().find(2).with::<Option<User>>().first(conn).unwrap();
        assert!(one.1.is_none());
        assert!(matches!(Review::cached().find(9).with::<Editor>().one(conn), Err(NotFound)));
        assert_eq!(Review::cached().find(1).with::<User>().get_result(conn).unwrap().1.id, 1);
        assert_eq!(Review::cached().find(1).with::<User>().one(conn).unwrap().1.id, 1);
    }

    fn several_relations(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 3);
        add_reviews(conn, "(1, 1, 1, 2), (2, 2, 2, NULL), (3, 3, 3, 1)");
        sent.take();
        let rows: Vec<(Arc<Review>, Arc<Post>, Arc<User>, Option<Arc<User>>)> = Review::cached()
            .with::<Post>()
            .with::<User>()
            .with::<Editor>()
            .order(reviews::id)
            .load(conn)
            .unwrap();
        assert_eq!(sent.take().len(), 3, "the editors are authors, and held by then");
        for (review, post, author, editor) in &rows {
            assert_eq!((review.post_id, review.author_id), (post.id, author.id));
            assert_eq!(review.editor_id, editor.as_ref().map(|editor| editor.id));
        }
        assert!(Arc::ptr_eq(&rows[1].2, rows[0].3.as_ref().unwrap()));
    }

    fn nested(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 6);
        seed_comments(conn, 6, 18);
        sent.take();
        let rows: Vec<(Arc<Comment>, (Arc<Post>, Arc<User>))> =
            Comment::cached().with::<(Post, User)>().order(comments::id).load(conn).unwrap();
        assert_eq!(sent.take().len(), 3);
        assert_eq!(rows.len(), 18);
        for (comment, (post, user)) in &rows {
            assert_eq!((comment.post_id, post.user_id), (post.id, user.id));
        }
        assert!(Arc::ptr_eq(&rows[0].1.0, &rows[6].1.0));
        drop(rows);

        // An `Option` on the way down.
        add_comments(conn, "(100, 1, 2, 1, 'answer')");
        sent.take();
        let rows: Vec<(Arc<Comment>, Option<(Arc<Comment>, Arc<Post>)>, Option<Arc<User>>)> =
            Comment::cached().with::<(Comment, Post)>().with::<User>().order(comments::id).load(conn).unwrap();
        assert!(sent.take().len() <= 4);
        assert!(rows[..18].iter().all(|(_, parent, user)| parent.is_none() && user.is_none()));
        let (_, Some((parent, post)), Some(user)) = &rows[18] else { panic!("{:?}", rows[18]) };
        assert!(Arc::ptr_eq(parent, &rows[0].0));
        assert_eq!((parent.post_id, user.id), (post.id, 2));
    }

    /// A gap on an inner level leaves out what an inner join would leave out, and nothing of its
    /// neighbours gets out of line.
    fn gaps_on_inner_levels(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 2);
        add_reviews(conn, "(1, 1, 99, NULL), (2, 1, 1, 2), (3, 2, 2, 99), (4, 2, 99, 1)");
        let posts: Vec<(Arc<Post>, Vec<(Arc<Review>, Arc<User>)>)> =
            Post::cached().with::<(Children<Review>, User)>().order(posts::id).load(conn).unwrap();
        let ids: Vec<(i32, Vec<(i32, i32)>)> = posts
            .iter()
            .map(|(post, reviews)| {
                (post.id, reviews.iter().map(|(review, user)| (review.id, user.id)).collect())
            })
            .collect();
        assert_eq!(ids, [(1, vec![(2, 1)]), (2, vec![(3, 2)])]);

        let posts: Vec<(Arc<Post>, Vec<(Arc<Review>, Option<Arc<User>>, Option<Arc<User>>)>)> =
            Post::cached()
                .with::<(Children<Review>, Option<User>, Editor)>()
                .order(posts::id)
                .load(conn)
                .unwrap();
        let mut rows: Vec<(i32, Option<i32>, Option<i32>)> = posts
            .iter()
            .flat_map(|(_, reviews)| reviews)
            .map(|(review, author, editor)| {
                (review.id, author.as_ref().map(|user| user.id), editor.as_ref().map(|user| user.id))
            })
            .collect();
        rows.sort_unstable();
        assert_eq!(
            rows,
            [(1, None, None), (2, Some(1), Some(2)), (3, Some(2), None), (4, None, Some(1))]
        );
    }

    fn children(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 4);
        seed_comments(conn, 3, 6);
        sent.take();
        let rows: Vec<(Arc<Post>, Vec<Arc<Comment>>)> =
            Post::cached().with_children::<Comment>().order(posts::id).load(conn).unwrap();
        assert_eq!(sent.take().len(), 2);
        let counts: Vec<(i32, usize)> =
            rows.iter().map(|(post, comments)| (post.id, comments.len())).collect();
        assert_eq!(counts, [(1, 2), (2, 2), (3, 2), (4, 0)]);
        assert!(rows.iter().all(|(post, of)| of.iter().all(|comment| comment.post_id == post.id)));

        let down = Comment::cached().filter(comments::id.gt(1)).order(comments::id.desc());
        let rows: Vec<(Arc<Post>, Arc<User>, Vec<Arc<Comment>>)> = Post::cached()
            .with::<User>()
            .with_children_from(down)
            .order(posts::id)
            .load(conn)
            .unwrap();
        assert_eq!(sent.take().len(), 3);
        let ids: Vec<Vec<i64>> =
            rows.iter().map(|(_, _, of)| of.iter().map(|comment| comment.id).collect()).collect();
        assert_eq!(ids, [vec![6, 3], vec![4], vec![5, 2], vec![]]);

        // Two kinds of children of two levels.
        add_reviews(conn, "(1, 1, 1, NULL), (2, 1, 2, NULL)");
        sent.take();
        let rows: Vec<(Arc<User>, Vec<(Arc<Post>, Vec<Arc<Comment>>, Vec<Arc<Review>>)>)> =
            User::cached()
                .with::<(Children<Post>, Children<Comment>, Children<Review>)>()
                .order(users::id)
                .load(conn)
                .unwrap();
        assert_eq!(sent.take().len(), 4);
        let second = &rows[1].1;
        assert_eq!(second.len(), 2);
        assert!(second.iter().all(|(post, comments, reviews)| {
            let reviewed = if post.id == 1 { 2 } else { 0 };
            comments.len() == 2 && reviews.len() == reviewed
        }));
        let rows = User::cached().with_children::<Editor>().load(conn).unwrap();
        assert!(rows.iter().all(|(_, reviews)| reviews.is_empty()));
    }

    fn through_a_join_model(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        tagged(conn);
        sent.take();
        let rows: Vec<(Arc<Post>, Vec<Arc<Tag>>)> =
            Post::cached().with::<Through<PostTag, Tag>>().order(posts::id).load(conn).unwrap();
        assert_eq!(sent.take().len(), 3);
        let mut ids: Vec<Vec<i32>> =
            rows.iter().map(|(_, tags)| tags.iter().map(|tag| tag.id).collect()).collect();
        ids.iter_mut().for_each(|ids| ids.sort_unstable());
        assert_eq!(ids, [vec![1, 2], vec![2, 3], vec![]]);
        let two: Vec<&Arc<Tag>> = rows.iter().flat_map(|(_, tags)| tags).filter(|tag| tag.id == 2).collect();
        assert!(Arc::ptr_eq(two[0], two[1]));

        // From the users on: two levels down, one of them through a join model.
        let rows: Vec<(Arc<User>, Vec<(Arc<Post>, Vec<Arc<Tag>>)>)> =
            User::cached().with::<(Children<Post>, Through<PostTag, Tag>)>().load(conn).unwrap();
        assert_eq!(rows[0].1.iter().map(|(_, tags)| tags.len()).sum::<usize>(), 4);
        assert_eq!(sent.take().len(), 3, "users, posts, join rows; the tags are held");
    }

    /// The query stays one: its clauses, its strategy and its options may stand behind `with`.
    fn clauses_behind_it(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 9);
        for strategy in [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows] {
            let rows = Post::cached()
                .strategy(strategy)
                .with::<User>()
                .inner_join(users::table)
                .filter(users::name.ne("user 1"))
                .order((posts::score, posts::id))
                .limit(3)
                .offset(1)
                .load(conn)
                .unwrap();
            let ids: Vec<i32> = rows.iter().map(|(post, _)| post.id).collect();
            let plain: Vec<i32> = posts::table
                .inner_join(users::table)
                .filter(users::name.ne("user 1"))
                .order((posts::score, posts::id))
                .limit(3)
                .offset(1)
                .select(posts::id)
                .load(conn)
                .unwrap();
            assert_eq!(ids, plain, "{strategy:?}");
        }
        let joined = || Post::cached().filter(posts::id.gt(7)).with::<User>().order(posts::id);
        let left = joined().left_join(comments::table).load(conn).unwrap();
        assert_eq!(left.iter().map(|(post, _)| post.id).collect::<Vec<_>>(), [8, 9]);
        let boxed = joined().into_boxed().filter(posts::id.lt(9)).load(conn).unwrap();
        assert_eq!(boxed.iter().map(|(post, _)| post.id).collect::<Vec<_>>(), [8]);
        drop((left, boxed));
        sent.take();
        let first = Post::cached().with::<User>().order(posts::id.desc()).first(conn).unwrap();
        assert_eq!((first.0.id, first.1.id), (9, 1));
        assert_eq!(sent.take().len(), 2);
    }

    /// `fresh`, `uncached` and `in_map` hold for what comes along.
    fn options_hold_for_what_comes_along(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 4);
        tagged(conn);
        let held = Post::cached().with::<User>().order(posts::id).load(conn).unwrap();
        diesel::update(users::table).set(users::name.eq("new")).execute(&mut db.connect()).unwrap();
        diesel::update(tags::table).set(tags::name.eq("new")).filter(tags::id.eq(1)).execute(&mut db.connect()).unwrap();
        let again = Post::cached().with::<User>().order(posts::id).load(conn).unwrap();
        assert!(held.iter().zip(&again).all(|(old, new)| Arc::ptr_eq(&old.1, &new.1)));
        let own = Post::cached().uncached().with::<User>().load(conn).unwrap();
        assert!(own.iter().all(|(_, user)| user.name == "new"));
        assert_eq!(Post::cached().uncached().with::<User>().load(&mut db.connect()).unwrap().len(), 4);
        let map = IdentityMap::new();
        let elsewhere = Post::cached().in_map(&map).with::<User>().with::<Through<PostTag, Tag>>().load(conn).unwrap();
        assert_eq!((elsewhere.len(), map.len::<Post>(), map.len::<User>(), map.len::<Tag>()), (4, 4, 2, 3));
        assert_eq!(conn.identity_map().unwrap().len::<Tag>(), 0);
        let fresh = Post::cached().fresh().with::<User>().order(posts::id).load(conn).unwrap();
        assert!(fresh.iter().all(|(_, user)| user.name == "new"));
        assert!(Arc::ptr_eq(&fresh[0].1, &User::cached().find(2).first(conn).unwrap()));
        assert!(Arc::ptr_eq(&fresh[0].1, &fresh[2].1), "one row, one object, read freshly too");
    }
}
