//! Many random schemas and writes to them: the property of `tests/it/catalogue`, at length.

use crate::FEATURES;
use crate::servers::Servers;
use std::env;
use std::process::{Command, ExitCode};

const USAGE: &str = "usage: cargo xtask schemas [--schemas N] [--seed S] [--on KIND]";

/// Where the test is, for each kind of connection.
const TESTS: &str = "catalogue::property::";

pub(crate) fn run(mut args: impl Iterator<Item = String>) -> Result<ExitCode, String> {
    let mut on = String::new();
    let mut variables = vec![("SCHEMAS", "2000".to_owned())];
    while let Some(name) = args.next() {
        let value = args.next().ok_or(USAGE)?;
        match &*name {
            "--schemas" => variables.push(("SCHEMAS", value)),
            "--seed" => variables.push(("SCHEMA_SEED", value)),
            "--on" => on = format!("{value}::"),
            _ => return Err(USAGE.to_owned()),
        }
    }
    let servers = Servers::ensure()?;
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["test", "--test", "it", "--features", FEATURES])
        .arg(format!("{TESTS}{on}"))
        .args(["--", "--test-threads=2"])
        .envs(servers.environment())
        .envs(variables)
        .status()
        .map_err(|error| format!("cargo test: {error}"))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}
