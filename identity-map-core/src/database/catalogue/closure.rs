//! Everything that some writes change: [`Reached`].

use super::graph::{Catalogue, Change, ObjectIndex, ObjectKind};
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
    may_do_anything: bool,
    changes_session: bool,
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
            may_do_anything: false,
            changes_session: false,
        }
    }
}

impl Reached<'_> {
    /// Adds a change of rows that a statement makes; `false` if the catalogue has none of the tables that it
    /// may be made to.
    pub(crate) fn add_write(&mut self, write: &TableWrite<'_>) -> bool {
        let mut is_known = false;
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
        self.may_do_anything = true;
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
            let new = waiting.operations.without(*known);
            if new.is_empty() {
                continue;
            }
            *known = *known | new;
            let object = &self.catalogue.objects[at];
            self.may_do_anything |= object.call.may_do_anything;
            self.changes_session |= object.call.changes_session;
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
        self.may_do_anything
    }

    /// Whether the session may see other rows.
    pub(crate) fn changes_session(&self) -> bool {
        self.changes_session
    }

    /// How the rows of each object of the catalogue have changed: of what is written, and of what shows its
    /// rows.
    pub(crate) fn changes(&self) -> Vec<Change> {
        let done = self.done.iter().zip(&self.by_effects);
        self.with_shown(done.map(|(done, by_effects)| *done | *by_effects))
    }

    /// The same, without what the writes name themselves.
    pub(crate) fn changes_by_effects(&self) -> Vec<Change> {
        self.with_shown(self.by_effects.iter().copied())
    }

    fn with_shown(&self, done: impl Iterator<Item = Operations>) -> Vec<Change> {
        let mut changes: Vec<Change> = done.map(change_by).collect();
        let written = changes.iter().enumerate();
        let written = written.filter(|(_, change)| **change != Change::None);
        let mut waiting: Vec<ObjectIndex> = written
            .flat_map(|(at, _)| &self.catalogue.objects[at].shown_by)
            .copied()
            .collect();
        let mut is_shown = vec![false; changes.len()];
        while let Some(at) = waiting.pop() {
            if !std::mem::replace(&mut is_shown[at], true) {
                changes[at] = Change::Any;
                waiting.extend(&self.catalogue.objects[at].shown_by);
            }
        }
        changes
    }
}

fn change_by(operations: Operations) -> Change {
    if operations.is_empty() {
        Change::None
    } else if operations == Operations::INSERT {
        Change::Added
    } else {
        Change::Any
    }
}
