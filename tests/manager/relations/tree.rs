//! A model that belongs to itself: trees, and circles.

use std::collections::HashSet;
use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::add_comments;
use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

/// Two comments below each, five levels: 1; 2, 3; 4 .. 7; 8 .. 15; 16 .. 31.
fn tree() -> String {
    let row = |id: i64| match id {
        1 => "(1, 1, NULL, NULL, 'root')".to_owned(),
        _ => format!("({id}, 1, NULL, {}, 'node')", id / 2),
    };
    (1..32).map(row).collect::<Vec<_>>().join(", ")
}

each_database! {
    fn down_a_tree_one_statement_per_level(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 1);
        add_comments(conn, &tree());
        sent.take();
        let mut level = Comment::cached().filter(comments::parent_id.is_null()).load(conn).unwrap();
        let mut all = Vec::new();
        while !level.is_empty() {
            let next = level.load_children::<Comment>(conn).unwrap();
            all.append(&mut level);
            level = next.into_iter().flatten().collect();
        }
        assert_eq!(all.len(), 31);
        assert_eq!(sent.take().len(), 6, "the root, five levels, and that there is no sixth");
    }

    fn up_a_tree_one_statement_per_level(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 1);
        add_comments(conn, &tree());
        sent.take();
        let mut level = Comment::cached().filter(comments::id.ge(16)).order(comments::id).load(conn).unwrap();
        for _ in 0..4 {
            let mut above = Vec::new();
            for comment in &level {
                above.extend(comment.load_parent::<Comment>(conn).unwrap());
            }
            above.dedup_by_key(|comment| comment.id);
            level = above;
        }
        assert_eq!(level.len(), 1);
        assert!(level[0].load_parent::<Comment>(conn).unwrap().is_none());
        assert_eq!(sent.take().len(), 5);
        drop(level);
        assert_eq!(conn.identity_map().unwrap().len::<Comment>(), 0);
    }

    /// Each leaf its whole way up, one after the other.
    fn up_a_tree_leaf_by_leaf(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 1);
        add_comments(conn, &tree());
        sent.take();
        let leaves = Comment::cached().filter(comments::id.ge(16)).order(comments::id).load(conn).unwrap();
        for leaf in &leaves {
            let mut at = Arc::clone(leaf);
            let mut depth = 1;
            while let Some(parent) = at.load_parent::<Comment>(conn).unwrap() {
                at = parent;
                depth += 1;
            }
            assert_eq!((at.id, depth), (1, 5));
        }
        assert!(sent.take().len() <= 16, "fewer than leaves");
        drop(leaves);
        assert_eq!(conn.identity_map().unwrap().len::<Comment>(), 0);
    }

    /// The parents are themselves in the list that waits for them.
    fn a_walk_in_a_tree_that_is_broken_off_keeps_nobody_alive(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 1);
        add_comments(conn, &tree());
        let below = Comment::cached().filter(comments::id.gt(1)).order(comments::id).load(conn).unwrap();
        assert_eq!(below[0].load_parent::<Comment>(conn).unwrap().unwrap().id, 1);
        drop(below);
        let map = conn.identity_map().unwrap();
        for _ in 0..4 {
            let _ = map.len::<Comment>();
        }
        assert_eq!(map.len::<Comment>(), 0);
    }

    fn a_tree_by_with(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 1);
        add_comments(conn, &tree());
        sent.take();
        type Below = Children<Comment>;
        let root = Comment::cached()
            .find(1)
            .with::<(Below, (Below, (Below, (Below, Below))))>()
            .first(conn)
            .unwrap();
        assert_eq!(sent.take().len(), 6);
        let leaves = root
            .1
            .iter()
            .flat_map(|(_, below)| below)
            .flat_map(|(_, below)| below)
            .flat_map(|(_, below)| below)
            .inspect(|(_, below)| assert!(below.is_empty()))
            .count();
        assert_eq!(leaves, 16);
    }

    fn circles_end(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 1);
        add_comments(conn, "(1, 1, NULL, NULL, 'a'), (2, 1, NULL, 1, 'b'), (3, 1, NULL, NULL, 'alone')");
        diesel::update(comments::table.find(1)).set(comments::parent_id.eq(2_i64)).execute(conn).unwrap();
        diesel::update(comments::table.find(3)).set(comments::parent_id.eq(3_i64)).execute(conn).unwrap();

        sent.take();
        let start = Comment::cached().find(1).first(conn).unwrap();
        let mut seen = HashSet::new();
        let mut at = Arc::clone(&start);
        while seen.insert(at.id) {
            at = at.load_parent::<Comment>(conn).unwrap().unwrap();
        }
        assert!(Arc::ptr_eq(&at, &start), "once around is the same object");
        assert_eq!((seen.len(), sent.take().len()), (2, 2));
        drop(start);
        drop(at);

        let all = Comment::cached().order(comments::id).load(conn).unwrap();
        let parents = all.load_parents::<Comment>(conn).unwrap();
        assert!(Arc::ptr_eq(parents[0].as_ref().unwrap(), &all[1]));
        assert!(Arc::ptr_eq(parents[1].as_ref().unwrap(), &all[0]));
        assert!(Arc::ptr_eq(parents[2].as_ref().unwrap(), &all[2]), "its own parent");
        let rows = Comment::cached().with::<(Comment, Comment)>().order(comments::id).load(conn).unwrap();
        let (a, Some((b, Some(a_again)))) = &rows[0] else { panic!("{rows:?}") };
        assert!(Arc::ptr_eq(a, a_again) && Arc::ptr_eq(b, &all[1]));
        let children = all.load_children::<Comment>(conn).unwrap();
        assert!(Arc::ptr_eq(&children[0][0], &all[1]) && Arc::ptr_eq(&children[2][0], &all[2]));
        for comment in &all {
            assert!(comment.load_parent::<Comment>(conn).unwrap().is_some());
        }
        drop((all, parents, rows, children));
        assert_eq!(conn.identity_map().unwrap().len::<Comment>(), 0, "a circle keeps nobody alive");
    }

    /// The parents that are awaited are peers of each other: that must not keep them alive.
    fn a_circle_walked_lazily_and_left_keeps_nobody_alive(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 1);
        let ring: Vec<String> = (1..=10).map(|id| format!("({id}, 1, NULL, NULL, 'ring')")).collect();
        add_comments(conn, &ring.join(", "));
        for id in 1..=10_i64 {
            diesel::update(comments::table.find(id))
                .set(comments::parent_id.eq(id % 10 + 1))
                .execute(conn)
                .unwrap();
        }
        let some = Comment::cached().filter(comments::id.gt(5)).order(comments::id).load(conn).unwrap();
        let mut at = Arc::clone(&some[2]);
        for _ in 0..23 {
            at = at.load_parent::<Comment>(conn).unwrap().unwrap();
        }
        assert_eq!(at.id, 1);
        drop((some, at));
        let map = conn.identity_map().unwrap();
        for _ in 0..4 {
            let _ = map.len::<Comment>();
        }
        assert_eq!(map.len::<Comment>(), 0);
    }
}
