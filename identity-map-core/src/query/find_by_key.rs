//! The rows of many keys, each key asked for once: [`find_by_key`], and [`load_aligned`] with its keys.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use diesel::QueryResult;
use foldhash::fast::RandomState;

use super::load_by_keys::{ByKey, LoadByKeys, load_batches};
use super::loads::Loads;
use super::plan::{CacheMode, Plan};
use crate::connection::ConnectionKind;
use crate::hooks::{run_post_load, run_post_load_uncached};
use crate::model::Model;
use crate::transaction::ReadView;

/// [`find_by_key`], with the objects aligned with the keys.
pub(crate) async fn load_aligned<M, Conn, D>(
    plan: &Plan<M>,
    keys: impl Iterator<Item = Option<M::Key>>,
    conn: &mut Conn,
) -> QueryResult<Vec<Option<Arc<M>>>>
where
    M: Model,
    D: ConnectionKind,
    Conn: Loads<M, M::Query, D>,
{
    let FoundByKey {
        indices, objects, ..
    } = find_by_key(plan, keys, conn).await?;
    let aligned = indices
        .iter()
        .map(|index| objects.get(*index as usize)?.clone());
    Ok(aligned.collect())
}

/// The objects of some keys, each object once.
pub(crate) struct FoundByKey<M: Model> {
    /// For each key that was given, the index of its object; [`NO_KEY`](Self::NO_KEY) where none was.
    indices: Vec<u32>,
    index_of: HashMap<M::Key, u32, RandomState>,
    objects: Vec<Option<Arc<M>>>,
}

impl<M: Model> FoundByKey<M> {
    const NO_KEY: u32 = u32::MAX;

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

    /// The objects by the keys that were given; `None` where there is no such row.
    pub(crate) fn into_map(self) -> HashMap<M::Key, Option<Arc<M>>, RandomState> {
        let mut objects = self.objects;
        let mut take = |index: u32| objects.get_mut(index as usize)?.take();
        let indices = self.index_of.into_iter();
        indices.map(|(key, index)| (key, take(index))).collect()
    }
}

/// Loads the rows with these keys, asking for each key once.
pub(crate) async fn find_by_key<M, Conn, D>(
    plan: &Plan<M>,
    keys: impl Iterator<Item = Option<M::Key>>,
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
    let mut index_of: HashMap<M::Key, u32, RandomState> = HashMap::default();
    let mut found: Vec<Option<Arc<M>>> = Vec::new();
    let mut missing: Vec<M::Key> = Vec::new();
    let mut missing_indices: Vec<usize> = Vec::new();
    let mut hits = 0;
    let indices = keys.map(|key| {
        let Some(key) = key else {
            return FoundByKey::<M>::NO_KEY;
        };
        *index_of.entry(key).or_insert_with_key(|key| {
            let held = asked.and_then(|view| view.get(key));
            if held.is_some() {
                hits += 1;
            } else {
                missing_indices.push(found.len());
                missing.push(key.clone());
            }
            found.push(held);
            u32::try_from(found.len() - 1).unwrap_or(FoundByKey::<M>::NO_KEY)
        })
    });
    let indices: Vec<u32> = indices.collect();

    let mut loaded = load_batches(view.as_ref(), plan.mode, &missing, conn).await?;
    let respelled = other_spellings(view.as_ref(), plan.mode, &missing, &loaded, conn).await?;
    loaded.extend(respelled);
    for (key, index) in missing.iter().zip(missing_indices) {
        found[index] = loaded.get(key).cloned();
    }
    match &view {
        Some(view) => {
            let objects: Vec<Arc<M>> = found.iter().flatten().cloned().collect();
            view.join_group(&objects, true);
            run_post_load(view, conn).await?;
            view.count_query(hits, loaded.len());
            view.keep(&objects);
        }
        None => run_post_load_uncached(loaded.values(), conn).await?,
    }
    Ok(FoundByKey {
        indices,
        index_of,
        objects: found,
    })
}

/// The rows whose own key is spelled otherwise than the key that was asked for (a case-insensitive
/// collation), by the key that was asked for. Each of them costs a statement, since they are rare.
async fn other_spellings<M, Conn, D>(
    view: Option<&ReadView<M>>,
    mode: CacheMode,
    asked: &[M::Key],
    loaded: &ByKey<M>,
    conn: &mut Conn,
) -> QueryResult<ByKey<M>>
where
    D: ConnectionKind,
    M: LoadByKeys<Conn, D>,
{
    let known: HashSet<&M::Key> = asked.iter().collect();
    let mut respelled = ByKey::<M>::default();
    let has_unasked_row = loaded.keys().any(|key| !known.contains(key));
    // If the row's own spelling was asked for too, another spelling is recognized by its letters.
    let letters = |key: &M::Key| format!("{key:?}").to_lowercase();
    let mut loaded_letters: Option<HashSet<String>> = None;
    for key in asked.iter().filter(|key| !loaded.contains_key(*key)) {
        let mut is_alike = || {
            let loaded_letters =
                loaded_letters.get_or_insert_with(|| loaded.keys().map(letters).collect());
            loaded_letters.contains(&letters(key))
        };
        if !has_unasked_row && !is_alike() {
            continue;
        }
        let rows = load_batches(view, mode, std::slice::from_ref(key), conn).await?;
        if let Some(object) = rows.into_values().next() {
            respelled.insert(key.clone(), object);
        }
    }
    Ok(respelled)
}
