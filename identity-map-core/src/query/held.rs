//! The object that the map holds, which costs no statement, and the view that a query takes of the map.

use std::any::TypeId;
use std::sync::Arc;

use diesel::QueryResult;

use super::plan::{CacheMode, Plan};
use crate::connection::{ConnectionKind, Driver};
use crate::map::{IdentityMap, PeerGroup, Peers, Store};
use crate::model::{KeyRef, Model, ModelType, Object, Objects, downcast};
use crate::transaction::ReadView;

impl<M: Model> Plan<M> {
    /// The object that the map holds, if the query asks for one key and nothing else.
    pub(crate) fn held<D: ConnectionKind, Conn: Driver<D>>(
        &self,
        conn: &mut Conn,
    ) -> QueryResult<Option<Arc<M>>> {
        match &self.key {
            Some(key) if self.mode == CacheMode::Cached => {
                // This is the fast path: the connection's own map is borrowed, not cloned.
                if self.map.is_none()
                    && let Some(held) = conn.in_own_map(|map| self.held_in(map, key))?
                {
                    return Ok(held);
                }
                let held = held_in_view(&self.view_request(false), KeyRef::of(key), conn)?;
                Ok(held.and_then(downcast))
            }
            _ => Ok(None),
        }
    }

    #[inline]
    fn held_in(&self, map: &IdentityMap, key: &M::Key) -> Option<Arc<M>> {
        let store = map.known_store(TypeId::of::<M>())?;
        let held = store.get(key)?;
        let group = self
            .peers
            .map_or(PeerGroup::NONE, |peers| peers.group(false));
        note_hit(store, &held, group);
        Some(held)
    }

    /// The view of the map that this query asks and fills. With `several` its objects are peers.
    pub(crate) fn view<D: ConnectionKind, Conn: Driver<D>>(
        &self,
        conn: &mut Conn,
        several: bool,
    ) -> QueryResult<ReadView> {
        take_view(&self.view_request(several), conn)
    }

    /// What a write asks of the map that it fills.
    pub(crate) fn map_request(&self) -> MapRequest<'_> {
        MapRequest {
            model: ModelType::of::<M>(),
            name: M::name(),
            map: self.map.as_ref(),
            mode: self.mode,
            has_hooks: M::HAS_HOOKS,
            is_plain: M::IS_PLAIN,
        }
    }

    fn view_request(&self, several: bool) -> ViewRequest<'_> {
        ViewRequest {
            model: ModelType::of::<M>(),
            name: M::name(),
            map: self.map.as_ref(),
            peers: self.peers,
            several,
            notes_new_objects: M::HAS_HOOKS,
        }
    }
}

/// What a write asks of the map that it fills.
pub(crate) struct MapRequest<'a> {
    pub(crate) model: ModelType,
    /// The model's name, for messages.
    pub(crate) name: &'static str,
    pub(crate) map: Option<&'a IdentityMap>,
    pub(crate) mode: CacheMode,
    pub(crate) has_hooks: bool,
    /// Whether the model's columns are all of its table.
    pub(crate) is_plain: bool,
}

/// What a query asks of the view that it takes.
struct ViewRequest<'a> {
    model: ModelType,
    /// The model's name, for messages.
    name: &'static str,
    map: Option<&'a IdentityMap>,
    peers: Option<Peers>,
    several: bool,
    notes_new_objects: bool,
}

/// Looks in the map of the query as a view would. Outside a transaction that is the map itself.
fn held_in_view<D: ConnectionKind, Conn: Driver<D>>(
    request: &ViewRequest<'_>,
    key: KeyRef<'_>,
    conn: &mut Conn,
) -> QueryResult<Option<Arc<dyn Object>>> {
    conn.with_slot(|slot| {
        if request.map.is_none()
            && let Some(held) = slot.look_in_scope(|map| held_in_map(request, key, map))
        {
            return Ok(held);
        }
        let map = slot.map_for_query::<Conn::Backend>(request.map, request.name)?;
        if slot.reads_by_maps() {
            return Ok(held_in_map(request, key, &map));
        }
        let peers = request.peers.unwrap_or_else(|| map.peers());
        let group = peers.group(false);
        if slot.is_in_doubt() {
            // The database is asked first, by whoever sends the statement.
            return Ok(None);
        }
        let view = slot.view(request.model, map).in_group(group);
        let held = view.get_object(key);
        if let Some(held) = &held {
            view.join_group(held, false);
            view.count_query(1, 0);
            view.keep(held);
        }
        Ok(held)
    })?
}

fn held_in_map(
    request: &ViewRequest<'_>,
    key: KeyRef<'_>,
    map: &IdentityMap,
) -> Option<Arc<dyn Object>> {
    let store = map.store(request.model);
    let held = store.get_object(key)?;
    let peers = request.peers.unwrap_or_else(|| map.peers());
    note_hit(store, &held, peers.group(false));
    Some(held)
}

/// What a query notes of an object that was held.
#[inline]
fn note_hit(store: &Store, held: &dyn Objects, group: PeerGroup) {
    if group != PeerGroup::NONE {
        store.join_group(group, held, false);
    }
    store.count_query(1, 0);
    store.keep(held);
}

/// The view of a map, whose objects are in no peer group.
pub(crate) fn view_of<D: ConnectionKind, Conn: Driver<D>>(
    model: ModelType,
    map: IdentityMap,
    conn: &mut Conn,
) -> QueryResult<ReadView> {
    conn.with_slot(|slot| slot.view(model, map))
}

fn take_view<D: ConnectionKind, Conn: Driver<D>>(
    request: &ViewRequest<'_>,
    conn: &mut Conn,
) -> QueryResult<ReadView> {
    conn.with_slot(|slot| {
        let map = slot.map_for_query::<Conn::Backend>(request.map, request.name)?;
        if request.several {
            map.prefetches().sweep_some();
        }
        let peers = request.peers.unwrap_or_else(|| map.peers());
        let view = slot.view(request.model, map);
        let view = view.in_group(peers.group(request.several));
        let view = view.noting_new_objects(request.notes_new_objects);
        Ok(view.timed_by(slot.clock()))
    })?
}
