//! A load while it runs, by any strategy: [`Loading`].
//!
//! One statement of the program's query is sent, for keys, for models, or for both; see [`Selects`]. Its
//! rows are given to the [`Loading`], which has no part of the query's type. So it is compiled once for a
//! model and a connection, whatever queries there are.

use std::ops::ControlFlow;
use std::sync::Arc;

use diesel::QueryResult;

use super::auto::{MeasuredRun, QueryShape};
use super::decode::{key_of, model_of};
use super::load_by_keys::{LoadByKeys, load_batches, loaded_object};
use super::plan::{CacheMode, Execution};
use super::take::Take;
use crate::connection::{ConnectionKind, Driver, Visitor};
use crate::hooks::{RunsHooks, run_post_load, run_post_load_uncached};
use crate::model::{DecodableModel, KeyHash, KeyIndex, KeyType, Model};
use crate::transaction::{ReadView, Reader};

/// What the statement of a load selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Selects {
    /// The keys, as `KeysFirst` does.
    Keys,
    /// The models, as plain Diesel would.
    Models,
    /// The key and the model of each row, so that the row of a held object need not be decoded.
    KeysAndModels,
}

/// The objects of a query, as far as they are loaded.
#[doc(hidden)]
pub struct Loading<'v, M: Model> {
    /// `None` if the query leaves the map alone.
    view: Option<&'v ReadView>,
    reader: Option<Reader<'v>>,
    selects: Selects,
    /// The objects replace what the map holds.
    is_fresh: bool,
    take: Take,
    /// In the order of the rows, without the misses.
    objects: Vec<Arc<M>>,
    /// How many objects were held before.
    hits: usize,
    /// The keys of rows whose objects are not held, with their position among all rows.
    misses: Vec<(usize, M::Key)>,
    /// The run, if `Auto` learns from it.
    measured: Option<MeasuredRun>,
}

impl<'v, M: Model> Loading<'v, M> {
    pub(super) fn new(
        view: Option<&'v ReadView>,
        execution: Execution,
        take: Take,
        shape: fn() -> QueryShape,
    ) -> Self {
        let (selects, measured) = choose_statement(view, execution, shape);
        Self {
            view,
            reader: view.map(ReadView::reader),
            selects,
            is_fresh: execution == Execution::Fresh,
            measured,
            ..Self::uncached(take)
        }
    }

    /// A load of new objects that are in no map.
    pub(crate) fn uncached(take: Take) -> Self {
        Self {
            view: None,
            reader: None,
            selects: Selects::Models,
            is_fresh: false,
            take,
            objects: Vec::new(),
            hits: 0,
            misses: Vec::new(),
            measured: None,
        }
    }

    /// What was loaded so far.
    pub(crate) fn into_objects(self) -> Vec<Arc<M>> {
        self.objects
    }

    pub(super) fn selects(&self) -> Selects {
        self.selects
    }

    /// Completes the load after its statement: loads what is missing, and tells the map and the hooks. If
    /// this fails, the map is as before the load.
    pub(super) async fn complete<Conn, D>(mut self, conn: &mut Conn) -> QueryResult<Vec<Arc<M>>>
    where
        D: ConnectionKind,
        Conn: Driver<D>,
        M: LoadByKeys<Conn, D> + RunsHooks<Conn, D>,
    {
        let Some(view) = self.view else {
            run_post_load_uncached::<M, _, _>(&self.objects, conn).await?;
            return Ok(self.objects);
        };
        if !self.misses.is_empty() {
            self.load_misses(view, conn).await?;
        } else if self.is_fresh {
            view.replace_all(&mut self.objects);
        } else if self.selects == Selects::Models {
            view.adopt_all(&mut self.objects);
        }
        let Self { objects, hits, .. } = self;
        if let Some(measured) = self.measured {
            measured.remember(objects.len(), hits);
        }
        view.join_group(&objects, hits < objects.len());
        run_post_load::<M, _, _>(view, conn).await?;
        view.count_query(hits, objects.len() - hits);
        view.keep(&objects);
        Ok(objects)
    }

