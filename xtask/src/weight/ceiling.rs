//! What CI holds the library to: how many bytes it may add to a program for each model.

use super::measure::further_model;
use super::program::{Calls, Program};
use super::table::{largest, thousands};
use super::workspace::{Step, Workspace};

/// What a further model may cost a release program more than with plain Diesel, in bytes of code and data.
const CEILING_BYTES_PER_MODEL: u64 = 22_000;

/// So few are enough, as each is like the others, and they are quick to build.
const MODELS: u32 = 5;

/// Says what a model costs; it is an error if that is too much.
pub(super) fn check() -> Result<String, String> {
    let calls = Calls::Blocking;
    let twice = Program::twins(calls, 2 * MODELS);
    let programs = [Program::twins(calls, MODELS), twice].concat();
    let workspace = Workspace::of(&programs)?;
    workspace.prepare(&programs, Step::Release)?;
    let further = further_model(&workspace, calls, MODELS)?;
    verdict(further, CEILING_BYTES_PER_MODEL).map_err(|error| {
        let [plain, mapped] =
            twice.map(|program| workspace.binary(program, Step::Release).symbols());
        let table = match (plain, mapped) {
            (Ok(plain), Ok(mapped)) => largest(&plain, &mapped),
            (Err(error), _) | (_, Err(error)) => error,
        };
        format!(
            "{error}\nThe largest functions of {} models, in bytes:\n\n{table}",
            2 * MODELS
        )
    })
}

fn verdict([plain, mapped]: [u64; 2], ceiling: u64) -> Result<String, String> {
    let more = mapped.saturating_sub(plain);
    let found = format!(
        "a further model costs a release program {} bytes more with the library ({} and {}); the ceiling is {}",
        thousands(more),
        thousands(mapped),
        thousands(plain),
        thousands(ceiling)
    );
    if more <= ceiling {
        Ok(found)
    } else {
        Err(format!(
            "{found} (`CEILING_BYTES_PER_MODEL` in `xtask/src/weight/ceiling.rs`)"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_costs_more_than_the_ceiling_fails_and_names_both() {
        assert_eq!(
            verdict([1_000, 3_000], 2_000).unwrap(),
            "a further model costs a release program 2,000 bytes more with the library (3,000 and 1,000); the ceiling is 2,000"
        );
        let error = verdict([1_000, 3_001], 2_000).unwrap_err();
        assert!(
            error.contains("costs a release program 2,001 bytes more")
                && error.ends_with("the ceiling is 2,000 (`CEILING_BYTES_PER_MODEL` in `xtask/src/weight/ceiling.rs`)"),
            "{error}"
        );
        assert!(verdict([1_000, 900], 0).is_ok());
    }
}
