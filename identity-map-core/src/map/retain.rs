//! What keeps objects alive beyond their holders: [`Retain`].

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// How long a map keeps an object that nobody else holds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retain {
    /// Not at all: an object lives while the program holds it.
    #[default]
    WhileHeld,
    /// Until the scope ends: for a web request that reads the same row at several places.
    UntilScopeEnds,
    /// The last `n` objects of each model that were handed out.
    Recent(NonZeroUsize),
}

/// The strong references that a policy asks for.
///
/// Each method gives back what it removes, to be dropped where no lock is held.
pub(super) enum RetainedObjects<K, M: ?Sized> {
    All(HashMap<K, Arc<M>, foldhash::fast::RandomState>),
    RecentlyUsed(RecentlyUsed<K, M>),
}

impl<K: Eq + Hash + Clone, M: ?Sized> RetainedObjects<K, M> {
    pub(super) fn new(retain: Retain) -> Option<Self> {
        match retain {
            Retain::WhileHeld => None,
            Retain::UntilScopeEnds => Some(Self::All(HashMap::default())),
            Retain::Recent(limit) => Some(Self::RecentlyUsed(RecentlyUsed::new(limit.get()))),
        }
    }

    pub(super) fn keep(&mut self, key: K, object: &Arc<M>) -> Option<Arc<M>> {
        match self {
            Self::All(kept) => kept.insert(key, Arc::clone(object)),
            Self::RecentlyUsed(recent) => recent.keep(key, object),
        }
    }

    pub(super) fn forget(&mut self, key: &K) -> Option<Arc<M>> {
        match self {
            Self::All(kept) => kept.remove(key),
            Self::RecentlyUsed(recent) => recent.kept.remove(key).map(|(object, _)| object),
        }
    }

    pub(super) fn take_all(&mut self) -> Vec<Arc<M>> {
        match self {
            Self::All(kept) => std::mem::take(kept).into_values().collect(),
            Self::RecentlyUsed(recent) => {
                recent.order.clear();
                std::mem::take(&mut recent.kept)
                    .into_values()
                    .map(|(object, _)| object)
                    .collect()
            }
        }
    }
}

/// The most recently used objects.
///
/// Each use appends to `order`, so a use costs no search. An entry of `order` is passed over when it
/// comes to the front, if the object was used again since.
pub(super) struct RecentlyUsed<K, M: ?Sized> {
    limit: usize,
    now: u64,
    kept: HashMap<K, (Arc<M>, u64), foldhash::fast::RandomState>,
    order: VecDeque<(K, u64)>,
}

impl<K: Eq + Hash + Clone, M: ?Sized> RecentlyUsed<K, M> {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            now: 0,
            kept: HashMap::default(),
            order: VecDeque::new(),
        }
    }

    fn keep(&mut self, key: K, object: &Arc<M>) -> Option<Arc<M>> {
        self.now += 1;
        self.order.push_back((key.clone(), self.now));
        let replaced = self.kept.insert(key, (Arc::clone(object), self.now));
        if self.order.len() > 2 * self.limit + 16 {
            let kept = &self.kept;
            self.order
                .retain(|(key, used)| kept.get(key).is_some_and(|(_, last)| last == used));
        }
        if self.kept.len() > self.limit {
            return self.evict();
        }
        replaced.map(|(object, _)| object)
    }

    fn evict(&mut self) -> Option<Arc<M>> {
        while let Some((key, used)) = self.order.pop_front() {
            if self.kept.get(&key).is_some_and(|(_, last)| *last == used) {
                return self.kept.remove(&key).map(|(object, _)| object);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_keeps_the_last_used() {
        let mut recent = RecentlyUsed::new(2);
        let objects: Vec<Arc<i32>> = (0..3).map(Arc::new).collect();
        recent.keep(0, &objects[0]);
        recent.keep(1, &objects[1]);
        recent.keep(0, &objects[0]);
        let evicted = recent.keep(2, &objects[2]);
        assert_eq!(evicted.as_deref(), Some(&1));
    }

    #[test]
    fn recent_does_not_grow_with_use() {
        let mut recent = RecentlyUsed::new(4);
        let objects: Vec<Arc<i32>> = (0..4).map(Arc::new).collect();
        for turn in 0..10_000 {
            recent.keep(turn % 4, &objects[turn % 4]);
        }
        assert!(
            recent.order.len() <= 24,
            "{} uses remembered",
            recent.order.len()
        );
    }
}
