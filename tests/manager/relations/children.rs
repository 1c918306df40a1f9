//! `load_children`: aligned, one statement, never answered from the map alone.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::{add_reviews, bound, insert};
use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

fn post_ids(lists: &[Vec<Arc<Post>>]) -> Vec<Vec<i32>> {
    let sorted = |list: &Vec<Arc<Post>>| {
        let mut ids: Vec<i32> = list.iter().map(|post| post.id).collect();
        ids.sort_unstable();
        ids
    };
    lists.iter().map(sorted).collect()
}

each_database! {
    fn aligned_with_the_parents(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 7);
        insert(conn, "users (id, name)", "(4, 'without posts')");
        let users = User::cached().order(users::id.desc()).load(conn).unwrap();
        sent.take();
        let posts: Vec<Vec<Arc<Post>>> = users.load_children::<Post>(conn).unwrap();
        let statements = sent.take();
        assert_eq!(statements.len(), 1, "{statements:#?}");
        assert_eq!(bound(&statements[0]), [1, 2, 3, 4]);
        assert_eq!(post_ids(&posts), [vec![], vec![2, 5], vec![1, 4, 7], vec![3, 6]]);
        let found = Post::cached().find(5).first(conn).unwrap();
        assert!(posts[1].iter().any(|post| Arc::ptr_eq(post, &found)));
        assert_eq!(sent.count(), 0);

        let none: &[Arc<User>] = &[];
        assert_eq!(none.load_children::<Post>(conn).unwrap(), Vec::<Vec<Arc<Post>>>::new());
        assert_eq!(sent.count(), 0, "nobody's children");
    }

    /// G1 and more: what is held is handed out, and what another connection added is seen.
    fn the_database_is_always_asked(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 4);
        let users = User::cached().order(users::id).load(conn).unwrap();
        let before = users.load_children::<Post>(conn).unwrap();
        let one = users[0].load_children::<Post>(conn).unwrap();
        assert_eq!(one.len(), 2);
        let new = "(9, 1, 'ninth', '', TRUE)";
        insert(&mut db.connect(), "posts (id, user_id, title, body, published)", new);
        sent.take();
        let after = users.load_children::<Post>(conn).unwrap();
        assert_eq!(sent.take().len(), 1);
        assert_eq!(post_ids(&after), [vec![2, 4, 9], vec![1, 3]]);
        for post in before.iter().flatten() {
            assert!(after.iter().flatten().any(|again| Arc::ptr_eq(post, again)));
        }
        assert_eq!(users[0].load_children::<Post>(conn).unwrap().len(), 3);
        assert_eq!(sent.take().len(), 1);
        diesel::delete(posts::table.find(9)).execute(&mut db.connect()).unwrap();
        assert_eq!(users[0].load_children::<Post>(conn).unwrap().len(), 2);
    }

    fn a_child_that_moved_to_another_parent(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 4);
        let users = User::cached().order(users::id).load(conn).unwrap();
        let _held = users.load_children::<Post>(conn).unwrap();
        diesel::update(posts::table.find(1)).set(posts::user_id.eq(1)).execute(conn).unwrap();
        let after = users.load_children::<Post>(conn).unwrap();
        assert_eq!(post_ids(&after), [vec![1, 2, 4], vec![3]]);
        assert!(after[0].iter().all(|post| post.user_id == 1));
    }

    fn by_a_query_of_theirs(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 12);
        let users = User::cached().order(users::id).load(conn).unwrap();
        for strategy in [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows] {
            for held in [vec![], vec![2, 6, 7], (1..=12).collect()] {
                let _held = Post::cached().find_many(held).load(conn).unwrap();
                sent.take();
                let newest = Post::cached()
                    .filter(posts::id.gt(2).and(posts::id.lt(12)))
                    .order(posts::id.desc())
                    .strategy(strategy);
                let posts = users.load_children_from(newest, conn).unwrap();
                let ids: Vec<Vec<i32>> =
                    posts.iter().map(|list| list.iter().map(|post| post.id).collect()).collect();
                assert_eq!(ids, [vec![9, 6, 3], vec![10, 7, 4], vec![11, 8, 5]]);
                if strategy != Strategy::KeysFirst {
                    assert_eq!(sent.take().len(), 1, "{strategy:?}");
                }
            }
        }
        let of_one = users[1].load_children_from(Post::cached().order(posts::id).limit(2), conn).unwrap();
        assert_eq!(of_one.iter().map(|post| post.id).collect::<Vec<_>>(), [1, 4]);
        // An alternative in the query stays one of the children.
        let either = Post::cached().filter(posts::id.eq(1)).or_filter(posts::id.eq(2));
        let posts = users[..1].load_children_from(either, conn).unwrap();
        assert_eq!(posts, [Vec::<Arc<Post>>::new()], "neither is by the first user");
    }

    fn by_the_name_of_a_relation(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 1);
        add_reviews(conn, "(1, 1, 1, 2), (2, 1, 2, 1), (3, 1, 1, 2), (4, 1, 3, NULL), (5, 1, 1, 99)");
        let users = User::cached().order(users::id).load(conn).unwrap();
        sent.take();
        let ids = |lists: Vec<Vec<Arc<Review>>>| -> Vec<Vec<i32>> {
            lists.iter().map(|list| list.iter().map(|review| review.id).collect()).collect()
        };
        let down = || Review::cached().order(reviews::id.desc());
        let edited = users.load_children_by::<Editor, _>(down(), conn).unwrap();
        assert_eq!(ids(edited), [vec![2], vec![3, 1], vec![]]);
        let written = users.load_children_by::<Review, _>(down(), conn).unwrap();
        assert_eq!(ids(written), [vec![5, 3, 1], vec![2], vec![4]]);
        assert_eq!(sent.take().len(), 2);
        assert_eq!(users.load_children::<Editor>(conn).unwrap()[1].len(), 2);
        assert_eq!(users[1].load_children::<Editor>(conn).unwrap().len(), 2);
    }

    fn a_parent_that_is_given_twice(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 4);
        let users = User::cached().order(users::id).load(conn).unwrap();
        let three = [&users[1], &users[0], &users[1]].map(Arc::clone);
        sent.take();
        let posts = three.load_children::<Post>(conn).unwrap();
        assert_eq!(bound(&sent.take()[0]), [1, 2]);
        assert_eq!(post_ids(&posts), [vec![1, 3], vec![2, 4], vec![1, 3]]);
        assert!(Arc::ptr_eq(&posts[0][0], &posts[2][0]));
    }

    fn uncached_children_and_those_of_another_map(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 4);
        let users = User::cached().order(users::id).load(conn).unwrap();
        let map = IdentityMap::new();
        let posts = users.load_children_from(Post::cached().in_map(&map), conn).unwrap();
        assert_eq!(map.len::<Post>(), 4);
        let own = users.load_children_from(Post::cached().uncached(), conn).unwrap();
        assert_eq!(conn.identity_map().unwrap().len::<Post>(), 0);
        assert_eq!(post_ids(&posts), post_ids(&own));
        let plain = users.load_children_from(Post::cached().uncached(), &mut db.connect()).unwrap();
        assert_eq!(post_ids(&posts), post_ids(&plain));
    }

    fn fresh_children(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 2);
        let users = User::cached().load(conn).unwrap();
        let held = users.load_children::<Post>(conn).unwrap();
        diesel::update(posts::table).set(posts::title.eq("new")).execute(&mut db.connect()).unwrap();
        let same = users.load_children::<Post>(conn).unwrap();
        assert!(same[0].iter().all(|post| held[0].iter().any(|old| Arc::ptr_eq(old, post))));
        let fresh = users.load_children_from(Post::cached().fresh(), conn).unwrap();
        assert!(fresh[0].iter().all(|post| post.title == "new"));
    }
}
