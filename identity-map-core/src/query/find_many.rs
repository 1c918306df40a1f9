//! Many rows by key, aligned with the keys: [`FindMany`].

use std::collections::HashSet;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::connection::Connection;

use super::batch::{ByKey, LoadByKeys, load_batches};
use super::cached::Cached;
use super::keys_first::each_once;
use super::load::run_post_load;
use super::loads::Loads;
use super::plan::{Mode, Plan};
use crate::connection::View;
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
    pub fn load<Conn, D>(self, conn: &mut Conn) -> QueryResult<Vec<Option<Arc<M>>>>
    where
        Conn: Loads<M, M::Query, D>,
    {
        let Self { keys, plan } = self;
        let view = match plan.mode {
            Mode::Uncached => None,
            Mode::Cached | Mode::Fresh => Some(plan.view(conn)?),
        };
        let mut found: Vec<Option<Arc<M>>> = match &view {
            Some(view) if plan.mode == Mode::Cached => {
                keys.iter().map(|key| view.get(key)).collect()
            }
            _ => vec![None; keys.len()],
        };
        let hits = found.iter().flatten().count();
        let missing = each_once(
            keys.iter()
                .zip(&found)
                .filter(|(_, held)| held.is_none())
                .map(|(key, _)| key),
        );
        let mut loaded = load_batches(view.as_ref(), plan.mode, &missing, conn)?;
        let spelled = other_spellings(view.as_ref(), plan.mode, &missing, &loaded, conn)?;
        loaded.extend(spelled);
        match &view {
            Some(view) => run_post_load(view, conn)?,
            None if M::HAS_HOOKS => {
                let mut objects = loaded.values();
                objects.try_for_each(|object| M::post_load(object, conn))?;
            }
            None => {}
        }
        for (key, place) in keys.iter().zip(&mut found) {
            if place.is_none() {
                *place = loaded.get(key).cloned();
            }
        }
        if let Some(view) = view {
            view.used(hits, loaded.len());
            let objects: Vec<Arc<M>> = found.iter().flatten().cloned().collect();
            view.keep(&objects);
        }
        Ok(found)
    }
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
