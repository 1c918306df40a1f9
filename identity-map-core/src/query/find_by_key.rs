//! The rows of many keys, each key asked for once: [`find_by_key`], and [`load_aligned`] with its keys.

use std::sync::Arc;

use diesel::QueryResult;

use super::load_by_keys::{KeyRequest, load_found};
use super::loads::Loads;
use super::pairing::KeyOrigin;
use super::plan::{CacheMode, Plan};
use crate::connection::ConnectionKind;
use crate::hooks::{run_post_load, run_post_load_uncached};
use crate::map::FoundParents;
use crate::model::{KeyHash, KeyIndex, Model, Object};
use crate::transaction::ReadView;

/// [`find_by_key`], with the objects aligned with the keys.
pub(crate) async fn load_aligned<M, Conn, D>(
    plan: &Plan<M>,
    keys: impl Iterator<Item = Option<M::Key>>,
    origin: KeyOrigin,
    conn: &mut Conn,
) -> QueryResult<Vec<Option<Arc<M>>>>
where
    M: Model,
    D: ConnectionKind,
    Conn: Loads<M, M::Query, D>,
{
    let FoundByKey {
        indices, objects, ..
    } = find_by_key(plan, keys, origin, conn).await?;
    let aligned = indices
        .iter()
        .map(|index| objects.get(*index as usize)?.clone());
    Ok(aligned.collect())
}

/// The objects of some keys, each object once.
pub(crate) struct FoundByKey<M: Model> {
    /// For each key that was given, the index of its object; [`NO_KEY`](Self::NO_KEY) where none was.
    indices: Vec<u32>,
    /// The keys, each once.
    keys: Vec<M::Key>,
    key_index: KeyIndex,
    /// Aligned with the keys.
    objects: Vec<Option<Arc<M>>>,
}

impl<M: Model> FoundByKey<M> {
    const NO_KEY: u32 = u32::MAX;

    /// For so many keys there is room from the start. Of more, many are often the same.
    const ROOM: usize = 32;

    /// Whether a key was given at this position.
    pub(crate) fn has_key(&self, position: usize) -> bool {
        self.indices
            .get(position)
            .is_some_and(|index| *index != Self::NO_KEY)
    }

    /// The object of the key at this position.
    pub(crate) fn get(&self, position: usize) -> Option<&Arc<M>> {
        self.objects
            .get(*self.indices.get(position)? as usize)?
            .as_ref()
    }

    /// The objects by the keys that were given, as a prefetch keeps them.
    pub(crate) fn into_parents(self) -> FoundParents {
        let erase = |object: Option<Arc<M>>| object.map(|object| object as Arc<dyn Object>);
        FoundParents {
            index: self.key_index,
            keys: Some(Box::new(self.keys)),
            objects: self.objects.into_iter().map(erase).collect(),
        }
    }
}

/// Loads the rows with these keys, asking for each key once.
pub(crate) async fn find_by_key<M, Conn, D>(
    plan: &Plan<M>,
    keys: impl Iterator<Item = Option<M::Key>>,
    origin: KeyOrigin,
    conn: &mut Conn,
) -> QueryResult<FoundByKey<M>>
where
    M: Model,
    D: ConnectionKind,
    Conn: Loads<M, M::Query, D>,
{
    let view = match plan.mode {
        CacheMode::Uncached => None,
        CacheMode::Cached | CacheMode::Fresh => Some(plan.view(conn, true)?),
    };
    let asked = view.as_ref().filter(|_| plan.mode == CacheMode::Cached);
    let asked = asked.map(ReadView::reader);
    let given = keys.size_hint().0;
    let room = given.min(FoundByKey::<M>::ROOM);
    let mut found = FoundByKey::<M> {
        indices: Vec::with_capacity(given),
        keys: Vec::with_capacity(room),
        key_index: KeyIndex::default(),
        objects: Vec::with_capacity(room),
    };
    let mut missing: Vec<M::Key> = Vec::new();
    for key in keys {
        let Some(key) = key else {
            found.indices.push(FoundByKey::<M>::NO_KEY);
            continue;
        };
        let next = u32::try_from(found.keys.len()).unwrap_or(FoundByKey::<M>::NO_KEY);
        let is_it = |at: &u32| found.keys[*at as usize] == key;
        let earlier = found
            .key_index
            .get_or_insert(KeyHash::of(&key), next, &is_it);
        found.indices.push(earlier.unwrap_or(next));
        if earlier.is_none() {
            let held = asked.as_ref().and_then(|asked| asked.get(&key));
            if held.is_none() {
                missing.push(key.clone());
            }
            found.objects.push(held);
            found.keys.push(key);
        }
    }
    let hits = found.keys.len() - missing.len();

    let request = KeyRequest {
        view: view.as_ref(),
        mode: plan.mode,
        keys: &missing,
        origin,
    };
    let loaded = load_found::<M, _, _>(request, conn).await?;
    let misses = loaded.iter().flatten().count();
    let mut loaded = loaded.into_iter();
    for object in found.objects.iter_mut().filter(|object| object.is_none()) {
        *object = loaded.next().flatten();
    }
    let Some(view) = &view else {
        let objects: Vec<Arc<M>> = found.objects.iter().flatten().cloned().collect();
        run_post_load_uncached(&objects, conn).await?;
        return Ok(found);
    };
    let objects: Vec<Arc<M>> = found.objects.iter().flatten().cloned().collect();
    view.join_group(&objects, true);
    run_post_load::<M, _, _>(view, conn).await?;
    view.count_query(hits, misses);
    view.keep(&objects);
    Ok(found)
}
