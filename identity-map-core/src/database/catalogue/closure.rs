//! Everything that some writes change: [`Reached`].

use super::graph::{Catalogue, ObjectIndex, ObjectKind};
use crate::statement::{ObjectName, Operations, TableWrite};

/// What some writes have reached, with all of their effects.
#[derive(Debug)]
pub(crate) struct Reached<'c> {
    catalogue: &'c Catalogue,
    /// What is done to each object.
    done: Vec<Operations>,
    /// Whether it is done by an effect, and not by the writes themselves.
    by_effect: Vec<bool>,
    waiting: Vec<(ObjectIndex, Operations)>,
    may_do_anything: bool,
    changes_session: bool,
}

impl Catalogue {
    /// Nothing is written yet.
    pub(crate) fn reach(&self) -> Reached<'_> {
        Reached {
            catalogue: self,
            done: vec![Operations::NONE; self.objects.len()],
            by_effect: vec![false; self.objects.len()],
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
                self.waiting.push((object, operations));
            }
        }
        let is_known = !self.waiting.is_empty();
        self.follow();
        is_known
    }

    /// Adds a write to a table that the catalogue does not have. A trigger of it may do anything.
    pub(crate) fn add_unknown(&mut self) {
        self.may_do_anything = true;
    }

    /// Adds the call of a routine; `false` if the catalogue has none of this name.
    pub(crate) fn add_call(&mut self, name: ObjectName<'_>) -> bool {
        let before = self.waiting.len();
        for object in self.catalogue.resolve(name) {
            if self.catalogue.objects[object].kind == ObjectKind::Routine {
                self.waiting.push((object, Operations::ALL));
            }
        }
        let is_known = self.waiting.len() > before;
        self.follow();
        is_known
    }

    fn follow(&mut self) {
        while let Some((at, operations)) = self.waiting.pop() {
            let new = operations.without(self.done[at]);
            if new.is_empty() {
                continue;
            }
            self.done[at] = self.done[at] | new;
            let object = &self.catalogue.objects[at];
            self.may_do_anything |= object.call.may_do_anything;
            self.changes_session |= object.call.changes_session;
            for effect in object
                .effects
                .iter()
                .filter(|effect| effect.on.overlaps(new))
            {
                self.by_effect[effect.target] = true;
                self.waiting
                    .push((effect.target, effect.does.unwrap_or(new)));
            }
        }
    }

    /// Whether any table may have been written to.
    pub(crate) fn may_do_anything(&self) -> bool {
        self.may_do_anything
    }

    /// Whether the session may see other rows.
    pub(crate) fn changes_session(&self) -> bool {
        self.changes_session
    }

    /// The relations whose rows are changed, by their places in the catalogue: those that are written, and
    /// those that show their rows. With `by_effects` only what the writes do not name themselves.
    pub(crate) fn changed(&self, by_effects: bool) -> Vec<bool> {
        let mut changed = vec![false; self.done.len()];
        let mut waiting: Vec<ObjectIndex> = Vec::new();
        let done = self.done.iter().enumerate();
        for (at, _) in done.filter(|(_, done)| !done.is_empty()) {
            waiting.extend(&self.catalogue.objects[at].shown_by);
            if !by_effects || self.by_effect[at] {
                changed[at] = true;
            }
        }
        while let Some(at) = waiting.pop() {
            if !std::mem::replace(&mut changed[at], true) {
                waiting.extend(&self.catalogue.objects[at].shown_by);
            }
        }
        changed
    }
}
