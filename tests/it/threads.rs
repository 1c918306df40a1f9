//! Several threads, one map: never two live objects for one row.

use std::collections::HashMap;
use std::sync::{Arc, Barrier, Mutex};

use diesel::prelude::*;
use diesel_identity_map::{IdentityMap, IdentityMapped, Scope, Strategy};

use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

const THREADS: i32 = 8;
const ROUNDS: i32 = 30;

each_database! {
    fn overlapping_keys_in_one_map(db) {
        seed(&mut db.connect(), 2, 60);
        let map = IdentityMap::new();
        let barrier = Barrier::new(THREADS as usize);
        // All that was ever handed out stays alive, so one row must stay one object.
        let seen: Mutex<HashMap<i32, Arc<Post>>> = Mutex::default();
        // Not a panic: the other threads would wait for the one that is gone.
        let twice: Mutex<Vec<i32>> = Mutex::default();
        std::thread::scope(|threads| {
            for thread in 0..THREADS {
                let (db, map, barrier, seen, twice) = (&db, &map, &barrier, &seen, &twice);
                threads.spawn(move || {
                    let (mut conn, _) = mapped(db.connect(), db.url());
                    for round in 0..ROUNDS {
                        barrier.wait();
                        let from = (round * 7 + thread) % 50;
                        let query = Post::cached()
                            .in_map(map)
                            .filter(posts::id.between(from, from + 10))
                            .order(posts::id);
                        let strategy = match thread % 3 {
                            0 => Strategy::Auto,
                            1 => Strategy::KeysFirst,
                            _ => Strategy::Rows,
                        };
                        for post in query.strategy(strategy).load(&mut conn).unwrap() {
                            let mut seen = seen.lock().unwrap();
                            let known = seen.entry(post.id).or_insert_with(|| Arc::clone(&post));
                            if !Arc::ptr_eq(known, &post) {
                                twice.lock().unwrap().push(post.id);
                            }
                        }
                    }
                });
            }
        });
        assert_eq!(*twice.lock().unwrap(), [0; 0]);
        assert_eq!(map.len::<Post>(), seen.lock().unwrap().len());
    }

    fn a_scope_carried_to_another_thread(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 1);
        let scope = Scope::new();
        scope.in_scope(|| {
            let here = Post::cached().find(1).first(&mut conn).unwrap();
            let scope = Scope::current().unwrap();
            let there = std::thread::scope(|threads| {
                let job = || {
                    assert_eq!(Scope::current(), None, "a thread does not inherit");
                    let (mut conn, _) = mapped(db.connect(), db.url());
                    scope.in_scope(|| Post::cached().find(1).first(&mut conn).unwrap())
                };
                threads.spawn(job).join().unwrap()
            });
            assert!(Arc::ptr_eq(&here, &there));
        });
    }
}

/// The same race without a database in between: threads adopt, drop and sweep as fast as they can.
#[test]
fn adopting_the_same_keys_at_once() {
    struct Row(i32);
    impl IdentityMapped for Row {
        type Key = i32;
        type Table = ();
        type Query = ();
        fn key(&self) -> i32 {
            self.0
        }
        fn cached() -> diesel_identity_map::Cached<Self, ()> {
            unreachable!("only the map is asked")
        }
    }

    let map = IdentityMap::new();
    let barrier = Barrier::new(THREADS as usize);
    let round: Mutex<HashMap<i32, Arc<Row>>> = Mutex::default();
    let twice: Mutex<Vec<i32>> = Mutex::default();
    std::thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                for _ in 0..200 {
                    barrier.wait();
                    let mine: Vec<Arc<Row>> = (0..100).map(|key| map.adopt(Row(key))).collect();
                    for row in &mine {
                        let mut round = round.lock().unwrap();
                        let known = round.entry(row.0).or_insert_with(|| Arc::clone(row));
                        if !Arc::ptr_eq(known, row) {
                            twice.lock().unwrap().push(row.0);
                        }
                    }
                    barrier.wait();
                    drop(mine);
                    if barrier.wait().is_leader() {
                        round.lock().unwrap().clear();
                    }
                }
            });
        }
    });
    assert_eq!(*twice.lock().unwrap(), [0; 0]);
    assert_eq!(map.len::<Row>(), 0);
}
