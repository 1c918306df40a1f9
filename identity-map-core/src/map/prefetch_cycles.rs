//! Prefetched parents that keep each other alive, and nobody else does: [`take_cycles`].
//!
//! The objects of a tree are peers and parents at once. What is prefetched for one of them may hold
//! another, for which something is prefetched too.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::prefetched::{ObjectPointer, PrefetchKey, Prefetched};

pub(super) type PrefetchedByKey = HashMap<PrefetchKey, Prefetched, RandomState>;

/// Takes out what is prefetched for peers that are alive only because something prefetched holds them.
pub(super) fn take_cycles(by_key: &mut PrefetchedByKey) -> Vec<Prefetched> {
    let mut prefetched_holders: HashMap<ObjectPointer, usize, RandomState> = HashMap::default();
    for prefetched in by_key.values() {
        prefetched.for_each_parent(&mut |parent| {
            *prefetched_holders.entry(parent).or_default() += 1;
        });
    }
    // A peer that somebody else holds is alive, and so are the parents that are kept for it.
    let mut reached: HashSet<ObjectPointer, RandomState> = HashSet::default();
    let mut alive: HashSet<PrefetchKey, RandomState> = HashSet::default();
    loop {
        let is_alive = |object: ObjectPointer, holders: usize| {
            holders > prefetched_holders.get(&object).copied().unwrap_or(0)
                || reached.contains(&object)
        };
        let found = by_key
            .iter()
            .find(|(key, prefetched)| !alive.contains(key) && prefetched.any_peer(&is_alive));
        let Some((key, prefetched)) = found else {
            break;
        };
        alive.insert(*key);
        prefetched.for_each_parent(&mut |parent| {
            reached.insert(parent);
        });
    }
    let all: Vec<PrefetchKey> = by_key.keys().copied().collect();
    let dead = all.into_iter().filter(|key| !alive.contains(key));
    dead.filter_map(|key| by_key.remove(&key)).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::prefetched::FoundParents;
    use super::*;
    use crate::map::{PeerGroup, Stamp};
    use crate::model::{Object, TestModel};

    type Objects = Vec<Arc<dyn Object>>;

    fn objects(count: usize) -> Objects {
        let objects = (0..count).map(|key| Arc::new(TestModel(key)));
        objects.map(|object| object as Arc<dyn Object>).collect()
    }

    /// What is prefetched for `peer` keeps `parent` alive.
    fn prefetched(peer: &Arc<dyn Object>, parent: &Arc<dyn Object>) -> (PrefetchKey, Prefetched) {
        let prefetched = Prefetched {
            peers: vec![Arc::downgrade(peer)],
            waiting: HashSet::default(),
            found: FoundParents {
                objects: vec![Some(Arc::clone(parent))],
                ..FoundParents::default()
            },
            by_transaction: false,
            since: Stamp::default(),
            rounds: 1,
        };
        (PrefetchKey::of_unit(PeerGroup::new()), prefetched)
    }

    #[test]
    fn two_that_hold_each_other_are_taken() {
        let objects = objects(2);
        let all = [
            prefetched(&objects[0], &objects[1]),
            prefetched(&objects[1], &objects[0]),
        ];
        let mut by_key = all.into_iter().collect();
        assert_eq!(take_cycles(&mut by_key).len(), 0, "the program holds both");
        drop(objects);
        assert_eq!(take_cycles(&mut by_key).len(), 2);
    }

    #[test]
    fn what_is_reached_from_a_held_peer_stays() {
        let mut objects = objects(4);
        let all = [
            prefetched(&objects[0], &objects[1]),
            prefetched(&objects[1], &objects[2]),
            prefetched(&objects[3], &objects[3]),
        ];
        objects.truncate(1);
        assert_eq!(take_cycles(&mut all.into_iter().collect()).len(), 1);
    }
}
