//! Keys first: `select key`, the hits from the map, one batch for the misses.

use std::collections::HashSet;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::connection::Connection;

use super::batch::{LoadByKeys, load_batches};
use super::load::Loaded;
use super::plan::Mode;
use super::run::CachedQuery;
use crate::map::IdentityMap;

/// Loads the query's rows, in its order. A row that vanishes between the two statements is
/// left out.
pub(super) fn load<M, Q, Conn, D>(
    map: &IdentityMap,
    query: Q,
    conn: &mut Conn,
) -> QueryResult<Loaded<M>>
where
    Conn: Connection,
    M: LoadByKeys<Conn, D>,
    Q: CachedQuery<M, Conn>,
{
    let mut keys = Vec::new();
    map.count_statement();
    query.each_key(conn, &mut |key| keys.push(key))?;

    let store = map.store::<M>();
    let found: Vec<Option<Arc<M>>> = keys.iter().map(|key| store.get(key)).collect();
    let hits = found.iter().flatten().count();
    if hits == keys.len() {
        return Ok(Loaded {
            objects: found.into_iter().flatten().collect(),
            hits,
        });
    }

    let missing = not_found(&keys, &found);
    let loaded = load_batches(Some(map), Mode::Cached, &missing, conn)?;
    let objects = keys
        .iter()
        .zip(found)
        .filter_map(|(key, held)| held.or_else(|| loaded.get(key).cloned()))
        .collect();
    Ok(Loaded { objects, hits })
}

/// The keys without an object, each once, in the order of the query.
pub(super) fn not_found<K, T>(keys: &[K], found: &[Option<T>]) -> Vec<K>
where
    K: Clone + Eq + std::hash::Hash,
{
    let mut seen = HashSet::with_hasher(foldhash::fast::RandomState::default());
    keys.iter()
        .zip(found)
        .filter(|(key, held)| held.is_none() && seen.insert(*key))
        .map(|(key, _)| key.clone())
        .collect()
}
