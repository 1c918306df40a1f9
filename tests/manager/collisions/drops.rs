//! Objects whose `Drop` uses the map, and whose last reference the map itself comes to hold.
//!
//! To compare a key takes a reference to the object. Here the keys drop the program's own reference
//! while they are hashed or compared, so that the map's is the last one, under a lock.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use diesel_identity_map::{IdentityMap, IdentityMapped};

thread_local! {
    /// What the program holds, by the number of its key.
    static HELD: RefCell<HashMap<i32, Box<dyn std::any::Any>>> = RefCell::default();
    static DROPPED: Cell<usize> = const { Cell::new(0) };
}

fn let_go(key: i32) {
    let held = HELD.with_borrow_mut(|held| held.remove(&key));
    drop(held);
}

fn count_held() -> usize {
    HELD.with_borrow(HashMap::len)
}

/// Whether the keys collide.
trait Spread: Send + Sync + 'static {
    const COLLIDES: bool;
}

struct Collide;
impl Spread for Collide {
    const COLLIDES: bool = true;
}

struct Scatter;
impl Spread for Scatter {
    const COLLIDES: bool = false;
}

/// A key that lets go of its object when it is hashed, or compared with another.
struct Key<S>(i32, PhantomData<S>);

impl<S> Key<S> {
    fn new(number: i32) -> Self {
        Self(number, PhantomData)
    }
}

impl<S> Clone for Key<S> {
    fn clone(&self) -> Self {
        Self::new(self.0)
    }
}

impl<S> std::fmt::Debug for Key<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<S: Spread> Hash for Key<S> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if !S::COLLIDES {
            let_go(self.0);
            self.0.hash(state);
        }
    }
}

impl<S> PartialEq for Key<S> {
    fn eq(&self, other: &Self) -> bool {
        let is_same = self.0 == other.0;
        if !is_same {
            let_go(self.0);
            let_go(other.0);
        }
        is_same
    }
}

impl<S> Eq for Key<S> {}

struct Row<S: Spread> {
    number: i32,
    /// `None` for one that is dropped silently.
    map: Option<IdentityMap>,
    spread: PhantomData<S>,
}

impl<S: Spread> Row<S> {
    fn silent(number: i32) -> Self {
        Self {
            number,
            map: None,
            spread: PhantomData,
        }
    }

    /// Adopted, and held until its key lets go.
    fn hold(map: &IdentityMap, number: i32) {
        let row = Self {
            map: Some(map.clone()),
            ..Self::silent(number)
        };
        let row = map.adopt(row);
        HELD.with_borrow_mut(|held| held.insert(number, Box::new(row)));
    }
}

impl<S: Spread> Drop for Row<S> {
    fn drop(&mut self) {
        let Some(map) = self.map.take() else { return };
        DROPPED.set(DROPPED.get() + 1);
        let key = Key::new(self.number);
        assert!(map.get::<Self>(&key).is_none(), "it is dead");
        let _ = (map.len::<Self>(), map.stats());
        let successor = map.adopt(Self::silent(self.number));
        assert!(
            map.get::<Self>(&key)
                .is_some_and(|held| Arc::ptr_eq(&held, &successor))
        );
        map.replace(Self::silent(self.number));
        map.expire::<Self>(&key);
    }
}

impl<S: Spread> IdentityMapped for Row<S> {
    type Key = Key<S>;
    type Table = ();
    type Query = ();

    fn key(&self) -> Key<S> {
        Key::new(self.number)
    }

    fn cached() -> diesel_identity_map::Cached<Self, ()> {
        unreachable!("only the map is asked")
    }
}

/// Runs `work` on a thread of its own. If that waits for a lock which it has itself, this fails.
pub(super) fn without_deadlock(work: fn()) {
    let (done, is_done) = mpsc::channel();
    thread::spawn(move || {
        let outcome = catch_unwind(work);
        // What is still held would be dropped as the thread ends, without its thread-local state.
        let held = HELD.take();
        if outcome.is_ok() {
            drop(held);
        } else {
            std::mem::forget(held);
        }
        let _ = done.send(outcome);
    });
    match is_done.recv_timeout(Duration::from_secs(60)) {
        Ok(Ok(())) => {}
        Ok(Err(panic)) => resume_unwind(panic),
        Err(_) => panic!("a deadlock"),
    }
}

const ROWS: i32 = 20;

#[test]
fn a_look_up_among_colliding_hashes() {
    without_deadlock(|| {
        let map = IdentityMap::new();
        for number in 0..ROWS {
            // The newcomer is compared with all before it, which let go.
            Row::<Collide>::hold(&map, number);
        }
        assert_eq!((DROPPED.get(), count_held()), (ROWS as usize - 1, 1));
        assert!(map.get::<Row<Collide>>(&Key::new(-1)).is_none());
        assert_eq!((DROPPED.get(), count_held()), (ROWS as usize, 0));
    });
}

#[test]
fn a_replacement_among_colliding_hashes() {
    without_deadlock(|| {
        let map = IdentityMap::new();
        for number in 0..ROWS {
            Row::<Collide>::hold(&map, number);
            let _ = map.replace(Row::<Collide>::silent(1000 + number));
        }
        assert_eq!((DROPPED.get(), count_held()), (ROWS as usize, 0));
    });
}

#[test]
fn growth() {
    without_deadlock(|| {
        let map = IdentityMap::new();
        let rows = 1000;
        for number in 0..rows {
            Row::<Scatter>::hold(&map, number);
        }
        assert!(DROPPED.get() > 0, "the table has grown");
        assert_eq!(DROPPED.get() + count_held(), rows as usize);
        assert_eq!(map.len::<Row<Scatter>>(), count_held());
    });
}

#[test]
fn a_sweep() {
    without_deadlock(|| {
        let map = IdentityMap::new();
        let held = map.adopt(Row::<Scatter>::silent(-1));
        let short_lived: Vec<_> = (0..10_000)
            .map(|number| map.adopt(Row::<Scatter>::silent(number)))
            .collect();
        for number in 0..ROWS {
            Row::<Scatter>::hold(&map, 20_000 + number);
        }
        let full = map.footprint::<Row<Scatter>>();
        drop(short_lived);
        for _ in 0..20_000 {
            let _ = map.get::<Row<Scatter>>(&held.key());
        }
        assert!(
            map.footprint::<Row<Scatter>>() < full / 10,
            "the table has shrunk"
        );
        assert_eq!((DROPPED.get(), count_held()), (ROWS as usize, 0));
    });
}
