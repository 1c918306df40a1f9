//! Threads that load and drop rows of colliding keys.

use std::collections::HashMap;
use std::sync::{Arc, Barrier, Mutex};

use diesel::prelude::*;
use diesel_identity_map::{IdentityMapped, Scope, Strategy};

use super::models::*;
use crate::db::each_database;
use crate::mapped;
use crate::models::seed;
use crate::schema::*;

const THREADS: usize = 2;
const ROUNDS: i32 = 60;

each_database! {
    fn from_one_scope(db) {
        seed(&mut db.connect(), 2, 30);
        let scope = Scope::new();
        let barrier = Barrier::new(THREADS);
        // What the threads hold in one round, by key.
        let round_objects: Mutex<HashMap<i32, Arc<Text>>> = Mutex::default();
        // Not a panic: the other thread would wait for the one that is gone.
        let wrong: Mutex<Vec<String>> = Mutex::default();
        std::thread::scope(|threads| {
            for thread in 0..THREADS {
                let (db, scope, barrier) = (&db, scope.clone(), &barrier);
                let (round_objects, wrong) = (&round_objects, &wrong);
                threads.spawn(move || scope.in_scope(|| {
                    let (mut conn, _) = mapped(db.connect(), db.url());
                    for round in 0..ROUNDS {
                        barrier.wait();
                        let strategies = [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows];
                        let from = (round * 7 + thread as i32) % 20;
                        let texts = Text::cached()
                            .filter(posts::id.between(from, from + 10))
                            .strategy(strategies[(round as usize + thread) % 3])
                            .load(&mut conn)
                            .unwrap();
                        for text in &texts {
                            let mut known = round_objects.lock().unwrap();
                            let known = known.entry(text.id.0).or_insert_with(|| Arc::clone(text));
                            if !Arc::ptr_eq(known, text) || text.title != format!("post {}", text.id.0) {
                                wrong.lock().unwrap().push(format!("{known:?} and {text:?}"));
                            }
                        }
                        if barrier.wait().is_leader() {
                            round_objects.lock().unwrap().clear();
                        }
                        // Drops and loads of both threads overlap.
                        drop(texts);
                        for id in from.max(1)..from + 5 {
                            let text = Text::cached().find(Id(id)).first(&mut conn).unwrap();
                            if text.id != Id(id) {
                                wrong.lock().unwrap().push(format!("{text:?} for {id}"));
                            }
                        }
                    }
                }));
            }
        });
        assert_eq!(*wrong.lock().unwrap(), [""; 0]);
        scope.in_scope(|| {
            let (mut conn, _) = mapped(db.connect(), db.url());
            let map = diesel_identity_map::IdentityMapConnection::identity_map(&mut conn).unwrap();
            assert_eq!(map.len::<Text>(), 0);
        });
    }
}
