//! Which models a statement concerns that names only tables: [`Facts`], and the registry of all models.

use std::collections::HashMap;
use std::sync::{LazyLock, RwLock, RwLockReadGuard};

use crate::lock::{read, write};
use crate::name::{folded, folded_last_part};

/// A model's index among all models of the program, and its table.
#[derive(Debug)]
pub struct Facts {
    index: usize,
    /// In lower case and without its schema.
    table: String,
}

/// What the query of a model reads, as SQL spells it.
#[derive(Debug)]
pub(crate) struct ModelReads {
    pub(crate) table: String,
    /// The text of the query, if it names more than the table.
    pub(crate) query: String,
}

/// All models that were used so far. It has one entry per model of the program, so it does not grow with
/// use.
#[derive(Default)]
pub(crate) struct ModelRegistry {
    count: usize,
    /// By the index of a model.
    reads: Vec<ModelReads>,
    /// By the lower-case name of a table.
    on_table: HashMap<String, ModelsOnTable>,
}

/// The models on one table, and the models that belong to it.
#[derive(Default)]
struct ModelsOnTable {
    models: Vec<usize>,
    /// The tables of the models that belong to this table.
    children: Vec<String>,
}

static MODEL_REGISTRY: LazyLock<RwLock<ModelRegistry>> = LazyLock::new(RwLock::default);

impl Facts {
    /// Makes a model known. `table` and `parents` are names as SQL spells them.
    #[must_use]
    pub fn register(table: &str, parents: &[String]) -> Self {
        Self::register_query(table, parents, "", &[])
    }

    /// Makes a model known whose `query` names more than the table, or whose rows are also changed by writes to
    /// the tables `changed_by`.
    #[must_use]
    pub fn register_query(
        table: &str,
        parents: &[String],
        query: &str,
        changed_by: &[&str],
    ) -> Self {
        let reads = ModelReads {
            table: table.to_owned(),
            query: [&[query], changed_by].concat().join(" "),
        };
        let table = folded_last_part(table);
        let mut models = write(&MODEL_REGISTRY);
        let index = models.count;
        models.count += 1;
        models.reads.push(reads);
        for parent in parents {
            let parent = models.on_table.entry(folded_last_part(parent)).or_default();
            if !parent.children.contains(&table) {
                parent.children.push(table.clone());
            }
        }
        let changed_by = changed_by.iter().map(|table| folded_last_part(table));
        for table in changed_by.chain([table.clone()]) {
            models.on_table.entry(table).or_default().models.push(index);
        }
        Self { index, table }
    }

    pub(crate) fn index(&self) -> usize {
        self.index
    }
}

impl ModelRegistry {
    pub(crate) fn known() -> RwLockReadGuard<'static, Self> {
        read(&MODEL_REGISTRY)
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// What the query of a model reads.
    pub(crate) fn reads(&self, index: usize) -> &ModelReads {
        &self.reads[index]
    }

    /// Calls `take` with each other model that a write to rows of a model may have changed: those of the
    /// same table, and with `cascades` those that belong to it, directly or not.
    pub(crate) fn each_other_affected(
        &self,
        facts: &Facts,
        cascades: bool,
        take: &mut dyn FnMut(usize),
    ) {
        let Some(on_this_table) = self.on_table.get(&facts.table) else {
            return;
        };
        let siblings = on_this_table
            .models
            .iter()
            .filter(|model| **model != facts.index);
        siblings.copied().for_each(&mut *take);
        if cascades {
            for child in &on_this_table.children {
                self.each_on_table(child, true, take);
            }
        }
    }

    /// Calls `take` with each model on a table, and with `cascades` also with those that belong to it,
    /// directly or not.
    pub(crate) fn each_on_table(&self, name: &str, cascades: bool, take: &mut dyn FnMut(usize)) {
        let mut tables = vec![folded(name)];
        let mut next = 0;
        while let Some(on_this_table) = tables.get(next).map(|table| self.on_table.get(table)) {
            next += 1;
            let Some(on_this_table) = on_this_table else {
                continue;
            };
            on_this_table.models.iter().copied().for_each(&mut *take);
            if cascades {
                for child in &on_this_table.children {
                    if !tables.contains(child) {
                        tables.push(child.clone());
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_tie_models_together() {
        let user = Facts::register("`tie_users`", &[]);
        let post = Facts::register("\"blog\".\"Tie_Posts\"", &["tie_users".to_owned()]);
        let comment = Facts::register(
            "tie_comments",
            &["`tie_posts`".to_owned(), "tie_comments".to_owned()],
        );
        let of = |name: &str, cascades| {
            let mut found = Vec::new();
            ModelRegistry::known().each_on_table(name, cascades, &mut |index| found.push(index));
            found
        };
        let [user, post, comment] = [user, post, comment].map(|facts| facts.index());
        assert_eq!(of("TIE_USERS", true), [user, post, comment]);
        assert_eq!(of("tie_users", false), [user]);
        assert_eq!(of("tie_comments", true), [comment]);
        assert_eq!(of("tie_nothing", true), Vec::<usize>::new());
    }
}
