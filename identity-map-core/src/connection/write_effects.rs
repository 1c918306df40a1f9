//! What a statement of the program's that writes does to the maps: [`write_effects`].

use super::statement_effect::StatementEffect;
use crate::database::{Catalogue, KnownCatalogue, Reached};
use crate::map::Invalidation;
use crate::statement::{ClassifiedStatement, Meaning, Operations};

/// The effects of a statement that changes rows, by the catalogue of its database, or else by its text.
pub(super) fn write_effects(
    statement: &ClassifiedStatement<'_>,
    known: &KnownCatalogue,
    effects: &mut Vec<StatementEffect>,
) {
    if let Some(catalogue) = known.get() {
        let mut reached = catalogue.reach();
        add_writes(statement, Some(known), &mut reached);
        push_effects(statement, &reached, &catalogue, effects);
        return;
    }
    let cascades = statement.meaning == Meaning::Write;
    let tables = Invalidation::tables(statement.table_names(), cascades);
    effects.push(StatementEffect::Invalidate(tables));
    // Whose maps hold rows of this database may know its catalogue. What it says of the session is no matter
    // here: see `early_writes.rs`.
    for catalogue in known.of_others() {
        let mut reached = catalogue.reach();
        add_writes(statement, None, &mut reached);
        effects.push(invalidation(statement, &reached, &catalogue));
    }
}

/// The effects of a statement that calls routines, if the catalogue knows what they do. `None` where it does
/// not, or the statement does more than to read and to change rows.
pub(super) fn call_effects(
    statement: &ClassifiedStatement<'_>,
    known: &KnownCatalogue,
) -> Option<Vec<StatementEffect>> {
    let calls = statement.calls()?;
    let catalogue = known.get()?;
    let is_clear = matches!(
        calls.meaning,
        Meaning::Read | Meaning::Insert | Meaning::Write
    );
    if !is_clear || calls.routines.is_empty() {
        return None;
    }
    let mut reached = catalogue.reach();
    if !calls
        .routines
        .iter()
        .all(|routine| reached.add_call(*routine))
    {
        return None;
    }
    if reached.may_do_anything() && statement.is_call() {
        // It may also end a transaction.
        return None;
    }
    let mut effects = Vec::new();
    if calls.meaning != Meaning::Read {
        add_writes(statement, Some(known), &mut reached);
    }
    push_effects(statement, &reached, &catalogue, &mut effects);
    Some(effects)
}

/// Adds the changes of rows that the statement names. A table that is not `known` may be a new one.
fn add_writes(
    statement: &ClassifiedStatement<'_>,
    known: Option<&KnownCatalogue>,
    reached: &mut Reached<'_>,
) {
    let writes = statement.table_writes().unwrap_or_default();
    for write in &writes {
        if !reached.add_write(write) {
            reached.add_unknown();
            if let Some(known) = known {
                known.miss(&write.targets);
            }
        }
    }
    if writes.is_empty() {
        // Any of the names may be that of a table which is written to.
        for name in statement.object_names() {
            reached.add(name, Operations::ALL, None);
        }
    }
}

fn push_effects(
    statement: &ClassifiedStatement<'_>,
    reached: &Reached<'_>,
    catalogue: &Catalogue,
    effects: &mut Vec<StatementEffect>,
) {
    if reached.changes_schema() {
        effects.push(StatementEffect::ChangeSchema);
    }
    let session = reached.session_effect().change();
    effects.extend(session.map(StatementEffect::ChangeSession));
    effects.push(invalidation(statement, reached, catalogue));
}

fn invalidation(
    statement: &ClassifiedStatement<'_>,
    reached: &Reached<'_>,
    catalogue: &Catalogue,
) -> StatementEffect {
    let names = || statement.object_names();
    StatementEffect::Invalidate(Invalidation::reached(reached, catalogue, names))
}
