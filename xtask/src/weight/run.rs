//! From the arguments to what is printed.

use super::options::Options;
use super::{ceiling, measure, needs};
use crate::packages;

pub(crate) fn run(args: impl Iterator<Item = String>) -> Result<(), String> {
    let options = Options::parse(args)?;
    packages::install(&needs::missing())?;
    let text = match options {
        Options::Measure {
            models,
            rounds,
            calls,
        } => measure::measure(models, rounds, calls)?,
        Options::Ceiling => ceiling::check()?,
    };
    println!("{}", text.trim_end());
    Ok(())
}
