//! The strategy keys first: `select key`, then the hits from the map and one batch for the misses.

use diesel::QueryResult;
use std::collections::HashSet;

use super::cached_query::CachedQuery;
use super::load_by_keys::{LoadByKeys, load_batches, loaded_object};
use super::loaded::Loaded;
use super::plan::CacheMode;
use crate::connection::ConnectionKind;
use crate::transaction::ReadView;

/// Loads the rows of the query, in its order. A row that vanishes between the two statements is left
/// out.
pub(super) async fn load<M, Q, Conn, D>(
    view: &ReadView,
    query: Q,
    conn: &mut Conn,
) -> QueryResult<Loaded<M>>
where
    D: ConnectionKind,
    M: LoadByKeys<Conn, D>,
    Q: CachedQuery<M, Conn, D>,
{
    let mut keys = Vec::new();
    view.count_statement();
    query.each_key(conn, &mut |key| keys.push(key)).await?;
    let mut objects = Vec::with_capacity(keys.len());
    // The misses, with their position in the result.
    let mut misses: Vec<(usize, M::Key)> = Vec::new();
    let mut position = 0;
    view.get_each(&keys, |key: &M::Key, held| {
        match held {
            Some(held) => objects.push(held),
            None => misses.push((position, key.clone())),
        }
        position += 1;
    });
    let hits = objects.len();
    if misses.is_empty() {
        return Ok(Loaded { objects, hits });
    }

    let missing = each_once(misses.iter().map(|(_, key)| key));
    let loaded = load_batches::<M, _, _>(Some(view), CacheMode::Cached, &missing, conn).await?;
    let mut held = objects.into_iter();
    let mut objects = Vec::with_capacity(position);
    let mut next = 0;
    for (position, key) in misses {
        objects.extend(held.by_ref().take(position - next));
        objects.extend(loaded_object::<M>(&loaded, &key));
        next = position + 1;
    }
    objects.extend(held);
    Ok(Loaded { objects, hits })
}

/// The keys without repetitions, in their order.
pub(super) fn each_once<'a, K>(keys: impl Iterator<Item = &'a K>) -> Vec<K>
where
    K: Clone + Eq + std::hash::Hash + 'a,
{
    let mut seen = HashSet::with_hasher(foldhash::fast::RandomState::default());
    keys.filter(|key| seen.insert(*key)).cloned().collect()
}
