//! What is known of a parent that an earlier lazy load has fetched for a peer: [`EarlierPrefetch`].

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::map::{PrefetchKey, Prefetched};
use crate::model::Model;
use crate::transaction::ReadView;

/// How often the parents of one peer group are fetched together while not all peers have asked. They are
/// missing again only where the program makes the map forget them, so after that each is loaded alone.
const MAX_ROUNDS: u32 = 3;

/// What an earlier prefetch of the same relation and group says before a statement is sent.
pub(super) enum EarlierPrefetch<M: Model, P> {
    Answer(Option<Arc<P>>),
    /// The parents were fetched together too often, so each is loaded alone.
    TooOften,
    /// The parent is not known. This is how often parents were fetched, and the keys of the peers that
    /// have not asked yet.
    Rounds(u32, HashSet<M::Key, RandomState>),
}

impl<M: Model, P: Model> EarlierPrefetch<M, P> {
    /// Asks for the parent of `object`, whose key is `key`. The object counts as one that has asked.
    pub(super) fn ask(
        parents: &ReadView<P>,
        relation: PrefetchKey,
        object: &Arc<M>,
        key: &P::Key,
    ) -> Self {
        let look = |prefetched: &mut Prefetched<M, P>| {
            prefetched.waiting.remove(&object.key());
            match prefetched_parent(parents, prefetched, key) {
                PrefetchedParent::Held(parent) => Self::Answer(Some(parent)),
                PrefetchedParent::Absent => Self::Answer(None),
                PrefetchedParent::Unknown if prefetched.rounds >= MAX_ROUNDS => Self::TooOften,
                PrefetchedParent::Unknown => {
                    Self::Rounds(prefetched.rounds, prefetched.waiting.clone())
                }
            }
        };
        let earlier = parents.map().prefetches().with(relation, look);
        earlier.unwrap_or_else(|| Self::Rounds(0, HashSet::default()))
    }
}

/// The answer of a prefetch to one key.
enum PrefetchedParent<P> {
    Held(Arc<P>),
    /// The key points to no row.
    Absent,
    Unknown,
}

/// What the prefetch knows of a key that the map does not hold: that it points to no row, or to a row
/// whose key is spelled otherwise. Inside a transaction it is not asked, since only the map knows what
/// was written.
fn prefetched_parent<M, P>(
    view: &ReadView<P>,
    prefetched: &Prefetched<M, P>,
    key: &P::Key,
) -> PrefetchedParent<P>
where
    M: Model,
    P: Model,
{
    if view.is_private() || view.is_written_since(prefetched.since, key) {
        return PrefetchedParent::Unknown;
    }
    match prefetched.found.get(key) {
        None => PrefetchedParent::Unknown,
        Some(None) => PrefetchedParent::Absent,
        Some(Some(parent)) => {
            let held = view.get(&parent.key());
            let held = held.filter(|held| Arc::ptr_eq(held, parent));
            held.map_or(PrefetchedParent::Unknown, PrefetchedParent::Held)
        }
    }
}
