//! Prefetched parents that keep each other alive, and nobody else does: [`take_cycles`].
//!
//! The objects of a tree are peers and parents at once. What is prefetched for one of them may hold
//! another, for which something is prefetched too.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::prefetched::{AnyPrefetched, ObjectPointer, PrefetchKey};

pub(super) type PrefetchedByKey = HashMap<PrefetchKey, Box<dyn AnyPrefetched>, RandomState>;

/// Takes out what is prefetched for peers that are alive only because something prefetched holds them.
pub(super) fn take_cycles(by_key: &mut PrefetchedByKey) -> Vec<Box<dyn AnyPrefetched>> {
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
    use std::any::Any;

    use super::*;
    use crate::map::PeerGroup;

    struct Tree {
        /// A pointer, and the number of strong references to it.
        peers: Vec<(usize, usize)>,
        parents: Vec<usize>,
    }

    fn pointer(object: usize) -> ObjectPointer {
        std::ptr::without_provenance(object)
    }

    impl AnyPrefetched for Tree {
        fn as_any(&mut self) -> &mut dyn Any {
            self
        }

        fn are_peers_dead(&mut self) -> bool {
            self.peers.is_empty()
        }

        fn for_each_parent(&self, take: &mut dyn FnMut(ObjectPointer)) {
            self.parents
                .iter()
                .for_each(|object| take(pointer(*object)));
        }

        fn any_peer(&self, is: &dyn Fn(ObjectPointer, usize) -> bool) -> bool {
            self.peers
                .iter()
                .any(|(object, holders)| is(pointer(*object), *holders))
        }
    }

    fn count_taken(trees: Vec<Tree>) -> usize {
        let trees = trees.into_iter().map(|tree| {
            let key = PrefetchKey::of_unit(PeerGroup::new());
            (key, Box::new(tree) as Box<dyn AnyPrefetched>)
        });
        take_cycles(&mut trees.collect()).len()
    }

    #[test]
    fn two_that_hold_each_other_are_taken() {
        let one = Tree {
            peers: vec![(1, 1)],
            parents: vec![2],
        };
        let other = Tree {
            peers: vec![(2, 1)],
            parents: vec![1],
        };
        assert_eq!(count_taken(vec![one, other]), 2);
    }

    #[test]
    fn what_is_reached_from_a_held_peer_stays() {
        let held = Tree {
            peers: vec![(1, 1)],
            parents: vec![2],
        };
        let reached = Tree {
            peers: vec![(2, 1)],
            parents: vec![3],
        };
        let dead = Tree {
            peers: vec![(4, 1)],
            parents: vec![4],
        };
        assert_eq!(count_taken(vec![held, reached, dead]), 1);
    }
}
