//! Parents that were fetched for objects that have not asked for them yet: [`Prefetches`].
//!
//! A loop over posts asks for one author after the other, and drops each before it asks for the
//! next. What the first post fetches for all of them is kept alive here until each post has asked
//! once, or (if they ask again and again) until no post is alive any more. The death of the last post
//! is not reported to anybody, so a few entries are looked at whenever the map is used.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

use super::prefetch_cycles::{PrefetchedByKey, take_cycles};
use super::prefetched::{PrefetchKey, Prefetched};
use crate::lock::lock;
use crate::model::KeyHash;

/// How many entries one use of the map looks at.
const SWEPT_AT_ONCE: usize = 8;
/// How many sweeps there are between two searches for cycles.
const SWEEPS_PER_CYCLE_SEARCH: usize = 64;

/// Everything that is prefetched for the objects of one map.
#[derive(Default)]
pub(crate) struct Prefetches {
    has_any: AtomicBool,
    queue: Mutex<PrefetchQueue>,
}

#[derive(Default)]
struct PrefetchQueue {
    by_key: PrefetchedByKey,
    /// The next to be swept stands first.
    sweep_order: VecDeque<PrefetchKey>,
    sweeps: usize,
}

impl Prefetches {
    /// Whether anything is prefetched. Nearly always nothing is, and this takes no lock.
    #[inline]
    pub(crate) fn has_any(&self) -> bool {
        self.has_any.load(Ordering::Acquire)
    }

    /// Drops what nobody can ask for any more, as far as a few looks find it.
    #[inline]
    pub(crate) fn sweep_some(&self) {
        if self.has_any() {
            self.sweep(SWEPT_AT_ONCE, false);
        }
    }

    /// Drops whatever nobody can ask for any more.
    pub(crate) fn sweep_all(&self) {
        if self.has_any() {
            self.sweep(usize::MAX, true);
        }
    }

    fn sweep(&self, at_most: usize, search_cycles: bool) {
        let mut dead = Vec::new();
        let mut queue = self.lock();
        queue.sweeps += 1;
        for _ in 0..queue.sweep_order.len().min(at_most) {
            let Some(key) = queue.sweep_order.pop_front() else {
                break;
            };
            let Some(prefetched) = queue.by_key.get_mut(&key) else {
                continue;
            };
            if prefetched.are_peers_dead() {
                dead.extend(queue.by_key.remove(&key));
            } else {
                queue.sweep_order.push_back(key);
            }
        }
        if search_cycles || queue.sweeps.is_multiple_of(SWEEPS_PER_CYCLE_SEARCH) {
            dead.extend(take_cycles(&mut queue.by_key));
        }
        self.update_has_any(&queue);
        drop(queue);
        drop(dead);
    }

    /// Runs `look` on what is prefetched under a key, if anything is.
    pub(crate) fn with<T>(
        &self,
        key: PrefetchKey,
        look: impl FnOnce(&mut Prefetched) -> T,
    ) -> Option<T> {
        let mut queue = self.lock();
        let prefetched = queue.by_key.get_mut(&key)?;
        let seen = look(prefetched);
        let over = prefetched.take_if_all_asked();
        drop(queue);
        drop(over);
        Some(seen)
    }

    /// Notes that the object with this key has asked by a relation, in every peer group that it may be
    /// in. Where there are many groups, `latest_group` says in which one alone, which takes a look to
    /// know. `of_any_group` names the relation; its group does not count.
    pub(crate) fn note_asked(
        &self,
        of_any_group: PrefetchKey,
        object: KeyHash,
        latest_group: &dyn Fn() -> Option<PrefetchKey>,
    ) {
        let mut queue = self.lock();
        let latest = if queue.by_key.len() > SWEPT_AT_ONCE {
            drop(queue);
            let latest = latest_group();
            queue = self.lock();
            latest
        } else {
            None
        };
        let mut over = Vec::new();
        // Each post of a loop passes here, so nothing is done that not every post needs.
        let mut note = |prefetched: &mut Prefetched| {
            if prefetched.note_asked(object)
                && let Some(found) = prefetched.take_if_all_asked()
            {
                over.push(found);
            }
        };
        if let Some(key) = latest {
            let prefetched = queue.by_key.get_mut(&key);
            prefetched.into_iter().for_each(note);
        } else {
            for (key, prefetched) in &mut queue.by_key {
                if key.is_same_relation(&of_any_group) {
                    note(prefetched);
                }
            }
        }
        drop(queue);
        drop(over);
    }

    pub(crate) fn put(&self, key: PrefetchKey, prefetched: Prefetched) {
        let mut queue = self.lock();
        let replaced = queue.by_key.insert(key, prefetched);
        if replaced.is_none() {
            queue.sweep_order.push_back(key);
        }
        self.update_has_any(&queue);
        drop(queue);
        drop(replaced);
    }

    pub(crate) fn clear(&self) {
        let mut queue = self.lock();
        let all = std::mem::take(&mut *queue);
        self.update_has_any(&queue);
        drop(queue);
        drop(all);
    }

    fn update_has_any(&self, queue: &PrefetchQueue) {
        self.has_any
            .store(!queue.by_key.is_empty(), Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, PrefetchQueue> {
        lock(&self.queue)
    }
}
