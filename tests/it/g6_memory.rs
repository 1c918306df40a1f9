//! G6: memory follows what is held.

use std::num::NonZeroUsize;
use std::sync::{Arc, Weak};

use diesel_identity_map::{
    IdentityMap, IdentityMapConnection, IdentityMapped, Retain, Scope, Strategy,
};

use crate::db::each_database;
use crate::mapped;
use crate::models::*;

each_database! {
    fn an_object_that_nobody_holds_is_freed(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 10);
        let posts = Post::cached().load(&mut conn).unwrap();
        let weak: Vec<Weak<Post>> = posts.iter().map(Arc::downgrade).collect();
        let map = conn.identity_map().unwrap();
        assert_eq!(map.len::<Post>(), 10);
        drop(posts);
        assert!(weak.iter().all(|post| post.upgrade().is_none()));
        assert_eq!(map.len::<Post>(), 0);
        assert!(map.get::<Post>(&1).is_none());
    }

    fn a_scope_that_retains(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 10);
        let scope = Scope::builder().retain(Retain::UntilScopeEnds).build();
        let weak = scope.in_scope(|| {
            let weak = Arc::downgrade(&Post::cached().find(1).first(&mut conn).unwrap());
            sent.take();
            Post::cached().find(1).first(&mut conn).unwrap();
            assert_eq!(sent.count(), 0, "it was kept");
            weak
        });
        assert!(weak.upgrade().is_some());
        drop(scope);
        assert!(weak.upgrade().is_none(), "it went with the scope");
    }

    fn a_scope_that_retains_the_last(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 10);
        let retain = Retain::Recent(NonZeroUsize::new(3).unwrap());
        let _entered = Scope::builder().retain(retain).build().entered();
        for id in [1, 2, 3, 1, 4] {
            Post::cached().find(id).first(&mut conn).unwrap();
        }
        assert_eq!(conn.identity_map().unwrap().len::<Post>(), 3);
        sent.take();
        for id in [1, 3, 4] {
            Post::cached().find(id).first(&mut conn).unwrap();
        }
        assert_eq!(sent.take().len(), 0);
        Post::cached().find(2).first(&mut conn).unwrap();
        assert_eq!(sent.take().len(), 1, "the one not used for longest went");
    }

    fn what_arrives_after_the_scope_stays_its_own(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 1);
        let scope = Scope::builder().retain(Retain::UntilScopeEnds).build();
        let map = scope.in_scope(|| conn.identity_map().unwrap());
        drop(scope);
        let a = Post::cached().in_map(&map).find(1).first(&mut conn).unwrap();
        let b = Post::cached().in_map(&map).find(1).first(&mut conn).unwrap();
        assert!(!Arc::ptr_eq(&a, &b));
        assert_eq!(map.len::<Post>(), 0);
        let weak = Arc::downgrade(&a);
        drop(a);
        assert!(weak.upgrade().is_none());
    }

    /// Rows are streamed in a join of a thousand with a thousand: the database has to make a
    /// million rows, the map to hold none of them.
    fn a_million_rows_streamed_and_none_held(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 1000);
        diesel::connection::SimpleConnection::batch_execute(
            &mut conn,
            "INSERT INTO tags (id, name) SELECT id, title FROM posts;
             INSERT INTO post_tags (post_id, tag_id)
             SELECT posts.id, tags.id FROM posts CROSS JOIN tags;",
        )
        .unwrap();
        let mut count = 0_u64;
        let map = conn.identity_map().unwrap();
        for post_tag in PostTag::cached().load_iter(&mut conn).unwrap() {
            count += u64::from(post_tag.unwrap().position == 0);
            if count.is_multiple_of(100_000) {
                assert!(map.footprint::<PostTag>() < 4096, "at row {count}");
            }
        }
        assert_eq!(count, 1_000_000);
        assert_eq!(map.len::<PostTag>(), 0);
        assert!(map.footprint::<PostTag>() < 4096, "{} entries", map.footprint::<PostTag>());
    }

    /// The same rows over and over: nobody holds them, or somebody a few.
    fn rows_that_are_loaded_and_dropped_again_and_again(db) {
        let (conn, _) = &mut crate::seeded(&db, 3, 40);
        let map = conn.identity_map().unwrap();
        let strategies = [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows];
        let held = Post::cached().find_many([5, 17]).load(conn).unwrap();
        for round in 0..1000 {
            let posts = Post::cached().strategy(strategies[round % 3]).load(conn).unwrap();
            assert_eq!(posts.len(), 40);
            drop(posts);
            if round % 10 == 0 {
                drop(Post::cached().with::<User>().load(conn).unwrap());
                map.expire::<Post>(&7);
            }
            assert!(map.footprint::<Post>() <= 256, "round {round}: {}", map.footprint::<Post>());
            assert!(map.footprint::<User>() <= 64, "round {round}: {}", map.footprint::<User>());
        }
        assert_eq!((map.len::<Post>(), map.len::<User>()), (2, 0));
        drop(held);
    }
}

