//! The rows of many keys, each key asked for once: [`find_by_key`], and [`load_aligned`] with its keys.

use std::future::Future;
use std::sync::Arc;

use diesel::QueryResult;

use super::load_by_keys::{KeyRequest, load_found};
use super::loads::Loads;
use super::pairing::KeyOrigin;
use super::plan::{CacheMode, Plan};
use crate::connection::{ConnectionKind, Driver};
use crate::hooks::{run_post_load, run_post_load_uncached};
use crate::map::FoundParents;
use crate::model::{KeyHash, KeyIndex, Model, Object};
use crate::transaction::{ReadView, Reader};

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

    /// Room for so many keys.
    fn with_capacity(given: usize) -> Self {
        let room = given.min(Self::ROOM);
        Self {
            indices: Vec::with_capacity(given),
            keys: Vec::with_capacity(room),
            key_index: KeyIndex::default(),
            objects: Vec::with_capacity(room),
        }
    }

    /// Looks for the object of the next key, if the key is new.
    #[inline(never)] // for each model, and not for each source of keys
    fn ask(&mut self, key: M::Key, reader: Option<&Reader<'_>>, missing: &mut Vec<M::Key>) {
        let next = u32::try_from(self.keys.len()).unwrap_or(Self::NO_KEY);
        let is_it = |at: &u32| self.keys[*at as usize] == key;
        let earlier = self
            .key_index
            .get_or_insert(KeyHash::of(&key), next, &is_it);
        self.indices.push(earlier.unwrap_or(next));
        if earlier.is_none() {
            let held = reader.and_then(|reader| reader.get(&key));
            if held.is_none() {
                missing.push(key.clone());
            }
            self.objects.push(held);
            self.keys.push(key);
        }
    }

    /// Takes the objects that were loaded, which are aligned with the missing ones, and says how many there are.
    fn take_missing(&mut self, loaded: Vec<Option<Arc<M>>>) -> usize {
        let misses = loaded.iter().flatten().count();
        let mut loaded = loaded.into_iter();
        for object in self.objects.iter_mut().filter(|object| object.is_none()) {
            *object = loaded.next().flatten();
        }
        misses
    }

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
pub(crate) fn find_by_key<'c, M, Conn, D>(
    plan: &'c Plan<M>,
    keys: impl Iterator<Item = Option<M::Key>>,
    origin: KeyOrigin,
    conn: &'c mut Conn,
) -> impl Future<Output = QueryResult<FoundByKey<M>>> + Send + 'c
where
    M: Model,
    D: ConnectionKind + 'c,
    Conn: Loads<M, M::Query, D>,
{
    let asked = AskedKeys::of(plan, keys, conn);
    find_missing::<M, Conn, D>(plan, asked, origin, conn)
}

/// Keys, each once, and what is held of them.
struct AskedKeys<M: Model> {
    view: Option<ReadView>,
    found: FoundByKey<M>,
    missing: Vec<M::Key>,
}

impl<M: Model> AskedKeys<M> {
    /// Looks in the map for the objects of the keys.
    fn of<D: ConnectionKind, Conn: Driver<D>>(
        plan: &Plan<M>,
        keys: impl Iterator<Item = Option<M::Key>>,
        conn: &mut Conn,
    ) -> QueryResult<Self> {
        let view = match plan.mode {
            CacheMode::Uncached => None,
            CacheMode::Cached | CacheMode::Fresh => Some(plan.view(conn, true)?),
        };
        let asked = view.as_ref().filter(|_| plan.mode == CacheMode::Cached);
        let asked = asked.map(ReadView::reader);
        let mut found = FoundByKey::with_capacity(keys.size_hint().0);
        let mut missing: Vec<M::Key> = Vec::new();
        for key in keys {
            match key {
                Some(key) => found.ask(key, asked.as_ref(), &mut missing),
                None => found.indices.push(FoundByKey::<M>::NO_KEY),
            }
        }
        Ok(Self {
            view,
            found,
            missing,
        })
    }
}

/// Loads the rows of the keys whose objects are not held.
async fn find_missing<M, Conn, D>(
    plan: &Plan<M>,
    asked: QueryResult<AskedKeys<M>>,
    origin: KeyOrigin,
    conn: &mut Conn,
) -> QueryResult<FoundByKey<M>>
where
    M: Model,
    D: ConnectionKind,
    Conn: Loads<M, M::Query, D>,
{
    let AskedKeys {
        view,
        mut found,
        missing,
    } = asked?;
    let hits = found.keys.len() - missing.len();
    let request = KeyRequest {
        view: view.as_ref(),
        mode: plan.mode,
        keys: &missing,
        origin,
    };
    let loaded = load_found::<M, _, _>(request, conn).await?;
    let misses = found.take_missing(loaded);
    let objects: Vec<Arc<M>> = found.objects.iter().flatten().cloned().collect();
    let Some(view) = &view else {
        run_post_load_uncached(&objects, conn).await?;
        return Ok(found);
    };
    view.join_group(&objects, true);
    run_post_load::<M, _, _>(view, conn).await?;
    view.count_query(hits, misses);
    view.keep(&objects);
    Ok(found)
}
