//! `load_through`: for each parent its own list, in it no object twice.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::{add_reviews, bound, insert, tagged};
use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

fn tag_ids(lists: &[Vec<Arc<Tag>>]) -> Vec<Vec<i32>> {
    lists
        .iter()
        .map(|list| list.iter().map(|tag| tag.id).collect())
        .collect()
}

each_database! {
    fn each_parent_its_own_list(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        tagged(conn);
        let posts = Post::cached().order(posts::id).load(conn).unwrap();
        sent.take();
        let tags = posts.load_through::<PostTag, Tag>(conn).unwrap();
        let statements = sent.take();
        assert_eq!(statements.len(), 2);
        assert_eq!(bound(&statements[1]), [1, 2, 3]);
        let mut ids = tag_ids(&tags);
        ids.iter_mut().for_each(|ids| ids.sort_unstable());
        assert_eq!(ids, [vec![1, 2], vec![2, 3], vec![]]);
        let two = Tag::cached().find(2).first(conn).unwrap();
        assert!(tags[..2].iter().all(|list| list.iter().any(|tag| Arc::ptr_eq(tag, &two))));

        posts.load_through::<PostTag, Tag>(conn).unwrap();
        assert_eq!(sent.take().len(), 1, "the join rows; the tags are held");
        assert_eq!(tag_ids(&posts[2..].load_through::<PostTag, Tag>(conn).unwrap()), [[0; 0]]);
        assert_eq!(sent.take().len(), 1);
        let none: &[Arc<Post>] = &[];
        assert!(none.load_through::<PostTag, Tag>(conn).unwrap().is_empty());
        assert_eq!(sent.count(), 0);
        // The other way round.
        let tags = Tag::cached().order(tags::id).load(conn).unwrap();
        let posts = tags.load_through::<PostTag, Post>(conn).unwrap();
        assert_eq!(posts.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 1]);
    }

    fn the_join_rows_give_the_order(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        tagged(conn);
        let posts = Post::cached().order(posts::id).load(conn).unwrap();
        sent.take();
        for strategy in [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows] {
            let up = PostTag::cached().strategy(strategy).order((post_tags::position, post_tags::tag_id));
            let tags = posts.load_through_from::<PostTag, Tag, _>(up, conn).unwrap();
            assert_eq!(tag_ids(&tags), [vec![2, 1], vec![2, 3], vec![]], "{strategy:?}");
        }
        sent.take();
        let first = PostTag::cached().filter(post_tags::position.eq(1));
        let tags = posts.load_through_from::<PostTag, Tag, _>(first, conn).unwrap();
        assert_eq!(tag_ids(&tags), [vec![2], vec![2], vec![]]);
        assert_eq!(sent.take().len(), 2);
    }

    fn no_duplicates_and_nobody_for_null_and_dangling(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 2);
        add_reviews(
            conn,
            "(1, 1, 2, NULL), (2, 1, 1, 3), (3, 1, 2, 3), (4, 1, 99, NULL), (5, 2, 2, 99), (6, 2, 2, NULL)",
        );
        let posts = Post::cached().order(posts::id).load(conn).unwrap();
        sent.take();
        let by_id = || Review::cached().order(reviews::id);
        let ids = |lists: Vec<Vec<Arc<User>>>| -> Vec<Vec<i32>> {
            lists.iter().map(|list| list.iter().map(|user| user.id).collect()).collect()
        };
        let authors = posts.load_through_from::<Review, User, _>(by_id(), conn).unwrap();
        assert_eq!(sent.take().len(), 2);
        assert_eq!(ids(authors), [vec![2, 1], vec![2]]);
        let editors = posts.load_through_from::<Review, Editor, _>(by_id(), conn).unwrap();
        assert_eq!(ids(editors), [vec![3], vec![]]);
        assert_eq!(sent.take().len(), 2);

        // From a relation that has a name, to the other one: whom a user edited.
        let users = User::cached().order(users::id).load(conn).unwrap();
        let written = users.load_through::<Editor, User>(conn).unwrap();
        assert_eq!(written[0].len() + written[1].len(), 0);
        let mut of_three: Vec<i32> = written[2].iter().map(|user| user.id).collect();
        of_three.sort_unstable();
        assert_eq!(of_three, [1, 2]);
        assert!(written[2].iter().all(|user| users.iter().any(|held| Arc::ptr_eq(held, user))));
    }

    fn join_rows_that_changed_elsewhere_are_seen(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        tagged(conn);
        let posts = Post::cached().order(posts::id).load(conn).unwrap();
        let _held = (posts.load_through::<PostTag, Tag>(conn).unwrap(), PostTag::cached().load(conn).unwrap());
        let other = &mut db.connect();
        insert(other, "post_tags (post_id, tag_id)", "(3, 1)");
        diesel::delete(post_tags::table.find((1, 1))).execute(other).unwrap();
        let tags = posts.load_through::<PostTag, Tag>(conn).unwrap();
        assert_eq!(tag_ids(&tags[..1]), [[2]]);
        assert_eq!(tag_ids(&tags[2..]), [[1]]);
    }
}
