//! Parents that were fetched for objects that have not asked for them yet: [`Prefetched`].
//!
//! A loop over posts asks for one author after the other, and drops each before it asks for the
//! next. What was fetched for all of them at the first is kept alive here until each post has asked
//! once, or (when they go on asking) none of the posts is alive any more. Nobody is told when the last
//! post goes, so that is looked at when the map is used.

use std::any::{Any, TypeId, type_name};
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use foldhash::fast::RandomState;

use super::peer_group::PeerGroup;
use super::stamp::Stamp;
use crate::lock::lock;
use crate::model::IdentityMapped;

/// One relation (by the name of its type) of one group of one model.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct PrefetchKey {
    model: TypeId,
    name: &'static str,
    group: PeerGroup,
}

/// Few relations of one group are prefetched at once, and a name is long to hash.
impl Hash for PrefetchKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.group.hash(state);
    }
}

impl PrefetchKey {
    pub(crate) fn of<M: IdentityMapped, R>(group: PeerGroup) -> Self {
        Self {
            model: TypeId::of::<M>(),
            name: type_name::<R>(),
            group,
        }
    }

    /// Whether it is the same relation, of whichever group.
    fn is_of(&self, other: &Self) -> bool {
        let is_named = std::ptr::eq(self.name, other.name) || self.name == other.name;
        is_named && self.model == other.model
    }
}

/// What was fetched for one relation of one group.
pub(crate) struct Prefetched<M: IdentityMapped, P: IdentityMapped> {
    /// Those that are dead are taken off the end, as far as they are looked at.
    pub(crate) peers: Vec<Weak<M>>,
    /// Who has not asked yet.
    pub(crate) waiting: HashSet<M::Key, RandomState>,
    /// By the key that was asked for: the parent, or that there is none.
    pub(crate) found: HashMap<P::Key, Option<Arc<P>>, RandomState>,
    /// When they were fetched.
    pub(crate) since: Stamp,
    /// How often.
    pub(crate) rounds: u32,
}

trait AnyPrefetched: Any + Send {
    fn as_any(&mut self) -> &mut dyn Any;
    /// All peers are dead.
    fn is_over(&mut self) -> bool;
    /// Hands out where each parent is that this keeps alive.
    fn each_kept(&self, take: &mut dyn FnMut(ObjectPointer));
    /// Whether there is such a peer: by where it is, and how many hold it.
    fn has_peer(&self, is: &dyn Fn(ObjectPointer, usize) -> bool) -> bool;
}

/// Where an object is.
type ObjectPointer = *const ();

impl<M: IdentityMapped, P: IdentityMapped> Prefetched<M, P> {
    /// Once all have asked, what was fetched for them is let go; but not a second time: objects that
    /// ask again and again, as the posts of many comments do, are kept their parents.
    fn settle(&mut self) -> Option<HashMap<P::Key, Option<Arc<P>>, RandomState>> {
        let is_over = self.waiting.is_empty() && self.rounds == 1;
        is_over.then(|| std::mem::take(&mut self.found))
    }
}

impl<M: IdentityMapped, P: IdentityMapped> AnyPrefetched for Prefetched<M, P> {
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    fn is_over(&mut self) -> bool {
        let is_dead = |peer: &Weak<M>| peer.strong_count() == 0;
        while self.peers.last().is_some_and(is_dead) {
            self.peers.pop();
        }
        self.peers.is_empty()
    }

    fn each_kept(&self, take: &mut dyn FnMut(ObjectPointer)) {
        let kept = self.found.values().flatten();
        kept.for_each(|parent| take(Arc::as_ptr(parent).cast()));
    }

    fn has_peer(&self, is: &dyn Fn(ObjectPointer, usize) -> bool) -> bool {
        let mut peers = self.peers.iter();
        peers.any(|peer| is(peer.as_ptr().cast(), peer.strong_count()))
    }
}

/// All that is prefetched from one map.
#[derive(Default)]
pub(crate) struct Prefetches {
    any: AtomicBool,
    all: Mutex<PrefetchQueue>,
}

#[derive(Default)]
struct PrefetchQueue {
    looks: usize,
    by_relation: HashMap<PrefetchKey, Box<dyn AnyPrefetched>, RandomState>,
    /// In which order they are looked at.
    turns: VecDeque<PrefetchKey>,
}

/// How many are looked at when the map is used.
const LOOKED_AT: usize = 8;
/// Every how many looks circles are looked for.
const LOOKS_AT_CIRCLES: usize = 64;

