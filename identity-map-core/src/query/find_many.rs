//! Many rows by key, aligned with the keys: [`FindMany`].

use std::collections::{HashMap, HashSet};
use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use foldhash::fast::RandomState;

use super::cached::Cached;
use super::load_by_keys::{ByKey, LoadByKeys, load_batches};
use super::loads::Loads;
use super::plan::{CacheMode, Plan};
use crate::connection::{ConnectionKind, Driver};
use crate::hooks::run_post_load;
use crate::model::{FindKey, Model};
use crate::transaction::ReadView;

/// Some keys of a model, to be loaded; see [`Cached::find_many`].
#[must_use = "queries are only executed when calling `load`"]
pub struct FindMany<M: Model> {
    keys: Vec<M::Key>,
    plan: Plan<M>,
}

impl<M: Model> Cached<M, M::Query> {
    /// The rows with these keys. What is alive comes from the map, the rest is loaded in one
    /// batch; when everything is alive, no statement is sent.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let posts = Post::cached().find_many([3, 99, 1]).load(conn)?;
    /// let ids: Vec<Option<i32>> = posts.iter().map(|post| Some(post.as_ref()?.id)).collect();
    /// assert_eq!(ids, [Some(3), None, Some(1)]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn find_many<K>(self, keys: impl IntoIterator<Item = K>) -> FindMany<M>
    where
        K: FindKey<M::Key, M::KeyShape>,
    {
        FindMany {
            keys: keys.into_iter().map(FindKey::into_key).collect(),
            plan: self.plan,
        }
    }
}

impl<M: Model> FindMany<M> {
    /// The objects, aligned with the keys: `None` where there is no such row. A key that was
    /// asked for twice gives the same object twice.
    ///
    /// # Errors
    /// As [`Cached::load`].
    #[track_caller]
    pub fn load<Conn, D>(self, conn: &mut Conn) -> Conn::Output<'_, Vec<Option<Arc<M>>>>
    where
        D: ConnectionKind,
        Conn: Loads<M, M::Query, D>,
    {
        let caller = Location::caller();
        Conn::run(async move {
            conn.settle().await?;
            conn.called_from(caller);
            load_by_key(&self.plan, self.keys.into_iter().map(Some), conn).await
        })
    }
}

/// Loads the rows with these keys, asking for each key once: the objects, aligned with the keys.
pub(crate) async fn load_by_key<M, Conn, D>(
    plan: &Plan<M>,
    keys: impl Iterator<Item = Option<M::Key>>,
    conn: &mut Conn,
) -> QueryResult<Vec<Option<Arc<M>>>>
where
    M: Model,
    D: ConnectionKind,
    Conn: Loads<M, M::Query, D>,
{
    let Found {
        places, objects, ..
    } = find_by_key(plan, keys, conn).await?;
    let aligned = places
        .iter()
        .map(|place| objects.get(*place as usize)?.clone());
    Ok(aligned.collect())
}

/// The objects of some keys, each once.
pub(crate) struct Found<M: Model> {
    /// Where in `objects` each key's object is; [`NO_KEY`](Self::NO_KEY) for no key.
    places: Vec<u32>,
    place_of: HashMap<M::Key, u32, RandomState>,
    objects: Vec<Option<Arc<M>>>,
}

impl<M: Model> Found<M> {
    const NO_KEY: u32 = u32::MAX;

    /// Whether there was a key.
    pub(crate) fn asks(&self, at: usize) -> bool {
        self.places
            .get(at)
            .is_some_and(|place| *place != Self::NO_KEY)
    }

    /// The object of the key at this place.
    pub(crate) fn of(&self, at: usize) -> Option<&Arc<M>> {
        self.objects.get(*self.places.get(at)? as usize)?.as_ref()
    }

    /// The objects by the keys that were asked for.
    pub(crate) fn by_key(self) -> HashMap<M::Key, Option<Arc<M>>, RandomState> {
        let mut objects = self.objects;
        let mut take = |place: u32| objects.get_mut(place as usize)?.take();
        let places = self.place_of.into_iter();
        places.map(|(key, place)| (key, take(place))).collect()
    }
}

/// [`load_by_key`], without aligning.
pub(crate) async fn find_by_key<M, Conn, D>(
    plan: &Plan<M>,
    keys: impl Iterator<Item = Option<M::Key>>,
    conn: &mut Conn,
) -> QueryResult<Found<M>>
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
    let mut place_of: HashMap<M::Key, u32, RandomState> = HashMap::default();
    let mut found: Vec<Option<Arc<M>>> = Vec::new();
    let mut missing: Vec<M::Key> = Vec::new();
    let mut missing_at: Vec<usize> = Vec::new();
    let mut hits = 0;
    let places = keys.map(|key| {
        let Some(key) = key else {
            return Found::<M>::NO_KEY;
        };
        *place_of.entry(key).or_insert_with_key(|key| {
            let held = asked.and_then(|view| view.get(key));
            if held.is_some() {
                hits += 1;
            } else {
                missing_at.push(found.len());
                missing.push(key.clone());
            }
            found.push(held);
            u32::try_from(found.len() - 1).unwrap_or(Found::<M>::NO_KEY)
        })
    });
    let places: Vec<u32> = places.collect();

    let mut loaded = load_batches(view.as_ref(), plan.mode, &missing, conn).await?;
    let spelled = other_spellings(view.as_ref(), plan.mode, &missing, &loaded, conn).await?;
    loaded.extend(spelled);
    for (key, place) in missing.iter().zip(missing_at) {
        found[place] = loaded.get(key).cloned();
    }
    let objects: Vec<Arc<M>> = match &view {
        Some(_) => found.iter().flatten().cloned().collect(),
        None => Vec::new(),
    };
    match &view {
        Some(view) => {
            view.join_group(&objects, true);
            run_post_load(view, conn).await?;
        }
        None if M::HAS_HOOKS => {
            for object in loaded.values() {
                M::post_load(object, conn).await?;
            }
        }
        None => {}
    }
    if let Some(view) = view {
        view.count_query(hits, loaded.len());
        view.keep(&objects);
    }
    Ok(Found {
        places,
        place_of,
        objects: found,
    })
}

/// The rows that the database found under a key that is spelled otherwise (a case-insensitive
/// collation), by the key that was asked for. One statement per such key: they are rare.
async fn other_spellings<M, Conn, D>(
    view: Option<&ReadView<M>>,
    mode: CacheMode,
    asked: &[M::Key],
    loaded: &ByKey<M>,
    conn: &mut Conn,
) -> QueryResult<ByKey<M>>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: LoadByKeys<Conn, D>,
{
    let known: HashSet<&M::Key> = asked.iter().collect();
    let mut spelled = ByKey::<M>::default();
    let is_strange = loaded.keys().any(|key| !known.contains(key));
    // Where the row's own spelling was asked for too, the others are known by what they look like.
    let plain = |key: &M::Key| format!("{key:?}").to_lowercase();
    let mut found: Option<HashSet<String>> = None;
    for key in asked.iter().filter(|key| !loaded.contains_key(*key)) {
        let mut is_alike = || {
            let found = found.get_or_insert_with(|| loaded.keys().map(plain).collect());
            found.contains(&plain(key))
        };
        if !is_strange && !is_alike() {
            continue;
        }
        let rows = load_batches(view, mode, std::slice::from_ref(key), conn).await?;
        if let Some(object) = rows.into_values().next() {
            spelled.insert(key.clone(), object);
        }
    }
    Ok(spelled)
}

impl<M: Model> std::fmt::Debug for FindMany<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FindMany")
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
