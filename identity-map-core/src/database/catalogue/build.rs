//! The graph, from the rows of a catalogue: [`CatalogueBuilder`].

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::declared::Declared;
use super::graph::{Catalogue, CatalogueObject, Effect, ObjectIndex, ObjectKind};
use crate::name::folded;
use crate::statement::{Operations, read_body, trigger_event};

/// One fact of a catalogue: its kind, and up to five values.
///
/// | kind | values |
/// |---|---|
/// | `table`, `view` | its id, schema, name |
/// | `routine` | its id, schema, name, what is known of it (`body`, `reads`, `opaque`), its body |
/// | `version` | how often the schema has changed |
/// | `defined` | the id of a view, its definition |
/// | `shown` | the id of a relation, the id of another one that shows its rows |
/// | `passed` | the id of a relation, the id of another one to which writes are passed on |
/// | `key` | the ids of the child and the parent, the actions on delete and on update, a column that is referred to |
/// | `trigger` | the id of a relation, the events if the body does not begin with them, the id of a routine, or else a body |
/// | `splits` | the id of a partitioned table, a column that says where a row belongs |
/// | `rule` | the id of a relation, the event, the id of what the rule names |
/// | `rewritten` | the id of a table with a rule for writes |
/// | `default` | the id of a table, the id of a routine that computes values of it |
/// | `replaces` | the id of a table with a constraint that replaces rows |
/// | `hides` | the id of a table whose triggers the database does not show |
pub(crate) struct CatalogueRow {
    pub(crate) kind: String,
    pub(crate) values: [Option<String>; 5],
}

/// Collects the rows of a catalogue.
#[derive(Default)]
pub(crate) struct CatalogueBuilder {
    pub(super) catalogue: Catalogue,
    by_id: HashMap<String, ObjectIndex, RandomState>,
    /// What is about objects that may not be there yet.
    facts: Vec<CatalogueRow>,
    bodies: Vec<Body>,
    /// What a trigger does that the database does not show.
    hidden_trigger: Option<ObjectIndex>,
}

/// The body of a routine or a trigger.
pub(super) struct Body {
    pub(super) routine: ObjectIndex,
    pub(super) text: String,
    /// The database lets it write nothing.
    pub(super) only_reads: bool,
}

impl CatalogueRow {
    fn value(&self, at: usize) -> &str {
        self.values[at].as_deref().unwrap_or_default()
    }
}

impl CatalogueBuilder {
    pub(crate) fn add(&mut self, row: CatalogueRow) {
        let kind = match &*row.kind {
            "table" => ObjectKind::Table,
            "view" => ObjectKind::View,
            "routine" => ObjectKind::Routine,
            "version" => {
                self.catalogue.version = row.values.into_iter().next().flatten();
                return;
            }
            _ => return self.facts.push(row),
        };
        let object = CatalogueObject::new(row.value(1), kind);
        let at = self.add_object(object);
        let name = folded(row.value(2));
        self.catalogue.by_name.entry(name).or_default().push(at);
        self.by_id.insert(row.value(0).to_owned(), at);
        if kind != ObjectKind::Routine {
            return;
        }
        match row.value(3) {
            "opaque" => self.catalogue.objects[at].call.may_do_anything = true,
            what => self.bodies.push(Body {
                routine: at,
                text: row.value(4).to_owned(),
                only_reads: what == "reads",
            }),
        }
    }

    pub(super) fn add_object(&mut self, object: CatalogueObject) -> ObjectIndex {
        self.catalogue.objects.push(object);
        self.catalogue.objects.len() - 1
    }

    /// The catalogue, once all rows are there.
    pub(crate) fn build(mut self, declared: &Declared) -> Catalogue {
        let mut facts = std::mem::take(&mut self.facts);
        if declared.nothing_is_hidden {
            facts.retain(|fact| fact.kind != "hides");
        }
        // What an effect does depends on which columns are referred to.
        for fact in &facts {
            match &*fact.kind {
                "key" => self.add_foreign_key(fact),
                // What it assigns to the new row, nobody else assigns.
                "trigger" if is_before_update(fact.value(1)) => {
                    if let Some(table) = self.object(fact, 0) {
                        self.refer_to_column(table, "*");
                    }
                }
                "splits" => {
                    if let Some(table) = self.object(fact, 0) {
                        self.refer_to_column(table, fact.value(1));
                    }
                }
                _ => {}
            }
        }
        // Twice, for the partitions of partitions.
        let passed = facts.iter().filter(|fact| fact.kind == "passed");
        for fact in passed.clone().chain(passed) {
            self.share_columns(fact);
        }
        for fact in &facts {
            self.add_fact(fact);
        }
        for body in std::mem::take(&mut self.bodies) {
            self.add_body(&body);
        }
        for (name, tables) in &declared.routines {
            self.declare_routine(name, tables.iter().map(String::as_str));
        }
        self.catalogue
    }

    fn object(&self, fact: &CatalogueRow, at: usize) -> Option<ObjectIndex> {
        self.by_id.get(fact.value(at)).copied()
    }

    pub(super) fn add_effect(&mut self, object: ObjectIndex, effect: Effect) {
        self.catalogue.objects[object].effects.push(effect);
    }

    fn add_foreign_key(&mut self, fact: &CatalogueRow) {
        let (Some(child), Some(parent)) = (self.object(fact, 0), self.object(fact, 1)) else {
            return;
        };
        if let Some(does) = action(fact.value(2)) {
            let on = Operations::DELETE;
            let target = child;
            let does = Some(does);
            self.add_effect(parent, Effect { on, target, does });
        }
        if let Some(does) = action(fact.value(3)) {
            let on = Operations::MOVE;
            let target = child;
            // A cascade may move the child's own key.
            let does =
                Some(does.without(Operations::DELETE) | Operations::UPDATE | Operations::MOVE);
            self.add_effect(parent, Effect { on, target, does });
            self.refer_to_column(parent, fact.value(4));
        }
    }

