//! The part of a load that is the same for every model: [`LoadRun`].

use super::ambiguous_keys;
use super::auto::ShapeId;
use super::by_rows_only;
use super::measured_run::MeasuredRun;
use super::plan::Execution;
use super::take::Take;
use crate::connection::SelectedColumns;
use crate::model::{Objects, ObjectsMut};
use crate::transaction::{ReadView, Reader};

/// How a load runs, and what is counted of it.
pub(super) struct LoadRun<'v> {
    /// `None` if the query leaves the map alone.
    pub(super) view: Option<&'v ReadView>,
    pub(super) reader: Option<Reader<'v>>,
    pub(super) selects: SelectedColumns,
    /// The objects replace what the map holds.
    is_fresh: bool,
    pub(super) take: Take,
    /// How many objects were held before.
    pub(super) hits: usize,
    /// What was found keys first, if the query is sent once more.
    first_attempt: Option<FirstAttempt>,
    /// The run, if `Auto` learns from it.
    measured: Option<MeasuredRun>,
}

/// A load keys first that has not found the rows of all keys.
struct FirstAttempt {
    /// How many objects it has.
    objects: usize,
    /// How many of them were held before.
    hits: usize,
}

impl<'v> LoadRun<'v> {
    /// A load of new objects that are in no map.
    pub(super) fn uncached(take: Take) -> Self {
        Self {
            view: None,
            reader: None,
            selects: SelectedColumns::Model,
            is_fresh: false,
            take,
            hits: 0,
            first_attempt: None,
            measured: None,
        }
    }

    /// Chooses the statement of a load that asks and fills a map. `shape` is what `Auto` knows
    /// the query by.
    pub(super) fn begin(
        view: Option<&'v ReadView>,
        execution: Execution,
        take: Take,
        shape: ShapeId,
    ) -> Self {
        let mut run = Self::uncached(take);
        let Some(view) = view else {
            return run;
        };
        view.count_statement();
        run.view = Some(view);
        run.reader = Some(view.reader());
        match execution {
            Execution::Uncached => {}
            Execution::Fresh => run.is_fresh = true,
            Execution::KeysFirst if !by_rows_only::is_noted(view) => {
                run.selects = SelectedColumns::Key;
            }
            Execution::Cheaper if !by_rows_only::is_noted(view) => run.measure(view, shape),
            Execution::Rows | Execution::KeysFirst | Execution::Cheaper => {
                run.selects = Self::by_rows(view.about_alive());
            }
        }
        run
    }

    /// Takes the strategy that was cheaper so far, and will learn from the run.
    fn measure(&mut self, view: &ReadView, shape: ShapeId) {
        let alive = view.about_alive();
        let measured = MeasuredRun::begin(shape, alive, view);
        self.selects = if measured.is_keys_first() {
            SelectedColumns::Key
        } else {
            Self::by_rows(alive)
        };
        self.measured = Some(measured);
    }

    /// In a map that holds nothing of the model nothing can be found, so the statement is plain Diesel's,
    /// without the key.
    fn by_rows(alive: usize) -> SelectedColumns {
        if alive == 0 {
            SelectedColumns::Model
        } else {
            SelectedColumns::KeyAndModel
        }
    }

    /// Makes ready for the rows of the same query, when the first attempt has so many objects.
    pub(super) fn begin_again(&mut self, objects: usize) {
        let hits = self.hits;
        self.first_attempt = Some(FirstAttempt { objects, hits });
        self.selects = SelectedColumns::KeyAndModel;
        self.view.inspect(|view| view.count_statement());
    }

    /// Makes the map know the objects that were loaded, and puts them into their peer group.
    ///
    /// If there are rows now that were not found by their keys, the model is loaded by rows from now on.
    pub(super) fn fill_map(&mut self, view: &ReadView, objects: &mut dyn ObjectsMut) {
        if let Some(first) = self.first_attempt.take() {
            self.hits = first.hits;
            if objects.count() > first.objects {
                by_rows_only::note(view);
            }
        }
        if self.is_fresh {
            view.replace_all(objects);
        } else if self.selects == SelectedColumns::Model {
            ambiguous_keys::notice(objects);
            view.adopt_all(objects);
        }
        if let Some(measured) = self.measured.take() {
            measured.remember(objects.count(), self.hits, view);
        }
        view.join_group(objects, self.hits < objects.count());
    }

    /// Counts the load, once its hooks have run.
    pub(super) fn end(&self, view: &ReadView, objects: &dyn Objects) {
        view.count_query(self.hits, objects.count() - self.hits);
        view.keep(objects);
    }
}
