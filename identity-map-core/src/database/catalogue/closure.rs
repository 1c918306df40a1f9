//! Everything that some writes change: [`Reached`].

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::graph::{CallEffect, Catalogue, ObjectIndex, ObjectKind};
use crate::statement::{ObjectName, Operations, SessionEffect, TableWrite};

/// What some writes have reached, with all of their effects.
#[derive(Debug)]
pub(crate) struct Reached<'c> {
    catalogue: &'c Catalogue,
    done: HashMap<ObjectIndex, Done, RandomState>,
    waiting: Vec<Waiting>,
    /// What the routines do that were called.
    calls: CallEffect,
    /// Rows that are in the way are replaced, also where a trigger writes.
    replaces: bool,
}

/// What is done to an object.
#[derive(Debug, Clone, Copy, Default)]
struct Done {
    by_writes: Operations,
    /// By effects, and not by the writes themselves.
    by_effects: Operations,
}

/// What is done to an object, whose effects were not followed yet.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    object: ObjectIndex,
    operations: Operations,
    by_effect: bool,
}

impl Catalogue {
    /// Nothing is written yet.
    pub(crate) fn reach(&self) -> Reached<'_> {
        Reached {
            catalogue: self,
            done: HashMap::default(),
            waiting: Vec::new(),
            calls: CallEffect::default(),
            replaces: false,
        }
    }
}

impl Reached<'_> {
    /// Adds a change of rows that a statement makes; `false` if the catalogue has none of the tables that it
    /// may be made to.
    pub(crate) fn add_write(&mut self, write: &TableWrite<'_>) -> bool {
        let mut is_known = false;
        self.replaces |= write.replaces;
        for target in &write.targets {
            is_known |= self.add(*target, write.operations, Some(&write.assigned));
        }
        is_known
    }

    /// Adds a write to what has this name; `false` if the catalogue has no such table. `assigned` are the
    /// columns that it assigns, if that is known.
    pub(crate) fn add(
        &mut self,
        name: ObjectName<'_>,
        operations: Operations,
        assigned: Option<&[&str]>,
    ) -> bool {
        for object in self.catalogue.resolve(name) {
            if self.catalogue.objects[object].kind != ObjectKind::Routine {
                let operations = self.catalogue.operations_on(object, operations, assigned);
                self.wait(object, operations);
            }
        }
        self.follow()
    }

    /// Adds a write to an object.
    pub(super) fn add_object(&mut self, object: ObjectIndex, operations: Operations) {
        self.wait(object, operations);
        self.follow();
    }

    /// Adds a write to a table that the catalogue does not have. A trigger of it may do anything.
    pub(crate) fn add_unknown(&mut self) {
        self.calls.may_do_anything = true;
    }

    /// Adds the call of a routine; `false` if the catalogue has none of this name.
    pub(crate) fn add_call(&mut self, name: ObjectName<'_>) -> bool {
        for object in self.catalogue.resolve(name) {
            if self.catalogue.objects[object].kind == ObjectKind::Routine {
                self.wait(object, Operations::ALL);
            }
        }
        self.follow()
    }

    fn wait(&mut self, object: ObjectIndex, operations: Operations) {
        self.waiting.push(Waiting {
            object,
            operations,
            by_effect: false,
        });
    }

    /// Follows the effects of what waits; `false` if nothing does.
    fn follow(&mut self) -> bool {
        let waits = !self.waiting.is_empty();
        while let Some(waiting) = self.waiting.pop() {
            let at = waiting.object;
            let done = self.done.entry(at).or_default();
            let known = if waiting.by_effect {
                &mut done.by_effects
            } else {
                &mut done.by_writes
            };
            let mut operations = waiting.operations;
            if self.replaces && operations.overlaps(Operations::INSERT | Operations::UPDATE) {
                operations = operations | Operations::DELETE;
            }
            let new = operations.without(*known);
            if new.is_empty() {
                continue;
            }
            *known = *known | new;
            let object = &self.catalogue.objects[at];
            self.calls.may_do_anything |= object.call.may_do_anything;
            self.calls.session = self.calls.session.max(object.call.session);
            self.calls.changes_schema |= object.call.changes_schema;
            self.calls.is_deferred |= object.call.is_deferred;
            for effect in &object.effects {
                if effect.on.overlaps(new) {
                    // Who passes a write on is written to by the statement, as the first one is.
                    let is_passed_on = effect.does.is_none();
                    self.waiting.push(Waiting {
                        object: effect.target,
                        operations: effect.does.unwrap_or(new),
                        by_effect: waiting.by_effect || !is_passed_on,
                    });
                }
            }
        }
        waits
    }

    /// Whether any table may have been written to.
    pub(crate) fn may_do_anything(&self) -> bool {
        self.calls.may_do_anything
    }

    /// Whether some of it may happen only when the transaction ends.
    pub(crate) fn is_deferred(&self) -> bool {
        self.calls.is_deferred
    }

    /// Whether the catalogue may say something else from then on.
    pub(crate) fn changes_schema(&self) -> bool {
        self.calls.changes_schema
    }

    /// What is done to the session.
    pub(crate) fn session_effect(&self) -> SessionEffect {
        self.calls.session
    }

    /// The objects whose rows have changed: what is written, and what shows its rows.
    pub(crate) fn changed(&self) -> Vec<ObjectIndex> {
        self.with_shown(|done| done.by_writes | done.by_effects)
    }

    /// The same, without what the writes name themselves.
    pub(crate) fn changed_by_effects(&self) -> Vec<ObjectIndex> {
        self.with_shown(|done| done.by_effects)
    }

    fn with_shown(&self, operations: impl Fn(&Done) -> Operations) -> Vec<ObjectIndex> {
        let done = self.done.iter();
        let written = done.filter(|(_, done)| !operations(done).is_empty());
        let mut changed: Vec<ObjectIndex> = written.map(|(object, _)| *object).collect();
        let shown_by = |object: &ObjectIndex| &self.catalogue.objects[*object].shown_by;
        if changed.iter().all(|object| shown_by(object).is_empty()) {
            return changed;
        }
        let mut known: HashSet<ObjectIndex, RandomState> = changed.iter().copied().collect();
        let mut at = 0;
        while let Some(object) = changed.get(at) {
            for by in shown_by(object) {
                if known.insert(*by) {
                    changed.push(*by);
                }
            }
            at += 1;
        }
        changed
    }
}