/// An object whose drop asks the map, as a `Drop` of a program's might.
struct AsksOnDrop {
    id: i32,
    map: IdentityMap,
}

impl Drop for AsksOnDrop {
    fn drop(&mut self) {
        let _ = self.map.get::<Self>(&self.id);
        self.map.expire::<Self>(&(self.id + 1));
        let _ = self.map.len::<Self>();
        let _ = self.map.stats();
    }
}

impl IdentityMapped for AsksOnDrop {
    type Key = i32;
    type Table = ();
    type Query = ();

    fn key(&self) -> i32 {
        self.id
    }

    fn cached() -> diesel_identity_map::Cached<Self, ()> {
        unreachable!("only the map is asked")
    }
}

#[test]
fn a_drop_that_calls_the_map_does_not_hang() {
    let map = IdentityMap::new();
    let new = |id| AsksOnDrop {
        id,
        map: map.clone(),
    };
    let held: Vec<Arc<AsksOnDrop>> = (0..100).map(|id| map.adopt(new(id))).collect();
    for id in 0..100 {
        map.adopt(new(id)); // the newcomer is dropped inside
        map.replace(new(id));
    }
    drop(held);
    for id in 0..1000 {
        map.adopt(new(id));
    }
    map.clear();
    map.expire_all::<AsksOnDrop>();
}

#[test]
fn a_sweep_takes_the_dead_and_spares_their_successors() {
    let map = IdentityMap::new();
    for _ in 0..20 {
        for id in 0..100 {
            drop(map.adopt(plain(id)));
        }
        let successors: Vec<Arc<Plain>> = (0..50).map(|id| map.adopt(plain(id))).collect();
        for id in 1000..3000 {
            drop(map.adopt(plain(id)));
            let _ = map.get::<Plain>(&id);
        }
        for (id, successor) in (0..).zip(&successors) {
            assert!(Arc::ptr_eq(&map.get::<Plain>(&id).unwrap(), successor));
        }
        assert_eq!(map.len::<Plain>(), 50);
    }
}

#[test]
fn looking_up_is_use_enough_to_be_swept() {
    let map = IdentityMap::new();
    let held = map.adopt(plain(0));
    drop(
        (1..100_000)
            .map(|id| map.adopt(plain(id)))
            .collect::<Vec<_>>(),
    );
    let full = map.footprint::<Plain>();
    assert!(full >= 99_999);
    for _ in 0..400_000 {
        let _ = map.get::<Plain>(&0);
    }
    assert!(
        map.footprint::<Plain>() < 1024,
        "{} entries",
        map.footprint::<Plain>()
    );
    drop(held);
}

struct Plain {
    id: i32,
}

fn plain(id: i32) -> Plain {
    Plain { id }
}

impl IdentityMapped for Plain {
    type Key = i32;
    type Table = ();
    type Query = ();

    fn key(&self) -> i32 {
        self.id
    }

    fn cached() -> diesel_identity_map::Cached<Self, ()> {
        unreachable!("only the map is asked")
    }
}
