//! The object that the map holds, which costs no statement, and the view that a query takes of the map.

use std::sync::Arc;

use diesel::QueryResult;

use super::plan::{CacheMode, Plan};
use crate::connection::{ConnectionKind, Driver};
use crate::map::IdentityMap;
use crate::model::Model;
use crate::transaction::ReadView;

impl<M: Model> Plan<M> {
    /// The object that the map holds, if the query asks for one key and nothing else.
    pub(crate) fn held<D: ConnectionKind, Conn: Driver<D>>(
        &self,
        conn: &mut Conn,
    ) -> QueryResult<Option<Arc<M>>> {
        let Some(key) = self.key.as_ref().filter(|_| self.mode == CacheMode::Cached) else {
            return Ok(None);
        };
        // This is the fast path: the connection's own map is borrowed, not cloned.
        if self.map.is_none()
            && let Some(held) = conn.in_own_map(|map| self.held_in(map, key))?
        {
            return Ok(held);
        }
        let view = self.view(conn, false)?;
        let held = view.get(key);
        if let Some(held) = &held {
            view.join_group(std::slice::from_ref(held), false);
            view.count_query(1, 0);
            view.keep(std::slice::from_ref(held));
        }
        Ok(held)
    }

    fn held_in(&self, map: &IdentityMap, key: &M::Key) -> Option<Arc<M>> {
        let store = map.store::<M>();
        let held = store.get(key)?;
        if let Some(peers) = self.peers {
            store.join_group(peers.group(false), std::slice::from_ref(&held), false);
        }
        store.count_query(1, 0);
        store.keep(std::slice::from_ref(&held));
        Some(held)
    }

    /// The view of the map that this query asks and fills. With `several` its objects are peers.
    pub(crate) fn view<D: ConnectionKind, Conn: Driver<D>>(
        &self,
        conn: &mut Conn,
        several: bool,
    ) -> QueryResult<ReadView<M>> {
        conn.with_slot(|slot| {
            let map = slot.map_for_query::<Conn::Backend>(self.map.as_ref(), M::name())?;
            if several {
                map.prefetches().sweep_some();
            }
            let group = self.peers.unwrap_or_else(|| map.peers()).group(several);
            let view = slot.view(map).in_group(group);
            Ok(view.noting_new_objects(M::HAS_HOOKS))
        })?
    }
}
