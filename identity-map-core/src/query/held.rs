//! The object that the map holds, which costs no statement, and the view that a query takes of the map.

use std::sync::Arc;

use diesel::QueryResult;

use super::plan::{CacheMode, Plan};
use crate::connection::{ConnectionKind, Driver};
use crate::map::{IdentityMap, Peers};
use crate::model::{KeyRef, Model, ModelType, Object, downcast};
use crate::transaction::ReadView;

impl<M: Model> Plan<M> {
    /// The object that the map holds, if the query asks for one key and nothing else.
    pub(crate) fn held<D: ConnectionKind, Conn: Driver<D>>(
        &self,
        conn: &mut Conn,
    ) -> QueryResult<Option<Arc<M>>> {
        match &self.key {
            Some(key) if self.mode == CacheMode::Cached => {
                let held = held_object(&self.view_request(false), KeyRef::of(key), conn)?;
                Ok(held.and_then(downcast))
            }
            _ => Ok(None),
        }
    }

    /// The view of the map that this query asks and fills. With `several` its objects are peers.
    pub(crate) fn view<D: ConnectionKind, Conn: Driver<D>>(
        &self,
        conn: &mut Conn,
        several: bool,
    ) -> QueryResult<ReadView> {
        take_view(&self.view_request(several), conn)
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

fn held_object<D: ConnectionKind, Conn: Driver<D>>(
    request: &ViewRequest<'_>,
    key: KeyRef<'_>,
    conn: &mut Conn,
) -> QueryResult<Option<Arc<dyn Object>>> {
    // This is the fast path: the connection's own map is borrowed, not cloned.
    if request.map.is_none()
        && let Some(held) = conn.in_own_map(|map| held_in(map, request, key))?
    {
        return Ok(held);
    }
    let view = take_view(request, conn)?;
    let held = view.get_object(key);
    if let Some(held) = &held {
        view.join_group(held, false);
        view.count_query(1, 0);
        view.keep(held);
    }
    Ok(held)
}

fn held_in(
    map: &IdentityMap,
    request: &ViewRequest<'_>,
    key: KeyRef<'_>,
) -> Option<Arc<dyn Object>> {
    let store = map.store(request.model);
    let held = store.get(key)?;
    if let Some(peers) = request.peers {
        store.join_group(peers.group(false), &held, false);
    }
    store.count_query(1, 0);
    store.keep(&held);
    Some(held)
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
        Ok(view.noting_new_objects(request.notes_new_objects))
    })?
}
