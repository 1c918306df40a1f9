//! Many random programs of the connections of one scope: the property of `tests/it/standing`, at length.

use crate::FEATURES;
use crate::servers::Servers;
use std::env;
use std::process::{Command, ExitCode};

const USAGE: &str =
    "usage: cargo xtask standing [--programs N] [--seed S] [--failures N] [--on TEST] [--release]";

/// Where the tests are that run such programs.
const TESTS: &str = "standing::property::";

pub(crate) fn run(args: impl Iterator<Item = String>) -> Result<ExitCode, String> {
    let options = Options::of(args)?;
    let servers = Servers::ensure()?;
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["test", "--test", "it", "--features", FEATURES])
        .args(options.release.then_some("--release"))
        .arg(format!("{TESTS}{}", options.on))
        // One after the other, so that the time that each takes is its own.
        .args(["--", "--test-threads=1", "--show-output"])
        .envs(servers.environment())
        .envs(options.variables)
        .status()
        .map_err(|error| format!("cargo test: {error}"))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}

/// What is asked for, and what the tests are told of it.
struct Options {
    /// The name of one test; without it all of them run.
    on: String,
    /// Whether to build for speed, which takes long once.
    release: bool,
    variables: Vec<(&'static str, String)>,
}

impl Options {
    fn of(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            on: String::new(),
            release: false,
            variables: vec![("STANDING_PROGRAMS", "10000".to_owned())],
        };
        while let Some(name) = args.next() {
            if name == "--release" {
                options.release = true;
                continue;
            }
            let value = args.next().ok_or(USAGE)?;
            match &*name {
                "--programs" => options.variables.push(("STANDING_PROGRAMS", value)),
                "--seed" => options.variables.push(("STANDING_SEED", value)),
                "--failures" => options.variables.push(("STANDING_FAILURES", value)),
                "--on" => options.on = value,
                _ => return Err(USAGE.to_owned()),
            }
        }
        Ok(options)
    }
}
