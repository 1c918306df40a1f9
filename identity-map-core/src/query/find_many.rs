//! Many rows by key, aligned with the keys: [`FindMany`].

use std::collections::{HashMap, HashSet};
use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::connection::Connection;
use foldhash::fast::RandomState;

use super::batch::{ByKey, LoadByKeys, load_batches};
use super::cached::Cached;
use super::load::run_post_load;
use super::loads::Loads;
use super::plan::{Mode, Plan};
use crate::connection::{Slot, View};
use crate::model::{FindKey, Model};

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
    pub fn load<Conn, D>(self, conn: &mut Conn) -> QueryResult<Vec<Option<Arc<M>>>>
    where
        Conn: Loads<M, M::Query, D>,
    {
        Slot::called_from(conn, Location::caller());
        let keys: Vec<Option<M::Key>> = self.keys.into_iter().map(Some).collect();
        load_by_key(&self.plan, &keys, conn)
    }
}

/// Loads the rows with these keys, asking for each key once: the objects, aligned with the keys.
pub(crate) fn load_by_key<M, Conn, D>(
    plan: &Plan<M>,
    keys: &[Option<M::Key>],
    conn: &mut Conn,
) -> QueryResult<Vec<Option<Arc<M>>>>
where
    M: Model,
    Conn: Loads<M, M::Query, D>,
{
    let view = match plan.mode {
        Mode::Uncached => None,
        Mode::Cached | Mode::Fresh => Some(plan.view(conn, true)?),
    };
    let asked = view.as_ref().filter(|_| plan.mode == Mode::Cached);
    // Where in `found` each key's object is.
    let mut known = HashMap::with_hasher(RandomState::default());
    let mut found: Vec<Option<Arc<M>>> = Vec::new();
    let mut missing: Vec<M::Key> = Vec::new();
    let mut missing_at: Vec<usize> = Vec::new();
    let mut hits = 0;
    let places: Vec<Option<usize>> = keys
        .iter()
        .map(|key| {
            let key = key.as_ref()?;
            let place = *known.entry(key).or_insert_with(|| {
                let held = asked.and_then(|view| view.meet(key));
                if held.is_some() {
                    hits += 1;
                } else {
                    missing_at.push(found.len());
                    missing.push(key.clone());
                }
                found.push(held);
                found.len() - 1
            });
            Some(place)
        })
        .collect();
    drop(known);

    let mut loaded = load_batches(view.as_ref(), plan.mode, &missing, conn)?;
    loaded.extend(other_spellings(
        view.as_ref(),
        plan.mode,
        &missing,
        &loaded,
        conn,
    )?);
    match &view {
        Some(view) => run_post_load(view, conn)?,
        None if M::HAS_HOOKS => {
            let mut objects = loaded.values();
            objects.try_for_each(|object| M::post_load(object, conn))?;
        }
        None => {}
    }
    for (key, place) in missing.iter().zip(missing_at) {
        found[place] = loaded.get(key).cloned();
    }
    if let Some(view) = view {
        view.used(hits, loaded.len());
        let objects: Vec<Arc<M>> = found.iter().flatten().cloned().collect();
        view.keep(&objects);
    }
    let aligned = places.into_iter().map(|place| found[place?].clone());
    Ok(aligned.collect())
}

/// The rows that the database found under a key that is spelled otherwise (a case-insensitive
/// collation), by the key that was asked for. One statement per such key: they are rare.
fn other_spellings<M, Conn, D>(
    view: Option<&View<M>>,
    mode: Mode,
    asked: &[M::Key],
    loaded: &ByKey<M>,
    conn: &mut Conn,
) -> QueryResult<ByKey<M>>
where
    Conn: Connection,
    M: LoadByKeys<Conn, D>,
{
    let known: HashSet<&M::Key> = asked.iter().collect();
    let mut spelled = ByKey::<M>::default();
    if loaded.keys().all(|key| known.contains(key)) {
        return Ok(spelled);
    }
    for key in asked.iter().filter(|key| !loaded.contains_key(*key)) {
        let rows = load_batches(view, mode, std::slice::from_ref(key), conn)?;
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
