//! Everything that some writes change: [`Reached`].

use super::graph::{CallEffect, Catalogue, ObjectIndex, ObjectKind};
use crate::statement::{ObjectName, Operations, TableWrite};

/// What some writes have reached, with all of their effects.
#[derive(Debug)]
pub(crate) struct Reached<'c> {
    catalogue: &'c Catalogue,
    /// What is done to each object.
    done: Vec<Operations>,
    /// What is done to each object by effects, and not by the writes themselves.
    by_effects: Vec<Operations>,
    waiting: Vec<Waiting>,
    /// What the routines do that were called.
    calls: CallEffect,
    /// Rows that are in the way are replaced, also where a trigger writes.
    replaces: bool,
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
            done: vec![Operations::NONE; self.objects.len()],
            by_effects: vec![Operations::NONE; self.objects.len()],
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
            let known = if waiting.by_effect {
                &mut self.by_effects[at]
            } else {
                &mut self.done[at]
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
            self.calls.changes_session |= object.call.changes_session;
            self.calls.changes_schema |= object.call.changes_schema;
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

    /// Whether the catalogue may say something else from then on.
    pub(crate) fn changes_schema(&self) -> bool {
        self.calls.changes_schema
    }

    /// Whether the session may see other rows.
    pub(crate) fn changes_session(&self) -> bool {
        self.calls.changes_session
    }

    /// Of each object of the catalogue, whether its rows have changed: of what is written, and of what shows its
    /// rows.
    pub(crate) fn changed(&self) -> Vec<bool> {
        let done = self.done.iter().zip(&self.by_effects);
        self.with_shown(done.map(|(done, by_effects)| *done | *by_effects))
    }

    /// The same, without what the writes name themselves.
    pub(crate) fn changed_by_effects(&self) -> Vec<bool> {
        self.with_shown(self.by_effects.iter().copied())
    }

    fn with_shown(&self, done: impl Iterator<Item = Operations>) -> Vec<bool> {
        let mut changed: Vec<bool> = done.map(|operations| !operations.is_empty()).collect();
        let written = changed.iter().enumerate().filter(|(_, changed)| **changed);
        let mut waiting: Vec<ObjectIndex> = written
            .flat_map(|(at, _)| &self.catalogue.objects[at].shown_by)
            .copied()
            .collect();
        let mut is_shown = vec![false; changed.len()];
        while let Some(at) = waiting.pop() {
            if !std::mem::replace(&mut is_shown[at], true) {
                changed[at] = true;
                waiting.extend(&self.catalogue.objects[at].shown_by);
            }
        }
        changed
    }
}