    /// Notes a column of a table whose change moves rows.
    fn refer_to_column(&mut self, table: ObjectIndex, column: &str) {
        let known = &mut self.catalogue.objects[table].referenced_columns;
        known.push(folded(column));
    }

    /// A table and its partitions have the same columns.
    fn share_columns(&mut self, fact: &CatalogueRow) {
        let (Some(one), Some(other)) = (self.object(fact, 0), self.object(fact, 1)) else {
            return;
        };
        let columns = self.catalogue.objects[other].referenced_columns.clone();
        let known = &mut self.catalogue.objects[one].referenced_columns;
        known.extend(columns);
        known.sort_unstable();
        known.dedup();
    }

    fn add_fact(&mut self, fact: &CatalogueRow) {
        let Some(object) = self.object(fact, 0) else {
            return;
        };
        let other = self.object(fact, 1);
        match (&*fact.kind, other) {
            ("shown", Some(by)) => self.catalogue.objects[object].shown_by.push(by),
            ("passed", Some(target)) => {
                let (on, does) = (Operations::ALL, None);
                self.add_effect(object, Effect { on, target, does });
            }
            ("default", Some(target)) => {
                let on = Operations::INSERT | Operations::UPDATE;
                let does = Some(Operations::ALL);
                self.add_effect(object, Effect { on, target, does });
            }
            ("splits", _) => {
                let on = Operations::MOVE;
                let does = Some(Operations::INSERT | Operations::DELETE);
                let target = object;
                self.add_effect(object, Effect { on, target, does });
            }
            ("defined", _) => self.add_view(object, fact.value(1)),
            ("replaces", _) => {
                let on = Operations::INSERT | Operations::UPDATE;
                let (target, does) = (object, Some(Operations::DELETE));
                self.add_effect(object, Effect { on, target, does });
            }
            ("trigger", _) => {
                let on = match fact.value(1) {
                    "" => trigger_event(fact.value(3)),
                    events_of => events(events_of),
                };
                let target = self.object(fact, 2).unwrap_or_else(|| {
                    let body = self.add_object(CatalogueObject::new("", ObjectKind::Routine));
                    self.bodies.push(Body {
                        routine: body,
                        text: fact.value(3).to_owned(),
                        only_reads: false,
                    });
                    body
                });
                let target = if fact.value(1).contains("DEFERRABLE") {
                    self.deferred(target)
                } else {
                    target
                };
                let does = Some(Operations::ALL);
                self.add_effect(object, Effect { on, target, does });
            }
            ("rewritten", _) => self.catalogue.objects[object].is_rewritten = true,
            ("hides", _) => {
                let target = self.hidden_trigger();
                let (on, does) = (Operations::ALL, Some(Operations::ALL));
                self.add_effect(object, Effect { on, target, does });
            }
            ("rule", _) => {
                if let Some(target) = self.object(fact, 2) {
                    let (on, does) = (events(fact.value(1)), Some(Operations::ALL));
                    self.add_effect(object, Effect { on, target, does });
                }
            }
            _ => {}
        }
    }

    /// The call of a routine that may wait for the end of the transaction.
    fn deferred(&mut self, routine: ObjectIndex) -> ObjectIndex {
        let mut call = CatalogueObject::new("", ObjectKind::Routine);
        call.call.is_deferred = true;
        let call = self.add_object(call);
        let (on, does) = (Operations::ALL, Some(Operations::ALL));
        let target = routine;
        self.add_effect(call, Effect { on, target, does });
        call
    }

    fn hidden_trigger(&mut self) -> ObjectIndex {
        if let Some(known) = self.hidden_trigger {
            return known;
        }
        let mut hidden = CatalogueObject::new("", ObjectKind::Routine);
        hidden.call.may_do_anything = true;
        let at = self.add_object(hidden);
        self.hidden_trigger = Some(at);
        at
    }

    /// A view shows the rows of what its definition names, and may pass writes on to it.
    fn add_view(&mut self, view: ObjectIndex, definition: &str) {
        let body = read_body(definition);
        self.catalogue.objects[view].call.may_do_anything |= definition.is_empty();
        for name in body.names {
            let named: Vec<ObjectIndex> = self.catalogue.resolve(name).collect();
            for named in named.into_iter().filter(|named| *named != view) {
                self.catalogue.objects[named].shown_by.push(view);
                let (on, does) = (Operations::ALL, None);
                self.add_effect(
                    view,
                    Effect {
                        on,
                        target: named,
                        does,
                    },
                );
            }
        }
    }
}

/// What the action of a foreign key does to the child's rows; `None` if it does nothing.
fn action(action: &str) -> Option<Operations> {
    match action {
        "CASCADE" => Some(Operations::DELETE),
        "SET NULL" | "SET DEFAULT" => Some(Operations::UPDATE | Operations::MOVE),
        _ => None,
    }
}

/// Whether a trigger may change a row that is about to be updated.
fn is_before_update(events: &str) -> bool {
    events.contains("BEFORE") && events.contains("UPDATE")
}

/// The events of a trigger or a rule, in a list.
fn events(events: &str) -> Operations {
    let each = events.split(',').map(|event| match event.trim() {
        "BEFORE" | "AFTER" | "INSTEAD OF" | "DEFERRABLE" => Operations::NONE,
        "INSERT" => Operations::INSERT,
        "UPDATE" => Operations::UPDATE,
        "DELETE" => Operations::DELETE,
        _ => Operations::ALL,
    });
    each.fold(Operations::NONE, |all, event| all | event)
}
