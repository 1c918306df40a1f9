//! The parents that were fetched for the objects of one peer group: [`Prefetched`].

use std::any::{TypeId, type_name};
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Weak};

use foldhash::fast::RandomState;

use super::peer_group::PeerGroup;
use super::stamp::Stamp;
use crate::model::{IdentityMapped, KeyHash, KeyIndex, KeyList, KeyRef, Object};

/// One relation of one peer group of one model.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct PrefetchKey {
    model: TypeId,
    /// The name of the relation's type.
    relation: &'static str,
    group: PeerGroup,
}

/// The group alone: few relations of one group are prefetched at once, and a name is long to hash.
impl Hash for PrefetchKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.group.hash(state);
    }
}

impl PrefetchKey {
    pub(crate) fn of<M: IdentityMapped, R>(group: PeerGroup) -> Self {
        Self {
            model: TypeId::of::<M>(),
            relation: type_name::<R>(),
            group,
        }
    }

    #[cfg(test)]
    pub(super) fn of_unit(group: PeerGroup) -> Self {
        Self {
            model: TypeId::of::<()>(),
            relation: type_name::<()>(),
            group,
        }
    }

    /// Whether the two are of the same relation, of whichever group.
    pub(super) fn is_same_relation(&self, other: &Self) -> bool {
        let has_same_name =
            std::ptr::eq(self.relation, other.relation) || self.relation == other.relation;
        has_same_name && self.model == other.model
    }
}

/// The parents that were found, by the keys that were asked for; `None` where there is no such row.
#[derive(Default)]
pub(crate) struct FoundParents {
    pub(crate) index: KeyIndex,
    /// The keys that were asked for, aligned with `objects`; `None` in an empty set.
    pub(crate) keys: Option<Box<dyn KeyList>>,
    pub(crate) objects: Vec<Option<Arc<dyn Object>>>,
}

impl FoundParents {
    /// The parent of a key, inside `None` if there is no such row; `None` if the key was not asked for.
    pub(crate) fn get(&self, key: KeyRef<'_>) -> Option<&Option<Arc<dyn Object>>> {
        let keys = self.keys.as_ref()?;
        let is_it = |at: &u32| keys.is_at(*at as usize, key.key);
        self.objects
            .get(*self.index.get(key.hash, &is_it)? as usize)
    }
}

/// The parents that were fetched by one relation for the objects of one peer group.
pub(crate) struct Prefetched {
    /// The objects of the group. Dead ones are taken off the end when they are looked at.
    pub(crate) peers: Vec<Weak<dyn Object>>,
    /// The peers that have not asked yet. A peer of the same hash as another counts as one with it.
    pub(crate) waiting: HashSet<KeyHash, RandomState>,
    pub(crate) found: FoundParents,
    /// Whether it was found inside a transaction, which may have deleted rows that others see.
    pub(crate) by_transaction: bool,
    /// When the parents were fetched.
    pub(crate) since: Stamp,
    /// How often they were fetched.
    pub(crate) rounds: u32,
}

/// An object of any model.
pub(super) type ObjectPointer = *const ();

impl Prefetched {
    /// Notes that a peer has asked, and says whether it had not asked before.
    pub(super) fn note_asked(&mut self, key: KeyHash) -> bool {
        self.waiting.remove(&key)
    }

    /// Takes the parents out once every peer has asked. After a second round they stay: such peers
    /// ask again and again, as the posts of many comments do.
    pub(super) fn take_if_all_asked(&mut self) -> Option<FoundParents> {
        let is_over = self.waiting.is_empty() && self.rounds == 1;
        is_over.then(|| std::mem::take(&mut self.found))
    }

    pub(super) fn are_peers_dead(&mut self) -> bool {
        let is_dead = |peer: &Weak<dyn Object>| peer.strong_count() == 0;
        while self.peers.last().is_some_and(is_dead) {
            self.peers.pop();
        }
        self.peers.is_empty()
    }

    /// Hands each parent that this keeps alive to `take`.
    pub(super) fn for_each_parent(&self, take: &mut dyn FnMut(ObjectPointer)) {
        let parents = self.found.objects.iter().flatten();
        parents.for_each(|parent| take(Arc::as_ptr(parent).cast()));
    }

    /// Whether `is` is true of a peer, by its pointer and the number of strong references to it.
    pub(super) fn any_peer(&self, is: &dyn Fn(ObjectPointer, usize) -> bool) -> bool {
        let mut peers = self.peers.iter();
        peers.any(|peer| is(peer.as_ptr().cast(), peer.strong_count()))
    }
}
