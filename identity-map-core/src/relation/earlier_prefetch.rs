//! What is known of a parent that an earlier lazy load has fetched for a peer: [`EarlierPrefetch`].

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::map::{PrefetchKey, Prefetched};
use crate::model::{KeyHash, KeyRef, Model, Object, downcast};
use crate::transaction::ReadView;

/// How often the parents of one peer group are fetched together while not all peers have asked. They are
/// missing again only where the program makes the map forget them, so after that each is loaded alone.
const MAX_ROUNDS: u32 = 3;

/// What an earlier prefetch of the same relation and group says before a statement is sent.
pub(super) enum EarlierPrefetch<P> {
    Answer(Option<Arc<P>>),
    /// The parents were fetched together too often, so each is loaded alone.
    TooOften,
    /// The parent is not known. This is how often parents were fetched, and the keys of the peers that
    /// have not asked yet.
    Rounds(u32, HashSet<KeyHash, RandomState>),
}

impl<P: Model> EarlierPrefetch<P> {
    /// Asks for the parent of `object`, whose key is `key`. The object counts as one that has asked.
    pub(super) fn ask(
        parents: &ReadView,
        relation: PrefetchKey,
        object: KeyHash,
        key: KeyRef<'_>,
    ) -> Self {
        let prefetches = parents.map().prefetches();
        let known = prefetches.with(relation, |prefetched| {
            prefetched.waiting.remove(&object);
            prefetched_parent(parents, prefetched, key)
        });
        // To look an object up may drop another, so the lock of the prefetches is not held any more.
        match known {
            Some(PrefetchedParent::Found(parent)) if is_held(parents, &parent) => {
                return Self::Answer(downcast(parent));
            }
            Some(PrefetchedParent::Absent) => return Self::Answer(None),
            _ => {}
        }
        let rounds = prefetches.with(relation, |prefetched| {
            if prefetched.rounds >= MAX_ROUNDS {
                Self::TooOften
            } else {
                Self::Rounds(prefetched.rounds, prefetched.waiting.clone())
            }
        });
        rounds.unwrap_or_else(|| Self::Rounds(0, HashSet::default()))
    }
}

/// The answer of a prefetch to one key.
enum PrefetchedParent {
    /// The map may have forgotten it since.
    Found(Arc<dyn Object>),
    /// The key points to no row.
    Absent,
    Unknown,
}

/// What the prefetch knows of a key that the map does not hold: that it points to no row, or to a row
/// whose key is spelled otherwise. Inside a transaction it is not asked, since only the map knows what
/// was written.
fn prefetched_parent(
    view: &ReadView,
    prefetched: &Prefetched,
    key: KeyRef<'_>,
) -> PrefetchedParent {
    if view.is_private() || view.is_written_since(prefetched.since, key.hash) {
        return PrefetchedParent::Unknown;
    }
    match prefetched.found.get(key) {
        None => PrefetchedParent::Unknown,
        // The transaction may have deleted the row, and not have committed.
        Some(None) if prefetched.by_transaction => PrefetchedParent::Unknown,
        Some(None) => PrefetchedParent::Absent,
        Some(Some(parent)) => PrefetchedParent::Found(Arc::clone(parent)),
    }
}

/// Whether this is the object that the map holds under its key.
fn is_held(view: &ReadView, object: &Arc<dyn Object>) -> bool {
    let held = view.get_same(&**object);
    held.is_some_and(|held| Arc::ptr_eq(&held, object))
}
