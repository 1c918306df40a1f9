//! What a write of the manager to rows of a model changes beside them.

use std::sync::Arc;

use super::graph::{Catalogue, ObjectIndex};
use super::known_effects::ModelEffects;
use crate::model::ModelRegistry;
use crate::statement::Operations;

impl Catalogue {
    /// The effects of a write to rows of the model of this index; `None` if the catalogue does not have its
    /// table. `assigned` are the columns that it assigns, if they are known.
    pub(crate) fn effects_of_write(
        &self,
        model: usize,
        operations: Operations,
        assigned: Option<&[String]>,
    ) -> Option<Arc<ModelEffects>> {
        if self.is_unknowable {
            return Some(Arc::new(ModelEffects {
                may_do_anything: true,
                ..ModelEffects::default()
            }));
        }
        let operations = self.with_table_of(model, |table| {
            let done = table
                .iter()
                .map(|object| self.operations_on(*object, operations, assigned));
            done.reduce(|all, done| all | done)
        })?;
        let models = ModelRegistry::known().count();
        let write = (model, operations);
        Some(self.effects.get_or_insert(models, write, || {
            let table = self.with_table_of(model, <[ObjectIndex]>::to_vec);
            self.follow_write(model, &table, operations)
        }))
    }

    fn follow_write(
        &self,
        model: usize,
        table: &[ObjectIndex],
        operations: Operations,
    ) -> ModelEffects {
        let mut reached = self.reach();
        for object in table {
            reached.add_object(*object, operations);
        }
        let mut models = Vec::new();
        self.each_reader(&reached.changed(), &mut |reader| {
            if reader != model {
                models.push(reader);
            }
        });
        self.each_reader(&reached.changed_by_effects(), &mut |reader| {
            models.push(reader);
        });
        if table
            .iter()
            .any(|object| self.objects[*object].is_rewritten)
        {
            models.push(model);
        }
        models.sort_unstable();
        models.dedup();
        ModelEffects {
            models,
            may_do_anything: reached.may_do_anything(),
            session: reached.session_effect(),
            is_deferred: reached.is_deferred(),
        }
    }
}
