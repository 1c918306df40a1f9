//! Keys that are none: two different rows of one key in one result, as a view may have them, or tables of
//! PostgreSQL that inherit. An identity map gives one object for both. Debug builds say so once for a model,
//! where the model is `PartialEq` and there is `tracing` to say it by.

use crate::model::ObjectsMut;

/// Looks for two different rows of one key.
#[cfg(all(debug_assertions, feature = "tracing"))]
pub(super) fn notice(objects: &dyn ObjectsMut) {
    use std::sync::Arc;

    use crate::database::NotedModels;
    use crate::model::ObjectsByKey;

    static SAID: NotedModels = NotedModels::new();

    let mut by_key = ObjectsByKey::with_capacity(objects.count());
    for at in 0..objects.count() {
        let object = objects.get(at);
        let first = by_key.first_of_key(&object);
        if Arc::ptr_eq(&first, &object) || first.is_same_row(&*object) {
            continue;
        }
        let model = object.model_type().id;
        if !SAID.has(model, None) {
            SAID.note(model, None);
            tracing::warn!(
                model = object.model_name(),
                "two different rows of one result have the same key, and come out as one object; help: name \
                 the columns that tell rows apart by `#[diesel(primary_key(..))]`"
            );
        }
        return;
    }
}

#[cfg(not(all(debug_assertions, feature = "tracing")))]
pub(super) fn notice(_: &dyn ObjectsMut) {}
