//! The parent of one object, and of its peers in the same statement.

use std::any::type_name;
use std::collections::HashSet;
use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use foldhash::fast::RandomState;

use super::children::LoadsChildren;
use super::parents::{ParentOf, QueryOf};
use crate::connection::{ConnectionKind, Driver};
use crate::error::IdentityMapError;
use crate::map::{IdentityMap, PeerGroup, Peers, PrefetchKey, Prefetched, Stamp};
use crate::model::{BelongsTo, ChildrenOf, Model};
use crate::query::{Cached, Loads, Plan, find_by_key, load_by_key};
use crate::transaction::ReadView;

/// How often the parents of one list are fetched together, while not all have asked. More often it
/// is only where the program makes the map forget them each time.
const ROUNDS: u32 = 3;

pub(super) async fn load_parent<M, R, Conn, D>(
    object: &Arc<M>,
    conn: &mut Conn,
    caller: &'static Location<'static>,
) -> QueryResult<Option<Arc<M::Parent>>>
where
    M: Model + BelongsTo<R, Parent: Model<Key = M::ForeignKey>>,
    D: ConnectionKind,
    Conn: Loads<ParentOf<M, R>, QueryOf<ParentOf<M, R>>, D>,
{
    let Some(key) = object.foreign_key() else {
        return Ok(None);
    };
    conn.account_for_dropped_futures().await?;
    let plan = Plan::<M::Parent>::bare();
    if let Some(held) = held_parent::<M, R, _, _>(object, conn)? {
        return Ok(Some(held));
    }
    let parents = plan.view(conn, false)?;
    if let Some(held) = parents.get(&key) {
        if parents.map().prefetches().has_any() {
            let children = view_beside::<M, M::Parent, _, _>(&parents, conn)?;
            has_asked::<M, R>(parents.map(), object, || children.group_of(object));
        }
        parents.count_query(1, 0);
        parents.keep(std::slice::from_ref(&held));
        return Ok(Some(held));
    }

    let children = view_beside::<M, M::Parent, _, _>(&parents, conn)?;
    let list = allowed::<M, R>(&children, object)?;
    conn.set_call_site(caller);
    if !list.has_peers() {
        return load_alone(&plan, key, conn).await;
    }
    let relation = PrefetchKey::of::<M, R>(list);
    let before: Option<PrefetchState<M, M::Parent>> =
        parents
            .map()
            .prefetches()
            .with(relation, |awaited: &mut Prefetched<M, M::Parent>| {
                awaited.waiting.remove(&object.key());
                match answered(&parents, awaited, &key) {
                    PrefetchedParent::There(parent) => PrefetchState::Answer(Some(parent)),
                    PrefetchedParent::Absent => PrefetchState::Answer(None),
                    PrefetchedParent::Nothing if awaited.rounds >= ROUNDS => PrefetchState::Enough,
                    PrefetchedParent::Nothing => {
                        PrefetchState::Rounds(awaited.rounds, awaited.waiting.clone())
                    }
                }
            });
    let (rounds, waiting) = match before {
        Some(PrefetchState::Answer(answer)) => return Ok(answer),
        Some(PrefetchState::Enough) => return load_alone(&plan, key, conn).await,
        Some(PrefetchState::Rounds(rounds, waiting)) => (rounds, Some(waiting)),
        None => (0, None),
    };

    let mut peers = children.peers(list);
    // Where all have asked, the loop starts again.
    if let Some(waiting) = waiting.filter(|waiting| !waiting.is_empty()) {
        peers.retain(|peer| waiting.contains(&peer.key()));
    }
    peers.retain(|peer| !Arc::ptr_eq(peer, object));
    if peers.is_empty() {
        return load_alone(&plan, key, conn).await;
    }
    // The one that asks stands first.
    peers.insert(0, Arc::clone(object));
    let since = Stamp::now();
    let keys = peers.iter().map(|peer| peer.foreign_key());
    let found = find_by_key(&plan, keys, conn).await?;
    let answer = found.of(0).cloned();

    let mut waiting = HashSet::with_capacity_and_hasher(peers.len(), RandomState::default());
    let askers = peers[1..].iter().zip(1..);
    let askers = askers.filter(|(_, at)| found.asks(*at));
    waiting.extend(askers.map(|(peer, _)| peer.key()));
    let awaited = Prefetched {
        waiting,
        peers: peers.iter().map(Arc::downgrade).collect(),
        found: found.by_key(),
        since,
        rounds: rounds + 1,
    };
    if !awaited.waiting.is_empty() {
        parents.map().prefetches().put(relation, awaited);
    }
    Ok(answer)
}

