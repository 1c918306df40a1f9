//! Which models read the rows of an object: [`Readers`].

use std::sync::RwLock;

use crate::lock::{read, write};
use crate::model::ModelRegistry;
use crate::statement::{ObjectName, names_in};

/// The models that read each object of a catalogue, by their indices. Models are added as they become
/// known.
#[derive(Debug, Default)]
pub(super) struct Readers(RwLock<KnownReaders>);

#[derive(Debug, Default)]
pub(super) struct KnownReaders {
    /// How many models are known.
    models: usize,
    /// Aligned with the objects of the catalogue.
    pub(super) of_object: Vec<Vec<usize>>,
    /// Models whose table the catalogue does not have.
    pub(super) elsewhere: Vec<usize>,
    /// Aligned with the models: the objects that the name of its table may stand for.
    pub(super) tables: Vec<Vec<usize>>,
}

impl Readers {
    /// Asks for the readers of `objects` objects. `resolve` gives the objects that a name may stand for.
    pub(super) fn ask<T>(
        &self,
        objects: usize,
        resolve: &dyn Fn(ObjectName<'_>) -> Vec<usize>,
        ask: impl FnOnce(&KnownReaders) -> T,
    ) -> T {
        let models = ModelRegistry::known();
        {
            let readers = read(&self.0);
            if readers.models == models.count() && readers.of_object.len() == objects {
                return ask(&readers);
            }
        }
        let mut readers = write(&self.0);
        readers.of_object.resize_with(objects, Vec::new);
        for model in readers.models..models.count() {
            let reads = models.reads(model);
            readers.add(
                model,
                &names_in(&reads.table),
                &names_in(&reads.query),
                resolve,
            );
        }
        readers.models = models.count();
        ask(&readers)
    }
}

impl KnownReaders {
    fn add(
        &mut self,
        model: usize,
        table: &[ObjectName<'_>],
        others: &[ObjectName<'_>],
        resolve: &dyn Fn(ObjectName<'_>) -> Vec<usize>,
    ) {
        let all = |names: &[ObjectName<'_>]| names.iter().copied().flat_map(resolve).collect();
        let table: Vec<usize> = all(table);
        let others: Vec<usize> = all(others);
        if table.is_empty() {
            self.elsewhere.push(model);
        }
        self.tables.push(table.clone());
        for object in table.into_iter().chain(others) {
            if !self.of_object[object].contains(&model) {
                self.of_object[object].push(model);
            }
        }
    }
}
