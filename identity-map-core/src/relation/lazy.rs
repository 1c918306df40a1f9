//! The parent of one object, and of its peers in the same statement.

use std::any::type_name;
use std::collections::{HashMap, HashSet};
use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::connection::Connection;
use foldhash::fast::RandomState;

use super::children::LoadsChildren;
use super::parents::{ParentOf, QueryOf};
use crate::connection::{Slot, View};
use crate::error::IdentityMapError;
use crate::map::{Awaited, List, Peers, Relation, Stamp};
use crate::model::{BelongsTo, ChildrenOf, Model};
use crate::query::{Cached, Loads, Plan, load_by_key};

/// How often the parents of one list are fetched together, while not all have asked. More often it
/// is only where the program makes the map forget them each time.
const ROUNDS: u32 = 3;

pub(super) fn load_parent<M, R, Conn, D>(
    object: &Arc<M>,
    conn: &mut Conn,
    called_from: &'static Location<'static>,
) -> QueryResult<Option<Arc<M::Parent>>>
where
    M: Model + BelongsTo<R, Parent: Model<Key = M::ForeignKey>>,
    Conn: Loads<ParentOf<M, R>, QueryOf<ParentOf<M, R>>, D>,
{
    let Some(key) = object.foreign_key() else {
        return Ok(None);
    };
    let plan = Plan::<M::Parent>::bare();
    let parents = plan.view(conn, false)?;
    if let Some(held) = parents.get(&key) {
        if parents.map().awaited().any()
            && let Some(list) = view_beside::<M, M::Parent, _>(&parents, conn)?.list_of(object)
        {
            has_asked::<M, R>(&parents, list, object);
        }
        parents.used(1, 0);
        parents.keep(std::slice::from_ref(&held));
        return Ok(Some(held));
    }

    let children = view_beside::<M, M::Parent, _>(&parents, conn)?;
    let list = allowed::<M, R>(&children, object)?;
    Slot::called_from(conn, called_from);
    let alone = |conn: &mut Conn| {
        let found = load_by_key(&plan, &[Some(key.clone())], conn)?;
        Ok(found.into_iter().flatten().next())
    };
    if !list.has_peers() {
        return alone(conn);
    }
    let relation = Relation::of::<M, R>(list);
    let before: Option<Before<M, M::Parent>> =
        parents
            .map()
            .awaited()
            .with(relation, |awaited: &mut Awaited<M, M::Parent>| {
                awaited.waiting.remove(&object.key());
                match answered(&parents, awaited, &key) {
                    Known::There(parent) => Before::Answer(Some(parent)),
                    Known::Absent => Before::Answer(None),
                    Known::Nothing if awaited.rounds >= ROUNDS => Before::Enough,
                    Known::Nothing => Before::Rounds(awaited.rounds, awaited.waiting.clone()),
                }
            });
    let (rounds, waiting) = match before {
        Some(Before::Answer(answer)) => return Ok(answer),
        Some(Before::Enough) => return alone(conn),
        Some(Before::Rounds(rounds, waiting)) => (rounds, Some(waiting)),
        None => (0, None),
    };

    let mut peers = children.peers(list);
    if let Some(waiting) = &waiting {
        peers.retain(|peer| waiting.contains(&peer.key()));
    }
    peers.retain(|peer| !Arc::ptr_eq(peer, object));
    if peers.is_empty() {
        return alone(conn);
    }
    // The one that asks stands first.
    peers.insert(0, Arc::clone(object));
    let keys: Vec<_> = peers.iter().map(|peer| peer.foreign_key()).collect();
    let since = Stamp::now();
    let found = load_by_key(&plan, &keys, conn)?;
    let answer = found.first().cloned().flatten();

    let waiting = peers[1..].iter().zip(&keys[1..]);
    let waiting = waiting.filter(|(_, key)| key.is_some());
    let awaited = Awaited {
        waiting: waiting.map(|(peer, _)| peer.key()).collect(),
        peers: peers.iter().map(Arc::downgrade).collect(),
        found: keys
            .into_iter()
            .zip(found)
            .filter_map(|(key, parent)| Some((key?, parent)))
            .collect::<HashMap<_, _, _>>(),
        since,
        rounds: rounds + 1,
    };
    if !awaited.waiting.is_empty() {
        parents.map().awaited().put(relation, awaited);
    }
    Ok(answer)
}

/// What is known before a statement is sent.
enum Before<M: Model, P> {
    Answer(Option<Arc<P>>),
    /// It was fetched often enough.
    Enough,
    /// How often it was fetched, and for whom it still is.
    Rounds(u32, HashSet<M::Key, RandomState>),
}

pub(super) fn load_children<M, X, Q, Conn, D>(
    object: &Arc<M>,
    children: Cached<X::Child, Q>,
    conn: &mut Conn,
) -> QueryResult<Vec<Arc<X::Child>>>
where
    M: Model,
    X: ChildrenOf<M>,
    Conn: LoadsChildren<M, X, Q, D>,
{
    // Without a map nothing was forbidden, and the query says what it thinks of that.
    if let Ok(view) = Plan::<M>::bare().view(conn, false) {
        allowed::<M, X>(&view, object)?;
    }
    let mut lists = conn.load_children(std::slice::from_ref(object), children)?;
    Ok(lists.pop().unwrap_or_default())
}

/// Another model in the same map.
fn view_beside<M, P, Conn>(view: &View<P>, conn: &mut Conn) -> QueryResult<View<M>>
where
    M: Model,
    P: Model,
    Conn: Connection,
{
    Ok(Slot::of(conn)?.view(view.map().clone()))
}

/// The list of an object, if a statement may be sent for it.
fn allowed<M: Model, R>(view: &View<M>, object: &Arc<M>) -> QueryResult<List> {
    let default = view.map().peers() == Peers::Forbidden;
    let forbidden = if default { List::FORBIDDEN } else { List::NONE };
    let list = view.list_of(object).unwrap_or(forbidden);
    if list == List::FORBIDDEN {
        let relation = type_name::<R>();
        return Err(IdentityMapError::LazyLoadForbidden {
            model: M::name(),
            relation: relation.rsplit("::").next().unwrap_or(relation),
        }
        .into());
    }
    Ok(list)
}

fn has_asked<M, R>(parents: &View<M::Parent>, list: List, object: &Arc<M>)
where
    M: Model + BelongsTo<R, Parent: Model>,
{
    let relation = Relation::of::<M, R>(list);
    let asked = |awaited: &mut Awaited<M, M::Parent>| awaited.waiting.remove(&object.key());
    parents.map().awaited().with(relation, asked);
}

/// What is known of a key that the map does not hold: that it points to no row, or to one whose key
/// is spelled otherwise. Inside a transaction only the map is asked: it knows what was written.
fn answered<M, P>(view: &View<P>, awaited: &Awaited<M, P>, key: &P::Key) -> Known<P>
where
    M: Model,
    P: Model,
{
    if view.is_private() || view.written_since(awaited.since, key) {
        return Known::Nothing;
    }
    match awaited.found.get(key) {
        None => Known::Nothing,
        Some(None) => Known::Absent,
        Some(Some(parent)) => {
            let held = view.get(&parent.key());
            let held = held.filter(|held| Arc::ptr_eq(held, parent));
            held.map_or(Known::Nothing, Known::There)
        }
    }
}

enum Known<P> {
    There(Arc<P>),
    Absent,
    Nothing,
}
