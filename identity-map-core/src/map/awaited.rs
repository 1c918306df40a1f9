//! Parents that were fetched for objects that have not asked for them yet: [`Awaited`].
//!
//! A loop over posts asks for one author after the other, and drops each before it asks for the
//! next. What was fetched for all of them at the first is kept alive here until each post has asked
//! once, or none of the posts is alive any more. Nobody is told when the last post goes, so that is
//! looked at when the map is used.

use std::any::{Any, TypeId, type_name};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use foldhash::fast::RandomState;

use super::clock::Stamp;
use super::list::List;
use crate::model::IdentityMapped;

/// One relation (by the name of its type) of one list of one model.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Relation {
    model: TypeId,
    name: &'static str,
    list: List,
}

impl Relation {
    pub(crate) fn of<M: IdentityMapped, R>(list: List) -> Self {
        Self {
            model: TypeId::of::<M>(),
            name: type_name::<R>(),
            list,
        }
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
    fn is_over(&mut self) -> bool;
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
        self.waiting.is_empty() || self.peers.is_empty()
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
    by_relation: HashMap<Relation, Box<dyn AnyAwaited>, RandomState>,
    /// In which order they are looked at.
    turns: VecDeque<Relation>,
}

/// How many are looked at when the map is used.
const LOOKED_AT: usize = 8;

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
        self.settle(&queue);
        drop(queue);
        drop(over);
    }

    /// Looks at what is awaited by one relation, and lets go of it if it is over then.
    pub(crate) fn with<M: IdentityMapped, P: IdentityMapped, T>(
        &self,
        relation: Relation,
        look: impl FnOnce(&mut Awaited<M, P>) -> T,
    ) -> Option<T> {
        let mut queue = self.lock();
        let awaited = queue.by_relation.get_mut(&relation)?;
        let seen = look(awaited.as_any().downcast_mut()?);
        let over = if awaited.is_over() {
            queue.by_relation.remove(&relation)
        } else {
            None
        };
        self.settle(&queue);
        drop(queue);
        drop(over);
        Some(seen)
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