/// The parent of one object alone.
async fn load_alone<P, Conn, D>(
    plan: &Plan<P>,
    key: P::Key,
    conn: &mut Conn,
) -> QueryResult<Option<Arc<P>>>
where
    P: Model,
    D: ConnectionKind,
    Conn: Loads<P, QueryOf<P>, D>,
{
    let found = load_by_key(plan, std::iter::once(Some(key)), conn).await?;
    Ok(found.into_iter().flatten().next())
}

/// What is known before a statement is sent.
enum PrefetchState<M: Model, P> {
    Answer(Option<Arc<P>>),
    /// It was fetched often enough.
    Enough,
    /// How often it was fetched, and for whom it still is.
    Rounds(u32, HashSet<M::Key, RandomState>),
}

pub(super) async fn load_children<M, X, Q, Conn, D>(
    object: &Arc<M>,
    children: Cached<X::Child, Q>,
    conn: &mut Conn,
) -> QueryResult<Vec<Arc<X::Child>>>
where
    M: Model,
    X: ChildrenOf<M>,
    D: ConnectionKind,
    Conn: LoadsChildren<M, X, Q, D>,
    Q: Send,
{
    // Without a map nothing was forbidden, and the query says what it thinks of that.
    if let Ok(view) = Plan::<M>::bare().view(conn, false) {
        allowed::<M, X>(&view, object)?;
    }
    let objects = std::slice::from_ref(object);
    let mut lists = conn.load_children(objects, children).await?;
    Ok(lists.pop().unwrap_or_default())
}

/// Another model in the same map.
fn view_beside<M, P, Conn, D>(view: &ReadView<P>, conn: &mut Conn) -> QueryResult<ReadView<M>>
where
    M: Model,
    P: Model,
    D: ConnectionKind,
    Conn: Driver<D>,
{
    conn.with_slot(|slot| slot.view(view.map().clone()))
}

/// The list of an object, if a statement may be sent for it.
fn allowed<M: Model, R>(view: &ReadView<M>, object: &Arc<M>) -> QueryResult<PeerGroup> {
    let default = view.map().peers() == Peers::Forbidden;
    let forbidden = if default {
        PeerGroup::FORBIDDEN
    } else {
        PeerGroup::NONE
    };
    let list = view.group_of(object).unwrap_or(forbidden);
    if list == PeerGroup::FORBIDDEN {
        let relation = type_name::<R>();
        return Err(IdentityMapError::LazyLoadForbidden {
            model: M::name(),
            relation: relation.rsplit("::").next().unwrap_or(relation),
        }
        .into());
    }
    Ok(list)
}

/// The parent, if the connection's own map holds it, and nothing stands before that. The map is
/// borrowed here, not cloned: this is the shortest way.
pub(super) fn held_parent<M, R, Conn, D>(
    object: &Arc<M>,
    conn: &mut Conn,
) -> QueryResult<Option<Arc<M::Parent>>>
where
    M: Model + BelongsTo<R, Parent: Model<Key = M::ForeignKey>>,
    D: ConnectionKind,
    Conn: Driver<D>,
{
    let held = conn.in_own_map(|map| {
        let key = object.foreign_key()?;
        let parents = map.store::<M::Parent>();
        let held = parents.get(&key)?;
        if map.prefetches().has_any() {
            let list = || Some(map.store::<M>().group_of(object));
            has_asked::<M, R>(map, object, list);
        }
        parents.count_query(1, 0);
        parents.keep(std::slice::from_ref(&held));
        Some(held)
    })?;
    Ok(held.flatten())
}

fn has_asked<M, R>(map: &IdentityMap, object: &Arc<M>, list: impl FnOnce() -> Option<PeerGroup>)
where
    M: Model + BelongsTo<R, Parent: Model>,
{
    let relation = || list().map(PrefetchKey::of::<M, R>);
    let key = object.key();
    map.prefetches()
        .note_asked::<M, R, M::Parent>(&key, relation);
}

/// What is known of a key that the map does not hold: that it points to no row, or to one whose key
/// is spelled otherwise. Inside a transaction only the map is asked: it knows what was written.
fn answered<M, P>(
    view: &ReadView<P>,
    awaited: &Prefetched<M, P>,
    key: &P::Key,
) -> PrefetchedParent<P>
where
    M: Model,
    P: Model,
{
    if view.is_private() || view.is_written_since(awaited.since, key) {
        return PrefetchedParent::Nothing;
    }
    match awaited.found.get(key) {
        None => PrefetchedParent::Nothing,
        Some(None) => PrefetchedParent::Absent,
        Some(Some(parent)) => {
            let held = view.get(&parent.key());
            let held = held.filter(|held| Arc::ptr_eq(held, parent));
            held.map_or(PrefetchedParent::Nothing, PrefetchedParent::There)
        }
    }
}

enum PrefetchedParent<P> {
    There(Arc<P>),
    Absent,
    Nothing,
}
