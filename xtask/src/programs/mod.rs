//! The two programs of `tests/programs`: their tests, and what they take to compile on the library and without it.

mod rewrite;
mod tests;
mod twins;

use std::process::ExitCode;

/// How often each twin is built, unless a number is given.
const ROUNDS: usize = 3;

pub(crate) fn run(mut args: impl Iterator<Item = String>) -> Result<ExitCode, String> {
    match args.next() {
        Some(option) if option == "--time" => {
            let rounds = args.next().map_or(Ok(ROUNDS), |rounds| rounds.parse());
            let rounds = rounds.map_err(|error| format!("--time: {error}"))?;
            twins::time(rounds).map(|()| ExitCode::SUCCESS)
        }
        first => tests::run(first.into_iter().chain(args).filter(|arg| arg != "--")),
    }
}
