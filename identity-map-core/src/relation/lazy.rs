//! The parent of one object by a lazy load, which fetches the parents of its peers in the same
//! statement.

use std::any::type_name;
use std::collections::HashSet;
use std::panic::Location;
use std::sync::{Arc, Weak};

use diesel::QueryResult;
use foldhash::fast::RandomState;

use super::children::LoadsChildren;
use super::earlier_prefetch::EarlierPrefetch;
use super::parents::{ParentOf, QueryOf};
use crate::connection::{ConnectionKind, Driver};
use crate::error::IdentityMapError;
use crate::map::{IdentityMap, PeerGroup, Peers, PrefetchKey, Prefetched, Stamp};
use crate::model::{BelongsTo, ChildrenOf, KeyHash, KeyRef, Model, ModelType, Object, downcast};
use crate::query::{Cached, KeyOrigin, Loads, Plan, find_by_key, load_aligned, view_of};
use crate::transaction::ReadView;

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
    conn.begin_call().await?;
    let plan = Plan::<M::Parent>::bare();
    if let Some(held) = held_parent::<M, R, _, _>(object, conn)? {
        return Ok(Some(held));
    }
    let parents = plan.view(conn, false)?;
    let asked = KeyRef::of(&key);
    if let Some(held) = parents.get::<M::Parent>(&key) {
        if parents.map().prefetches().has_any() {
            let children = view_beside::<M, _, _>(&parents, conn)?;
            let own = object.key();
            let group = || children.group_of(KeyRef::of(&own), Arc::as_ptr(object).cast());
            has_asked::<M, R>(parents.map(), &own, &group);
        }
        parents.count_query(1, 0);
        parents.keep(&held);
        return Ok(Some(held));
    }

    let children = view_beside::<M, _, _>(&parents, conn)?;
    let own = object.key();
    let group = group_for_lazy_load::<M, R>(&children, object)?;
    conn.set_call_site(caller);
    if !group.has_peers() {
        return load_alone(&plan, key, conn).await;
    }
    let relation = PrefetchKey::of::<M, R>(group);
    let (rounds, waiting) = match EarlierPrefetch::ask(&parents, relation, KeyHash::of(&own), asked)
    {
        EarlierPrefetch::Answer(answer) => return Ok(answer),
        EarlierPrefetch::TooOften => return load_alone(&plan, key, conn).await,
        EarlierPrefetch::Rounds(rounds, waiting) => (rounds, waiting),
    };
    let mut peers = other_peers(&children, group, object, &waiting);
    if peers.is_empty() {
        return load_alone(&plan, key, conn).await;
    }
    // The object that asks stands first, so the first key found is its own.
    peers.insert(0, Arc::clone(object));
    let since = Stamp::now();
    let keys = peers.iter().map(|peer| peer.foreign_key());
    let found = find_by_key(&plan, keys, KeyOrigin::Column, conn).await?;
    let answer = found.get(0).cloned();

    let mut waiting = HashSet::with_capacity_and_hasher(peers.len(), RandomState::default());
    let others = peers[1..].iter().zip(1..);
    let others = others.filter(|(_, at)| found.has_key(*at));
    waiting.extend(others.map(|(peer, _)| KeyHash::of(&peer.key())));
    let prefetched = Prefetched {
        waiting,
        peers: peers.iter().map(erased_weak).collect(),
        found: found.into_parents(),
        by_transaction: parents.is_private(),
        since,
        rounds: rounds + 1,
    };
    if !prefetched.waiting.is_empty() {
        parents.map().prefetches().put(relation, prefetched);
    }
    Ok(answer)
}

/// The peers of an object whose parents are fetched with its own: those that have not asked yet. Where
/// all have asked, the program goes through them once more, and all are fetched again.
fn other_peers<M: Model>(
    children: &ReadView,
    group: PeerGroup,
    object: &Arc<M>,
    waiting: &HashSet<KeyHash, RandomState>,
) -> Vec<Arc<M>> {
    let mut peers = children.peers(group);
    if !waiting.is_empty() {
        peers.retain(|peer| waiting.contains(&peer.key_hash()));
    }
    peers.retain(|peer| !std::ptr::addr_eq(Arc::as_ptr(peer), Arc::as_ptr(object)));
    peers.into_iter().filter_map(downcast).collect()
}

fn erased_weak<M: Model>(object: &Arc<M>) -> Weak<dyn Object> {
    Arc::downgrade(object) as Weak<dyn Object>
}

/// Loads one parent, without prefetching others.
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
    let found = load_aligned(plan, std::iter::once(Some(key)), KeyOrigin::Column, conn).await?;
    Ok(found.into_iter().flatten().next())
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
    // Without a map nothing is forbidden, and the query itself reports that there is no map.
    if let Ok(view) = Plan::<M>::bare().view(conn, false) {
        group_for_lazy_load::<M, X>(&view, object)?;
    }
    let objects = std::slice::from_ref(object);
    let mut lists = conn.load_children(objects, children).await?;
    Ok(lists.pop().unwrap_or_default())
}

/// A view of another model in the map of `view`.
fn view_beside<M, Conn, D>(view: &ReadView, conn: &mut Conn) -> QueryResult<ReadView>
where
    M: Model,
    D: ConnectionKind,
    Conn: Driver<D>,
{
    view_of(ModelType::of::<M>(), view.map().clone(), conn)
}

/// The peer group of an object for which a statement is to be sent; an error if lazy loads are forbidden
/// for it.
fn group_for_lazy_load<M: Model, R>(view: &ReadView, object: &Arc<M>) -> QueryResult<PeerGroup> {
    let unknown_group = if view.map().peers() == Peers::Forbidden {
        PeerGroup::FORBIDDEN
    } else {
        PeerGroup::NONE
    };
    let key = object.key();
    let group = view.group_of(KeyRef::of(&key), Arc::as_ptr(object).cast());
    let group = group.unwrap_or(unknown_group);
    if group == PeerGroup::FORBIDDEN {
        let relation = type_name::<R>();
        return Err(IdentityMapError::LazyLoadForbidden {
            model: M::name(),
            relation: relation.rsplit("::").next().unwrap_or(relation),
        }
        .into());
    }
    Ok(group)
}

/// The parent, if the connection's own map holds it and no scope or transaction comes before that map.
/// This is the fast path: the map is borrowed, not cloned.
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
        let parents = map.store(ModelType::of::<M::Parent>());
        let held = parents.get::<M::Parent>(&key)?;
        if map.prefetches().has_any() {
            let children = map.store(ModelType::of::<M>());
            let group = || Some(children.group_of(Arc::as_ptr(object).cast()));
            has_asked::<M, R>(map, &object.key(), &group);
        }
        parents.count_query(1, 0);
        parents.keep(&held);
        Some(held)
    })?;
    Ok(held.flatten())
}

/// Notes that an object has asked for its parent, so that nothing is kept alive for it any more.
fn has_asked<M, R>(map: &IdentityMap, object: &M::Key, group: &dyn Fn() -> Option<PeerGroup>)
where
    M: Model + BelongsTo<R, Parent: Model>,
{
    let relation = || group().map(PrefetchKey::of::<M, R>);
    let of_any_group = PrefetchKey::of::<M, R>(PeerGroup::NONE);
    let object = KeyHash::of(object);
    map.prefetches().note_asked(of_any_group, object, &relation);
}
