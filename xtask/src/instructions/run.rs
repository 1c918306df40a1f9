//! From the bench to the table.

use std::fs;
use std::path::Path;

use super::counts::Counts;
use super::options::Options;
use super::program::{Case, Program};
use crate::shell::report;

/// How often each program is run. The middle one counts.
const RUNS: usize = 3;

pub(crate) fn run(args: impl Iterator<Item = String>) -> Result<(), String> {
    let options = Options::parse(args)?;
    // Before the minutes that counting takes.
    let before = options.against.as_deref().map(saved).transpose()?;
    let counts = count_all(&Program::new(options.program)?)?;
    if let Some(path) = options.save {
        fs::write(&path, counts.to_string())
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let table = match before {
        Some(before) => counts.compare(&before)?,
        None => counts.to_string(),
    };
    print!("{table}");
    Ok(())
}

fn saved(path: &Path) -> Result<Counts, String> {
    let named = |error| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| named(error.to_string()))?;
    Counts::parse(&text).map_err(named)
}

fn count_all(program: &Program) -> Result<Counts, String> {
    let mut counts = Counts::default();
    for Case { name, count } in program.cases()? {
        report("instructions", &name);
        let once = median(|| program.count(&name, count))?;
        let twice = median(|| program.count(&name, 2 * count))?;
        counts.0.push((name, per_operation(once, twice, count)));
    }
    Ok(counts)
}

fn median(mut take: impl FnMut() -> Result<u64, String>) -> Result<u64, String> {
    let mut all = (0..RUNS).map(|_| take()).collect::<Result<Vec<_>, _>>()?;
    all.sort_unstable();
    Ok(all[RUNS / 2])
}

/// What an operation takes, of the programs that do `count` of them and twice as many.
#[allow(clippy::cast_precision_loss)] // far below 2^52
fn per_operation(once: u64, twice: u64, count: u64) -> f64 {
    twice.saturating_sub(once) as f64 / count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        let mut all = [5, 1, 9].into_iter();
        assert_eq!(median(|| Ok(all.next().unwrap())), Ok(5));
        assert_eq!(median(|| Err("no".to_owned())), Err("no".to_owned()));
    }

    #[test]
    fn what_is_done_before_does_not_count() {
        let difference = per_operation(1_000_300, 1_000_600, 200) - 1.5;
        assert!(difference.abs() < 1e-9);
    }
}