    /// Loads the missing rows by their keys, and puts their objects where the keys were. A row that
    /// vanished after the first statement is left out.
    async fn load_misses<Conn, D>(&mut self, view: &ReadView, conn: &mut Conn) -> QueryResult<()>
    where
        D: ConnectionKind,
        M: LoadByKeys<Conn, D>,
    {
        let missing = each_once(&self.misses);
        let loaded = load_batches::<M, _, _>(Some(view), CacheMode::Cached, &missing, conn).await?;
        let held = std::mem::take(&mut self.objects);
        let mut objects = Vec::with_capacity(held.len() + self.misses.len());
        let mut held = held.into_iter();
        let mut next = 0;
        for (position, key) in &self.misses {
            objects.extend(held.by_ref().take(position - next));
            objects.extend(loaded_object::<M>(&loaded, key));
            next = position + 1;
        }
        objects.extend(held);
        self.objects = objects;
        Ok(())
    }
}

impl<M, Conn, D> Visitor<Conn, D> for Loading<'_, M>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: DecodableModel<Conn::Backend>,
{
    fn visit_row<'conn>(
        &mut self,
        row: &Conn::AnsweredRow<'conn, '_>,
    ) -> QueryResult<ControlFlow<()>>
    where
        Conn: 'conn,
    {
        let reader = self.reader.as_ref();
        let reader = reader.filter(|_| self.selects != Selects::Models);
        let Some(reader) = reader else {
            self.objects.push(Arc::new(model_of(0, row)?));
            return Ok(self.take.next());
        };
        let key = key_of::<M, Conn::Backend>(row)?;
        let held = reader.get(&key);
        self.hits += usize::from(held.is_some());
        match held {
            Some(held) => self.objects.push(held),
            None if self.selects == Selects::Keys => {
                self.misses.push((self.hits + self.misses.len(), key));
            }
            None => {
                let fresh = Arc::new(model_of(M::KEY_COLUMNS, row)?);
                self.objects.push(reader.view().adopt(fresh));
            }
        }
        Ok(self.take.next())
    }
}

/// What the statement of a load selects, and what is noted of the run.
fn choose_statement(
    view: Option<&ReadView>,
    execution: Execution,
    shape: fn() -> QueryShape,
) -> (Selects, Option<MeasuredRun>) {
    let Some(view) = view else {
        return (Selects::Models, None);
    };
    view.count_statement();
    let (by_keys, alive, measured) = match execution {
        Execution::KeysFirst => return (Selects::Keys, None),
        Execution::Fresh | Execution::Uncached => return (Selects::Models, None),
        Execution::Rows => (false, view.about_alive(), None),
        Execution::Cheaper => {
            let alive = view.about_alive();
            let run = MeasuredRun::begin(shape(), alive);
            (run.is_keys_first(), alive, Some(run))
        }
    };
    let selects = match (by_keys, alive) {
        (true, _) => Selects::Keys,
        // Nothing can be found in the map, so the statement is plain Diesel's, without the key.
        (false, 0) => Selects::Models,
        (false, _) => Selects::KeysAndModels,
    };
    (selects, measured)
}

/// The keys without repetitions, in their order.
fn each_once<K: KeyType>(misses: &[(usize, K)]) -> Vec<K> {
    let mut index = KeyIndex::with_capacity(misses.len());
    let mut keys: Vec<K> = Vec::with_capacity(misses.len());
    for (_, key) in misses {
        let next = u32::try_from(keys.len()).unwrap_or(u32::MAX);
        let is_it = |at: &u32| keys[*at as usize] == *key;
        if index
            .get_or_insert(KeyHash::of(key), next, &is_it)
            .is_none()
        {
            keys.push(key.clone());
        }
    }
    keys
}
