//! Times and sizes of the twins.

use super::binary::Binary;
use super::program::{Calls, Program};
use super::table::{Table, largest, thousands};
use super::times::Times;
use super::workspace::{Step, Workspace};
use crate::shell::report;

/// Measures, and gives the tables.
pub(super) fn measure(models: u32, rounds: usize, calls: Calls) -> Result<String, String> {
    let twins = Program::twins(calls, models);
    let twice = Program::twins(calls, 2 * models);
    let workspace = Workspace::of(&[twins, twice].concat())?;

    let mut table = Table::new();
    if rounds > 0 {
        times(&workspace, twins, rounds, &mut table)?;
    }
    workspace.prepare(&twins, Step::Debug)?;
    workspace.prepare(&[twins, twice].concat(), Step::Release)?;
    sizes(&workspace, twins, &mut table)?;
    let further = further_model(&workspace, calls, models)?;
    table.sizes("a further model, release", further);

    let [plain, mapped] = twins.map(|program| workspace.binary(program, Step::Release).symbols());
    let [plain_model, mapped_model] = further;
    let more = thousands(mapped_model.saturating_sub(plain_model));
    Ok(format!(
        "Models: {models}; calls: {calls}; rounds: {rounds}; sizes in bytes.\n\n{}\n\
         A further model costs {more} bytes more with the library.\n\n\
         The largest functions of the release program, in bytes, those of all models together:\n\n{}",
        table.text(),
        largest(&plain?, &mapped?)
    ))
}

/// What each of the twins grows by for a model more, of those with so many and those with twice as many.
///
/// They have been built. A program's code and data count, not its symbols.
pub(super) fn further_model(
    workspace: &Workspace,
    calls: Calls,
    models: u32,
) -> Result<[u64; 2], String> {
    let loaded = |models| {
        let binaries =
            Program::twins(calls, models).map(|program| workspace.binary(program, Step::Release));
        both(&binaries, Binary::loaded)
    };
    Ok(per_model(loaded(models)?, loaded(2 * models)?, models))
}

/// What is left of each size when everything is taken away that does not depend on the number of models.
fn per_model(once: [u64; 2], twice: [u64; 2], models: u32) -> [u64; 2] {
    [0, 1].map(|twin| twice[twin].saturating_sub(once[twin]) / u64::from(models))
}

fn times(
    workspace: &Workspace,
    twins: [Program; 2],
    rounds: usize,
    table: &mut Table,
) -> Result<(), String> {
    for (name, step) in [
        ("check", Step::Check),
        ("debug build", Step::Debug),
        ("release build", Step::Release),
    ] {
        workspace.prepare(&twins, step)?;
        report("weight", &format!("{name}, {rounds} rounds"));
        let times = Times::of(rounds, |twin| workspace.time(twins[twin], step))?;
        table.times(name, &times);
    }
    Ok(())
}

fn sizes(workspace: &Workspace, twins: [Program; 2], table: &mut Table) -> Result<(), String> {
    for (name, step) in [("debug", Step::Debug), ("release", Step::Release)] {
        let binaries = twins.map(|program| workspace.binary(program, step));
        table.sizes(&format!("{name} program"), both(&binaries, Binary::file)?);
        let stripped = both(&binaries, Binary::stripped)?;
        table.sizes(&format!("{name} program, stripped"), stripped);
    }
    Ok(())
}

fn both(
    [plain, mapped]: &[Binary; 2],
    size: impl Fn(&Binary) -> Result<u64, String>,
) -> Result<[u64; 2], String> {
    Ok([size(plain)?, size(mapped)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_depend_on_the_models_drops_out() {
        let [once, twice] = [5, 10].map(|models| [1_000 + models * 20, 7_000 + models * 300]);
        assert_eq!(per_model(once, twice, 5), [20, 300]);
    }
}
