//! Parents that were fetched for objects that have not asked for them yet: [`Awaited`].
//!
//! A loop over posts asks for one author after the other, and drops each before it asks for the
//! next. What was fetched for all of them at the first is kept alive here until each post has asked
//! once, or (when they go on asking) none of the posts is alive any more. Nobody is told when the last
//! post goes, so that is looked at when the map is used.

use std::any::{Any, TypeId, type_name};
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use foldhash::fast::RandomState;

use super::clock::Stamp;
use super::list::List;
use crate::model::IdentityMapped;

/// One relation (by the name of its type) of one list of one model.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Relation {
    model: TypeId,
    name: &'static str,
    list: List,
}

/// Few relations of one list are awaited at once, and a name is long to hash.
impl Hash for Relation {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.list.hash(state);
    }
}

impl Relation {
    pub(crate) fn of<M: IdentityMapped, R>(list: List) -> Self {
        Self {
            model: TypeId::of::<M>(),
            name: type_name::<R>(),
            list,
        }
    }

    /// Whether it is the same relation, of whichever list.
    fn is_of(&self, other: &Self) -> bool {
        let is_named = std::ptr::eq(self.name, other.name) || self.name == other.name;
        is_named && self.model == other.model
    }
}

/// What was fetched for one relation of one list.
pub(crate) struct Awaited<M: IdentityMapped, P: IdentityMapped> {
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

trait AnyAwaited: Any + Send {
    fn as_any(&mut self) -> &mut dyn Any;
    /// All peers are dead.
    fn is_over(&mut self) -> bool;
    /// Hands out where each parent is that this keeps alive.
    fn each_kept(&self, take: &mut dyn FnMut(Place));
    /// Whether there is such a peer: by where it is, and how many hold it.
    fn has_peer(&self, is: &dyn Fn(Place, usize) -> bool) -> bool;
}

/// Where an object is.
type Place = *const ();

impl<M: IdentityMapped, P: IdentityMapped> Awaited<M, P> {
    /// Once all have asked, what was fetched for them is let go; but not a second time: objects that
    /// ask again and again, as the posts of many comments do, are kept their parents.
    fn settle(&mut self) -> Option<HashMap<P::Key, Option<Arc<P>>, RandomState>> {
        let is_over = self.waiting.is_empty() && self.rounds == 1;
        is_over.then(|| std::mem::take(&mut self.found))
    }
}

impl<M: IdentityMapped, P: IdentityMapped> AnyAwaited for Awaited<M, P> {
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

    fn each_kept(&self, take: &mut dyn FnMut(Place)) {
        let kept = self.found.values().flatten();
        kept.for_each(|parent| take(Arc::as_ptr(parent).cast()));
    }

    fn has_peer(&self, is: &dyn Fn(Place, usize) -> bool) -> bool {
        let mut peers = self.peers.iter();
        peers.any(|peer| is(peer.as_ptr().cast(), peer.strong_count()))
    }
}

/// All that is awaited from one map.
#[derive(Default)]
pub(crate) struct AllAwaited {
    any: AtomicBool,
    all: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    looks: usize,
    by_relation: HashMap<Relation, Box<dyn AnyAwaited>, RandomState>,
    /// In which order they are looked at.
    turns: VecDeque<Relation>,
}

/// How many are looked at when the map is used.
const LOOKED_AT: usize = 8;
/// Every how many looks circles are looked for.
const LOOKS_AT_CIRCLES: usize = 64;

impl Queue {
    /// Takes out what is kept alive by itself: objects of a tree are peers and parents at once.
    fn take_circles(&mut self) -> Vec<Box<dyn AnyAwaited>> {
        let mut kept: HashMap<Place, usize, RandomState> = HashMap::default();
        for awaited in self.by_relation.values() {
            awaited.each_kept(&mut |parent| *kept.entry(parent).or_default() += 1);
        }
        // Peers that somebody else holds are alive, and so are the parents that are kept for them.
        let mut reached: HashSet<Place, RandomState> = HashSet::default();
        let mut alive: HashSet<Relation, RandomState> = HashSet::default();
        loop {
            let is_alive = |place: Place, holders: usize| {
                holders > kept.get(&place).copied().unwrap_or(0) || reached.contains(&place)
            };
            let found = self.by_relation.iter().find(|(relation, awaited)| {
                !alive.contains(relation) && awaited.has_peer(&is_alive)
            });
            let Some((relation, awaited)) = found else {
                break;
            };
            alive.insert(*relation);
            awaited.each_kept(&mut |parent| {
                reached.insert(parent);
            });
        }
        let all: Vec<Relation> = self.by_relation.keys().copied().collect();
        let over = all.into_iter().filter(|relation| !alive.contains(relation));
        over.filter_map(|relation| self.by_relation.remove(&relation))
            .collect()
    }
}

impl AllAwaited {
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
            let Some(awaited) = queue.by_relation.get_mut(&relation) else {
                continue;
            };
            if awaited.is_over() {
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

    /// Looks at what is awaited by one relation.
    pub(crate) fn with<M: IdentityMapped, P: IdentityMapped, T>(
        &self,
        relation: Relation,
        look: impl FnOnce(&mut Awaited<M, P>) -> T,
    ) -> Option<T> {
        let mut queue = self.lock();
        let awaited = queue.by_relation.get_mut(&relation)?;
        let awaited: &mut Awaited<M, P> = awaited.as_any().downcast_mut()?;
        let seen = look(awaited);
        let over = awaited.settle();
        drop(queue);
        drop(over);
        Some(seen)
    }

    /// Notes that an object has asked, in whichever lists it was; where these are very many, in its
    /// present one, which takes a look to know.
    pub(crate) fn has_asked<M: IdentityMapped, R, P: IdentityMapped>(
        &self,
        key: &M::Key,
        relation: impl FnOnce() -> Option<Relation>,
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
        let any = Relation::of::<M, R>(List::NONE);
        let mut over = Vec::new();
        // Each post of a loop comes by here: what is not needed at each is not done.
        let mut asked = |awaited: &mut Box<dyn AnyAwaited>| {
            if let Some(awaited) = awaited.as_any().downcast_mut::<Awaited<M, P>>()
                && awaited.waiting.remove(key)
                && let Some(found) = awaited.settle()
            {
                over.push(found);
            }
        };
        if let Some(relation) = present {
            let awaited = queue.by_relation.get_mut(&relation);
            awaited.into_iter().for_each(asked);
        } else {
            for (other, awaited) in &mut queue.by_relation {
                if other.is_of(&any) {
                    asked(awaited);
                }
            }
        }
        drop(queue);
        drop(over);
    }

    pub(crate) fn put<M: IdentityMapped, P: IdentityMapped>(
        &self,
        relation: Relation,
        awaited: Awaited<M, P>,
    ) {
        let mut queue = self.lock();
        let before = queue.by_relation.insert(relation, Box::new(awaited));
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

    fn settle(&self, queue: &Queue) {
        self.any
            .store(!queue.by_relation.is_empty(), Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