impl PrefetchQueue {
    /// Takes out what is kept alive by itself: objects of a tree are peers and parents at once.
    fn take_circles(&mut self) -> Vec<Box<dyn AnyPrefetched>> {
        let mut kept: HashMap<ObjectPointer, usize, RandomState> = HashMap::default();
        for prefetched in self.by_relation.values() {
            prefetched.each_kept(&mut |parent| *kept.entry(parent).or_default() += 1);
        }
        // Peers that somebody else holds are alive, and so are the parents that are kept for them.
        let mut reached: HashSet<ObjectPointer, RandomState> = HashSet::default();
        let mut alive: HashSet<PrefetchKey, RandomState> = HashSet::default();
        loop {
            let is_alive = |place: ObjectPointer, holders: usize| {
                holders > kept.get(&place).copied().unwrap_or(0) || reached.contains(&place)
            };
            let found = self.by_relation.iter().find(|(relation, prefetched)| {
                !alive.contains(relation) && prefetched.has_peer(&is_alive)
            });
            let Some((relation, prefetched)) = found else {
                break;
            };
            alive.insert(*relation);
            prefetched.each_kept(&mut |parent| {
                reached.insert(parent);
            });
        }
        let all: Vec<PrefetchKey> = self.by_relation.keys().copied().collect();
        let over = all.into_iter().filter(|relation| !alive.contains(relation));
        over.filter_map(|relation| self.by_relation.remove(&relation))
            .collect()
    }
}

impl Prefetches {
    /// Whether there is anything. The shortest way out.
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    /// Lets go of what nobody can ask for any more, as far as a few looks tell; `all` looks at
    /// everything.
    pub(crate) fn let_go(&self, all: bool) {
        if !self.any() {
            return;
        }
        let mut over = Vec::new();
        let mut queue = self.lock();
        queue.looks += 1;
        let looks = if all { usize::MAX } else { LOOKED_AT };
        for _ in 0..queue.turns.len().min(looks) {
            let Some(relation) = queue.turns.pop_front() else {
                break;
            };
            let Some(prefetched) = queue.by_relation.get_mut(&relation) else {
                continue;
            };
            if prefetched.is_over() {
                over.extend(queue.by_relation.remove(&relation));
            } else {
                queue.turns.push_back(relation);
            }
        }
        if all || queue.looks.is_multiple_of(LOOKS_AT_CIRCLES) {
            over.extend(queue.take_circles());
        }
        self.settle(&queue);
        drop(queue);
        drop(over);
    }

    /// Looks at what is prefetched by one relation.
    pub(crate) fn with<M: IdentityMapped, P: IdentityMapped, T>(
        &self,
        relation: PrefetchKey,
        look: impl FnOnce(&mut Prefetched<M, P>) -> T,
    ) -> Option<T> {
        let mut queue = self.lock();
        let prefetched = queue.by_relation.get_mut(&relation)?;
        let prefetched: &mut Prefetched<M, P> = prefetched.as_any().downcast_mut()?;
        let seen = look(prefetched);
        let over = prefetched.settle();
        drop(queue);
        drop(over);
        Some(seen)
    }

    /// Notes that an object has asked, in whichever lists it was; where these are very many, in its
    /// present one, which takes a look to know.
    pub(crate) fn has_asked<M: IdentityMapped, R, P: IdentityMapped>(
        &self,
        key: &M::Key,
        relation: impl FnOnce() -> Option<PrefetchKey>,
    ) {
        let mut queue = self.lock();
        let present = if queue.by_relation.len() > LOOKED_AT {
            drop(queue);
            let relation = relation();
            queue = self.lock();
            relation
        } else {
            None
        };
        let any = PrefetchKey::of::<M, R>(PeerGroup::NONE);
        let mut over = Vec::new();
        // Each post of a loop comes by here: what is not needed at each is not done.
        let mut asked = |prefetched: &mut Box<dyn AnyPrefetched>| {
            if let Some(prefetched) = prefetched.as_any().downcast_mut::<Prefetched<M, P>>()
                && prefetched.waiting.remove(key)
                && let Some(found) = prefetched.settle()
            {
                over.push(found);
            }
        };
        if let Some(relation) = present {
            let prefetched = queue.by_relation.get_mut(&relation);
            prefetched.into_iter().for_each(asked);
        } else {
            for (other, prefetched) in &mut queue.by_relation {
                if other.is_of(&any) {
                    asked(prefetched);
                }
            }
        }
        drop(queue);
        drop(over);
    }

    pub(crate) fn put<M: IdentityMapped, P: IdentityMapped>(
        &self,
        relation: PrefetchKey,
        prefetched: Prefetched<M, P>,
    ) {
        let mut queue = self.lock();
        let before = queue.by_relation.insert(relation, Box::new(prefetched));
        if before.is_none() {
            queue.turns.push_back(relation);
        }
        self.settle(&queue);
        drop(queue);
        drop(before);
    }

    pub(crate) fn clear(&self) {
        let mut queue = self.lock();
        let all = std::mem::take(&mut *queue);
        self.settle(&queue);
        drop(queue);
        drop(all);
    }

    fn settle(&self, queue: &PrefetchQueue) {
        self.any
            .store(!queue.by_relation.is_empty(), Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, PrefetchQueue> {
        lock(&self.all)
    }
}
