//! What the program says where a catalogue cannot tell: [`Declared`].

use std::collections::{BTreeMap, BTreeSet};

/// What the program says of a database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Declared {
    /// Routines, as `app.touch` or `touch`, and the tables that each of them writes to.
    pub(super) routines: BTreeMap<String, BTreeSet<String>>,
    /// A table whose triggers the database hides has none.
    pub(super) nothing_is_hidden: bool,
}

impl Declared {
    pub(crate) fn add_routine(&mut self, name: &str, tables: &[&str]) {
        let known = self.routines.entry(name.to_owned()).or_default();
        known.extend(tables.iter().map(|table| (*table).to_owned()));
    }

    pub(crate) fn set_nothing_is_hidden(&mut self, nothing_is_hidden: bool) {
        self.nothing_is_hidden = nothing_is_hidden;
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what another connection of the database says.
    pub(super) fn merge(&mut self, other: &Self) {
        for (name, tables) in &other.routines {
            let known = self.routines.entry(name.clone()).or_default();
            known.extend(tables.iter().cloned());
        }
        self.nothing_is_hidden |= other.nothing_is_hidden;
    }
}
