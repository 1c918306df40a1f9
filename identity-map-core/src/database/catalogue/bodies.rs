//! What routines do, by their bodies or as the program says.

use super::build::{Body, CatalogueBuilder};
use super::graph::{CallEffect, CatalogueObject, Effect, ObjectIndex, ObjectKind};
use crate::name::folded;
use crate::statement::{ObjectName, Operations, names_in, read_body};

impl CatalogueBuilder {
    pub(super) fn add_body(&mut self, body: &Body) {
        let routine = body.routine;
        let read = read_body(&body.text);
        let mut effects = Vec::new();
        let mut shown = Vec::new();
        for name in read.names {
            for named in self.catalogue.resolve(name) {
                shown.push(named);
                if self.catalogue.objects[named].kind == ObjectKind::Routine && named != routine {
                    effects.push((named, Operations::ALL));
                }
            }
        }
        for write in &read.writes {
            for target in &write.targets {
                for object in self.catalogue.resolve(*target) {
                    let does = self.catalogue.operations_on(
                        object,
                        write.operations,
                        Some(&write.assigned),
                    );
                    effects.push((object, does));
                }
            }
        }
        let is_hidden = |name: &ObjectName<'_>| {
            let mut known = self.catalogue.resolve(*name);
            !known.any(|at| self.catalogue.objects[at].kind == ObjectKind::Routine)
        };
        let calls_hidden = read.called.iter().any(is_hidden);
        for shown in shown.into_iter().filter(|shown| *shown != routine) {
            self.catalogue.objects[shown].shown_by.push(routine);
        }
        let object = &mut self.catalogue.objects[routine];
        object.call.session = object.call.session.max(read.session);
        if body.only_reads {
            effects.clear();
        } else {
            object.call.may_do_anything |= read.may_do_anything || calls_hidden;
            object.call.changes_schema |= read.changes_schema;
        }
        object
            .effects
            .extend(effects.into_iter().map(|(target, does)| Effect {
                on: Operations::ALL,
                target,
                does: Some(does),
            }));
    }

    /// Says what a routine does. It may be one that the catalogue does not have.
    pub(super) fn declare_routine<'t>(
        &mut self,
        name: &str,
        tables: impl Iterator<Item = &'t str>,
    ) {
        let names = names_in(name);
        let Some(name) = names.last().copied() else {
            return;
        };
        let known = self.catalogue.resolve(name);
        let mut routines: Vec<ObjectIndex> = known
            .filter(|object| self.catalogue.objects[*object].kind == ObjectKind::Routine)
            .collect();
        if routines.is_empty() {
            let schema = name.schema.unwrap_or_default();
            let unknown = self.add_object(CatalogueObject::new(schema, ObjectKind::Routine));
            let by_name = &mut self.catalogue.by_name;
            let entry = by_name.entry(folded(name.name));
            entry.or_default().push(unknown);
            routines.push(unknown);
        }
        let tables: Vec<Vec<ObjectIndex>> = tables.map(|table| self.tables_named(table)).collect();
        // A table that nobody knows may be any.
        let may_do_anything = tables.iter().any(Vec::is_empty);
        for routine in routines {
            let object = &mut self.catalogue.objects[routine];
            object.call = CallEffect {
                may_do_anything,
                ..CallEffect::default()
            };
            object.effects.clear();
            for target in tables.iter().flatten().copied() {
                let (on, does) = (Operations::ALL, Some(Operations::ALL));
                self.add_effect(routine, Effect { on, target, does });
            }
        }
    }

    fn tables_named(&self, name: &str) -> Vec<ObjectIndex> {
        let names = names_in(name);
        let last: Option<ObjectName<'_>> = names.last().copied();
        let objects = last
            .into_iter()
            .flat_map(|name| self.catalogue.resolve(name));
        objects
            .filter(|object| self.catalogue.objects[*object].kind != ObjectKind::Routine)
            .collect()
    }
}
