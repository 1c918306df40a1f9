//! The tables, views and routines of a database, and what a write to one does to others: [`Catalogue`].

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::known_effects::KnownEffects;
use super::readers::{KnownReaders, Readers};
use crate::name::{folded, is_folded};
use crate::statement::{ObjectName, Operations, SessionEffect};

/// The place of a table, view or routine in a [`Catalogue`].
pub(super) type ObjectIndex = usize;

/// What is known of a database's objects.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    pub(super) objects: Vec<CatalogueObject>,
    /// By the name without its schema, [folded].
    pub(super) by_name: HashMap<String, Vec<ObjectIndex>, RandomState>,
    /// It stands for one that nobody can read: any write may do anything.
    pub(super) is_unknowable: bool,
    /// How often the schema had changed, if the database counts that.
    pub(super) version: Option<String>,
    pub(super) readers: Readers,
    pub(super) effects: KnownEffects,
}

/// A table, a view, a routine, or the body of a trigger.
#[derive(Debug)]
pub(super) struct CatalogueObject {
    /// [Folded](folded).
    pub(super) schema: String,
    pub(super) kind: ObjectKind,
    pub(super) effects: Vec<Effect>,
    /// What shows its rows: views, the table that it is a partition of, routines that may read it.
    pub(super) shown_by: Vec<ObjectIndex>,
    /// The columns whose change moves rows that refer to it, [folded].
    pub(super) referenced_columns: Vec<String>,
    pub(super) call: CallEffect,
    /// What a write returns may be no row of it: a rule or a trigger has done something else instead, or it is
    /// a view that does not show the row.
    pub(super) is_rewritten: bool,
}

/// What the call of a routine does that no name in it tells.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CallEffect {
    /// It may write to any table.
    pub(super) may_do_anything: bool,
    pub(super) session: SessionEffect,
    /// It may change the schema.
    pub(super) changes_schema: bool,
    /// It may run only when the transaction ends.
    pub(super) is_deferred: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ObjectKind {
    Table,
    View,
    Routine,
}

/// Stands for whatever columns an expression reads.
const ANY_COLUMN: &str = "*";

/// Other names of an integer key of SQLite's.
const ROWID: [&str; 3] = ["rowid", "oid", "_rowid_"];

/// What a write to an object, or the call of a routine, does to another object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effect {
    /// The writes that have the effect.
    pub(super) on: Operations,
    pub(super) target: ObjectIndex,
    /// `None`: the same as is done to the first.
    pub(super) does: Option<Operations>,
}

impl CatalogueObject {
    pub(super) fn new(schema: &str, kind: ObjectKind) -> Self {
        Self {
            schema: folded(schema),
            kind,
            effects: Vec::new(),
            shown_by: Vec::new(),
            referenced_columns: Vec::new(),
            call: CallEffect::default(),
            is_rewritten: kind == ObjectKind::View,
        }
    }
}

impl Catalogue {
    /// One that has no table, so that any write may do anything.
    pub(super) fn unknowable() -> Self {
        Self {
            is_unknowable: true,
            ..Self::default()
        }
    }

    /// Whether it is that of a schema which has changed so often.
    pub(crate) fn has_version(&self, version: &str) -> bool {
        self.version.as_deref() == Some(version)
    }

    /// The most that any routine or trigger of it does to the session.
    pub(crate) fn most_session_effect(&self) -> SessionEffect {
        let effects = self.objects.iter().map(|object| object.call.session);
        effects.max().unwrap_or_default()
    }

    /// The objects that a name may stand for. A name without a schema stands for those of all schemas, since
    /// the program may change which come first.
    pub(super) fn resolve<'n>(
        &self,
        name: ObjectName<'n>,
    ) -> impl Iterator<Item = ObjectIndex> + use<'_, 'n> {
        let named = self.by_name.get(&folded(name.name));
        let named = named.map_or(&[][..], Vec::as_slice).iter().copied();
        named.filter(move |object| {
            let schema = &self.objects[*object].schema;
            name.schema.is_none_or(|named| is_folded(named, schema))
        })
    }

    /// Calls `take` with each model that reads one of the objects.
    pub(crate) fn each_reader(&self, objects: &[ObjectIndex], take: &mut dyn FnMut(usize)) {
        self.ask_readers(|readers| {
            for object in objects {
                readers.of_object[*object]
                    .iter()
                    .copied()
                    .for_each(&mut *take);
            }
        });
    }

    /// The models whose table the catalogue does not have.
    pub(crate) fn models_elsewhere(&self) -> Vec<usize> {
        self.ask_readers(|readers| readers.elsewhere.clone())
    }

    fn ask_readers<T>(&self, ask: impl FnOnce(&KnownReaders) -> T) -> T {
        let resolve = |name: ObjectName<'_>| self.resolve(name).collect();
        self.readers.ask(self.objects.len(), &resolve, ask)
    }

    /// Asks about the objects that the name of a model's table may stand for.
    pub(super) fn with_table_of<T>(
        &self,
        model: usize,
        ask: impl FnOnce(&[ObjectIndex]) -> T,
    ) -> T {
        self.ask_readers(|readers| ask(readers.tables.get(model).map_or(&[], Vec::as_slice)))
    }

    /// What a write does to the rows of an object. An update that assigns none of the columns that others
    /// refer to moves nothing. The columns of a view may have other names.
    pub(super) fn operations_on<Name: AsRef<str>>(
        &self,
        object: ObjectIndex,
        operations: Operations,
        assigned: Option<&[Name]>,
    ) -> Operations {
        let object = &self.objects[object];
        let Some(names) = assigned else {
            return operations;
        };
        let names_rowid = || {
            ROWID.iter().any(|rowid| {
                names
                    .iter()
                    .any(|name| name.as_ref().eq_ignore_ascii_case(rowid))
            })
        };
        let is_assigned =
            |column: &String| names.iter().any(|name| is_folded(name.as_ref(), column));
        let mut columns = object.referenced_columns.iter();
        let moves = object.kind != ObjectKind::Table
            || columns.any(|column| column == ANY_COLUMN || is_assigned(column))
            || !object.referenced_columns.is_empty() && names_rowid();
        if moves {
            operations
        } else {
            operations.without(Operations::MOVE)
        }
    }
}
