//! A load while it runs, by any strategy: [`Loading`].
//!
//! One statement of the program's query is sent, for keys, for models, or for both; see [`Selects`]. Its
//! rows are given to the [`Loading`], which has no part of the query's type. So it is compiled once for a
//! model and a connection, whatever queries there are.

use std::ops::ControlFlow;
use std::sync::Arc;

use diesel::QueryResult;

use super::decode::{key_of, model_of, only_key_of};
use super::load_run::LoadRun;
use super::take::Take;
use crate::connection::{ConnectionKind, Driver, SelectedColumns, Visitor};
use crate::model::{DecodableModel, KeyHash, KeyIndex, KeyType, Model, ObjectsByKey};

/// The objects of a query, as far as they are loaded.
#[doc(hidden)]
pub struct Loading<'v, M: Model> {
    pub(super) run: LoadRun<'v>,
    /// In the order of the rows, without the misses.
    pub(super) objects: Vec<Arc<M>>,
    /// In the order of the rows, if these are keys.
    keys: Vec<M::Key>,
    /// The positions of the keys whose objects are not held.
    misses: Vec<usize>,
}

impl<'v, M: Model> Loading<'v, M> {
    pub(super) fn new(run: LoadRun<'v>) -> Self {
        Self {
            run,
            objects: Vec::new(),
            keys: Vec::new(),
            misses: Vec::new(),
        }
    }

    /// A load of new objects that are in no map.
    pub(crate) fn uncached(take: Take) -> Self {
        Self::new(LoadRun::uncached(take))
    }

    /// Adds an object that was loaded by another statement.
    pub(crate) fn push(&mut self, object: Arc<M>) {
        self.objects.push(object);
    }

    /// What was loaded so far.
    pub(crate) fn into_objects(self) -> Vec<Arc<M>> {
        self.objects
    }

    pub(super) fn selects(&self) -> SelectedColumns {
        self.run.selects
    }

    /// Finds the objects of the keys that are held, and says whether some are not.
    #[inline(never)]
    pub(super) fn take_held(&mut self) -> bool {
        let Some(reader) = &self.run.reader else {
            return false;
        };
        self.objects.reserve_exact(self.keys.len());
        let (objects, misses) = (&mut self.objects, &mut self.misses);
        reader.get_each::<M>(&self.keys, |position, held| match held {
            Some(held) => objects.push(held),
            None => misses.push(position),
        });
        self.run.hits = objects.len();
        !self.misses.is_empty()
    }

    /// The keys whose objects are not held, each once.
    pub(super) fn missing(&self) -> Vec<M::Key> {
        each_once(&self.keys, &self.misses)
    }

    /// Puts objects that were loaded by their keys where the keys were. A row that was not found is left
    /// out.
    #[inline(never)]
    pub(super) fn take_misses(&mut self, loaded: &ObjectsByKey) {
        let mut held = std::mem::take(&mut self.objects).into_iter();
        self.objects.reserve_exact(self.keys.len());
        let mut misses = self.misses.iter().peekable();
        for (position, key) in self.keys.iter().enumerate() {
            let object = match misses.next_if(|miss| **miss == position) {
                Some(_) => loaded.get_model(key),
                None => held.next(),
            };
            self.objects.extend(object);
        }
    }

    /// Whether some keys have no object: their rows vanished after the first statement, or the database does
    /// not find them by their keys.
    pub(super) fn leaves_out_rows(&self) -> bool {
        self.objects.len() < self.keys.len()
    }

    /// Makes ready for the rows of the same query.
    pub(super) fn begin_again(&mut self) {
        self.run.begin_again(self.objects.len());
        self.objects.clear();
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
        if self.run.selects == SelectedColumns::Key {
            self.keys.push(only_key_of::<M, Conn::Backend>(row)?);
            return Ok(ControlFlow::Continue(()));
        }
        self.take_object::<Conn, D>(row)?;
        Ok(self.run.take.next())
    }
}

impl<M: Model> Loading<'_, M> {
    /// Takes the object of a row that has the model.
    #[inline]
    fn take_object<Conn, D>(&mut self, row: &Conn::AnsweredRow<'_, '_>) -> QueryResult<()>
    where
        D: ConnectionKind,
        Conn: Driver<D>,
        M: DecodableModel<Conn::Backend>,
    {
        let reader = self.run.reader.as_ref();
        let Some(reader) = reader.filter(|_| self.run.selects == SelectedColumns::KeyAndModel)
        else {
            self.objects.push(Arc::new(model_of(0, row)?));
            return Ok(());
        };
        let key = key_of::<M, Conn::Backend>(row)?;
        let object = match reader.get(&key) {
            Some(held) => {
                self.run.hits += 1;
                held
            }
            None => reader
                .view()
                .adopt(Arc::new(model_of(M::KEY_COLUMNS, row)?)),
        };
        self.objects.push(object);
        Ok(())
    }
}

/// The keys at these positions, without repetitions.
#[inline(never)] // for each type of key, and not for each model
fn each_once<K: KeyType>(keys: &[K], positions: &[usize]) -> Vec<K> {
    let mut index = KeyIndex::with_capacity(positions.len());
    let mut missing: Vec<K> = Vec::with_capacity(positions.len());
    for position in positions {
        let key = &keys[*position];
        let next = u32::try_from(missing.len()).unwrap_or(u32::MAX);
        let is_it = |at: &u32| missing[*at as usize] == *key;
        let earlier = index.get_or_insert(KeyHash::of(key), next, &is_it);
        if earlier.is_none() {
            missing.push(key.clone());
        }
    }
    missing
}
